//! The list of custom sources.

use super::row::SourceRow;
use crate::api::types::{SourceView, TrafficBy};
use crate::components::{Button, EditLink, Empty, Show, Table};
use crate::features::loadable::Loadable;
use crate::features::owner_row::COLUMNS;
use crate::features::sample_workspace::{ADD_SAMPLE, use_add_sample};
use crate::features::traffic::watch_traffic;
use crate::paths::Path;
use crate::state::{Owner, use_checks, use_title, use_workspace};
use leptos::prelude::*;

/// The tab.
#[component]
pub fn SourcesPage() -> impl IntoView {
    use_title("Custom sources");
    watch_traffic(TrafficBy::Source);
    let workspace = use_workspace();
    let sources = workspace.sources;
    let status = sources.status();
    // Tracks slugs only, so that a row stays when its values change.
    let slugs = Memo::new(move |_| {
        sources
            .with(|sources| {
                sources
                    .iter()
                    .map(|source| source.slug.clone())
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let row = move |slug: String| {
        let find = move |sources: &Vec<SourceView>| {
            let mut sources = sources.iter();
            sources.find(|source| source.slug == slug).cloned()
        };
        let item = sources.item(find);
        item.map(|item| view! { <SourceRow item=item /> })
    };
    view! {
        <h2 class="visually-hidden">"Custom sources"</h2>
        <Loadable status=status retry=move || workspace.reload_sources() label="Loading custom sources">
            <Show when=move || !slugs.with(Vec::is_empty) fallback=NoSources>
                <Bar slugs=slugs />
                <Table label="Custom sources" columns=COLUMNS>
                    <For each=move || slugs.get() key=Clone::clone children=row />
                </Table>
            </Show>
        </Loadable>
    }
}

/// Actions on the whole list.
#[component]
fn Bar(slugs: Memo<Vec<String>>) -> impl IntoView {
    let checks = use_checks();
    let refresh_all = move || {
        for slug in slugs.get_untracked() {
            checks.refresh(Owner::Source(slug));
        }
    };
    view! {
        <div class="bar">
            <p class="small">
                "Your own OpenAI-compatible endpoints: LiteLLM, vLLM, Ollama, a company gateway."
            </p>
            <span class="grow"></span>
            <Button
                edits=true
                busy=Signal::derive(move || checks.any_running())
                press=refresh_all
            >
                "Refresh all"
            </Button>
            <AddLink />
        </div>
    }
}

#[component]
fn AddLink() -> impl IntoView {
    view! {
        <EditLink href=Path::NewSource.to_string() text="Add custom source" />
    }
}

/// The empty state.
#[component]
fn NoSources() -> impl IntoView {
    let sample = use_add_sample();
    view! {
        <Empty title="No custom sources">
            <p>
                "A custom source is your own OpenAI-compatible endpoint: a LiteLLM proxy, vLLM, an Ollama-compatible server or a company gateway. Waypost lists its models, and sends requests straight to it if passthrough is on."
            </p>
            <p class="row-actions">
                <AddLink />
                <Show when=sample.offered>
                    <Button edits=true busy=sample.busy press=sample.run>
                        {ADD_SAMPLE}
                    </Button>
                </Show>
            </p>
            <Show when=sample.offered>
                <p class="small">
                    "The sample needs no key and no network. You can remove it in Settings."
                </p>
            </Show>
        </Empty>
    }
}
