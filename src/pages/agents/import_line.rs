//! A document in the import: its check, its changes, its editor, and what became of it.

use super::conflict::VersionText;
use super::differences::differences;
use super::import_candidate::CandidateCheck;
use super::import_queue::ImportQueue;
use crate::components::{Badge, Button, ButtonKind, DocumentEditor, Prose, Show, Tone};
use crate::features::remedy::Remedy;
use crate::paths::Path;
use crate::state::use_workspace;
use leptos::prelude::*;
use std::collections::BTreeMap;
use waypost_routing::problem::Severity;

/// How many problems of one document are listed. The editor lists all.
const LISTED_PROBLEMS: usize = 4;

/// What is shown below a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Details {
    Nothing,
    Editor,
    Changes,
}

/// A document, and its check or outcome.
#[component]
pub(super) fn CandidateLine(
    queue: ImportQueue,
    id: u32,
    checks: Memo<BTreeMap<u32, CandidateCheck>>,
    running: Signal<bool>,
) -> impl IntoView {
    let candidate = Memo::new(move |_| {
        queue.candidates.with(|candidates| {
            let found = candidates.iter().find(|candidate| candidate.id == id);
            found.map(|candidate| (candidate.from.clone(), candidate.outcome.clone()))
        })
    });
    let from = move || candidate.get().map(|(from, _)| from).unwrap_or_default();
    let outcome = Memo::new(move |_| candidate.get().and_then(|(_, outcome)| outcome));
    let check = Memo::new(move |_| checks.with(|checks| checks.get(&id).cloned()));
    let said = move || match (outcome.get(), check.get()) {
        (Some(Ok(done)), _) => (Tone::Ok, done.words()),
        (Some(Err(_)), _) => (Tone::Bad, "Not imported".to_owned()),
        (None, Some(check)) => check.word,
        (None, None) => (Tone::None, String::new()),
    };
    let problems = move || {
        if let Some(Err(why)) = outcome.get() {
            return vec![(Severity::Error, why)];
        }
        let Some(check) = check.get() else {
            return Vec::new();
        };
        let more = check.problems.len().saturating_sub(LISTED_PROBLEMS);
        let mut listed: Vec<(Severity, String)> =
            check.problems.into_iter().take(LISTED_PROBLEMS).collect();
        if more > 0 {
            listed.push((Severity::Warning, format!("And {more} more.")));
        }
        listed
    };
    let yaml = move || {
        queue.candidates.with_untracked(|candidates| {
            let found = candidates.iter().find(|candidate| candidate.id == id);
            found.and_then(|candidate| candidate.yaml.clone().ok())
        })
    };
    let editable = yaml().is_some();
    // What cannot be imported as it is opens in an editor.
    let invalid = check.with_untracked(|check| check.as_ref().is_some_and(|check| !check.valid));
    let details = RwSignal::new(match invalid && editable {
        true => Details::Editor,
        false => Details::Nothing,
    });
    let done = Memo::new(move |_| matches!(outcome.get(), Some(Ok(_))));
    let link = move || {
        let name = outcome.get()?.ok()?.name;
        let label = format!("Open {name}");
        Some(view! {
            <a href=Path::Agent(name).to_string() aria-label=label>"Open"</a>
        })
    };
    let replaced = Memo::new(move |_| {
        let name = check.with(|check| check.as_ref()?.name.clone())?;
        use_workspace().agents().with(|agents| {
            let found = agents.iter().find(|agent| agent.name == name);
            found.map(|agent| agent.yaml.clone())
        })?
    });
    let toggle = move |wanted: Details| {
        details.update(|details| {
            *details = if *details == wanted {
                Details::Nothing
            } else {
                wanted
            };
        });
    };
    let shows = move |wanted: Details| details.get() == wanted && !done.get();
    view! {
        <li class="candidate">
            <span class="candidate-from">{from}</span>
            <Badge
                tone=Signal::derive(move || said().0)
                text=Signal::derive(move || said().1)
            />
            {link}
            <Show when=move || !done.get()>
                <span class="candidate-actions">
                <Show when=move || replaced.with(Option::is_some)>
                    <Button
                        kind=ButtonKind::Quiet
                        label=Signal::derive(move || {
                            let what = if shows(Details::Changes) { "Hide" } else { "Show" };
                            Some(format!("{what} changes of {}", from()))
                        })
                        press=move || toggle(Details::Changes)
                    >
                        {move || if shows(Details::Changes) { "Hide changes" } else { "Show changes" }}
                    </Button>
                </Show>
                <Show when=move || editable>
                    <Button
                        kind=ButtonKind::Quiet
                        disabled=running
                        label=Signal::derive(move || {
                            let what = if shows(Details::Editor) { "Close editor of" } else { "Edit" };
                            Some(format!("{what} {}", from()))
                        })
                        press=move || toggle(Details::Editor)
                    >
                        {move || if shows(Details::Editor) { "Close editor" } else { "Edit" }}
                    </Button>
                </Show>
                <Button
                    kind=ButtonKind::Quiet
                    disabled=running
                    label=Signal::derive(move || Some(format!("Remove {} from the import", from())))
                    press=move || queue.remove(id)
                >
                    "Remove"
                </Button>
                </span>
            </Show>
            {move || {
                shows(Details::Editor)
                    .then(|| view! { <CandidateEditor queue=queue id=id text=yaml().unwrap_or_default() check=check /> })
            }}
            {move || {
                let stored = replaced.get().filter(|_| shows(Details::Changes))?;
                let (before, after) = differences(&stored, &yaml().unwrap_or_default());
                Some(
                    view! {
                        <div class="versions candidate-details">
                            <section class="version">
                                <h3>"Stored now"</h3>
                                <VersionText label="Stored now" lines=before />
                            </section>
                            <section class="version">
                                <h3>"After the import"</h3>
                                <VersionText label="After the import" lines=after />
                            </section>
                        </div>
                    },
                )
            }}
            {move || {
                // The editor lists them itself.
                let problems = if shows(Details::Editor) { Vec::new() } else { problems() };
                problems
                    .into_iter()
                    .map(|(severity, problem)| {
                        let tone = match severity {
                            Severity::Error => "candidate-problem small bad",
                            Severity::Warning => "candidate-problem small warn",
                        };
                        view! {
                            <p class=tone>
                                <Prose text=problem />
                            </p>
                        }
                    })
                    .collect_view()
            }}
            {move || {
                let failure = check.with(|check| check.as_ref()?.failure.clone());
                let failure = failure.filter(|_| !done.get())?;
                Some(view! { <Remedy failure=Some(failure) new_tab=true /> })
            }}
        </li>
    }
}

/// The editor of a document that is not imported yet.
#[component]
fn CandidateEditor(
    queue: ImportQueue,
    id: u32,
    /// The document as it is now.
    text: String,
    check: Memo<Option<CandidateCheck>>,
) -> impl IntoView {
    let text = RwSignal::new(text);
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        if before.is_some() {
            queue.edit(id, text);
        }
    });
    let problems = Signal::derive(move || {
        let marks = check.with(|check| check.as_ref().map(|check| check.marks.clone()));
        marks.unwrap_or_default()
    });
    view! {
        <div class="candidate-details">
            <DocumentEditor label="Document" value=text problems=problems />
        </div>
    }
}
