//! The agents by where they go.

use super::groups::{Group, GroupKey, Kind, groups};
use super::list_state::AgentList;
use super::row::{AgentRow, item_of};
use crate::components::{Badge, Column, KindBadge, Prose, Table, Tone};
use crate::features::remedy::Remedy;
use crate::features::replace_model::{
    ReplaceModel, ReplaceModelButton, ReplaceRequest, SharedReplaceDialog, concerns_model,
};
use crate::format::{count, thousands};
use crate::paths::{AgentsFilter, AgentsOnly, Path};
use crate::state::use_workspace;
use leptos::prelude::*;
use waypost_routing::resolution::RouteKind;

/// How many agents of a group are listed. The rest is a link to the list.
const LISTED: usize = 10;

const COLUMNS: &[Column] = &[
    Column::silent("Select", "select"),
    Column::silent("Agent", "agent"),
    Column::silent("Primary", "route"),
    Column::silent("Fallback", "route"),
    Column::silent("Actions", "actions"),
];

/// The groups, what needs attention first.
#[component]
pub(super) fn GroupList(list: AgentList) -> impl IntoView {
    let agents = use_workspace().agents();
    let groups = Memo::new(move |_| {
        let groups = agents.with(|agents| {
            list.statuses
                .with(|statuses| list.found.with(|found| groups(agents, statuses, found)))
        });
        // By name: a place means another agent once one is added or deleted.
        let named = |group: Group| {
            let names = agents.with(|agents| {
                let listed = group.members.iter().take(LISTED);
                let names = listed.filter_map(|place| agents.get(*place));
                names.map(|agent| agent.name.clone()).collect::<Vec<_>>()
            });
            (group.key, group.members.len(), names.unwrap_or_default())
        };
        groups
            .unwrap_or_default()
            .into_iter()
            .map(named)
            .collect::<Vec<_>>()
    });
    let keys = Memo::new(move |_| {
        groups.with(|groups| {
            groups
                .iter()
                .map(|group| group.0.clone())
                .collect::<Vec<_>>()
        })
    });
    let dialog = SharedReplaceDialog::new();
    view! {
        // Every table below has the same columns, and names them for assistive technology.
        <div class="agent-columns" aria-hidden="true">
            <span></span>
            <span>"Agent"</span>
            <span>"Primary"</span>
            <span>"Fallback"</span>
        </div>
        <For
            each=move || keys.get()
            key=|key| format!("{key:?}")
            children=move |key| {
                let of = key.clone();
                let group = Memo::new(move |_| {
                    groups
                        .with(|groups| {
                            let found = groups.iter().find(|group| group.0 == of);
                            found.map(|(_, number, names)| (*number, names.clone()))
                        })
                        .unwrap_or_default()
                });
                view! { <OneGroup key=key group=group list=list dialog=dialog /> }
            }
        />
        <ReplaceModel open=dialog.open request=dialog.request />
    }
}

/// One group: what its agents have in common, and the first of them.
#[component]
fn OneGroup(
    key: GroupKey,
    /// How many agents it has, and the names of those that are listed.
    group: Memo<(usize, Vec<String>)>,
    list: AgentList,
    dialog: SharedReplaceDialog,
) -> impl IntoView {
    let number = Memo::new(move |_| group.with(|group| group.0));
    let names = Memo::new(move |_| group.with(|group| group.1.clone()));
    let label = label(&key);
    let table_label = label.clone();
    let failure = key.failure();
    let replace = match &key {
        GroupKey::Unroutable { code, .. } if concerns_model(code) => {
            let key = key.clone();
            let request = Signal::derive(move || replacement(&key, list));
            Some(view! { <ReplaceModelButton dialog=dialog request=request /> })
        }
        _ => None,
    };
    let to = key.clone();
    let more = move || {
        let hidden = number.get().saturating_sub(names.with(Vec::len));
        let filter = list.filter.get();
        (hidden > 0).then(|| {
            let filter = all_of(&to, filter);
            let text = format!("Show all {}", thousands(number.get() as u64));
            view! {
                <p class="group-more">
                    <a href=Path::AgentList(filter).to_string()>{text}</a>
                </p>
            }
        })
    };
    view! {
        <section class="agent-group" aria-label=label>
            <div class="agent-group-head">
                <h2>{heading(&key)}</h2>
                <p class="agent-group-note small">{move || note(&key, number.get())}</p>
                <Remedy failure=failure />
                {replace}
            </div>
            <Table label=table_label columns=COLUMNS>
                <For
                    each=move || names.get()
                    key=Clone::clone
                    children=move |name| {
                        item_of(name).map(|item| view! { <AgentRow item=item list=list grouped=true /> })
                    }
                />
            </Table>
            {more}
        </section>
    }
}

/// The replacement of the primaries of a group.
fn replacement(key: &GroupKey, list: AgentList) -> ReplaceRequest {
    let agents = use_workspace().agents();
    let members = agents.with(|agents| {
        list.statuses.with(|statuses| {
            let readable = agents.iter().filter(|view| key.has(view, statuses));
            readable
                .filter_map(|view| view.agent.clone())
                .collect::<Vec<_>>()
        })
    });
    let members = members.unwrap_or_default();
    let mut from: Vec<String> = members
        .iter()
        .filter_map(|agent| Some(agent.model.primary_ref()?.into_owned()))
        .collect();
    from.sort();
    from.dedup();
    ReplaceRequest {
        from,
        agents: members.into_iter().map(|agent| agent.name).collect(),
        ..ReplaceRequest::default()
    }
}

/// The filter that shows a whole group as a list.
fn all_of(key: &GroupKey, filter: AgentsFilter) -> AgentsFilter {
    let mut filter = AgentsFilter {
        list: true,
        page: 0,
        ..filter
    };
    match key {
        GroupKey::Sent { name, kind, .. } => {
            filter.to.clone_from(name);
            kind.name().clone_into(&mut filter.kind);
        }
        GroupKey::Unreadable | GroupKey::Unroutable { .. } => filter.only = AgentsOnly::Unroutable,
        GroupKey::Unknown => {}
    }
    filter
}

/// The name of a group, for assistive technology.
fn label(key: &GroupKey) -> String {
    match key {
        GroupKey::Unreadable => "Agents that cannot be read".to_owned(),
        GroupKey::Unroutable { provider, .. } => match provider {
            Some(provider) => format!("Agents without a route, {provider}"),
            None => "Agents without a route".to_owned(),
        },
        GroupKey::Sent { name, kind, .. } => format!("Agents to {name}, {}", kind.name()),
        GroupKey::Unknown => "Agents".to_owned(),
    }
}

fn heading(key: &GroupKey) -> AnyView {
    match key {
        GroupKey::Unreadable => view! { <Badge tone=Tone::Bad text="Cannot be read" /> }.into_any(),
        GroupKey::Unroutable { .. } => {
            view! { <Badge tone=Tone::Bad text="No route" /> }.into_any()
        }
        GroupKey::Sent { kind, name, .. } => {
            let word = kind.name();
            let kind = match kind {
                Kind::Gateway => RouteKind::Gateway,
                Kind::Direct => RouteKind::Direct,
                Kind::Passthrough => RouteKind::Passthrough,
                Kind::Managed => RouteKind::Managed,
            };
            view! {
                <KindBadge kind=Some(kind) word=word />
                " "
                <bdi>{name.clone()}</bdi>
            }
            .into_any()
        }
        GroupKey::Unknown => view! { "Agents" }.into_any(),
    }
}

/// The host or the reason, and how many agents there are.
fn note(key: &GroupKey, number: usize) -> AnyView {
    let agents = count(number as u64, "agent", "agents");
    match key {
        GroupKey::Sent { name, host, .. } if name != host => {
            format!("{host} · {agents}").into_any()
        }
        GroupKey::Unroutable { message, .. } => {
            view! { {agents} " · " <Prose text=message.clone() /> }.into_any()
        }
        _ => agents.into_any(),
    }
}
