//! Importing documents: pasted, chosen or dropped, each checked before anything is saved.

use super::import_candidate::{
    Candidate, CandidateCheck, Imported, ServerCheck, checks, imported_words,
};
use super::import_line::CandidateLine;
use super::import_queue::ImportQueue;
use crate::api::{Api, ApiError, use_api};
use crate::components::{Button, ButtonKind, Dialog, FieldFrame, FieldIds, Notice, Show, Tone};
use crate::dom;
use crate::features::impact::{Impact, ImpactSection, ImpactStatus};
use crate::format::count;
use crate::state::{use_announcer, use_routing_table, use_toasts, use_workspace, use_writes};
use leptos::prelude::*;
use std::collections::BTreeMap;
use waypost_routing::agent::Agent;

/// A candidate that can be imported.
struct Ready {
    id: u32,
    name: String,
    /// The version that it replaces.
    version: Option<u64>,
    yaml: String,
    /// Whether the control plane has checked this document.
    is_checked: bool,
}

/// The button that closes the dialog.
const CLOSE: &str = "dialog[open] .dialog-foot > .button:not([data-kind=primary])";

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
    // What the last import did.
    let imported = RwSignal::new(None::<String>);
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
                .filter(|candidate| !candidate.is_imported())
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
                        Some(Ready {
                            id: candidate.id,
                            name,
                            version,
                            yaml: candidate.yaml.clone().ok()?,
                            is_checked: matches!(candidate.checked, ServerCheck::Done(_)),
                        })
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
        imported.set(None);
        let call = async move {
            // All of them first: where one would be refused, none is saved.
            let mut refused = 0;
            for document in ready.iter().filter(|document| !document.is_checked) {
                let check = api.check_agent(document.yaml.clone()).await?;
                refused += u64::from(check.name.is_none());
                queue.set_checked(document.id, &document.yaml, ServerCheck::Done(check));
            }
            let mut sum = ImportSum {
                refused,
                ..ImportSum::default()
            };
            if refused > 0 {
                return Ok(sum);
            }
            for document in ready {
                let (id, sent) = (document.id, document.yaml.clone());
                let outcome = import_one(api, document).await;
                match &outcome {
                    Ok(imported) if imported.replaced => sum.replaced += 1,
                    Ok(_) => sum.added += 1,
                    Err(_) => sum.refused += 1,
                }
                queue.note(id, &sent, outcome);
            }
            Ok(sum)
        };
        let done = move |sum: ImportSum| {
            workspace.reload_agents();
            let done = sum.added + sum.replaced;
            if done > 0 {
                let words = imported_words(sum.added, sum.replaced);
                imported.try_set(Some(words.clone()));
                // With nothing left to import, the button rests.
                dom::focus_instead_of_disabled(CLOSE);
                toasts.done(words);
            }
            if sum.refused > 0 {
                let refused = count(sum.refused, "document was", "documents were");
                let rest = if done > 0 {
                    ""
                } else {
                    " Nothing was imported."
                };
                toasts.failed(format!(
                    "{refused} refused.{rest} The reasons are listed in Import."
                ));
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
    // Imported documents leave the list with the dialog, however it is closed; others stay.
    Effect::new(move || {
        if !open.get() {
            queue.remove_imported();
            imported.set(None);
        }
    });
    let waiting = Memo::new(move |_| checks.with(BTreeMap::len));
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
                {move || {
                    imported.get().map(|text| view! { <Notice tone=Tone::Ok text=text /> })
                }}
                <Show when=move || { waiting.get() > 1 }>
                    <p class="candidates-all">
                        <span class="small">{move || count(waiting.get() as u64, "document", "documents")}</span>
                        <Button kind=ButtonKind::Quiet disabled=running press=move || {
                            queue.remove_all();
                            // The button disappears with what it removed.
                            dom::focus_heading_if_lost();
                        }>"Remove all"</Button>
                    </p>
                </Show>
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
                <Button press=move || open.set(false)>"Close"</Button>
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

/// How many documents were imported, and how many were refused.
#[derive(Default)]
struct ImportSum {
    added: u64,
    replaced: u64,
    refused: u64,
}

/// Adds an agent, or replaces the version that was read.
async fn import_one(api: Api, document: Ready) -> Result<Imported, String> {
    let Ready {
        name,
        version,
        yaml,
        ..
    } = document;
    let answer = match version {
        Some(version) => api.replace_agent(&name, version, yaml).await,
        None => api.add_agent(yaml).await,
    };
    match answer {
        Ok(_) => Ok(Imported {
            name,
            replaced: version.is_some(),
        }),
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
