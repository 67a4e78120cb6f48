//! Route preview: where a model ref goes, and why.

mod answer;
mod ask;
mod examples;
mod runtime;

use crate::app::use_title;
use crate::paths::Path;
use crate::state::use_workspace;
use answer::Answer;
use ask::Ask;
use examples::Examples;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use runtime::Runtime;
use std::time::Duration;
use waypost_routing::operation::Operation;

/// How long typing must rest before it is written into the address.
const REST: Duration = Duration::from_millis(250);

/// The page. Its address says what is asked, so that a link shows the same.
#[component]
pub fn PreviewPage() -> impl IntoView {
    use_title("Route preview");
    let workspace = use_workspace();
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

    // What this page wrote into the address itself is not read back from it: by the time it
    // arrives, more may have been typed.
    let written = StoredValue::new(asked.get_untracked());
    Effect::new(move || {
        let now = asked.get();
        if written.get_value() != now {
            written.set_value(now.clone());
            text.set(now.0);
            operation.set(now.1);
        }
    });
    let navigate = use_navigate();
    let write = StoredValue::new_local(debounce(REST, move |()| {
        let (Some(text), Some(operation)) =
            (text.try_get_untracked(), operation.try_get_untracked())
        else {
            return;
        };
        let now = (text, operation);
        if written.get_value() != now {
            written.set_value(now.clone());
            let path = Path::Preview {
                model_ref: now.0,
                operation: now.1,
            };
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&path.to_string(), options);
        }
    }));
    Effect::new(move || {
        text.track();
        operation.track();
        write.update_value(|write| write(()));
    });

    let resolution = Memo::new(move |_| {
        let world = workspace.world.get()?;
        let operation = operation.get();
        text.with(|text| (!text.is_empty()).then(|| world.resolve(text, operation)))
    });
    let asks = Memo::new(move |_| text.with(|text| !text.is_empty()));
    let take = Callback::new(move |model_ref: String| text.set(model_ref));

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
