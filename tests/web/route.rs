//! A route is a line for the eye and an ordered list for the ear.

use crate::stage::Stage;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{MarkedRef, RequestView, RouteLine, Warnings};
use waypost_dashboard::explain::stations;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Resolution, Warning};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

fn resolved(model_ref: &str) -> Resolution {
    let snapshot = Snapshot {
        managed_gateway: "litellm".to_owned(),
        providers: waypost_routing::builtin_catalog::builtin(),
        ..Snapshot::default()
    };
    let table = RoutingTable::new(snapshot);
    resolve(&table, &Request::new(model_ref, Operation::Chat))
}

#[wasm_bindgen_test]
async fn a_line_says_its_kind_and_every_station_in_order() {
    let resolution = resolved("openrouter/moonshotai/kimi-k2");
    let kind = resolution.route.as_ref().map(|route| route.kind);
    let stage = Stage::show(move || {
        view! { <RouteLine kind=kind stations=stations(&resolution) rejected=false /> }
    })
    .await;
    assert_eq!(
        stage.attribute("ol", "data-kind").as_deref(),
        Some("gateway")
    );
    assert!(stage.text("li:nth-child(3)").contains("openrouter.ai"));
    assert!(stage.text("li:nth-child(4)").contains("moonshotai"));
}

#[wasm_bindgen_test]
async fn a_request_shows_a_chip_where_a_secret_would_stand() {
    let route = resolved("groq/llama")
        .route
        .expect("a direct provider has a route");
    let stage = Stage::show(move || {
        view! { <RequestView route=route operation=Operation::Chat /> }
    })
    .await;
    assert!(
        stage
            .text("ul")
            .contains("https://api.groq.com/openai/v1/chat/completions")
    );
    assert!(!stage.text("ul").contains("{{"));
    assert!(stage.text(".request-body").contains("\"llama\""));
}

#[wasm_bindgen_test]
async fn the_part_at_fault_is_marked() {
    let span = resolved("openrouter/a//b")
        .error
        .expect("it is refused")
        .span;
    let stage = Stage::show(move || {
        view! { <MarkedRef model_ref="openrouter/a//b" span=span /> }
    })
    .await;
    assert!(stage.text("mark").contains("nothing here"));
}

#[wasm_bindgen_test]
async fn a_suggestion_is_taken_with_one_press() {
    let taken = RwSignal::new(String::new());
    let warning = Warning {
        code: "did_you_mean".to_owned(),
        message: "`openrouter` is a known name.".to_owned(),
        suggestion: Some("openrouter/auto".to_owned()),
    };
    let stage = Stage::show(move || {
        view! { <Warnings warnings=vec![warning] on_suggestion=move |text: String| taken.set(text) /> }
    })
    .await;
    assert!(!stage.text("li").contains('`'));
    stage.press("button").await;
    assert_eq!(taken.get_untracked(), "openrouter/auto");
}
