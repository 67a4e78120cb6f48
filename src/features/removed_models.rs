//! The models that a refresh no longer lists, with who uses them and the way to replace them.

use crate::components::{Loading, Show};
use crate::dom;
use crate::features::replace_model::{
    ReplaceModel, ReplaceModelButton, ReplaceRequest, SharedReplaceDialog,
};
use crate::format::count;
use crate::lazy::{Part, Stage, part};
use crate::state::{SharedUsedBy, use_used_by};
use leptos::prelude::*;

part!(load_users, dialogs, Vec<String>, |refs| {
    view! { <RemovedModelUsers refs=refs /> }.into_any()
});

/// Says which of the models are still in use. Loaded only if a refresh removed something.
#[component]
pub(crate) fn RemovedModels(
    /// Their refs.
    refs: Vec<String>,
) -> impl IntoView {
    let part = Part::new(load_users);
    part.ask_once();
    move || match part.stage() {
        Stage::There(draw) => Some(draw(refs.clone())),
        _ => None,
    }
}

/// The models that are in use, each with the button that replaces it.
#[component]
fn RemovedModelUsers(refs: Vec<String>) -> impl IntoView {
    let used_by = use_used_by();
    let dialog = SharedReplaceDialog::new();
    let in_use = move |used_by: &SharedUsedBy| {
        let used = refs.iter().map(|model_ref| {
            let users = used_by.get().count_of_model(model_ref);
            (model_ref.clone(), users as u64)
        });
        used.filter(|(_, users)| *users > 0).collect::<Vec<_>>()
    };
    // Another edit must not draw the list again: its buttons may have the focus.
    let in_use = Memo::new(move |_| {
        used_by
            .with(|used_by| used_by.as_ref().map(&in_use))
            .unwrap_or_default()
    });
    let row = move |(model_ref, users): (String, u64)| {
        // The button that was pressed may go with its row.
        on_cleanup(dom::focus_heading_if_lost);
        let words = format!(" is used by {} ", count(users, "agent", "agents"));
        view! {
            <li>
                <code>{model_ref.clone()}</code>
                {words}
                <ReplaceModelButton dialog=dialog request=ReplaceRequest::of(model_ref) />
            </li>
        }
    };
    view! {
        <Show
            when=move || used_by.with(Option::is_some)
            fallback=|| view! { <Loading label="Loading agents" rows=1 /> }
        >
            <Show when=move || in_use.with(|in_use| !in_use.is_empty())>
                <ul class="user-list">
                    <For each=move || in_use.get() key=Clone::clone children=row />
                </ul>
            </Show>
        </Show>
        <ReplaceModel open=dialog.open request=dialog.request />
    }
}
