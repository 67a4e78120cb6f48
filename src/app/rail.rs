//! The rail: the places of the dashboard, with what there is and what needs attention.

use crate::api::types::{
    CheckOutcome, FileSeverity, KeyState, KeyView, OutcomeRecord, ProviderView, SourceView,
    VerificationState,
};
use crate::components::{Glyph, Icon, Logo, is_within};
use crate::format::{count, thousands};
use crate::paths::{ActivityFilter, Path, RequestsFilter};
use crate::state::use_workspace;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The main navigation.
#[component]
pub(super) fn Rail() -> impl IntoView {
    let workspace = use_workspace();
    let models = Memo::new(move |_| {
        let providers = workspace
            .providers
            .with(|page| page.items.iter().map(|item| item.models.total).sum::<u64>())?;
        let sources = workspace
            .sources
            .with(|sources| sources.iter().map(|item| item.models.total).sum::<u64>())?;
        Some(providers + sources)
    });
    let attention = Memo::new(move |_| {
        let providers = workspace.providers.with(|page| {
            page.items
                .iter()
                .filter(|item| provider_fails(item))
                .count()
        });
        let sources = workspace
            .sources
            .with(|sources| sources.iter().filter(|item| source_fails(item)).count());
        (providers.unwrap_or_default() + sources.unwrap_or_default()) as u64
    });
    let agents = Memo::new(move |_| workspace.settings.with(|settings| settings.agent_count));
    view! {
        <header class="rail">
            <p class="brand">
                <Logo />
                <span class="brand-name">"Waypost"</span>
            </p>
            <nav class="places" aria-label="Places">
                <ul>
                    // The link is current on each of the tabs and opens the first of them.
                    <Place
                        to=Path::Gateways
                        within=Path::Models
                        label="Models"
                        glyph=Glyph::Model
                        number=models
                        attention=attention
                    />
                    <Place
                        to=Path::Agents
                        within=Path::Agents
                        label="Agents"
                        glyph=Glyph::Agent
                        number=agents
                    />
                    <Place
                        to=Path::Requests(RequestsFilter::default())
                        within=Path::Requests(RequestsFilter::default())
                        label="Requests"
                        glyph=Glyph::Requests
                    />
                    <Place
                        to=Path::preview("")
                        within=Path::preview("")
                        label="Route preview"
                        glyph=Glyph::Preview
                    />
                    <Place
                        to=Path::Activity(ActivityFilter::default())
                        within=Path::Activity(ActivityFilter::default())
                        label="Activity"
                        glyph=Glyph::Activity
                    />
                    <Place
                        to=Path::Settings
                        within=Path::Settings
                        label="Settings"
                        glyph=Glyph::Settings
                    />
                </ul>
            </nav>
        </header>
    }
}

/// A link to a place.
#[component]
fn Place(
    /// Where it leads.
    to: Path,
    /// The addresses below which the place is the current one.
    within: Path,
    label: &'static str,
    glyph: Glyph,
    /// How many there are; `None` while that is not known.
    #[prop(default = Signal::stored(None), into)]
    number: Signal<Option<u64>>,
    /// How many of them need attention.
    #[prop(default = Signal::stored(0), into)]
    attention: Signal<u64>,
) -> impl IntoView {
    let pathname = use_location().pathname;
    let within = within.to_string();
    let current = move || {
        pathname
            .with(|pathname| is_within(pathname, &within))
            .then_some("page")
    };
    let attention = move || {
        let failing = attention.get();
        (failing > 0).then(|| {
            let text = count(failing, "needs attention", "need attention");
            view! {
                <span class="place-attention" title=text>
                    {thousands(failing)}
                    <span class="visually-hidden">
                        {if failing == 1 { " needs attention" } else { " need attention" }}
                    </span>
                </span>
            }
        })
    };
    let number = move || {
        let number = number.get()?;
        Some(view! { <span class="place-count">{thousands(number)}</span> })
    };
    view! {
        <li>
            <a href=to.to_string() aria-current=current>
                <Icon glyph=glyph />
                <span class="place-label">{label}</span>
                {attention}
                {number}
            </a>
        </li>
    }
}

/// Whether a provider needs attention: it cannot be used, or the last refresh failed.
fn provider_fails(view: &ProviderView) -> bool {
    let blocked = view
        .problems
        .iter()
        .any(|problem| problem.severity == FileSeverity::Error);
    blocked
        || view.base_url_problem.is_some()
        || view.key_problem.is_some()
        || key_fails(&view.key)
        || view.verification.state == VerificationState::Refused
        || refresh_failed(view.last_refresh.as_ref())
}

/// Whether a source needs attention.
fn source_fails(view: &SourceView) -> bool {
    view.problem.is_some()
        || key_fails(&view.key)
        || view.verification.state == VerificationState::Refused
        || refresh_failed(view.last_refresh.as_ref())
}

/// A key that is there and cannot be used. None at all is a choice.
fn key_fails(key: &KeyView) -> bool {
    match key.state {
        KeyState::NeedsReentry | KeyState::Unknown => true,
        KeyState::Configured | KeyState::Missing => false,
    }
}

fn refresh_failed(last: Option<&OutcomeRecord>) -> bool {
    last.is_some_and(|last| !matches!(last.outcome, CheckOutcome::Ok | CheckOutcome::NoModels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_a_choice_and_one_for_another_origin_is_not() {
        let key = |state| KeyView {
            state,
            from: None,
            secret_name: String::new(),
            hint: None,
            set_at: None,
            bound_origin: None,
            next: None,
            previous: None,
        };
        assert!(!key_fails(&key(KeyState::Missing)));
        assert!(key_fails(&key(KeyState::NeedsReentry)));
    }
}
