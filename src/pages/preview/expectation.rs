//! What the agent's document expects of the route, and whether it is met.

use crate::components::{Badge, Tone};
use leptos::prelude::*;
use waypost_routing::agent::Expectation;
use waypost_routing::resolution::Resolution;

/// The expectation of a primary, compared with its route.
#[component]
pub(super) fn ExpectationCheck(expectation: Expectation, resolution: Resolution) -> impl IntoView {
    let unmet = expectation.unmet(&resolution);
    let (tone, word) = match unmet.is_empty() {
        true => (Tone::Ok, "met"),
        false => (Tone::Bad, "not met"),
    };
    let wanted = [
        ("host", expectation.host),
        ("wire model", expectation.wire_model),
        ("credential", expectation.credential),
    ];
    let wanted = wanted
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
        .map(|(field, value)| view! { <li>{field}" "<code>{value}</code></li> })
        .collect_view();
    let differs = unmet
        .into_iter()
        .map(|unmet| {
            let field = unmet.field.replace('_', " ");
            let found = unmet.found.map_or_else(
                || "there is none".into_any(),
                |found| view! { "it is "<code>{found}</code> }.into_any(),
            );
            view! {
                <li>
                    {field}" should be "<code>{unmet.expected}</code>", but "{found}"."
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="part expected">
            <div class="part-head">
                <h2>"Expected"</h2>
                <Badge tone=tone text=word />
            </div>
            <ul class="expected-list" data-met=word>
                {if tone == Tone::Ok { wanted.into_any() } else { differs.into_any() }}
            </ul>
        </section>
    }
}
