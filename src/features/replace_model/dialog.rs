//! The dialog that replaces a model.

use crate::api::types::{AgentVersion, AgentView, ReplaceModelInput};
use crate::api::{ApiError, use_api};
use crate::components::{Button, Dialog, Loading, Notice, Show, SuggestField, Tone};
use crate::dom;
use crate::features::impact::{ChangeButton, Impact, ImpactSection, ImpactStatus};
use crate::format::{count, thousands};
use crate::paths::CatalogFilter;
use crate::state::{
    SharedTable, use_announcer, use_routing_table, use_undo, use_used_by, use_workspace, use_writes,
};
use crate::task::spawn_scoped;
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use waypost_routing::agent::Agent;
use waypost_routing::model_replacement::{Place, ReplaceError, replace_model};

/// How many agents are listed at first, and how many more each time.
const ROWS: usize = 50;

/// How many models are suggested.
const OFFERS: u32 = 30;

/// Stands for the new model while none is entered.
const PROBE: &str = "waypost-probe/model";

/// How long to wait for the next key before the catalog is searched, in milliseconds.
const TYPING: i32 = 150;

/// An agent that names the model.
#[derive(Clone, PartialEq)]
struct Listed {
    agent: Arc<str>,
    version: u64,
    document: Arc<str>,
    /// Where the model is named, or why it cannot be replaced there.
    places: Result<String, String>,
}

impl Listed {
    /// The agent with what a replacement would change; `None` where its document names the model
    /// nowhere, as that of an agent that uses it as the default model.
    fn of(view: &AgentView, from: &str) -> Option<Self> {
        // Any other ref shows the places.
        let places = match replace_model(&view.yaml, from, PROBE) {
            Ok(replacement) => Ok(places_words(&replacement.places)),
            Err(ReplaceError::NotUsed) => return None,
            Err(error) => Err(error.to_string()),
        };
        Some(Self {
            agent: view.name.as_str().into(),
            version: view.version,
            document: view.yaml.as_str().into(),
            places,
        })
    }
}

/// The dialog.
#[component]
pub(super) fn ReplaceDialog(open: RwSignal<bool>, from: Signal<String>) -> impl IntoView {
    let title = Signal::derive(move || format!("Replace {}", from.get()));
    let to = RwSignal::new(String::new());
    Effect::new(move || {
        if !open.get() {
            to.set(String::new());
        }
    });
    let dirty = Signal::derive(move || to.with(|to| !to.is_empty()));
    view! {
        <Dialog
            open=open
            title=title
            subtitle="Edits the documents of the agents below in one step. Comments and formatting stay."
            dirty=dirty
            wide=true
        >
            <ReplaceForm open=open from=from.get_untracked() to=to />
        </Dialog>
    }
}

#[component]
fn ReplaceForm(open: RwSignal<bool>, from: String, to: RwSignal<String>) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let announcer = use_announcer();
    let undo = use_undo();
    let table = use_routing_table();
    let used_by = use_used_by();
    let agents = workspace.agents();
    let from = StoredValue::new(from);
    let from_text = move || from.get_value();
    let error = RwSignal::new(None::<ApiError>);
    let lacking = RwSignal::new(None::<&'static str>);
    let left_out = RwSignal::new(BTreeSet::<Arc<str>>::new());
    let writes = use_writes().in_dialog(open);

    let listed = Memo::new(move |_| {
        let from = from.get_value();
        used_by.with(|used_by| {
            let users = used_by.as_ref()?.get().users_of_model(&from);
            let users: BTreeSet<&str> = users.iter().map(|user| user.agent).collect();
            agents.with(|agents| {
                let users = agents
                    .iter()
                    .filter(|view| users.contains(view.name.as_str()));
                users
                    .filter_map(|view| Listed::of(view, &from))
                    .collect::<Vec<_>>()
            })
        })
    });
    let chosen = Memo::new(move |_| {
        left_out.with(|left_out| {
            listed.with(|listed| {
                let listed = listed.iter().flatten();
                listed
                    .filter(|item| item.places.is_ok() && !left_out.contains(&item.agent))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    let target = move || to.with(|to| to.trim().to_owned());
    let is_ready = move || {
        let target = target();
        !target.is_empty() && target != from.get_value() && chosen.with(|chosen| !chosen.is_empty())
    };
    let after = Signal::derive(move || {
        let before = table.get()?;
        if !is_ready() {
            return None;
        }
        let (from, to) = (from.get_value(), target());
        Some(chosen.with(|chosen| with_replaced(&before, chosen, &from, &to)))
    });
    let impact = Impact::between(table, after).while_wanted(is_ready);
    Effect::new(move || {
        to.track();
        left_out.track();
        error.set(None);
        lacking.set(None);
    });

    let save = move || {
        let (from, to) = (from.get_value(), untrack(target));
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
        let input = ReplaceModelInput { from, to, agents };
        writes.send(
            "Replacing the model",
            api.replace_model(&input),
            move |answer| {
                undo.offer(done, answer.undo);
                workspace.reload();
            },
            move |outcome| match outcome {
                Ok(()) => open.set(false),
                Err(failure) => {
                    announcer.say(failure.message());
                    workspace.reload_agents();
                    error.set(Some(failure));
                }
            },
        );
    };
    let is_default = move || {
        let from = from.get_value();
        workspace
            .snapshot()
            .with(|snapshot| snapshot.default_model.as_deref() == Some(&*from))
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
                <Target to=to />
                <Show when=is_default>
                    <Notice
                        tone=Tone::Warn
                        text="It is the default model too. Agents without a primary keep it until you choose another default in the catalog."
                    />
                </Show>
                {move || match listed.with(Option::is_some) {
                    true => view! { <Agents listed=listed chosen=chosen left_out=left_out from=from.get_value() /> }.into_any(),
                    false => view! { <Loading label="Loading agents" /> }.into_any(),
                }}
                <Show when=move || impact.any()>
                    <ImpactSection impact=impact title="Impact of replacing" asks=true />
                </Show>
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
                <Button press=move || open.set(false)>"Cancel"</Button>
                <ChangeButton impact=impact action="Replace model" busy=writes.busy() />
            </footer>
        </form>
    }
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

/// The new model, with suggestions from the catalog.
#[component]
fn Target(to: RwSignal<String>) -> impl IntoView {
    let api = use_api();
    let offers = RwSignal::new(Vec::new());
    let turn = StoredValue::new(0_u32);
    Effect::new(move || {
        let query = to.get();
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        spawn_scoped(async move {
            dom::pause(TYPING).await;
            if turn.try_get_value() != Some(mine) {
                return;
            }
            let filter = CatalogFilter {
                query,
                state: "enabled".to_owned(),
                ..CatalogFilter::default()
            };
            // Without suggestions the field takes any ref.
            if let Ok(page) = api.models(&filter, OFFERS, None).await
                && turn.try_get_value() == Some(mine)
            {
                offers.set(
                    page.items
                        .into_iter()
                        .map(|model| model.model_ref)
                        .collect(),
                );
            }
        });
    });
    view! {
        <SuggestField
            label="New model"
            value=to
            choose=move |text: String| to.set(text)
            offers=offers
            help="A ref, for example openrouter/moonshotai/kimi-k2."
        />
    }
}

/// The agents, each with the places that change.
#[component]
fn Agents(
    listed: Memo<Option<Vec<Listed>>>,
    chosen: Memo<Vec<Listed>>,
    left_out: RwSignal<BTreeSet<Arc<str>>>,
    from: String,
) -> impl IntoView {
    let rows = RwSignal::new(ROWS);
    let number = move || listed.with(|listed| listed.as_ref().map_or(0, Vec::len));
    let heading = move || {
        let all = number();
        let chosen = chosen.with(Vec::len);
        format!(
            "{} of {} chosen",
            thousands(chosen as u64),
            count(all as u64, "agent", "agents")
        )
    };
    let none = format!("No agent names {from}.");
    let row = move |item: Listed| {
        let agent = item.agent.clone();
        let editable = item.places.is_ok();
        let checked = {
            let agent = agent.clone();
            move || editable && left_out.with(|left_out| !left_out.contains(&agent))
        };
        view! {
            <li>
                <label class="check">
                    <input
                        type="checkbox"
                        disabled=!editable
                        prop:checked=checked
                        on:change:target=move |event| {
                            let on = event.target().checked();
                            let agent = agent.clone();
                            left_out
                                .update(|left_out| {
                                    if on {
                                        left_out.remove(&agent);
                                    } else {
                                        left_out.insert(agent);
                                    }
                                });
                        }
                    />
                    <span>
                        {item.agent.to_string()} " "
                        {match item.places {
                            Ok(places) => view! { <span class="small faint">{places}</span> }.into_any(),
                            Err(why) => view! { <span class="small bad">{why}</span> }.into_any(),
                        }}
                    </span>
                </label>
            </li>
        }
    };
    let shown = move || {
        listed.with(|listed| {
            let listed = listed.iter().flatten().take(rows.get());
            listed.cloned().collect::<Vec<_>>()
        })
    };
    view! {
        <Show when=move || { number() > 0 } fallback=move || view! { <p>{none.clone()}</p> }>
            <fieldset class="replace-agents">
                <legend class="field-label">{heading}</legend>
                <ul class="user-list">
                    <For each=shown key=|item| item.agent.clone() children=row />
                </ul>
                <Show when=move || { number() > rows.get() }>
                    <p>
                        <Button press=move || rows.update(|rows| *rows += 4 * ROWS)>
                            "Show more agents"
                        </Button>
                    </p>
                </Show>
            </fieldset>
        </Show>
    }
}

/// Where the model stands: `primary, fallback of writer`.
fn places_words(places: &[Place]) -> String {
    let words: Vec<String> = places
        .iter()
        .map(|place| match &place.subagent {
            None => place.field.name().to_owned(),
            Some(alias) => format!("{} of {alias}", place.field.name()),
        })
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(yaml: &str) -> AgentView {
        AgentView {
            name: "bot".to_owned(),
            yaml: yaml.to_owned(),
            agent: None,
            problems: Vec::new(),
            version: 3,
            updated_at: 0,
            updated_by: None,
        }
    }

    #[test]
    fn an_agent_is_listed_with_the_places_that_change() {
        let yaml = "name: bot\nmodel: { primary: a/b, fallback: c/d }\nsubagents: { w: { model: { primary: c/d } } }\n";
        let listed = Listed::of(&view(yaml), "c/d").expect("it names the model");
        assert_eq!(listed.places.as_deref(), Ok("fallback, primary of w"));
        assert_eq!(listed.version, 3);
        assert!(Listed::of(&view(yaml), "e/f").is_none());
    }

    #[test]
    fn a_document_that_must_be_edited_by_hand_says_so() {
        let yaml = "name: bot\nmodel: { primary: d, gateway: c }\n";
        let listed = Listed::of(&view(yaml), "c/d").expect("it names the model");
        assert!(listed.places.is_err_and(|why| why.contains("by hand")));
    }
}
