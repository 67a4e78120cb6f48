//! What is recorded of a request besides its route: sizes, tokens, flags.

use super::words::flag_words;
use crate::api::types::RequestDetail;
use crate::components::Prose;
use crate::format::{bytes, thousands, tokens};
use leptos::prelude::*;

/// Sizes, tokens, flags and the place of the credential as a list of terms.
#[component]
pub(super) fn Facts(detail: RequestDetail) -> impl IntoView {
    let request = detail.request;
    let operation = request.operation.map(|operation| operation.label());
    let usage = tokens(&request.tokens);
    let sizes = format!(
        "{} in, {} out",
        bytes(request.bytes_in),
        bytes(request.bytes_out)
    );
    let credential = detail
        .attempts
        .last()
        .and_then(|attempt| attempt.credential.clone());
    let token = detail
        .token
        .map(|token| token.chars().take(6).collect::<String>());
    let code = request
        .code
        .map(|code| view! { <code>{code}</code> }.into_any());
    let flags = request
        .flags
        .iter()
        .map(|flag| view! { <li><Prose text=flag_words(flag) /></li> })
        .collect_view();
    let has_flags = !request.flags.is_empty();
    let facts = [
        ("Operation", operation.map(IntoAny::into_any)),
        (
            "Model sent",
            request
                .wire_model
                .map(|model| view! { <code>{model}</code> }.into_any()),
        ),
        (
            "Tokens",
            Some(match usage {
                Some(usage) => usage.into_any(),
                None => view! { <span class="faint">"the answer did not say"</span> }.into_any(),
            }),
        ),
        ("Body", Some(sizes.into_any())),
        (
            "Credential",
            credential.map(|place| view! { <code>{place}</code> }.into_any()),
        ),
        (
            "Agent token",
            token.map(|token| view! { <code>{token} "…"</code> }.into_any()),
        ),
        ("Code", code),
        (
            "Configuration",
            Some(format!("generation {}", thousands(detail.generation)).into_any()),
        ),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .map(|(name, value)| {
            view! {
                <dt>{name}</dt>
                <dd>{value}</dd>
            }
        })
        .collect_view();
    view! {
        <dl class="facts">{facts}</dl>
        {has_flags.then(|| view! { <ul class="request-flags">{flags}</ul> })}
    }
}
