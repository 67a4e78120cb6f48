//! The places a credential is looked for in, in order, and which of them is used.

use crate::format::origin_word;
use leptos::prelude::*;
use waypost_routing::credential::agent_key_of;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{Credential, CredentialCandidate, CredentialState};

/// The candidates of a route's credential.
#[component]
pub fn CredentialLadder(
    /// The credential; none for an endpoint that takes none.
    credential: Option<Credential>,
    /// The origin that the request goes to, for the words of the one that is used.
    #[prop(into)]
    origin: String,
    /// Whether the request is not sent at all.
    #[prop(optional)]
    rejected: bool,
) -> impl IntoView {
    let Some(credential) = credential else {
        let words = match rejected {
            true => "The request is not sent, so no credential is needed.",
            false => "No credential: the request is sent without one.",
        };
        return view! { <p class="ladder-none">{words}</p> }.into_any();
    };
    view! {
        <ol class="ladder" aria-label="Where Waypost looks for the credential">
            {credential
                .candidates
                .into_iter()
                .map(|place| {
                    let words = words(&place, &origin);
                    let mark = mark(&place);
                    view! {
                        <li class="ladder-place" data-mark=mark>
                            <code class="ladder-from">{place_name(&place.from)}</code>
                            <span class="ladder-note">{words}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
    .into_any()
}

/// The state of a credential in one phrase, for a short summary of a route.
#[must_use]
pub fn credential_words(credential: Option<&Credential>) -> String {
    let Some(credential) = credential else {
        return "no credential needed".into();
    };
    let place = origin_word(&credential.from);
    match credential.state {
        CredentialState::Present => format!("key configured: {place}"),
        CredentialState::Absent => "no key configured".into(),
        CredentialState::Unknown => format!("key unknown: {place} is not available now"),
        CredentialState::OtherOrigin => "the key was entered for another origin".into(),
    }
}

fn place_name(from: &Provenance) -> String {
    match from {
        Provenance::Env(variable) => format!("environment: {variable}"),
        Provenance::Secret(name) => format!("secret: {name}"),
        other => other.to_string(),
    }
}

fn mark(place: &CredentialCandidate) -> &'static str {
    match (place.chosen, place.state) {
        (true, CredentialState::Unknown) => "unknown",
        (true, _) => "won",
        (false, CredentialState::OtherOrigin) => "barred",
        (false, CredentialState::Unknown) => "unknown",
        (false, _) => "lost",
    }
}

fn words(place: &CredentialCandidate, origin: &str) -> String {
    let state = state_words(place, origin);
    match place.from.secret_name().and_then(agent_key_of) {
        Some(_) => format!("the agent's own key: {state}"),
        None => state,
    }
}

fn state_words(place: &CredentialCandidate, origin: &str) -> String {
    match (place.state, place.chosen) {
        (CredentialState::Present, true) if origin.is_empty() => "used".into(),
        (CredentialState::Present, true) => format!("used for {origin}"),
        (CredentialState::Present, false) => "set, but a key above is used".into(),
        (CredentialState::Absent, true) => "expected here but not set".into(),
        (CredentialState::Absent, false) => "not set".into(),
        (CredentialState::Unknown, _) => "the secrets backend is not responding".into(),
        (CredentialState::OtherOrigin, _) => match &place.origin {
            Some(bound) => format!("entered for {bound}; not sent here"),
            None => "entered for another origin; not sent here".into(),
        },
    }
}
