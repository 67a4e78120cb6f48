//! The dialog that replaces a model.

use super::ReplaceRequest;
use super::agent_choice::{Agents, Listed};
use super::named_models::{names, shorter_names};
use super::target::Target;
use crate::api::types::{AgentVersion, ReplaceModelInput};
use crate::api::{ApiError, use_api};
use crate::components::{Button, Choice, Dialog, Loading, Notice, Select, Show, Tone};
use crate::features::impact::{ChangeButton, Impact, ImpactSection, ImpactStatus};
use crate::format::count;
use crate::state::{
    SharedTable, Undoable, use_announcer, use_routing_table, use_undo, use_used_by, use_workspace,
    use_writes,
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use waypost_routing::agent::Agent;
use waypost_routing::model_replacement::replace_model;

/// The dialog.
#[component]
pub(super) fn ReplaceDialog(
    open: RwSignal<bool>,
    request: Signal<ReplaceRequest>,
    done: Callback<()>,
) -> impl IntoView {
    let title = Signal::derive(move || {
        request.with(|request| match request.from.as_slice() {
            [one] => format!("Replace {one}"),
            _ => "Replace a model".to_owned(),
        })
    });
    let form = ReplaceInput {
        begun: RwSignal::new(ReplaceRequest::default()),
        from: RwSignal::new(String::new()),
        to: RwSignal::new(String::new()),
        ticked: RwSignal::new(BTreeMap::new()),
    };
    let dirty = Signal::derive(move || form.is_dirty());
    view! {
        <Dialog
            open=open
            title=title
            subtitle="Edits the documents of the agents below in one step. Comments and formatting stay."
            dirty=dirty
            wide=true
        >
            {
                form.begin(request.get_untracked());
                view! { <ReplaceForm open=open form=form replaced=done /> }
            }
        </Dialog>
    }
}

/// What is entered in the dialog.
#[derive(Clone, Copy)]
struct ReplaceInput {
    /// What the dialog began with.
    begun: RwSignal<ReplaceRequest>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    /// Which agents were ticked or unticked. The others are as the dialog began.
    ticked: RwSignal<BTreeMap<Arc<str>, bool>>,
}

impl ReplaceInput {
    fn begin(self, request: ReplaceRequest) {
        self.from
            .set(request.from.first().cloned().unwrap_or_default());
        self.to.set(request.to.clone());
        self.ticked.set(BTreeMap::new());
        self.begun.set(request);
    }

    fn is_dirty(self) -> bool {
        self.begun.with(|begun| {
            let is_other = |from: &String| begun.from.first().is_some_and(|first| first != from);
            self.to.with(|to| *to != begun.to)
                || self.from.with(is_other)
                || self.ticked.with(|ticked| {
                    let mut ticked = ticked.iter();
                    ticked.any(|(agent, on)| *on != begun.chooses(agent))
                })
        })
    }
}

#[component]
fn ReplaceForm(
    open: RwSignal<bool>,
    form: ReplaceInput,
    /// Runs once a model was replaced.
    replaced: Callback<()>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let announcer = use_announcer();
    let undo = use_undo();
    let table = use_routing_table();
    let agents = workspace.agents();
    let ReplaceInput {
        begun,
        from,
        to,
        ticked,
    } = form;
    let from_text = move || from.get();
    let error = RwSignal::new(None::<ApiError>);
    let lacking = RwSignal::new(None::<&'static str>);
    let writes = use_writes().in_dialog(open);
    let refs = begun.with_untracked(choices);

    let listed = Memo::new(move |_| {
        from.with(|from| {
            agents.with(|agents| {
                let users = agents.iter().filter(|view| {
                    let agent = view.agent.as_ref();
                    agent.is_some_and(|agent| names(agent, from))
                });
                users
                    .filter_map(|view| Listed::of(view, from))
                    .collect::<Vec<_>>()
            })
        })
    });
    let is_ticked = Callback::new(move |agent: Arc<str>| {
        ticked
            .with(|ticked| ticked.get(&agent).copied())
            .unwrap_or_else(|| begun.with(|begun| begun.chooses(&agent)))
    });
    let chosen = Memo::new(move |_| {
        listed.with(|listed| {
            let listed = listed.iter().flatten();
            listed
                .filter(|item| item.places.is_ok() && is_ticked.run(item.agent.clone()))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let target = move || to.with(|to| to.trim().to_owned());
    let is_ready = move || {
        let target = target();
        !target.is_empty() && target != from.get() && chosen.with(|chosen| !chosen.is_empty())
    };
    let after = Signal::derive(move || {
        let before = table.get()?;
        if !is_ready() {
            return None;
        }
        let (from, to) = (from.get(), target());
        Some(chosen.with(|chosen| with_replaced(&before, chosen, &from, &to)))
    });
    let impact = Impact::between(table, after).while_wanted(is_ready);
    // No document names the model, or every one has to be edited by hand.
    let nothing = Memo::new(move |_| {
        listed.with(|listed| {
            let listed = listed.as_ref();
            listed.is_some_and(|listed| !listed.iter().any(|item| item.places.is_ok()))
        })
    });
    Effect::new(move || {
        to.track();
        from.track();
        ticked.track();
        error.set(None);
        lacking.set(None);
    });

    let save = move || {
        let (from, to) = (from.get_untracked(), untrack(target));
        if to.is_empty() || to == from {
            let text = "Enter another model first.";
            announcer.say(text);
            lacking.set(Some(text));
            return;
        }
        if chosen.with_untracked(Vec::is_empty) {
            let text = "Choose at least one agent.";
            announcer.say(text);
            lacking.set(Some(text));
            return;
        }
        // Losses have to be confirmed first.
        if writes.busy().get_untracked() || impact.refuses(announcer) {
            return;
        }
        error.set(None);
        let agents: Vec<AgentVersion> = chosen
            .get_untracked()
            .iter()
            .map(|item| AgentVersion {
                name: item.agent.to_string(),
                version: Some(item.version),
            })
            .collect();
        let number = count(agents.len() as u64, "agent", "agents");
        let done = format!("Replaced {from} with {to} in {number}.");
        let targets = agents
            .iter()
            .map(|agent| ["agent:", &agent.name].concat())
            .collect();
        let input = ReplaceModelInput { from, to, agents };
        writes.send(
            "Replacing the model",
            api.replace_model(&input),
            move |answer| {
                undo.offer(
                    done,
                    Undoable::new("agent.model.replace", targets, answer.undo),
                );
                workspace.reload();
            },
            move |outcome| match outcome {
                Ok(()) => {
                    open.set(false);
                    replaced.run(());
                }
                Err(failure) => {
                    announcer.say(failure.message());
                    workspace.reload_agents();
                    error.set(Some(failure));
                }
            },
        );
    };
    let is_default = move || {
        let snapshot = workspace.snapshot();
        from.with(|from| {
            snapshot.with(|snapshot| snapshot.default_model.as_deref() == Some(from.as_str()))
        })
        .unwrap_or_default()
    };
    view! {
        <form
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            <div class="dialog-body">
                <p>
                    "Replaces " <code>{from_text}</code> " wherever these agents name it as a primary or fallback, or allow it."
                </p>
                <Show when=move || refs.with(|refs| refs.len() > 1)>
                    <Select
                        label="Model to replace"
                        choices=refs
                        value=from
                        choose=move |chosen: String| from.set(chosen)
                    />
                </Show>
                <Target to=to />
                <Show when=is_default>
                    <Notice
                        tone=Tone::Warn
                        text="It is the default model too. Agents without a primary keep it until you choose another default in the catalog."
                    />
                </Show>
                {move || match listed.with(Option::is_some) {
                    true => view! { <Agents listed=listed chosen=chosen ticked=ticked is_ticked=is_ticked from=from /> }.into_any(),
                    false => view! { <Loading label="Loading agents" /> }.into_any(),
                }}
                <Show when=move || impact.any()>
                    <ImpactSection impact=impact title="Impact of replacing" asks=true />
                </Show>
                <SameRoute impact=impact chosen=chosen />
                {move || lacking.get().map(|text| view! { <Notice tone=Tone::Bad text=text /> })}
                {move || {
                    error
                        .with(|error| error.as_ref().map(ApiError::message))
                        .map(|text| view! { <Notice tone=Tone::Bad text=text /> })
                }}
            </div>
            <footer class="dialog-foot">
                <ImpactStatus impact=impact />
                <span class="grow"></span>
                <Button press=move || open.set(false)>
                    {move || if nothing.get() { "Close" } else { "Cancel" }}
                </Button>
                <Show when=move || !nothing.get()>
                    <ChangeButton
                        impact=impact
                        action="Replace model"
                        busy=writes.busy()
                        edited=Signal::derive(move || {
                            if is_ready() { chosen.with(Vec::len) } else { 0 }
                        })
                    />
                </Show>
            </footer>
        </form>
    }
}

/// The agents that are edited although their route stays as it is, so that the number on the button
/// adds up.
#[component]
fn SameRoute(impact: Impact, chosen: Memo<Vec<Listed>>) -> impl IntoView {
    let words = Memo::new(move |_| {
        let agents = chosen.with(|chosen| {
            let names: Vec<&str> = chosen.iter().map(|item| &*item.agent).collect();
            impact.unaffected(&names)
        });
        agents.and_then(same_route_words)
    });
    move || {
        words
            .get()
            .map(|words| view! { <p class="small">{words}</p> })
    }
}

/// How many agents a sentence names.
const NAMED: usize = 5;

/// The agents whose route stays as it is: `The route of 2 edited agents stays the same: bot (no route
/// before or after), writer.`
fn same_route_words(agents: Vec<(String, bool)>) -> Option<String> {
    let number = agents.len();
    if number == 0 {
        return None;
    }
    let mut names: Vec<String> = agents
        .into_iter()
        .take(NAMED)
        .map(|(name, routed)| match routed {
            true => name,
            false => format!("{name} (no route before or after)"),
        })
        .collect();
    if let Some(more) = number.checked_sub(NAMED).filter(|more| *more > 0) {
        names.push(format!("and {}", count(more as u64, "more", "more")));
    }
    Some(format!(
        "The route of {} stays the same: {}.",
        count(number as u64, "edited agent", "edited agents"),
        names.join(", ")
    ))
}

/// The refs to choose from: those that were asked for, and the shorter ones by which agents reach the
/// first of them.
fn choices(request: &ReplaceRequest) -> Signal<Vec<Choice>> {
    let used_by = use_used_by();
    let agents = use_workspace().agents();
    let asked = request.from.clone();
    Signal::derive(move || {
        let shorter = asked.first().and_then(|first| {
            used_by.with(|used_by| {
                let users = used_by.as_ref()?.get().users_of_model(first);
                let users: Vec<&str> = users.iter().map(|user| user.agent).collect();
                agents.with(|agents| {
                    let readable = agents.iter().filter_map(|view| view.agent.as_ref());
                    let users = readable.filter(|agent| users.contains(&agent.name.as_str()));
                    shorter_names(users, first)
                })
            })
        });
        let shorter = shorter.unwrap_or_default().into_iter();
        let shorter = shorter.filter(|name| !asked.contains(name));
        asked
            .iter()
            .cloned()
            .chain(shorter)
            .map(|name| Choice::new(name.clone(), name))
            .collect()
    })
}

/// The table with the model replaced in some agents.
fn with_replaced(before: &SharedTable, agents: &[Listed], from: &str, to: &str) -> SharedTable {
    let replaced: Vec<Agent> = agents
        .iter()
        .filter_map(|item| replace_model(&item.document, from, to).ok())
        .map(|replacement| replacement.agent)
        .collect();
    before.with_agents(&replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_that_keep_their_route_are_named_with_whether_they_have_one() {
        assert_eq!(same_route_words(Vec::new()), None);
        let agents = vec![("bot".to_owned(), false), ("writer".to_owned(), true)];
        assert_eq!(
            same_route_words(agents).as_deref(),
            Some(
                "The route of 2 edited agents stays the same: bot (no route before or after), writer."
            )
        );
        let many = (1..=7).map(|number| (format!("a{number}"), true)).collect();
        assert_eq!(
            same_route_words(many).as_deref(),
            Some("The route of 7 edited agents stays the same: a1, a2, a3, a4, a5, and 2 more.")
        );
    }
}
