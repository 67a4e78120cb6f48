//! The sample workspace: everything to try, without a key and without a network.

use crate::api::{spawn, use_api};
use crate::components::{Button, Confirm, Show};
use crate::dom;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;

/// Adds it or, after a question, removes it.
#[component]
pub(super) fn Sample() -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let installed = Memo::new(move |_| {
        workspace
            .settings
            .with(|settings| settings.sample)
            .unwrap_or_default()
    });
    let change = move |install: bool| {
        busy.set(true);
        error.set(None);
        spawn(async move {
            let answer = if install {
                api.add_sample().await
            } else {
                api.remove_sample().await
            };
            match answer {
                Ok(()) => {
                    asking.try_set(false);
                    toasts.done(if install {
                        "Added the sample workspace."
                    } else {
                        "Removed the sample workspace."
                    });
                    workspace.reload();
                }
                Err(problem) if install => toasts.failed(problem.message()),
                Err(problem) => {
                    error.try_set(Some(problem.message()));
                }
            }
            busy.try_set(false);
            request_animation_frame(|| {
                if dom::nothing_focused() {
                    dom::focus("#sample ~ p button");
                }
            });
        });
    };
    view! {
        <section class="setting" aria-labelledby="sample">
            <h2 id="sample">"Sample workspace"</h2>
            <p>
                "An OpenAI-compatible endpoint that Waypost itself serves on this machine, two custom sources on it and four agents, so that everything can be tried without a key and without a network."
            </p>
            <p>
                <Show
                    when=move || installed.get()
                    fallback=move || {
                        view! {
                            <Button busy=busy press=move || change(true)>
                                "Add the sample workspace"
                            </Button>
                        }
                    }
                >
                    <Button press=move || asking.set(true)>"Remove the sample workspace"</Button>
                </Show>
            </p>
            <Confirm
                open=asking
                title="Remove the sample workspace?"
                body="Its two custom sources go, with their models in the catalog, and its four agents. What you added yourself stays."
                action="Remove"
                busy=busy
                error=error
                confirm=move || change(false)
            />
        </section>
    }
}
