//! The words of this field, explained where they appear. Every explanation is written here.

use super::FieldIds;
use super::Prose;
use leptos::prelude::*;

/// A word with a special meaning in Waypost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// What an agent names a model by.
    Ref,
    /// What the upstream is sent as `model`.
    WireModel,
    /// The gateway for everything no other rule takes.
    ManagedGateway,
    /// A source that is called directly.
    Passthrough,
    /// Which API a request uses.
    Operation,
    /// Whose models are listed.
    Owner,
    /// Scheme, host and port.
    Origin,
    /// The layers of the catalog.
    Override,
    /// Whether a key was checked.
    Verified,
    /// The next key beside the current one.
    NextKey,
    /// One of the five rules that decide a route.
    Rule,
    /// The model that follows the primary.
    Fallback,
    /// How a gateway chooses among the upstreams of a model.
    FallbackPolicy,
    /// What tells the model strings of two subagents apart.
    Scope,
    /// A model that its owner no longer lists.
    Absent,
    /// A ref that names a gateway and no upstream.
    ShortForm,
}

impl Term {
    /// Every term.
    pub const ALL: [Self; 16] = [
        Self::Ref,
        Self::WireModel,
        Self::ManagedGateway,
        Self::Passthrough,
        Self::Operation,
        Self::Owner,
        Self::Origin,
        Self::Override,
        Self::Verified,
        Self::NextKey,
        Self::Rule,
        Self::Fallback,
        Self::FallbackPolicy,
        Self::Scope,
        Self::Absent,
        Self::ShortForm,
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ref => "ref",
            Self::WireModel => "wire model",
            Self::ManagedGateway => "managed",
            Self::Passthrough => "passthrough",
            Self::Operation => "operation",
            Self::Owner => "owner",
            Self::Origin => "origin",
            Self::Override => "override",
            Self::Verified => "verified",
            Self::NextKey => "next key",
            Self::Rule => "rule",
            Self::Fallback => "fallback",
            Self::FallbackPolicy => "fallback policy",
            Self::Scope => "scope",
            Self::Absent => "no longer listed",
            Self::ShortForm => "short form",
        }
    }

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ref => {
                "How agents name a model: `<owner>/<model>`, for example `openrouter/moonshotai/kimi-k2`. The first segment chooses the gateway, provider or source."
            }
            Self::WireModel => {
                "The value of `model` in the request that is sent upstream. It is the ref without its owner, or the whole text where the managed gateway gets it."
            }
            Self::ManagedGateway => {
                "The gateway that gets every request no other rule takes, such as a model name without an owner. You choose it in Settings."
            }
            Self::Passthrough => {
                "On: requests go straight to this source, with its URL and key. Off: they go to the managed gateway, which must know the model itself."
            }
            Self::Operation => {
                "The API that a request uses, such as chat completions, Anthropic Messages, embeddings, or listing models."
            }
            Self::Owner => "The gateway, direct provider or custom source that lists a model.",
            Self::Origin => {
                "Scheme, host and port of a URL, such as `https://gateway.example`. A stored key is sent only to the origin it was entered for."
            }
            Self::Override => {
                "A workspace entry with the name of a built-in or file entry. It replaces that entry completely until you delete it."
            }
            Self::Verified => {
                "Whether the upstream accepted the key the last time Waypost used it: in a test, a refresh or a request."
            }
            Self::NextKey => {
                "A key stored beside the current one. You can check it first and switch when you are ready. For one hour after the switch you can switch back."
            }
            Self::Rule => {
                "Five rules decide where a request goes: the agent's passthrough model, gateway, direct provider, custom source, managed gateway. The first that matches decides."
            }
            Self::Fallback => {
                "The model that an agent names for when its primary fails. It is resolved by the same rules as the primary."
            }
            Self::FallbackPolicy => {
                "How a gateway should choose among the upstreams of a model: `fastest`, `cheapest` or `first`. An agent sets it for a gateway. Waypost shows it and does not enforce it."
            }
            Self::Scope => {
                "The end of a subagent's model string, `::subagent::<alias>`. It tells two subagents with the same model apart and is not sent upstream."
            }
            Self::Absent => {
                "The last refresh of its owner no longer listed this model. Refs to it are still sent, and may fail."
            }
            Self::ShortForm => {
                "A ref that names a gateway and a model only: `litellm/gpt-4o` beside `litellm/openai/gpt-4o`. The gateway chooses the upstream by its own configuration."
            }
        }
    }
}

/// A term with its explanation, which a press shows.
#[component]
pub fn Definition(
    /// The term.
    term: Term,
    /// The text in place of the term's own word.
    #[prop(optional, into)]
    text: Option<String>,
) -> impl IntoView {
    let label = text.unwrap_or_else(|| term.word().to_owned());
    view! { <Explained label=label text=term.meaning() /> }
}

/// A label with its explanation, which a press shows, by mouse, finger or key.
#[component]
pub fn Explained(
    /// The label.
    #[prop(into)]
    label: String,
    /// The explanation.
    #[prop(into)]
    text: String,
    /// Whether it looks like a tag.
    #[prop(optional)]
    tag: bool,
    /// Where it is in the order of the keyboard, in a grid.
    #[prop(optional, into)]
    tabindex: MaybeProp<i32>,
) -> impl IntoView {
    let id = FieldIds::new().control;
    view! {
        <button
            class=if tag { "definition tag" } else { "definition" }
            type="button"
            popovertarget=id.clone()
            aria-describedby=id.clone()
            tabindex=move || tabindex.get()
        >
            {label}
        </button>
        <span id=id class="definition-text" popover="auto">
            <Prose text=text />
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::Term;

    #[test]
    fn every_meaning_is_a_sentence_with_balanced_code() {
        for term in Term::ALL {
            let meaning = term.meaning();
            assert!(meaning.ends_with('.'), "{}", term.word());
            assert_eq!(meaning.matches('`').count() % 2, 0, "{}", term.word());
        }
    }
}
