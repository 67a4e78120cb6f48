//! The agents in which a model is replaced, each with the places that name it.

use crate::api::types::AgentView;
use crate::components::{Button, Show};
use crate::format::{count, thousands};
use crate::paths::Path;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use waypost_routing::model_replacement::{Place, ReplaceError, replace_model};

/// How many agents are listed at first, and how many more each time.
const ROWS: usize = 50;

/// Stands for the new model while none is entered.
const PROBE: &str = "waypost-probe/model";

/// An agent that names the model.
#[derive(Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) agent: Arc<str>,
    pub(super) version: u64,
    pub(super) document: Arc<str>,
    /// Where the model is named, or why it cannot be replaced there.
    pub(super) places: Result<String, String>,
}

impl Listed {
    /// The agent with what a replacement would change; `None` where its document names the model
    /// nowhere, as that of an agent that uses it as the default model.
    pub(super) fn of(view: &AgentView, from: &str) -> Option<Self> {
        // Any other ref shows the places.
        let places = match replace_model(&view.yaml, from, PROBE) {
            Ok(replacement) => Ok(places_words(&replacement.places)),
            Err(ReplaceError::NotUsed) => return None,
            Err(error) => Err(error.to_string()),
        };
        Some(Self {
            agent: view.name.as_str().into(),
            version: view.version,
            document: view.yaml.as_str().into(),
            places,
        })
    }
}

/// The agents, each with the places that change.
#[component]
pub(super) fn Agents(
    listed: Memo<Option<Vec<Listed>>>,
    chosen: Memo<Vec<Listed>>,
    ticked: RwSignal<BTreeMap<Arc<str>, bool>>,
    is_ticked: Callback<Arc<str>, bool>,
    from: RwSignal<String>,
) -> impl IntoView {
    let rows = RwSignal::new(ROWS);
    let number = move || listed.with(|listed| listed.as_ref().map_or(0, Vec::len));
    let heading = move || {
        let all = number();
        let chosen = chosen.with(Vec::len);
        format!(
            "{} of {} chosen",
            thousands(chosen as u64),
            count(all as u64, "agent", "agents")
        )
    };
    let none = move || {
        from.with(|from| match from.is_empty() {
            true => "These agents name no model: they use the default model.".to_owned(),
            false => format!("No agent names {from}."),
        })
    };
    let row = move |item: Listed| {
        let agent = item.agent.clone();
        let editable = item.places.is_ok();
        let checked = {
            let agent = agent.clone();
            move || editable && is_ticked.run(agent.clone())
        };
        view! {
            <li>
                <label class="check">
                    <input
                        type="checkbox"
                        disabled=!editable
                        prop:checked=checked
                        on:change:target=move |event| {
                            let on = event.target().checked();
                            let agent = agent.clone();
                            ticked.update(|ticked| {
                                ticked.insert(agent, on);
                            });
                        }
                    />
                    <span>
                        {item.agent.to_string()} " "
                        {match item.places {
                            Ok(places) => view! { <span class="small faint">{places}</span> }.into_any(),
                            Err(why) => {
                                let label = format!("Edit {}", item.agent);
                                let path = Path::Agent(item.agent.to_string());
                                view! {
                                    <span class="small bad">{why}</span>
                                    " "
                                    <a href=path.to_string() aria-label=label>"Edit"</a>
                                }
                                    .into_any()
                            }
                        }}
                    </span>
                </label>
            </li>
        }
    };
    let shown = move || {
        listed.with(|listed| {
            let listed = listed.iter().flatten().take(rows.get());
            listed.cloned().collect::<Vec<_>>()
        })
    };
    view! {
        <Show when=move || { number() > 0 } fallback=move || view! { <p>{none}</p> }>
            <fieldset class="replace-agents">
                <legend class="field-label">{heading}</legend>
                <ul class="user-list">
                    <For each=shown key=|item| item.agent.clone() children=row />
                </ul>
                <Show when=move || { number() > rows.get() }>
                    <p>
                        <Button press=move || rows.update(|rows| *rows += 4 * ROWS)>
                            "Show more agents"
                        </Button>
                    </p>
                </Show>
            </fieldset>
        </Show>
    }
}

/// Where the model stands: `primary, fallback of writer`.
fn places_words(places: &[Place]) -> String {
    let words: Vec<String> = places
        .iter()
        .map(|place| match &place.subagent {
            None => place.field.name().to_owned(),
            Some(alias) => format!("{} of {alias}", place.field.name()),
        })
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(yaml: &str) -> AgentView {
        AgentView {
            name: "bot".to_owned(),
            yaml: yaml.to_owned(),
            agent: None,
            problems: Vec::new(),
            version: 3,
            updated_at: 0,
            updated_by: None,
            allow_private: Vec::new(),
            keys: Vec::new(),
        }
    }

    #[test]
    fn an_agent_is_listed_with_the_places_that_change() {
        let yaml = "name: bot\nmodel: { primary: a/b, fallback: c/d }\nsubagents: { w: { model: { primary: c/d } } }\n";
        let listed = Listed::of(&view(yaml), "c/d").expect("it names the model");
        assert_eq!(listed.places.as_deref(), Ok("fallback, primary of w"));
        assert_eq!(listed.version, 3);
        assert!(Listed::of(&view(yaml), "e/f").is_none());
    }

    #[test]
    fn a_document_that_must_be_edited_by_hand_says_so() {
        let yaml = "name: bot\nmodel: { primary: d, gateway: c }\n";
        let listed = Listed::of(&view(yaml), "c/d").expect("it names the model");
        assert!(listed.places.is_err_and(|why| why.contains("by hand")));
    }
}
