//! The impact of a change: the affected agents, most severe first, in words and shapes.

use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::ImpactList;
use waypost_dashboard::explain::{ImpactRow, ImpactSide};
use waypost_routing::impact::ChangeKind;

fn side(place: &str, routed: bool) -> ImpactSide {
    ImpactSide {
        routed,
        place: place.to_owned(),
        ..ImpactSide::default()
    }
}

fn row(agent: &str, kind: ChangeKind, word: &'static str) -> ImpactRow {
    ImpactRow {
        kind,
        word,
        agent: agent.to_owned(),
        subagent: None,
        before: side("own.example", true),
        after: side("localhost:4000", kind != ChangeKind::Unroutable),
        note: String::new(),
        broken: Vec::new(),
    }
}

#[wasm_bindgen_test]
async fn a_row_says_who_what_and_from_where_to_where() {
    let mut gone = row("bot", ChangeKind::Unroutable, "no route");
    gone.note = "In this scenario `own` cannot be reached.".to_owned();
    gone.broken = vec!["expects the host `own.example`, and it is `none`".to_owned()];
    let mut moved = row("writer", ChangeKind::Origin, "other host");
    moved.subagent = Some("aide".to_owned());
    let rows = vec![gone, moved];
    let stage = Stage::show(move || {
        view! { <ImpactList rows=rows more=0 show_more=|()| {} /> }
    })
    .await;
    let first = "tbody tr:nth-child(1)";
    assert_eq!(stage.text(&format!("{first} th")), "bot main agent");
    assert!(stage.text(&format!("{first} td")).contains("own.example"));
    let badge = format!("{first} td:nth-child(3) .badge");
    assert_eq!(stage.text(&badge), "no route");
    assert_eq!(stage.attribute(&badge, "data-tone").as_deref(), Some("bad"));
    let after = stage.text(&format!("{first} td:nth-child(3)"));
    assert!(after.contains("cannot be reached"), "{after}");
    assert!(after.contains("breaks its expectation"), "{after}");
    assert!(
        !after.contains("localhost"),
        "it does not go there: {after}"
    );
    let second = "tbody tr:nth-child(2)";
    assert_eq!(stage.text(&format!("{second} th")), "writer aide");
    let after = stage.text(&format!("{second} td:nth-child(3)"));
    assert!(after.contains("other host") && after.contains("localhost:4000"));
}

#[wasm_bindgen_test]
async fn what_is_not_shown_is_counted_and_can_be() {
    let asked = RwSignal::new(0);
    let stage = Stage::show(move || {
        let rows = vec![row("bot", ChangeKind::Credential, "other key")];
        view! { <ImpactList rows=rows more=1200 show_more=move |()| asked.update(|asked| *asked += 1) /> }
    })
    .await;
    assert_eq!(stage.text("button"), "and 1,200 more");
    stage.press("button").await;
    drawn().await;
    assert_eq!(asked.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn a_row_names_the_model_before_and_after() {
    let mut replaced = row("bot", ChangeKind::Origin, "other host");
    replaced.before.model_ref = "own/gone".to_owned();
    replaced.after.model_ref = "litellm/new".to_owned();
    replaced.after.wire_model = "new".to_owned();
    let rows = vec![replaced];
    let stage = Stage::show(move || {
        view! { <ImpactList rows=rows more=0 show_more=|()| {} /> }
    })
    .await;
    let cell = |at: u8| format!("tbody tr td:nth-child({at})");
    assert!(stage.text(&cell(2)).contains("own/gone"));
    let after = stage.text(&cell(3));
    assert!(
        after.contains("litellm/new") && after.contains("sent as new"),
        "{after}"
    );
}
