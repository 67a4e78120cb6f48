//! The editor shows what is wrong where it is wrong, and leads there.

use crate::stage::{Stage, drawn, focused};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{DocumentEditor, DocumentProblem};
use waypost_routing::agent::read_agent;

const BROKEN: &str = "name: bot\nmodel:\n  primary: 7\n";

async fn editor(value: RwSignal<String>) -> Stage {
    let problems = Signal::derive(move || {
        let reading = value.with(|text| read_agent(text));
        let problems = reading.problems.into_iter().map(DocumentProblem::from);
        problems.collect::<Vec<_>>()
    });
    Stage::show(move || {
        view! { <DocumentEditor label="Document" value=value problems=problems help="YAML" /> }
    })
    .await
}

fn area(stage: &Stage) -> web_sys::HtmlTextAreaElement {
    stage.find("textarea").unchecked_into()
}

#[wasm_bindgen_test]
async fn a_problem_is_beside_its_line_and_in_the_list() {
    let stage = editor(RwSignal::new(BROKEN.to_owned())).await;
    assert_eq!(
        stage.attribute("textarea", "aria-invalid").as_deref(),
        Some("true")
    );
    assert_eq!(stage.text(".editor-numbers"), "1\n2\n3\n4\n");
    assert_eq!(stage.text(".editor-under"), "  primary: 7");
    assert_eq!(stage.text(".editor-count"), "1 error");
    let described = stage
        .attribute("textarea", "aria-describedby")
        .unwrap_or_default();
    let description: String = described
        .split_whitespace()
        .map(|id| stage.text(&format!("#{id}")))
        .collect();
    assert!(description.contains("Line 3, column 12"), "{description}");
    assert!(description.ends_with("YAML"), "{description}");
}

#[wasm_bindgen_test]
async fn a_problem_leads_to_its_place_and_goes_when_it_is_fixed() {
    let value = RwSignal::new(BROKEN.to_owned());
    let stage = editor(value).await;
    stage.press(".editor-problems button").await;
    let area = area(&stage);
    assert_eq!(focused().map(|element| element.id()), Some(area.id()));
    assert_eq!(area.selection_start(), Ok(Some(28)));

    area.set_value("name: bot\n");
    let event = leptos::ev::Event::new("input").expect("an event can be made");
    area.dispatch_event(&event).expect("the event is heard");
    drawn().await;
    assert_eq!(value.get_untracked(), "name: bot\n");
    assert_eq!(stage.count(".editor-mark, .editor-problems li"), 0);
    assert_eq!(stage.attribute("textarea", "aria-invalid"), None);
}

#[wasm_bindgen_test]
async fn the_text_area_is_as_high_as_its_text() {
    let stage = editor(RwSignal::new("# line\n".repeat(200))).await;
    let lines = stage.text(".editor-numbers");
    assert_eq!(lines.lines().count(), 201);
}
