//! What Route preview is made of: the choice between its modes, and a line that begins at an agent.

use crate::save::{edge, server, until};
use crate::server::Server;
use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;
use waypost_dashboard::components::{Choice, RouteLine, Segmented, SuggestField};
use waypost_dashboard::explain::{Sender, stations_of};
use waypost_routing::agent::read_agent;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

#[wasm_bindgen_test]
async fn a_segment_that_is_pressed_is_chosen() {
    let chosen = RwSignal::new("ref".to_owned());
    let stage = Stage::show(move || {
        let choices = vec![Choice::new("ref", "Ref"), Choice::new("agent", "Agent")];
        view! {
            <Segmented
                label="What is asked about"
                choices=choices
                value=chosen
                choose=move |name| chosen.set(name)
            />
        }
    })
    .await;
    assert_eq!(
        stage
            .attribute("[role=radiogroup]", "aria-label")
            .as_deref(),
        Some("What is asked about")
    );
    stage.find("label:nth-child(2) input").click();
    assert_eq!(chosen.get_untracked(), "agent");
}

#[wasm_bindgen_test]
async fn a_field_offers_what_holds_the_text_that_is_typed() {
    let value = RwSignal::new("BOT".to_owned());
    let offers = Signal::stored(vec!["support-bot".to_owned(), "writer".to_owned()]);
    let stage = Stage::show(move || {
        view! { <SuggestField label="Agent" value=value offers=offers choose=move |name| value.set(name) /> }
    })
    .await;
    assert_eq!(stage.count("option"), 1);
    assert_eq!(
        stage.attribute("option", "value").as_deref(),
        Some("support-bot")
    );
}

#[wasm_bindgen_test]
async fn the_line_of_an_agent_begins_at_the_agent_and_what_it_sends() {
    let text = "name: bot\nmodel: { primary: openrouter/moonshotai/kimi-k2 }\n";
    let agent = read_agent(text).agent.expect("a valid document");
    let table = RoutingTable::new(Snapshot {
        managed_gateway: "litellm".to_owned(),
        providers: waypost_routing::builtin_catalog::builtin(),
        ..Snapshot::default()
    });
    let resolution = resolve(&table, &Request::of_agent(&agent, None, Operation::Chat));
    let line = stations_of(&resolution, &Sender::new(&agent, None, None));
    let stage = Stage::show(move || {
        view! { <RouteLine kind=None stations=line rejected=true /> }
    })
    .await;
    assert!(stage.text("li:nth-child(1)").contains("bot"));
    assert!(stage.text("li:nth-child(1)").contains("main agent"));
    assert!(
        stage
            .text("li:nth-child(2)")
            .contains("openrouter/moonshotai/kimi-k2")
    );
    assert!(stage.text("li:nth-child(2)").contains("model.primary"));
    assert!(stage.text("li:nth-child(3)").contains("2 of 5"));
}

/// A preview of `edge/vendor/model`, where `edge` lists these models.
async fn preview_of_listed(items: &str) -> (Server, Stage) {
    let server = server();
    let listed = edge("https://edge.example/v1", 8)
        .replace(r#""enabled": 0, "total": 0"#, r#""enabled": 1, "total": 1"#);
    let page = format!(r#"{{ "items": [{listed}], "next_cursor": null, "problems": [] }}"#);
    server.change("/api/v1/providers", &page);
    server.change(
        "/api/v1/snapshot",
        r#"{
            "managed_gateway": "edge",
            "providers": [{
                "name": "edge", "kind": "gateway", "layer": "workspace",
                "base_url": "https://edge.example/v1", "api_key_env": null
            }],
            "secrets": { "stored": { "edge/api-key": "https://edge.example" } }
        }"#,
    );
    let models = format!(r#"{{ "items": [{items}], "next_cursor": null, "total": 1 }}"#);
    server.change("/api/v1/models", &models);
    server.open_at("/preview?ref=edge%2Fvendor%2Fmodel");
    let stage = Stage::show(App).await;
    until(&stage, ".answer .route-line").await;
    server.pass_time().await;
    (server, stage)
}

/// A model of `edge` as JSON.
fn listed_model(id: &str) -> String {
    format!(
        r#"{{
            "ref": "edge/{id}", "owner": "edge", "id": "{id}", "state": "enabled",
            "enabled": true, "first_seen": 0, "last_seen": 0
        }}"#
    )
}

#[wasm_bindgen_test]
async fn a_model_that_its_owner_does_not_list_is_remarked_with_the_way_to_refresh() {
    let (_server, stage) = preview_of_listed(&listed_model("vendor/model-large")).await;
    until(&stage, ".answer [role=status] .notice").await;
    let remark = stage.text(".answer [role=status] .notice");
    assert!(remark.contains("Not in the list of edge."), "{remark}");
    assert!(remark.contains("Refresh models"), "{remark}");
}

#[wasm_bindgen_test]
async fn a_model_that_a_listed_pattern_covers_is_not_remarked() {
    let (server, stage) = preview_of_listed(&listed_model("vendor/*")).await;
    // The id is searched for, then the patterns.
    let mut searches = 0;
    for _ in 0..200 {
        searches += server.polls("/api/v1/models").len();
        if searches >= 2 {
            break;
        }
        drawn().await;
    }
    assert_eq!(searches, 2);
    drawn().await;
    drawn().await;
    assert_eq!(stage.count(".answer [role=status] .notice"), 0);
}
