//! The entries of the palette, and the route of the one that is active.

use super::entry::Entry;
use super::route_card::{AgentCard, RouteCard};
use super::search::{Known, Model, Name, Prefix, entries as fitting, is_unfinished};
use super::{LIST, option_id};
use crate::api::types::ModelState;
use crate::api::use_api;
use crate::components::{Prose, Show, use_edit_access};
use crate::format::count;
use crate::paths::{CatalogFilter, Path};
use crate::state::{use_announcer, use_routing_table};
use crate::task::Scope;
use leptos::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Outcome;

/// How long typing must pause before the catalog is searched.
const SEARCH: Duration = Duration::from_millis(120);

/// How long typing must pause before the number of results is announced and a rejection is shown.
const REST: Duration = Duration::from_millis(700);

/// How many models a search asks for.
const MODELS: u32 = 8;

/// The state shared by the field and its entries.
#[derive(Clone, Copy)]
pub(super) struct PanelGiven {
    /// What is typed.
    pub(super) text: RwSignal<String>,
    /// The entries, set by the panel.
    pub(super) entries: RwSignal<Vec<Entry>>,
    /// The place of the active entry.
    pub(super) active: Memo<Option<usize>>,
    /// The entry that the pointer or the arrow keys have reached.
    pub(super) moved_to: RwSignal<Option<Entry>>,
    /// Runs an entry.
    pub(super) run: Callback<Entry>,
    /// Closes the palette and goes to a page.
    pub(super) go: Callback<Path>,
    /// Puts a text in place of what is typed.
    pub(super) take: Callback<String>,
}

/// The entries, and the route of the active one.
#[component]
pub(super) fn Panel(given: PanelGiven) -> impl IntoView {
    let PanelGiven {
        text,
        entries,
        active,
        ..
    } = given;
    let table = use_routing_table();
    let access = use_edit_access();
    let announcer = use_announcer();
    let agents = Memo::new(move |_| {
        let table = table.get();
        let names = table.map(|table| {
            let agents = table.table().agents().iter();
            agents
                .map(|agent| Name::new(&agent.name))
                .collect::<Vec<_>>()
        });
        names.unwrap_or_default()
    });
    let prefixes = Memo::new(move |_| {
        table
            .get()
            .map(|table| prefixes(&table))
            .unwrap_or_default()
    });
    let aliases = Memo::new(move |_| table.get().map(|table| aliases(&table)).unwrap_or_default());
    let models = search_models(text);
    Effect::new(move || {
        let found = agents.with(|agents| {
            prefixes.with(|prefixes| {
                aliases.with(|aliases| {
                    models.with(|models| {
                        let known = Known {
                            agents,
                            prefixes,
                            aliases,
                            models,
                            may_edit: !access.denied(),
                        };
                        text.with(|text| fitting(text, &known))
                    })
                })
            })
        });
        if entries.with_untracked(|entries| *entries != found) {
            entries.set(found);
        }
    });

    // Whether typing pauses. Until then neither a rejection nor a count is worth a word.
    let rests = RwSignal::new(true);
    let mut rest = debounce(REST, move |()| {
        if rests.try_set(true).is_none()
            && let Some(number) = entries.try_with_untracked(Vec::len)
        {
            announcer.say(format!("{}.", count(number as u64, "result", "results")));
        }
    });
    Effect::new(move |before: Option<()>| {
        text.track();
        if before.is_some() {
            rests.set(false);
            rest(());
        }
    });
    let chosen = Memo::new(move |_| {
        let place = active.get()?;
        entries.with(|entries| entries.get(place).cloned())
    });
    let loading = Memo::new(move |_| table.with(Option::is_none));
    view! {
        <div class="palette-body">
            <div class="palette-entries">
                {move || view! { <Groups entries=entries.get() given=given /> }}
                <Show when=move || loading.get()>
                    <p class="palette-note small">"Loading the configuration…"</p>
                </Show>
            </div>
            {move || {
                let entry = chosen.get()?;
                let quiet = !rests.get();
                preview(&entry, quiet, prefixes, given)
                    .map(|card| view! { <div class="palette-preview" tabindex="-1">{card}</div> })
            }}
        </div>
        <p class="palette-foot small">
            <span><kbd>"↑"</kbd> <kbd>"↓"</kbd> " to move"</span>
            <span><kbd>"Enter"</kbd> " to open"</span>
            <span><kbd>"Esc"</kbd> " to close"</span>
            <span class="grow"></span>
            <span>"Nothing is sent."</span>
        </p>
    }
}

/// The gateways, providers and sources, by name.
fn prefixes(table: &crate::state::SharedTable) -> Vec<Prefix> {
    let catalog = table.table().catalog();
    let entries = catalog.names().filter_map(|name| catalog.effective(name));
    let providers = entries.map(|entry| Prefix {
        name: Name::new(&entry.name),
        kind: match entry.kind {
            ProviderKind::Gateway => "gateway",
            ProviderKind::OpenaiCompatible => "direct provider",
        },
        configure: Path::Configure(entry.kind, entry.name.clone()),
    });
    let sources = table.snapshot().sources.iter().map(|source| Prefix {
        name: Name::new(&source.slug),
        kind: "custom source",
        configure: Path::Source(source.slug.clone()),
    });
    providers.chain(sources).collect()
}

/// The model strings without a `/` that agents send.
fn aliases(table: &crate::state::SharedTable) -> BTreeSet<String> {
    let agents = table.table().agents().iter();
    let models = agents.flat_map(|agent| {
        let subagents = agent.subagents.values().map(|subagent| &subagent.model);
        std::iter::once(&agent.model).chain(subagents)
    });
    let refs = models.flat_map(|model| [model.primary_ref(), model.fallback_ref()]);
    let plain = refs.flatten().filter(|text| !text.contains('/'));
    plain.map(Cow::into_owned).collect()
}

/// The models of the catalog that the control plane finds for what is typed. The last ones stay
/// until the next are there.
fn search_models(text: RwSignal<String>) -> RwSignal<Vec<Model>> {
    let api = use_api();
    let scope = Scope::current();
    let found = RwSignal::new(Vec::new());
    let mut search = debounce(SEARCH, move |typed: String| {
        let filter = CatalogFilter {
            query: typed.clone(),
            ..CatalogFilter::default()
        };
        scope.spawn(async move {
            // A failed search leaves out the models; the connection reports itself.
            let Ok(page) = api.models(&filter, MODELS, None).await else {
                return;
            };
            // More may be typed by now.
            if text.try_with_untracked(|now| *now == typed) == Some(true) {
                let models = page.items.into_iter().map(|model| Model {
                    model_ref: model.model_ref,
                    name: model.name.unwrap_or_default(),
                    note: match model.state {
                        ModelState::Enabled => "",
                        ModelState::Disabled => "disabled",
                        ModelState::Absent => "no longer listed",
                    },
                });
                found.set(models.collect());
            }
        });
    });
    Effect::new(move || {
        let typed = text.get();
        if !typed.trim().is_empty() {
            search(typed);
        }
    });
    found
}

/// The entries under the headings of their groups.
#[component]
fn Groups(entries: Vec<Entry>, given: PanelGiven) -> impl IntoView {
    let mut groups: Vec<(&'static str, Vec<(usize, Entry)>)> = Vec::new();
    for (place, entry) in entries.into_iter().enumerate() {
        match groups.last_mut() {
            Some((group, members)) if *group == entry.group() => members.push((place, entry)),
            _ => groups.push((entry.group(), vec![(place, entry)])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(group, members)| {
            let members = members
                .into_iter()
                .map(|(place, entry)| view! { <Line place=place entry=entry given=given /> })
                .collect_view();
            view! {
                <div role="group" aria-label=group>
                    <p class="palette-group" aria-hidden="true">
                        {group}
                    </p>
                    {members}
                </div>
            }
        })
        .collect_view();
    view! {
        <div id=LIST role="listbox" aria-label="Results">
            {groups}
        </div>
    }
}

/// One entry.
#[component]
fn Line(place: usize, entry: Entry, given: PanelGiven) -> impl IntoView {
    let PanelGiven {
        active,
        moved_to,
        run,
        ..
    } = given;
    let is_active = move || active.get() == Some(place);
    let (label, note) = (entry.label(), entry.note());
    let label = match entry.is_code() {
        true => view! { <code>{label}</code> }.into_any(),
        false => view! { <bdi>{label}</bdi> }.into_any(),
    };
    let reached = entry.clone();
    view! {
        <div
            id=option_id(place)
            class="palette-entry"
            role="option"
            aria-selected=move || if is_active() { "true" } else { "false" }
            // The field keeps the focus, as the pattern of a combobox wants.
            on:mousedown=|event| event.prevent_default()
            on:pointermove=move |_| {
                if !untrack(is_active) {
                    moved_to.set(Some(reached.clone()));
                }
            }
            on:click=move |_| run.run(entry.clone())
        >
            <span class="palette-label">{label}</span>
            {(!note.is_empty()).then(|| view! { <span class="palette-entry-note">{note}</span> })}
        </div>
    }
}

/// Where the active entry leads; nothing for a page or an action.
fn preview(
    entry: &Entry,
    quiet: bool,
    prefixes: Memo<Vec<Prefix>>,
    given: PanelGiven,
) -> Option<AnyView> {
    let table = use_routing_table().get()?;
    let take = given.take;
    let hint = |text: String| {
        view! {
            <p class="small">
                <Prose text=text />
            </p>
        }
        .into_any()
    };
    Some(match entry {
        Entry::Ref(text) => {
            let resolution = table.resolve(text, Operation::default());
            let rejected = resolution.outcome == Outcome::Rejected;
            if prefixes.with(|prefixes| is_unfinished(text, prefixes)) {
                hint("The model is still missing after the last `/`.".to_owned())
            } else if rejected && quiet {
                hint("…".to_owned())
            } else {
                view! { <RouteCard resolution=resolution go=given.go take=take /> }.into_any()
            }
        }
        Entry::Model { model_ref, .. } => {
            let resolution = table.resolve(model_ref, Operation::default());
            view! { <RouteCard resolution=resolution go=given.go take=take /> }.into_any()
        }
        Entry::Agent(name) => {
            let agent = table.table().agent(name)?.clone();
            view! { <AgentCard agent=agent table=table go=given.go take=take /> }.into_any()
        }
        Entry::Prefix { name, kind } => hint(match *kind {
            "gateway" => format!(
                "Refs of this gateway begin with `{name}/`, then name the upstream and the model."
            ),
            _ => format!("Refs begin with `{name}/`, then name the model."),
        }),
        Entry::Configure { .. } | Entry::Page(_) | Entry::Action(_) => return None,
    })
}
