//! The conflict of an agent: both versions, and the choice between them.

use super::differences::{Line, differences};
use crate::api::types::AgentView;
use crate::components::{Button, ButtonKind, Dialog, RelativeTime};
use crate::state::use_clock;
use leptos::prelude::*;

/// The dialog. It is open while there is a conflicting version.
#[component]
pub(super) fn Conflict(
    /// The saved version.
    theirs: RwSignal<Option<AgentView>>,
    /// The text in the editor.
    mine: RwSignal<String>,
    /// The private addresses that may be called, as chosen beside the editor.
    #[prop(into)]
    allowed: Signal<Vec<String>>,
    /// Whether it is being saved.
    #[prop(into)]
    busy: Signal<bool>,
    /// Overwrites the saved version.
    #[prop(into)]
    keep_mine: Callback<()>,
    /// Puts the saved version into the editor.
    #[prop(into)]
    take_theirs: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // Set only if it differs: setting a signal always notifies.
    Effect::new(move || {
        let wanted = theirs.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move || {
        if !open.get() && theirs.with_untracked(Option::is_some) {
            theirs.set(None);
        }
    });
    let subtitle =
        "Your changes are not saved yet. What is highlighted differs between the two versions.";
    view! {
        <Dialog open=open title="This agent changed in the meantime" subtitle=subtitle wide=true>
            <div class="dialog-body versions">
                {move || {
                    theirs
                        .get()
                        .map(|view| {
                            let (theirs, mine) = mine.with(|mine| differences(&view.yaml, mine));
                            let allowed = allowed.get();
                            let differ = view.allow_private != allowed;
                            let addresses = move |all: &[String], others: &[String]| {
                                differ.then(|| allowed_addresses(all, others))
                            };
                            let their_addresses = addresses(&view.allow_private, &allowed);
                            let my_addresses = addresses(&allowed, &view.allow_private);
                            view! {
                                <section class="version" aria-labelledby="version-theirs">
                                    <h3 id="version-theirs">"Stored now"</h3>
                                    <VersionInfo view=view />
                                    <VersionText label="Stored now" lines=theirs />
                                    {their_addresses}
                                </section>
                                <section class="version" aria-labelledby="version-mine">
                                    <h3 id="version-mine">"Yours"</h3>
                                    <p class="small">"in this editor, not saved"</p>
                                    <VersionText label="Yours" lines=mine />
                                    {my_addresses}
                                </section>
                            }
                        })
                }}
            </div>
            <footer class="dialog-foot">
                <Button press=move || theirs.set(None)>"Keep editing"</Button>
                <span class="grow"></span>
                <Button press=take_theirs>"Use saved version"</Button>
                <Button kind=ButtonKind::Primary busy=busy press=keep_mine>
                    "Overwrite with mine"
                </Button>
            </footer>
        </Dialog>
    }
}

/// The private addresses that a version allows, where they differ from the other version.
fn allowed_addresses(all: &[String], others: &[String]) -> AnyView {
    let items = all
        .iter()
        .map(|origin| {
            let text = origin.clone();
            let shown = match others.contains(origin) {
                true => view! { <code>{text}</code> }.into_any(),
                false => view! {
                    <mark>
                        <code>{text}</code>
                    </mark>
                }
                .into_any(),
            };
            view! { <li>{shown}</li> }
        })
        .collect_view();
    view! {
        <div class="version-addresses">
            <p class="small">"Private addresses that may be called"</p>
            {match all.is_empty() {
                true => view! { <p class="small">"None"</p> }.into_any(),
                false => view! { <ul>{items}</ul> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// When a version was saved, and who saved it.
#[component]
fn VersionInfo(view: AgentView) -> impl IntoView {
    let now = use_clock().now();
    let at = view.updated_at;
    let by = match view.updated_by.as_deref() {
        Some("system") => " by the system".to_owned(),
        Some(by) => format!(" by session {}", by.strip_prefix("session:").unwrap_or(by)),
        None => String::new(),
    };
    view! {
        <p class="small">
            "changed " <RelativeTime at=at now=now /> {by} {format!(" · version {}", view.version)}
        </p>
    }
}

/// The text of a version.
#[component]
pub(super) fn VersionText(
    /// Which version.
    label: &'static str,
    /// Its lines.
    lines: Vec<Line>,
) -> impl IntoView {
    view! {
        <pre class="version-text" tabindex="0" role="group" aria-label=format!("{label}: the document")>
            {lines
                .into_iter()
                .map(|line| {
                    if line.differs {
                        view! {
                            <mark>
                                {line.text}
                                "\n"
                            </mark>
                        }
                            .into_any()
                    } else {
                        format!("{}\n", line.text).into_any()
                    }
                })
                .collect_view()}
        </pre>
    }
}
