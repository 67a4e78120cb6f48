//! Actions on several agents at once.

use super::list_state::AgentList;
use super::selection::Selection;
use crate::api::types::AgentView;
use crate::api::{Api, ApiError, use_api};
use crate::components::{Button, ButtonKind, Confirm, Show};
use crate::dom;
use crate::features::removal::UNDO_SENTENCE;
use crate::features::replace_model::{ReplaceModel, ReplaceRequest};
use crate::format::{count, names, select_all_label, thousands};
use crate::state::{Undoable, use_announcer, use_toasts, use_undo, use_workspace, use_writes};
use leptos::prelude::*;

/// How many names the question before a deletion lists.
const NAMED: usize = 10;

/// Selecting all that match, and what can be done with the selected ones.
#[component]
pub(super) fn Bulk(list: AgentList) -> impl IntoView {
    let workspace = use_workspace();
    let announcer = use_announcer();
    let selection = list.selection;
    let agents = workspace.agents();
    // An agent that was deleted or renamed is no longer selected.
    let selected = Memo::new(move |_| {
        let all = agents.with(|agents| {
            let chosen = agents
                .iter()
                .filter(|agent| selection.contains(&agent.name));
            chosen.cloned().collect::<Vec<_>>()
        });
        all.unwrap_or_default()
    });
    let number = Memo::new(move |_| selected.with(Vec::len));
    let matching = Memo::new(move |_| list.found.with(|found| found.len()));
    let some = Memo::new(move |_| number.get() > 0);
    let all = Memo::new(move |_| {
        some.get()
            && agents
                .with(|agents| {
                    let found = list.found.get();
                    let mut found = found.iter().filter_map(|at| agents.get(*at));
                    found.all(|agent| selection.contains(&agent.name))
                })
                .unwrap_or_default()
    });
    let select_all = move || {
        agents.with(|agents| {
            list.found.with(|found| {
                let matching = found.iter().filter_map(|at| agents.get(*at));
                let matching = matching.map(|agent| agent.name.clone());
                selection.extend(matching);
            });
        });
    };
    let export = move || {
        let documents = selected.get_untracked();
        let (name, text) = exported(&documents);
        announcer.say(match dom::save_as(&name, "application/yaml", &text) {
            true => format!(
                "Exported {}.",
                count(documents.len() as u64, "agent", "agents")
            ),
            false => "The browser blocked the download.".to_owned(),
        });
    };
    let deleting = RwSignal::new(false);
    let replacing = RwSignal::new(false);
    let request = Signal::derive(move || {
        selected.with(|agents| {
            ReplaceRequest::in_agents(agents.iter().filter_map(|view| view.agent.as_ref()))
        })
    });
    view! {
        <div class="bulk" role="group" aria-label="Selected agents">
            <label class="bulk-all">
                <input
                    type="checkbox"
                    prop:checked=all
                    prop:indeterminate=move || some.get() && !all.get()
                    on:change:target=move |event| {
                        if event.target().checked() { select_all() } else { selection.clear() }
                    }
                />
                <span>
                    {move || match number.get() {
                        0 => select_all_label(matching.get() as u64),
                        number => format!("{} selected", thousands(number as u64)),
                    }}
                </span>
            </label>
            <Show when=move || some.get()>
                <Button press=export>"Export"</Button>
                <Button edits=true press=move || replacing.set(true)>"Replace model…"</Button>
                <Button kind=ButtonKind::Danger edits=true press=move || deleting.set(true)>
                    "Delete agents"
                </Button>
                <Button kind=ButtonKind::Quiet press=move || {
                    selection.clear();
                    dom::focus(".bulk-all input");
                }>
                    "Clear the selection"
                </Button>
            </Show>
        </div>
        <ReplaceModel open=replacing request=request />
        <DeleteSelected open=deleting selected=selected selection=selection />
    }
}

/// The name and the text of the file with these documents.
fn exported(documents: &[AgentView]) -> (String, String) {
    let name = match documents {
        [one] => format!("{}.yaml", file_name(&one.name)),
        _ => "agents.yaml".to_owned(),
    };
    let texts: Vec<String> = documents
        .iter()
        .map(|agent| {
            let mut text = agent.yaml.clone();
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text
        })
        .collect();
    (name, texts.join("---\n"))
}

/// A name without what a file system may refuse.
fn file_name(name: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-._".contains(letter);
    name.chars()
        .map(|letter| if plain(letter) { letter } else { '-' })
        .collect()
}

/// What came of deleting several agents.
struct DeletedAgents {
    names: Vec<String>,
    undo: Vec<Undoable>,
    /// The first failure, and the agent it was about. The rest is left alone.
    failed: Option<(String, ApiError)>,
}

async fn delete_all(api: Api, agents: Vec<(String, u64)>) -> Result<DeletedAgents, ApiError> {
    let mut deleted = DeletedAgents {
        names: Vec::new(),
        undo: Vec::new(),
        failed: None,
    };
    for (name, version) in agents {
        match api.delete_agent(&name, version).await {
            Ok(answer) => {
                deleted.undo.push(Undoable::agent(&name, answer.undo));
                deleted.names.push(name);
            }
            Err(error) if deleted.names.is_empty() => return Err(error),
            Err(error) => {
                deleted.failed = Some((name, error));
                break;
            }
        }
    }
    Ok(deleted)
}

/// The question before several agents are deleted. All of them are restored by one undo.
#[component]
fn DeleteSelected(
    open: RwSignal<bool>,
    selected: Memo<Vec<AgentView>>,
    selection: Selection,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let undo = use_undo();
    let toasts = use_toasts();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let number = move || selected.with(Vec::len) as u64;
    let confirm = move || {
        error.set(None);
        let agents = selected.with_untracked(|agents| {
            let versions = agents
                .iter()
                .map(|agent| (agent.name.clone(), agent.version));
            versions.collect::<Vec<_>>()
        });
        writes.send(
            "Deleting agents",
            delete_all(api, agents),
            move |deleted| {
                for name in &deleted.names {
                    workspace.remove_agent(name);
                }
                let number = count(deleted.names.len() as u64, "agent", "agents");
                undo.offer_all(format!("Deleted {number}."), deleted.undo);
                if let Some((name, error)) = deleted.failed {
                    toasts.failed(format!("{name} was not deleted: {}", error.message()));
                    workspace.reload_agents();
                }
            },
            move |outcome| match outcome {
                Ok(()) => {
                    selection.clear();
                    open.set(false);
                }
                Err(problem) => {
                    error.set(Some(problem.message()));
                    workspace.reload_agents();
                }
            },
        );
    };
    view! {
        <Confirm
            open=open
            title=Signal::derive(move || format!("Delete {}?", count(number(), "agent", "agents")))
            body=Signal::derive(move || {
                let all: Vec<String> = selected
                    .with(|agents| agents.iter().map(|agent| agent.name.clone()).collect());
                let names = names(&all, NAMED);
                format!("Deletes {names}, with their subagents, and revokes their tokens. {UNDO_SENTENCE}")
            })
            action=Signal::derive(move || format!("Delete {}", count(number(), "agent", "agents")))
            busy=writes.busy()
            error=error
            confirm=confirm
        />
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::tests::view;
    use super::exported;
    use crate::pages::agents::import_candidate::split_documents;

    #[test]
    fn an_export_can_be_imported_again() {
        let one = view("name: a.b\nmodel: { primary: x } # kept\n");
        let other = view("name: c");
        assert_eq!(exported(std::slice::from_ref(&one)).0, "a.b.yaml");
        let (name, text) = exported(&[one.clone(), other]);
        assert_eq!(name, "agents.yaml");
        assert_eq!(split_documents(&text), [one.yaml.as_str(), "name: c\n"]);
    }
}
