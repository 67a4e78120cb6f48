//! The impact of a scenario where it is asked for at every keystroke: in the browser. `cargo xtask
//! bench` runs it in release. No limit is asserted: it says what it measured.

#![cfg(target_family = "wasm")]

mod support;

use std::hint::black_box;
use support::{REFS, SCENARIOS, Scenario, TYPICAL_REF, table};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use waypost_routing::impact::impact;
use waypost_routing::model_ref::ModelRef;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};

wasm_bindgen_test_configure!(run_in_browser);

/// How often each piece of work is timed.
const TIMES: usize = 50;

/// Milliseconds. The browser's clock is coarse, so that short work is done many times over.
fn now() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.expect("a browser has a clock").now()
}

/// Says how long one of `count` repetitions takes: in the fastest of all runs, and in the median.
fn report(name: &str, count: u32, mut work: impl FnMut()) {
    let mut times: Vec<f64> = (0..TIMES)
        .map(|_| {
            let start = now();
            (0..count).for_each(|_| work());
            (now() - start) * 1e6 / f64::from(count)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    console_log!("figure: {name} {:.1} {:.1}", times[0], times[TIMES / 2]);
}

#[wasm_bindgen_test]
fn figures() {
    report("parse", 10_000, || {
        let _ = black_box(ModelRef::parse(black_box(TYPICAL_REF)));
    });
    let small = table(1_000);
    for (name, text) in REFS {
        let request = Request::new(text, Operation::Chat).without_trace();
        report(&format!("resolve/{name}"), 1_000, || {
            black_box(resolve(&small, black_box(&request)));
        });
    }
    let before = table(10_000);
    // These two are timed once, by code that the browser has not run yet. The dashboard indexes the
    // agents when the page stands, and then tells the first impact.
    let timed = |name: &str, work: &dyn Fn()| {
        let start = now();
        work();
        console_log!("figure: {name} {:.1}", (now() - start) * 1e6);
    };
    timed("index/of_ten_thousand_agents", &|| before.index_agents());
    let change = |scenario: &Scenario| {
        let mut changed = before.snapshot().clone();
        (scenario.change)(&mut changed);
        changed
    };
    timed("impact/the_first", &|| {
        black_box(impact(&before, &before.changed(change(&SCENARIOS[2]))));
    });
    for scenario in SCENARIOS {
        let changed = change(&scenario);
        report(&format!("impact/{}", scenario.name), 1, || {
            let after = before.changed(black_box(&changed).clone());
            black_box(impact(&before, &after));
        });
    }
}
