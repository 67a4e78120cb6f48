//! Revoking a token, after saying what stops.

use super::labels::title;
use crate::api::types::{TokenKind, TokenView};
use crate::api::use_api;
use crate::components::Confirm;
use crate::state::{Cached, use_toasts, use_writes};
use leptos::prelude::*;

/// The question and the deed.
#[component]
pub(super) fn RevokeDialog(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// Which token.
    token: RwSignal<Option<TokenView>>,
    /// The list that it is in.
    tokens: Cached<Vec<TokenView>>,
) -> impl IntoView {
    let api = use_api();
    let toasts = use_toasts();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let confirm = move || {
        let Some(revoked) = token.get_untracked() else {
            return;
        };
        error.set(None);
        let name = title(&revoked);
        let done = format!("Revoked {name}.");
        writes.send(
            format!("Revoking {name}"),
            api.revoke_token(&revoked.id),
            move |()| toasts.done(done),
            move |outcome| match outcome {
                Ok(()) => {
                    open.set(false);
                    tokens.update(|tokens| tokens.retain(|token| token.id != revoked.id));
                }
                Err(problem) => {
                    error.set(Some(problem.message()));
                    tokens.reload();
                }
            },
        );
    };
    let question = move || {
        token.with(|token| {
            let name = token.as_ref().map(title).unwrap_or_default();
            format!("Revoke {name}?")
        })
    };
    let body = move || {
        token.with(|token| {
            let who = match token.as_ref().map(|token| token.kind) {
                Some(TokenKind::Service) => "Scripts that use it get 401",
                _ => "Runtimes that use it get 401",
            };
            format!("{who} from now on. You cannot undo this.")
        })
    };
    view! {
        <Confirm
            open=open
            title=Signal::derive(question)
            body=Signal::derive(body)
            action="Revoke token"
            busy=writes.busy()
            error=error
            confirm=confirm
        />
    }
}
