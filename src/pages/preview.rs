//! Route preview: where a model ref goes, and why.

mod answer;
mod ask;
mod examples;
mod runtime;

use crate::app::use_title;
use crate::dom;
use crate::pages::address::keep_in_address;
use crate::paths::{Path, PreviewAddress};
use crate::state::{use_workspace, use_world};
use answer::Answer;
use ask::Ask;
use examples::Examples;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use runtime::Runtime;
use waypost_routing::operation::Operation;

/// The page. Its address says what is asked, so that a link shows the same.
#[component]
pub fn PreviewPage() -> impl IntoView {
    use_title("Route preview");
    let world = use_world();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let operation = query.get_str("operation").and_then(Operation::from_name);
            let model_ref = query.get("ref").unwrap_or_default();
            (model_ref, operation.unwrap_or_default())
        })
    });
    let (first_ref, first_operation) = asked.get_untracked();
    let text = RwSignal::new(first_ref);
    let operation = RwSignal::new(first_operation);

    keep_in_address(
        asked,
        Signal::derive(move || (text.get(), operation.get())),
        move |(asked_ref, asked_operation)| {
            text.set(asked_ref);
            operation.set(asked_operation);
        },
        |(model_ref, operation)| {
            Path::Preview(PreviewAddress {
                model_ref,
                operation,
                ..PreviewAddress::default()
            })
        },
    );

    let resolution = Memo::new(move |_| {
        let world = world.get()?;
        let operation = operation.get();
        text.with(|text| (!text.is_empty()).then(|| world.resolve(text, operation)))
    });
    let asks = Memo::new(move |_| text.with(|text| !text.is_empty()));
    let take = Callback::new(move |model_ref: String| {
        text.set(model_ref);
        // What was pressed goes with the old answer.
        dom::focus(".ask input");
    });

    view! {
        <h1 tabindex="-1">"Route preview"</h1>
        <p class="lead">"The request that would be sent, and why. Nothing is sent."</p>
        <Ask text=text operation=operation />
        {move || match (asks.get(), resolution.get()) {
            (false, _) => view! { <Examples take=take /> }.into_any(),
            (true, None) => view! { <Waiting /> }.into_any(),
            (true, Some(resolution)) => {
                let operation = operation.get();
                view! { <Answer resolution=resolution operation=operation take=take /> }.into_any()
            }
        }}
        <Runtime text=text operation=operation />
    }
}

/// The configuration is not there yet, or could not be read.
#[component]
fn Waiting() -> impl IntoView {
    use crate::components::{Button, Loading, Notice, Tone};
    let snapshot = use_workspace().snapshot;
    move || match snapshot.error() {
        Some(error) => view! {
            <Notice tone=Tone::Bad text=error.message()>
                <Button press=move || snapshot.reload()>"Try again"</Button>
            </Notice>
        }
        .into_any(),
        None => view! { <Loading label="Reading the configuration" rows=4 /> }.into_any(),
    }
}
