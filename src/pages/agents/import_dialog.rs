//! Importing documents: pasted, chosen or dropped, each checked before anything is saved.

use super::conflict::VersionText;
use super::differences::differences;
use super::import_candidate::{Candidate, CandidateCheck, checks};
use super::import_queue::ImportQueue;
use crate::api::{Api, ApiError, use_api};
use crate::components::{
    Badge, Button, ButtonKind, Dialog, DocumentEditor, FieldFrame, FieldIds, Prose, Show, Tone,
};
use crate::dom;
use crate::features::impact::{Impact, ImpactSection, ImpactStatus};
use crate::format::count;
use crate::state::{use_announcer, use_routing_table, use_toasts, use_workspace, use_writes};
use leptos::prelude::*;
use std::collections::BTreeMap;
use waypost_routing::agent::Agent;
use waypost_routing::problem::Severity;

/// How many problems of one document are listed. The editor lists all.
const LISTED_PROBLEMS: usize = 4;

/// A candidate that can be imported: its id, its name, the version that it replaces, its document.
type Ready = (u32, String, Option<u64>, String);

/// What is shown below a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Details {
    Nothing,
    Editor,
    Changes,
}

/// The dialog.
#[component]
pub(super) fn ImportDialog(queue: ImportQueue) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let announcer = use_announcer();
    let table = use_routing_table();
    let open = queue.open;
    let toasts = use_toasts();
    let writes = use_writes();
    let running = writes.busy();
    let stored = Memo::new(move |_| {
        workspace
            .agents()
            .with(|agents| {
                let named = agents
                    .iter()
                    .map(|agent| (agent.name.clone(), agent.version));
                named.collect::<BTreeMap<_, _>>()
            })
            .unwrap_or_default()
    });
    let checks = Memo::new(move |_| {
        let table = table.get();
        queue.candidates.with(|candidates| {
            let waiting: Vec<Candidate> = candidates
                .iter()
                .filter(|candidate| !matches!(candidate.outcome, Some(Ok(_))))
                .cloned()
                .collect();
            let all = stored.with(|stored| checks(&waiting, stored, table.as_ref()));
            let ids = waiting.iter().map(|candidate| candidate.id);
            ids.zip(all).collect::<BTreeMap<u32, CandidateCheck>>()
        })
    });
    let ready = move || -> Vec<Ready> {
        queue.candidates.with(|candidates| {
            checks.with(|checks| {
                stored.with(|stored| {
                    let ready = candidates.iter().filter_map(|candidate| {
                        let check = checks.get(&candidate.id)?;
                        let name = check.name.clone().filter(|_| check.valid)?;
                        let version = stored.get(&name).copied();
                        let yaml = candidate.yaml.clone().ok()?;
                        Some((candidate.id, name, version, yaml))
                    });
                    ready.collect()
                })
            })
        })
    };
    let number = Memo::new(move |_| ready().len());
    let after = Signal::derive(move || {
        let agents: Vec<Agent> = checks.with(|checks| {
            let valid = checks.values().filter(|check| check.valid);
            valid.filter_map(|check| check.agent.clone()).collect()
        });
        Some(table.get()?.with_agents(&agents))
    });
    let impact = Impact::between(table, after);
    let asks = Memo::new(move |_| number.get() > 0 && impact.any());
    let import = move || {
        if running.get_untracked() {
            return;
        }
        let ready = untrack(ready);
        let call = async move {
            let (mut done, mut failed) = (0, 0);
            for (id, name, version, yaml) in ready {
                let outcome = import_one(api, &name, version, yaml).await;
                if outcome.is_ok() {
                    done += 1;
                } else {
                    failed += 1;
                }
                queue.note(id, outcome);
            }
            Ok((done, failed))
        };
        let done = move |(done, failed)| {
            workspace.reload_agents();
            let imported = format!("{} imported.", count(done, "agent", "agents"));
            if failed > 0 {
                toasts.failed(format!(
                    "{imported} {failed} failed: see the list for reasons."
                ));
            } else {
                announcer.say(imported);
            }
        };
        writes.send_with_toast("Importing", call, done);
    };
    let ids = Memo::new(move |_| {
        queue.candidates.with(|candidates| {
            candidates
                .iter()
                .map(|candidate| candidate.id)
                .collect::<Vec<_>>()
        })
    });
    let close = move || {
        // Imported documents leave the list; failed ones stay.
        queue.candidates.update(|candidates| {
            candidates.retain(|candidate| !matches!(candidate.outcome, Some(Ok(_))));
        });
        open.set(false);
    };
    let subtitle = "YAML documents, one agent each. You review them before anything is saved.";
    view! {
        <Dialog open=open title="Import agents" subtitle=subtitle wide=true>
            <div
                class="dialog-body drop-zone"
                data-over=move || queue.over.get().then_some("true")
                on:dragover=move |event| queue.drag(&event)
                on:dragleave=move |_| queue.over.set(false)
                on:drop=move |event| queue.drop(&event)
            >
                <Sources queue=queue />
                <Show when=move || ids.with(|ids| !ids.is_empty())>
                    <ul class="candidates" aria-label="Documents to import">
                        <For
                            each=move || ids.get()
                            key=|id| *id
                            children=move |id| {
                                view! { <CandidateLine queue=queue id=id checks=checks running=running /> }
                            }
                        />
                    </ul>
                </Show>
                <Show when=move || asks.get()>
                    <ImpactSection impact=impact title="Impact of the import" asks=true />
                </Show>
            </div>
            <footer class="dialog-foot">
                <ImpactStatus impact=impact />
                <span class="grow"></span>
                <Button press=close>
                    {move || if number.get() == 0 { "Close" } else { "Cancel" }}
                </Button>
                <Button
                    kind=ButtonKind::Primary
                    busy=running
                    edits=true
                    disabled=Signal::derive(move || number.get() == 0 || impact.held())
                    refused=move || {
                        impact.refuses(announcer);
                    }
                    press=import
                >
                    {move || match number.get() {
                        0 => "Import".to_owned(),
                        number => format!("Import {}", count(number as u64, "agent", "agents")),
                    }}
                </Button>
            </footer>
        </Dialog>
    }
}

/// Adds an agent, or replaces the version that was read.
async fn import_one(
    api: Api,
    name: &str,
    version: Option<u64>,
    yaml: String,
) -> Result<String, String> {
    let answer = match version {
        Some(version) => api.replace_agent(name, version, yaml).await,
        None => api.add_agent(yaml).await,
    };
    match answer {
        Ok(_) if version.is_some() => Ok(format!("Replaced {name}")),
        Ok(_) => Ok(format!("Added {name}")),
        Err(error) => Err(why(&error)),
    }
}

fn why(error: &ApiError) -> String {
    match error.code() {
        Some("version_conflict") => {
            "This agent changed in the meantime. Review it, then import again.".to_owned()
        }
        _ => error.message(),
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

/// Where documents come from.
#[component]
fn Sources(queue: ImportQueue) -> impl IntoView {
    let files = FieldIds::new();
    let paste = FieldIds::new();
    let empty = Memo::new(move |_| queue.pasted.with(|text| text.trim().is_empty()));
    view! {
        <FieldFrame
            ids=files.clone()
            label="Files"
            help="Choose one or more, or drop them anywhere on this page."
        >
            <input
                class="input file"
                id=files.control
                type="file"
                multiple=""
                accept=".yaml,.yml,.json,.txt"
                on:change:target=move |event| queue.take(dom::take_files(&event.target()))
            />
        </FieldFrame>
        <FieldFrame ids=paste.clone() label="Or paste documents, separated by ---">
            <textarea
                class="input"
                data-code="true"
                id=paste.control
                rows="4"
                placeholder="name: support-bot\nmodel: { primary: litellm/openai/gpt-4o }"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                prop:value=queue.pasted
                on:input:target=move |event| queue.pasted.set(event.target().value())
            ></textarea>
        </FieldFrame>
        <Show when=move || !empty.get()>
            <p>
                <Button press=move || {
                    queue.take_pasted();
                    // The button disappears with the pasted text.
                    dom::focus_heading_if_lost();
                }>"Check the pasted document"</Button>
            </p>
        </Show>
    }
}

/// A document, and its check or outcome.
#[component]
fn CandidateLine(
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
        (Some(Ok(done)), _) => (Tone::Ok, done),
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
        </li>
    }
}
