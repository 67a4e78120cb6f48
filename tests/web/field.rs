//! Fields: label, help, hint and error belong to their control.

use crate::stage::{Stage, drawn, focused};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{
    Choice, FieldHint, FilterField, FilterSelect, SecretField, TextField,
};
use waypost_routing::key_text::Carrier;

#[wasm_bindgen_test]
async fn an_error_is_tied_to_its_field_and_loses_nothing_that_was_typed() {
    let value = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let stage = Stage::show(move || {
        view! { <TextField label="Base URL" value=value help="Without /models" error=error /> }
    })
    .await;
    let id = stage.input().id();
    assert_eq!(stage.attribute("label", "for"), Some(id));
    assert_eq!(stage.attribute("input", "aria-invalid"), None);

    stage.enter("gateway.example").await;
    assert_eq!(value.get_untracked(), "gateway.example");
    error.set(Some("It must start with http:// or https://.".to_owned()));
    drawn().await;
    assert_eq!(
        stage.attribute("input", "aria-invalid").as_deref(),
        Some("true")
    );
    assert_eq!(stage.input().value(), "gateway.example");
    assert_eq!(
        described(&stage),
        ["It must start with http:// or https://.", "Without /models"]
    );

    error.set(None);
    drawn().await;
    assert_eq!(stage.attribute("input", "aria-invalid"), None);
    assert_eq!(described(&stage), ["Without /models"]);
}

/// The texts that describe the input, in the order in which they are read.
fn described(stage: &Stage) -> Vec<String> {
    stage
        .attribute("input", "aria-describedby")
        .unwrap_or_default()
        .split_whitespace()
        .map(|id| stage.text(&format!("#{id}")))
        .collect()
}

#[wasm_bindgen_test]
async fn a_hint_offers_a_fix_that_one_press_takes() {
    let value = RwSignal::new("https://a.example/v1/models".to_owned());
    let stage = Stage::show(move || {
        let hint = Signal::derive(move || {
            value.get().ends_with("/models").then(|| FieldHint {
                message: "This is an endpoint.".to_owned(),
                fix: Some("https://a.example/v1".to_owned()),
            })
        });
        view! { <TextField label="Base URL" value=value hint=hint /> }
    })
    .await;
    assert!(described(&stage)[0].starts_with("This is an endpoint."));
    stage.press(".field-hint button").await;
    assert_eq!(value.get_untracked(), "https://a.example/v1");
    assert_eq!(stage.input().value(), "https://a.example/v1");
    assert_eq!(stage.count(".field-hint"), 0);
}

#[wasm_bindgen_test]
async fn a_secret_is_hidden_until_it_is_asked_for_and_never_offered_for_completion() {
    let value = RwSignal::new(String::new());
    let stage = Stage::show(move || view! { <SecretField label="API key" value=value /> }).await;
    assert_eq!(stage.input().type_(), "password");
    assert_eq!(
        stage.attribute("input", "autocomplete").as_deref(),
        Some("off")
    );
    stage.enter("sk-1").await;
    stage.press("button").await;
    assert_eq!(stage.input().type_(), "text");
    assert_eq!(
        stage.attribute("button", "aria-pressed").as_deref(),
        Some("true")
    );
    stage.press("button").await;
    assert_eq!(stage.input().type_(), "password");
    assert_eq!(value.get_untracked(), "sk-1");
}

#[wasm_bindgen_test]
async fn a_key_says_what_is_wrong_with_it_while_it_is_typed() {
    let value = RwSignal::new(String::new());
    let accept = RwSignal::new(false);
    let stage = Stage::show(move || {
        view! { <SecretField label="API key" value=value carrier=Carrier::Bearer accept=accept /> }
    })
    .await;
    assert_eq!(described(&stage), [""; 0]);
    stage.enter("\"sk-key\"").await;
    assert_eq!(described(&stage), ["Saved without quotes."]);

    stage.enter("sk-•••").await;
    assert_eq!(
        stage.attribute("input", "aria-invalid").as_deref(),
        Some("true")
    );
    assert!(described(&stage)[0].starts_with("This is a masked key"));

    stage.enter("sk-***").await;
    assert_eq!(stage.attribute("input", "aria-invalid"), None);
    assert!(described(&stage)[0].starts_with("This looks like a masked key"));
    stage.press(".field-hint button").await;
    assert!(accept.get_untracked());
    assert_eq!(described(&stage), ["Used as you entered it."]);
    assert_eq!(
        focused().map(|element| element.id()),
        Some(stage.input().id())
    );

    stage.enter("sk-****").await;
    assert!(!accept.get_untracked(), "another key is asked about again");
    stage.enter("sk-key").await;
    assert_eq!(described(&stage), [""; 0]);
}

#[wasm_bindgen_test]
async fn a_filter_select_reads_and_writes_its_field_alone() {
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Filter {
        kind: String,
        query: String,
    }
    let filter = RwSignal::new(Filter {
        kind: "a".to_owned(),
        query: "kept".to_owned(),
    });
    let choices = vec![Choice::new("a", "One"), Choice::new("b", "Two")];
    let stage = Stage::show(move || {
        let field = FilterField {
            get: |filter: &Filter| &filter.kind,
            set: |filter, kind| filter.kind = kind,
        };
        view! { <FilterSelect label="Kind" choices=choices filter=filter field=field /> }
    })
    .await;
    assert_eq!(
        stage.attribute("select", "aria-label").as_deref(),
        Some("Kind")
    );
    stage.choose("select", "b").await;
    let expected = Filter {
        kind: "b".to_owned(),
        query: "kept".to_owned(),
    };
    assert_eq!(filter.get_untracked(), expected);
}
