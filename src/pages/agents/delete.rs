//! Deleting an agent, after showing what that deletes.

use crate::api::types::AgentView;
use crate::api::{ApiError, use_api};
use crate::components::Confirm;
use crate::features::removal::UNDO_SENTENCE;
use crate::format::count;
use crate::state::{Undoable, use_undo, use_workspace, use_writes};
use leptos::prelude::*;

/// The confirmation.
#[component]
pub(super) fn DeleteAgent(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// Which agent.
    #[prop(into)]
    item: Signal<AgentView>,
    /// Runs after the deletion.
    #[prop(optional, into)]
    done: Option<Callback<()>>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let undo = use_undo();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let confirm = move || {
        error.set(None);
        let (name, version) = item.with_untracked(|agent| (agent.name.clone(), agent.version));
        let deleted = name.clone();
        writes.send(
            format!("Deleting {name}"),
            api.delete_agent(&name, version),
            move |answer| {
                undo.offer(
                    format!("Deleted {deleted}."),
                    Undoable::agent(&deleted, answer.undo),
                );
                workspace.remove_agent(&deleted);
            },
            move |outcome| match outcome {
                Ok(()) => {
                    open.set(false);
                    if let Some(done) = done {
                        done.run(());
                    }
                }
                Err(problem) => {
                    error.set(Some(refused(&problem, &name)));
                    workspace.reload_agents();
                }
            },
        );
    };
    view! {
        <Confirm
            open=open
            title=Signal::derive(move || item.with(|agent| format!("Delete {}?", agent.name)))
            body=Signal::derive(move || item.with(what_goes))
            action="Delete agent"
            busy=writes.busy()
            error=error
            confirm=confirm
        />
    }
}

/// Why it was not deleted.
fn refused(problem: &ApiError, name: &str) -> String {
    match problem.code() {
        Some("version_conflict") => format!(
            "{name} was not deleted because it changed in the meantime. Review it, then delete it again."
        ),
        _ => problem.message(),
    }
}

/// What a deletion deletes, in sentences.
fn what_goes(agent: &AgentView) -> String {
    let subagents = agent
        .agent
        .as_ref()
        .map_or(0, |agent| agent.subagents.len() as u64);
    let with = if subagents == 0 {
        String::new()
    } else {
        format!(", with {},", count(subagents, "subagent", "subagents"))
    };
    let keys = match agent.keys.len() as u64 {
        0 => String::new(),
        number => format!(", deletes {}", count(number, "own key", "own keys")),
    };
    format!("Deletes this agent{with}{keys} and revokes its tokens. {UNDO_SENTENCE}")
}

#[cfg(test)]
mod tests {
    use super::what_goes;
    use crate::api::types::AgentView;
    use waypost_routing::agent::read_agent;

    #[test]
    fn everything_that_goes_is_named() {
        let yaml = "name: bot\nsubagents:\n  a: { model: { primary: b } }\n";
        let view = AgentView {
            name: "bot".to_owned(),
            yaml: yaml.to_owned(),
            agent: read_agent(yaml).agent,
            problems: Vec::new(),
            version: 1,
            updated_at: 0,
            updated_by: None,
            allow_private: Vec::new(),
            keys: Vec::new(),
        };
        assert_eq!(
            what_goes(&view),
            "Deletes this agent, with 1 subagent, and revokes its tokens. You can undo for 10 seconds."
        );
    }
}
