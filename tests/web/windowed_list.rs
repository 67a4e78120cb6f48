//! A long list costs the page no more than a short one.

use crate::stage::{Stage, drawn, focused};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{Keys, WindowedList, WindowedRow};

/// What the stylesheet would give: a frame of ten rows.
const STYLE: &str = ".windowed { height: 400px; overflow-y: auto; position: relative }
    .windowed-body { position: relative } .windowed-row { height: 40px }
    .windowed-body > .windowed-row { position: absolute; inset-inline: 0 }";

fn keys(count: usize) -> Keys {
    Arc::new(
        (0..count)
            .map(|at| Arc::from(format!("owner/model-{at}")))
            .collect(),
    )
}

async fn list(keys: RwSignal<Keys>) -> Stage {
    let row = move |row: WindowedRow| {
        let tabindex = row.tabindex();
        view! {
            <div role="gridcell">
                <button tabindex=tabindex>{row.key.to_string()}</button>
            </div>
        }
        .into_any()
    };
    let stage = Stage::show(move || {
        view! {
            <style>{STYLE}</style>
            <WindowedList
                label="Models"
                keys=keys
                about="all".to_owned()
                head=view! { <div role="columnheader">"Model"</div> }.into_any()
                columns=1
                row=row
            />
        }
    })
    .await;
    // The browser reports its size to the list one frame later.
    drawn().await;
    stage
}

#[wasm_bindgen_test]
async fn the_page_holds_as_many_rows_of_a_hundred_thousand_as_of_a_hundred() {
    let keys_of_list = RwSignal::new(keys(100));
    let stage = list(keys_of_list).await;
    let few = stage.count(".windowed-body [role=row]");
    assert!((10..40).contains(&few), "{few}");

    keys_of_list.set(keys(100_000));
    drawn().await;
    assert_eq!(stage.count(".windowed-body [role=row]"), few);
    assert_eq!(
        stage.attribute("[role=grid]", "aria-rowcount").as_deref(),
        Some("100001")
    );
}

#[wasm_bindgen_test]
async fn the_rows_follow_the_scroll_and_the_current_one_stays() {
    let stage = list(RwSignal::new(keys(100_000))).await;
    let frame = stage.find(".windowed");
    stage
        .find("[aria-rowindex='3'] button")
        .focus()
        .expect("a button takes the focus");
    frame.set_scroll_top(40 * 50_000);
    drawn().await;
    assert_eq!(
        stage.text("[aria-rowindex='50005'] button"),
        "owner/model-50003"
    );
    assert_eq!(
        focused()
            .and_then(|element| element.text_content())
            .as_deref(),
        Some("owner/model-1")
    );
    assert_eq!(stage.count("[tabindex='0']"), 1);
    assert_eq!(
        stage
            .attribute("[aria-rowindex='3'] button", "tabindex")
            .as_deref(),
        Some("0")
    );
}

#[wasm_bindgen_test]
async fn a_row_that_goes_leaves_the_focus_to_the_one_in_its_place() {
    let keys_of_list = RwSignal::new(keys(50));
    let stage = list(keys_of_list).await;
    stage
        .find("[aria-rowindex='4'] button")
        .focus()
        .expect("a button takes the focus");
    drawn().await;
    keys_of_list.update(|keys| {
        let mut fewer = (**keys).clone();
        fewer.remove(2);
        *keys = Arc::new(fewer);
    });
    drawn().await;
    assert_eq!(
        focused()
            .and_then(|element| element.text_content())
            .as_deref(),
        Some("owner/model-3")
    );
}
