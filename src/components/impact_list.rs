//! The agents that a change affects: a row for each agent or subagent whose route differs.

use super::{Badge, Button, Cell, Column, Prose, Row, Table, Tone};
use crate::explain::{ImpactRow, ImpactSide, fold_notes};
use crate::format::{MAIN_AGENT, count, thousands};
use leptos::prelude::*;
use waypost_routing::impact::ChangeKind;

const COLUMNS: &[Column] = &[
    Column::new("Agent", "agent"),
    Column::new("Before", "before"),
    Column::new("After", "after"),
];

/// The rows, most severe first. What several of them say alike is said once, before them.
#[component]
pub fn ImpactList(
    /// The rows that are shown.
    rows: Vec<ImpactRow>,
    /// How many more there are.
    more: usize,
    /// Shows more of them.
    #[prop(into)]
    show_more: Callback<()>,
) -> impl IntoView {
    let (rows, shared) = fold_notes(rows);
    let shared = shared
        .into_iter()
        .map(|(number, note)| {
            let text = format!("{} of these routes: {note}", thousands(number));
            view! { <li><Prose text=text /></li> }
        })
        .collect::<Vec<_>>();
    let rows = rows
        .into_iter()
        .map(|row| view! { <EffectOfOne row=row /> })
        .collect_view();
    view! {
        <div class="impact-list">
            {(!shared.is_empty()).then(|| view! { <ul class="small impact-notes">{shared}</ul> })}
            <Table label="Impact of the change" columns=COLUMNS>
                {rows}
            </Table>
            {(more > 0)
                .then(|| {
                    view! {
                        <Button press=show_more>
                            {["and ", &count(more as u64, "more", "more")].concat()}
                        </Button>
                    }
                })}
        </div>
    }
}

/// One agent or subagent.
#[component]
fn EffectOfOne(row: ImpactRow) -> impl IntoView {
    let tone = match row.kind {
        ChangeKind::Unroutable => Tone::Bad,
        ChangeKind::Other if !row.after.routed => Tone::Bad,
        ChangeKind::Other if !row.before.routed => Tone::Ok,
        ChangeKind::Other => Tone::None,
        ChangeKind::Origin | ChangeKind::Credential => Tone::Warn,
    };
    let broken = row.broken.join("; ");
    view! {
        <Row>
            <Cell head=true>
                <code>{row.agent}</code>
                " "
                <span class="small">{row.subagent.unwrap_or_else(|| MAIN_AGENT.to_owned())}</span>
            </Cell>
            <Cell label="Before">
                <Side side=row.before />
            </Cell>
            <Cell label="After">
                <Badge tone=tone text=row.word />
                " "
                // The badge already says "no route", unless something else differs.
                {(row.after.routed || !row.after.detail.is_empty() || !row.after.model_ref.is_empty())
                    .then(|| view! { <Side side=row.after /> })}
                {(!row.note.is_empty())
                    .then(|| view! { <p class="small"><Prose text=row.note /></p> })}
                {(!broken.is_empty())
                    .then(|| {
                        view! {
                            <p class="small impact-broken">
                                <Badge tone=Tone::Bad text="breaks its expectation" />
                                " It "
                                <Prose text=broken />
                                "."
                            </p>
                        }
                    })}
            </Cell>
        </Row>
    }
}

/// Where it goes on one side of the change.
#[component]
fn Side(side: ImpactSide) -> impl IntoView {
    let place = match (side.routed, side.place.is_empty()) {
        (true, false) => view! { <code>{side.place}</code> }.into_any(),
        (true, true) => view! { <span class="faint">"no address"</span> }.into_any(),
        (false, _) => view! { <span class="faint">"no route"</span> }.into_any(),
    };
    let model = (!side.model_ref.is_empty()).then(|| {
        view! { <code class="impact-model">{side.model_ref}</code> }
    });
    let wire_model = (!side.wire_model.is_empty()).then(|| {
        view! { <span class="small impact-detail">"sent as " <code>{side.wire_model}</code></span> }
    });
    view! {
        {model}
        {place}
        {wire_model}
        {(!side.detail.is_empty())
            .then(|| view! { " " <span class="small impact-detail">{side.detail}</span> })}
    }
}
