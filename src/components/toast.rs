//! Short notices in the corner.

use super::Tone;
use crate::dom;
use leptos::prelude::*;

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Its id.
    pub id: u64,
    /// Whether it is good or bad.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    /// For how many more seconds it can be undone, if it can.
    pub left: Option<RwSignal<i64>>,
}

/// The notices. They are announced elsewhere: a page has one live region.
#[component]
pub fn ToastList(
    /// The notices, oldest first.
    list: Signal<Vec<Toast>>,
    /// Called with the id of the notice to dismiss.
    #[prop(into)]
    dismiss: Callback<u64>,
    /// Called with the id of the notice to undo.
    #[prop(into)]
    undo: Callback<u64>,
) -> impl IntoView {
    view! {
            <section class="toasts" aria-label="Notices">
    <ul>
                <For each=move || list.get() key=|toast| toast.id let:toast>
                    <li class="toast" data-tone=toast.tone.name()>
                        <span class="grow">{toast.text}</span>
                        {toast
                            .left
                            .map(|left| {
                                view! {
                                    <button
                                        class="button"
                                        type="button"
                                        data-size="small"
                                        aria-keyshortcuts="Control+Z"
                                        on:click=move |_| undo.run(toast.id)
                                    >
                                        "Undo"
                                    </button>
                                    <kbd class="toast-keys" aria-hidden="true">
                                        {if dom::has_command_key() { "⌘Z" } else { "Ctrl+Z" }}
                                    </kbd>
                                    <span class="toast-left" aria-hidden="true">
                                        {left}
                                        " s"
                                    </span>
                                }
                            })}
                        <button
                            class="button"
                            type="button"
                            data-kind="quiet"
                            data-size="small"
                            aria-label="Dismiss this notice"
                            on:click=move |_| dismiss.run(toast.id)
                        >
                            "Dismiss"
                        </button>
                    </li>
                </For>
            </ul></section>
        }
}
