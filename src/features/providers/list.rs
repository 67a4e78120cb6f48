//! The list of the providers of one kind.

use super::configure_request::configure_request;
use super::dialogs::{Dialog, ProviderDialog};
use super::file_problems::FileProblems;
use super::labels::{kind_noun, kind_title};
use super::row::ProviderRow;
use crate::api::types::{ProviderView, ProvidersPage, TrafficBy};
use crate::components::{Button, ButtonKind, Empty, Show, Table};
use crate::features::loadable::Loadable;
use crate::features::owner_row::{COLUMNS, OwnerSummary};
use crate::features::traffic::watch_traffic;
use crate::state::{Owner, use_announcer, use_checks, use_workspace};
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// The list.
#[component]
pub fn ProviderList(
    /// Which providers.
    kind: ProviderKind,
) -> impl IntoView {
    watch_traffic(TrafficBy::Provider);
    let workspace = use_workspace();
    let providers = workspace.providers;
    let filter = RwSignal::new(String::new());
    let status = providers.status();
    // Tracks names only, so that a row stays when its values change.
    let names = Memo::new(move |_| {
        let filter = filter.get().trim().to_ascii_lowercase();
        providers
            .with(|page| {
                page.items
                    .iter()
                    .filter(|item| item.kind == kind && matches(item, &filter))
                    .map(|item| item.name.clone())
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let request = configure_request();
    let row = move |name: String| {
        let find = move |page: &ProvidersPage| {
            let mut items = page.items.iter();
            items.find(|item| item.name == name).cloned()
        };
        let item = providers.item(find);
        item.map(|item| view! { <ProviderRow item=item request=request /> })
    };
    view! {
        <h2 class="visually-hidden">{kind_title(kind)}</h2>
        <FileProblems />
        <Loadable status=status retry=move || workspace.reload() label="Loading providers">
            <Bar kind=kind filter=filter names=names />
            <Show
                when=move || !names.with(Vec::is_empty)
                fallback=move || view! { <NothingFound kind=kind filter=filter /> }
            >
                <Table label=kind_title(kind) columns=COLUMNS>
                    <For each=move || names.get() key=Clone::clone children=row />
                </Table>
            </Show>
        </Loadable>
    }
}

/// Whether a provider matches the filter.
fn matches(item: &ProviderView, filter: &str) -> bool {
    filter.is_empty()
        || item.name.to_ascii_lowercase().contains(filter)
        || item.base_url.value.to_ascii_lowercase().contains(filter)
}

/// Whether a refresh of it can be expected to succeed.
fn ready(item: &ProviderView) -> bool {
    OwnerSummary::from(item).is_ready() || item.api_key_env.is_none()
}

/// The filter and the actions on the whole list.
#[component]
fn Bar(kind: ProviderKind, filter: RwSignal<String>, names: Memo<Vec<String>>) -> impl IntoView {
    let checks = use_checks();
    let announcer = use_announcer();
    let providers = use_workspace().providers;
    let adding = RwSignal::new(false);
    let refresh_all = move || {
        let ready: Vec<String> = providers
            .get_untracked()
            .map(|page| {
                let listed = names.get_untracked();
                page.items
                    .iter()
                    .filter(|item| listed.contains(&item.name) && ready(item))
                    .map(|item| item.name.clone())
                    .collect()
            })
            .unwrap_or_default();
        if ready.is_empty() {
            announcer.say("Nothing to refresh: add a key first.");
        }
        for name in ready {
            checks.refresh(Owner::Provider(name));
        }
    };
    let none_ready = Signal::derive(move || {
        providers
            .with(|page| {
                !page
                    .items
                    .iter()
                    .any(|item| item.kind == kind && ready(item))
            })
            .unwrap_or(true)
    });
    view! {
        <div class="bar">
            <input
                class="input"
                type="search"
                placeholder="Filter"
                aria-label=format!("Filter {}", kind_title(kind).to_ascii_lowercase())
                prop:value=filter
                on:input:target=move |event| filter.set(event.target().value())
            />
            <span class="grow"></span>
            <Button
                edits=true
                busy=Signal::derive(move || checks.any_running())
                disabled=none_ready
                press=refresh_all
            >
                "Refresh all"
            </Button>
            <Button kind=ButtonKind::Primary edits=true press=move || adding.set(true)>
                {format!("Add {}", kind_noun(kind))}
            </Button>
        </div>
        <ProviderDialog open=adding dialog=Dialog::Add(kind) />
    }
}

/// Nothing matches, or there is nothing.
#[component]
fn NothingFound(kind: ProviderKind, filter: RwSignal<String>) -> impl IntoView {
    let what = kind_title(kind).to_ascii_lowercase();
    move || {
        if filter.with(String::is_empty) {
            view! { <Empty title=format!("No {what}") /> }.into_any()
        } else {
            let title = format!("No {what} match “{}”", filter.get());
            view! {
                <Empty title=title>
                    <Button press=move || filter.set(String::new())>"Clear filter"</Button>
                </Empty>
            }
            .into_any()
        }
    }
}
