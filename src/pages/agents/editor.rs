//! The editor of an agent: its document, its routes, saving and deleting it.

use super::conflict::Conflict;
use super::delete::DeleteAgent;
use super::live_routes::LiveRoutes;
use super::own_addresses::{OwnAddresses, allowed_of};
use crate::api::types::{AgentInput, AgentIssue, AgentView};
use crate::api::{ApiError, Stored, use_api};
use crate::components::{
    Button, ButtonKind, DocumentEditor, DocumentProblem, EditFields, FailureNotice, Notice, Show,
    Tone,
};
use crate::dom;
use crate::features::impact::{Impact, ImpactStatus};
use crate::features::replace_model::{ReplaceModel, ReplaceRequest};
use crate::features::unsaved_changes::LeaveQuestion;
use crate::paths::Path;
use crate::state::{
    use_announcer, use_routing_table, use_title, use_toasts, use_undo, use_unsaved, use_workspace,
    use_writes,
};
use crate::task::spawn_scoped;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use std::collections::BTreeSet;
use waypost_routing::agent::read_agent;
use waypost_routing::problem::Severity;

/// The example for a first agent.
const EXAMPLE: &str = "name: support-bot
model:
  primary: litellm/openai/gpt-4o
  fallback: openrouter/moonshotai/kimi-k2
subagents:
  analyst:
    model:
      primary: customer-alias
";

/// Why a document was rejected; valid until it is edited.
#[derive(Clone, PartialEq)]
struct RejectedDocument {
    text: String,
    issues: Vec<AgentIssue>,
    /// The error of the whole field.
    message: Option<String>,
}

/// The editor of a new agent, or of the one that is stored.
#[component]
pub(super) fn Editor(
    /// The agent as it is stored, whose version the document replaces; none for a new one. The
    /// version advances when a conflict is resolved.
    base: RwSignal<Option<AgentView>>,
) -> impl IntoView {
    let stored = base.get_untracked();
    let heading = stored.as_ref().map_or_else(
        || "Add agent".to_owned(),
        |agent| format!("Edit {}", agent.name),
    );
    use_title(heading.clone());
    let api = use_api();
    let workspace = use_workspace();
    let table = use_routing_table();
    let toasts = use_toasts();
    let announcer = use_announcer();
    let unsaved = use_unsaved();
    let navigate = StoredValue::new_local(use_navigate());
    let address = stored
        .as_ref()
        .map_or(Path::NewAgent, |agent| Path::Agent(agent.name.clone()));

    let text = RwSignal::new(
        stored
            .as_ref()
            .map(|agent| agent.yaml.clone())
            .unwrap_or_default(),
    );
    let saved_text = move || {
        base.with(|base| {
            base.as_ref()
                .map(|agent| agent.yaml.clone())
                .unwrap_or_default()
        })
    };
    let allowed = RwSignal::new(allowed_in(base.get_untracked().as_ref()));
    let reading = Memo::new(move |_| {
        let reading = text.with(|text| read_agent(text));
        match table.get() {
            Some(table) => table.table().check_document(reading),
            None => reading,
        }
    });
    let agent = Memo::new(move |_| reading.with(|reading| reading.agent.clone()));
    // The private origins to save.
    let origins =
        move || agent.with(|agent| allowed.with(|allowed| allowed_of(agent.as_ref(), allowed)));
    let dirty = Memo::new(move |_| {
        let differs = agent.with(Option::is_some)
            && base.with(|base| {
                base.as_ref()
                    .is_some_and(|base| base.allow_private != origins())
            });
        differs || text.with(|text| *text != saved_text())
    });
    unsaved.guard(address.to_string(), dirty.into());
    let refused = RwSignal::new(None::<RejectedDocument>);
    let tried = RwSignal::new(false);
    // Problems from the control plane for exactly this text take precedence.
    let refusal = Memo::new(move |_| {
        refused.with(|refused| {
            let refused = refused.as_ref()?;
            text.with(|text| *text == refused.text)
                .then(|| refused.clone())
        })
    });
    let problems = Memo::new(move |_| {
        let issues = refusal.with(|refusal| refusal.as_ref().map(|refusal| refusal.issues.clone()));
        if let Some(issues) = issues.filter(|issues| !issues.is_empty()) {
            return issues.into_iter().map(problem_of).collect();
        }
        // An untouched empty editor has no errors yet.
        if !tried.get() && text.with(|text| text.trim().is_empty()) {
            return Vec::new();
        }
        let problems = reading.with(|reading| reading.problems.clone());
        problems
            .into_iter()
            .map(DocumentProblem::from)
            .collect::<Vec<_>>()
    });
    let field_error = Memo::new(move |_| {
        refusal.with(|refusal| refusal.as_ref().and_then(|refusal| refusal.message.clone()))
    });
    let name = Memo::new(move |_| {
        reading.with(|reading| reading.agent.as_ref().map(|agent| agent.name.clone()))
    });
    let renames = Memo::new(move |_| {
        let (now, before) = (
            name.get()?,
            base.with(|base| base.as_ref().map(|agent| agent.name.clone()))?,
        );
        (now != before).then(|| {
            format!("Saving renames `{before}` to `{now}`. Requests and links that use `{before}` stop working.")
        })
    });

    let general = RwSignal::new(None::<String>);
    let theirs = RwSignal::new(None::<AgentView>);
    let aside = RwSignal::new(None::<(String, BTreeSet<String>)>);
    let writes = use_writes();
    let saving = writes.busy();
    let to_list = move || {
        navigate.with_value(|navigate| navigate(&Path::Agents.to_string(), Default::default()));
    };

    // A renamed agent has its own warning.
    let after = Signal::derive(move || {
        let stored = base.with(|base| base.as_ref().map(|agent| agent.name.clone()))?;
        let edited = agent.get().filter(|agent| agent.name == stored)?;
        Some(table.get()?.with_agents(&[edited]))
    });
    let impact = Impact::between(table, after)
        .while_wanted(move || dirty.get() && after.with(Option::is_some));
    let save = move || {
        if saving.get_untracked() {
            return;
        }
        tried.set(true);
        let first = problems.with_untracked(|problems| {
            problems
                .iter()
                .find(|problem| problem.severity == Severity::Error)
                .cloned()
        });
        if let Some(first) = first {
            announcer.say(format!(
                "Not saved. Line {}, column {}: {}",
                first.line, first.column, first.message
            ));
            dom::focus(".editor textarea");
            return;
        }
        // Losses have to be confirmed first.
        if untrack(|| impact.unconfirmed()) {
            impact.refuses(announcer);
            return;
        }
        general.set(None);
        let sent = text.get_untracked();
        let before = base
            .get_untracked()
            .map(|agent| (agent.name, agent.version));
        let input = AgentInput {
            allow_private: Some(untrack(origins)),
            ..AgentInput::of(sent.clone())
        };
        let known = before.as_ref();
        let known = known.map(|(name, version)| (name.as_str(), *version));
        let call = api.save_agent(known, &input);
        let before = before.map(|(name, _)| name);
        writes.send(
            before
                .as_ref()
                .map_or_else(|| "Adding the agent".to_owned(), |name| format!("Saving {name}")),
            call,
            move |agent: AgentView| {
                toasts.done(done(before.as_deref(), &agent.name));
                workspace.put_agent(before.as_deref(), agent.clone());
                agent
            },
            move |outcome| match outcome {
                Ok(agent) => {
                    theirs.set(None);
                    // What was typed while it was saved stays in the editor.
                    if text.with_untracked(|text| *text != sent) {
                        base.set(Some(agent));
                        return;
                    }
                    unsaved.release();
                    to_list();
                }
                Err(ApiError::Problem(problem)) => {
                    announcer.say(problem.detail.clone());
                    match problem.current.as_ref().and_then(Stored::read) {
                        Some(agent) => {
                            theirs.set(Some(agent));
                            return;
                        }
                        _ if problem.code == "not_found" => {
                            // The next save adds it.
                            base.set(None);
                            general.set(Some("This agent was deleted or renamed in the meantime. Save again to add it as a new agent.".to_owned()));
                        }
                        _ if !problem.errors.is_empty()
                            || problem.field.as_deref() == Some("yaml") =>
                        {
                            let message = problem.errors.is_empty().then_some(problem.detail);
                            refused.set(Some(RejectedDocument {
                                text: sent,
                                issues: problem.errors,
                                message,
                            }));
                            dom::focus(".editor textarea");
                        }
                        _ => general.set(Some(problem.detail)),
                    }
                    theirs.set(None);
                }
                Err(error) => {
                    announcer.say(error.message());
                    theirs.set(None);
                    general.set(Some(error.message()));
                }
            },
        );
    };
    let keep_mine = move || {
        // From now on the text replaces the version that was shown.
        if let Some(view) = theirs.get_untracked() {
            base.set(Some(view));
        }
        save();
    };
    let take_theirs = move || {
        if let Some(view) = theirs.get_untracked() {
            aside.set(Some((text.get_untracked(), allowed.get_untracked())));
            text.set(view.yaml.clone());
            allowed.set(allowed_in(Some(&view)));
            base.set(Some(view));
            theirs.set(None);
            announcer.say("The editor shows the saved version. You can restore yours.");
        }
    };
    let bring_back = move || {
        if let Some((mine, granted)) = aside.get_untracked() {
            text.set(mine);
            allowed.set(granted);
            aside.set(None);
            dom::focus(".editor textarea");
        }
    };

    let deleting = RwSignal::new(false);
    let replacing = RwSignal::new(false);
    let request = Signal::derive(move || {
        base.with(|base| {
            let agent = base.as_ref().and_then(|view| view.agent.as_ref());
            ReplaceRequest::in_agents(agent.into_iter())
        })
    });
    // A replacement, and its undo, change the document that is edited here.
    let read_again = move || {
        let name = base.with_untracked(|base| base.as_ref().map(|agent| agent.name.clone()));
        let Some(name) = name.filter(|_| !dirty.get_untracked()) else {
            return;
        };
        let answer = api.agent(&name);
        spawn_scoped(async move {
            match answer.await {
                // What was typed meanwhile stays: saving it shows both versions.
                Ok(_) if dirty.try_get_untracked() != Some(false) => {}
                Ok(agent) => {
                    text.set(agent.yaml.clone());
                    allowed.set(allowed_in(Some(&agent)));
                    base.set(Some(agent));
                }
                Err(error) => general.set(Some(error.message())),
            }
        });
    };
    let undo = use_undo();
    Effect::new(move |before: Option<u32>| {
        let undone = undo.undone();
        if before.is_some_and(|before| before != undone) {
            read_again();
        }
        undone
    });
    let stored_name = Signal::derive(move || {
        base.with(|base| base.as_ref().map(|agent| agent.name.clone()))
            .filter(|_| !dirty.get())
    });
    let stored_now = Memo::new(move |_| base.with(Option::is_some));
    let item = Signal::derive(move || base.get().unwrap_or_else(no_agent));
    view! {
        <div class="agent-editor">
            <form
                class="agent-text"
                novalidate=""
                on:submit=move |event| {
                    event.prevent_default();
                    save();
                }
            >
                <h1 tabindex="-1">{heading}</h1>
                <Show when=move || aside.with(Option::is_some)>
                    <Notice tone=Tone::None text="Your version is kept until you leave this page.">
                        <Button press=bring_back>"Restore my version"</Button>
                    </Notice>
                </Show>
                <EditFields>
                    <DocumentEditor
                        label="Document"
                        value=text
                        problems=problems
                        error=field_error
                        help="YAML with a `name` and, for the agent and each of its `subagents`, a `model` with `primary` and `fallback`. Saved as you write it, comments included."
                    />
                </EditFields>
                <OwnAddresses agent=agent allowed=allowed />
                <Show when=move || !stored_now.get() && text.with(|text| text.trim().is_empty())>
                    <p>
                        <Button press=move || {
                            text.set(EXAMPLE.to_owned());
                            dom::focus(".editor textarea");
                        }>"Start with an example"</Button>
                    </p>
                </Show>
                <Show when=move || renames.with(Option::is_some)>
                    <Notice
                        tone=Tone::Warn
                        text=Signal::derive(move || renames.get().unwrap_or_default())
                    />
                </Show>
                <FailureNotice error=general />
                <Show when=move || impact.has_losses()>
                    <ImpactStatus impact=impact />
                </Show>
                <div class="form-actions">
                    <Button
                        kind=ButtonKind::Primary
                        submit=true
                        edits=true
                        busy=saving
                        disabled=Signal::derive(move || impact.unconfirmed())
                        refused=move || {
                            impact.refuses(announcer);
                        }
                    >
                        {move || if stored_now.get() { "Save changes" } else { "Add agent" }}
                    </Button>
                    <a href=Path::Agents.to_string() class="button" data-kind="quiet">
                        "Cancel"
                    </a>
                    <span class="grow"></span>
                    <Show when=move || stored_now.get()>
                        <a
                            href=move || item.with(|agent| Path::preview_of_agent(&agent.name).to_string())
                            class="button"
                            data-kind="quiet"
                        >
                            "Preview"
                        </a>
                        <Button
                            kind=ButtonKind::Quiet
                            edits=true
                            disabled=dirty
                            refused=move || announcer.say("Save or discard your changes first.")
                            press=move || replacing.set(true)
                        >
                            "Replace model…"
                        </Button>
                        <a
                            href=move || item.with(|agent| Path::history("agent", &agent.name).to_string())
                            class="button"
                            data-kind="quiet"
                        >
                            "History"
                        </a>
                        <Button kind=ButtonKind::Danger edits=true press=move || deleting.set(true)>
                            "Delete agent"
                        </Button>
                    </Show>
                </div>
            </form>
            <LiveRoutes
                reading=reading
                allowed=Signal::derive(origins)
                name=Signal::derive(move || {
                    base.with(|base| base.as_ref().map(|agent| agent.name.clone()))
                })
                stored=stored_name
                replaced=read_again
            />
        </div>
        <Conflict
            theirs=theirs
            mine=text
            allowed=Signal::derive(origins)
            busy=saving
            keep_mine=keep_mine
            take_theirs=take_theirs
        />
        <DeleteAgent
            open=deleting
            item=item
            done=move || {
                unsaved.release();
                to_list();
            }
        />
        <ReplaceModel open=replacing request=request done=read_again />
        <LeaveQuestion body="Your changes to this agent are discarded." />
    }
}

/// The private origins that may be called now.
fn allowed_in(stored: Option<&AgentView>) -> BTreeSet<String> {
    let origins = stored.map(|agent| agent.allow_private.clone());
    origins.unwrap_or_default().into_iter().collect()
}

/// The notice after saving.
fn done(before: Option<&str>, now: &str) -> String {
    match before {
        None => format!("Added {now}."),
        Some(before) if before != now => format!("Saved, and renamed {before} to {now}."),
        Some(_) => format!("Saved {now}."),
    }
}

/// A problem of a document, for the editor.
pub(super) fn problem_of(issue: AgentIssue) -> DocumentProblem {
    DocumentProblem {
        severity: issue.severity,
        line: issue.line,
        column: issue.column,
        message: issue.message,
    }
}

/// Placeholder while no agent is stored.
fn no_agent() -> AgentView {
    AgentView {
        name: String::new(),
        yaml: String::new(),
        agent: None,
        problems: Vec::new(),
        allow_private: Vec::new(),
        version: 0,
        updated_at: 0,
        updated_by: None,
        keys: Vec::new(),
    }
}
