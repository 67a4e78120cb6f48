//! The request that would be sent, line by line, each with where it comes from.

use super::Address;
use crate::format::origin_word;
use leptos::prelude::*;
use waypost_routing::export::{Piece, pieces};
use waypost_routing::operation::Operation;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::Route;

/// Method and URL, headers with a chip for every secret, and the start of the body.
#[component]
pub fn RequestView(
    /// The route; it may lack a URL where the ref was rejected.
    route: Route,
    /// What the request asks for.
    operation: Operation,
) -> impl IntoView {
    let url_from = route
        .base_url
        .as_ref()
        .map(|base| url_note(&base.value, &base_word(&base.from), operation))
        .unwrap_or_default();
    let has_body = operation != Operation::Models;
    view! {
        <ul class="request" aria-label="Request">
            <RequestLine from=url_from>
                <b>{route.method}</b>
                " "
                {match route.url {
                    Some(url) => view! { <span class="request-url">
                                <Address url=url />
                            </span> }.into_any(),
                    None => view! { <span class="request-gap">"no base URL is known"</span> }.into_any(),
                }}
            </RequestLine>
            {route
                .headers
                .into_iter()
                .map(|header| {
                    let from = header_note(&header.from, &header.value);
                    view! {
                        <RequestLine from=from>
                            <HeaderText name=header.name pieces=pieces(&header.value, &header.from)/>
                        </RequestLine>
                    }
                })
                .collect_view()}
            {has_body
                .then(|| {
                    view! {
                        <li class="request-line request-body">
                            <span class="request-text">
                                "{ \"model\": "
                                <b>{serde_json::to_string(&route.wire_model).unwrap_or_default()}</b>
                                ", … }"
                            </span>
                        </li>
                    }
                })}
        </ul>
    }
}

/// One line of a request with its provenance at the right.
#[component]
pub fn RequestLine(
    /// Where the line comes from, in words; may be empty.
    #[prop(into)]
    from: String,
    /// The line.
    children: Children,
) -> impl IntoView {
    view! {
        <li class="request-line">
            <span class="request-text">{children()}</span>
            {(!from.is_empty()).then(|| view! { <span class="request-from">{from}</span> })}
        </li>
    }
}

/// A header's name and value, with a chip for every secret.
#[component]
pub fn HeaderText(
    /// The lower-case name.
    name: String,
    /// The value, taken apart.
    pieces: Vec<Piece>,
) -> impl IntoView {
    view! {
        <span class="request-name">{name}":"</span>
        " "
        {pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.into_any(),
                Piece::Secret(secret) => view! { <SecretChip name=secret.label()/> }.into_any(),
            })
            .collect_view()}
    }
}

/// A chip in place of a secret's value.
#[component]
pub fn SecretChip(
    /// The label of the secret's place, or other words in its stead.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <span class="secret-chip">
            <span class="visually-hidden">"secret "</span>
            {name}
        </span>
    }
}

/// The provenance of the base URL, and whether a doubled version segment was dropped.
fn url_note(base: &str, from: &str, operation: Operation) -> String {
    let last = base.rsplit('/').next().unwrap_or_default();
    let versioned = last
        .strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    if operation.is_anthropic() && versioned {
        format!("{from}, /{last} not doubled")
    } else {
        from.to_owned()
    }
}

/// The origin of the base URL: `built-in base URL`, `base URL from LITELLM_BASE_URL`.
fn base_word(from: &Provenance) -> String {
    match from {
        Provenance::Builtin => "built-in base URL".to_owned(),
        Provenance::Source(_) => "base URL of the source".to_owned(),
        from => format!("base URL {}", origin_word(from)),
    }
}

/// A header whose value shows its secret's name needs no second mention of it.
fn header_note(from: &Provenance, value: &str) -> String {
    match from {
        Provenance::Secret(_) | Provenance::Env(_) => "credential".into(),
        Provenance::Source(_) if value.contains("{{") => "static header".into(),
        from => origin_word(from),
    }
}
