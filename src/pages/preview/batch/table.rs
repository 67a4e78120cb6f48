//! The table of outcomes.

use super::Batch;
use crate::components::{
    Badge, Button, Choice, Empty, Keys, KindBadge, Select, Tone, WindowedList, WindowedRow,
};
use crate::dom;
use crate::explain::batch::{Field, Row, Sorting, csv, json};
use crate::explain::kind_word;
use crate::format::{code_label, thousands};
use crate::paths::Path;
use crate::state::use_announcer;
use leptos::prelude::*;
use std::sync::Arc;

/// The counts, the filter, the table and its files.
#[component]
pub(in super::super) fn BatchTable(batch: Batch) -> impl IntoView {
    let order = batch.order();
    let inputs = Memo::new(move |_| batch.questions.with(|questions| !questions.list.is_empty()));
    let keys = Memo::new(move |_| {
        let order = order.get();
        let keys = order.iter().map(|at| Arc::from(at.to_string()));
        Keys::new(keys.collect::<Vec<Arc<str>>>())
    });
    announce(batch);
    view! {
        <section class="many" aria-label="Results">
            {move || {
                if inputs.get() {
                    view! {
                        <Counts batch=batch />
                        <Bar batch=batch order=order />
                        <div class="many-table">
                            <WindowedList
                                label="Results"
                                keys=keys
                                about=Signal::derive(move || format!("{:?}", batch.shown.get()))
                                head=head(batch)
                                columns=Field::ALL.len()
                                row=move |row: WindowedRow| row_view(batch, &row)
                            />
                        </div>
                        {move || {
                            let none = order.with(|order| order.is_empty()) && batch.answered.with(Option::is_none)
                                && batch.rows.with(|rows| !rows.is_empty());
                            none.then(|| view! { <Empty title="No matches" /> })
                        }}
                    }
                        .into_any()
                } else {
                    view! {
                        <Empty title="No refs yet">
                            <p>
                                "Paste model refs, one per line, or choose YAML files of agents. The table shows where each request goes, or why it has no route."
                            </p>
                        </Empty>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// `9,950 routed, 50 without a route`.
fn counted(rows: &[Row]) -> String {
    let routed = rows.iter().filter(|row| row.outcome.is_routed()).count();
    let said = |number: usize| thousands(number as u64);
    format!(
        "{} routed, {} without a route",
        said(routed),
        said(rows.len() - routed)
    )
}

/// Announces the counts once they are known.
fn announce(batch: Batch) {
    let announcer = use_announcer();
    Effect::new(move |before: Option<bool>| {
        let rows = batch.rows.get();
        // What the page shows when it comes is read with it.
        if before.is_some() && !rows.is_empty() {
            announcer.say(counted(&rows));
        }
        true
    });
}

#[component]
fn Counts(batch: Batch) -> impl IntoView {
    view! {
        <p class="many-counts" aria-busy=move || batch.answered.with(Option::is_some).then_some("true")>
            {move || match batch.answered.get() {
                Some(answered) => format!("{} answered…", thousands(answered as u64)),
                None => batch.rows.with(|rows| counted(rows)),
            }}
        </p>
    }
}

/// The filter and the files.
#[component]
fn Bar(batch: Batch, order: Memo<Arc<Vec<usize>>>) -> impl IntoView {
    let verdicts = vec![
        Choice::new("", "All results"),
        Choice::new("routed", "Routed"),
        Choice::new("rejected", "No route"),
    ];
    let chosen = move || match batch.shown.with(|shown| shown.routed) {
        None => "",
        Some(true) => "routed",
        Some(false) => "rejected",
    };
    let choose = move |value: String| {
        batch.shown.update(|shown| {
            shown.routed = match value.as_str() {
                "routed" => Some(true),
                "rejected" => Some(false),
                _ => None,
            };
        });
    };
    let announcer = use_announcer();
    let export = move |name: &'static str, media_type: &'static str, write: Writer| {
        let rows = batch.rows.get_untracked();
        let order = order.get_untracked();
        let text = write(&mut order.iter().map(|at| &rows[*at]));
        announcer.say(if dom::save_as(name, media_type, &text) {
            ["Saved as ", name, "."].concat()
        } else {
            "The browser blocked the download.".to_owned()
        });
    };
    view! {
        <div class="bar many-bar">
            <input
                class="input"
                type="search"
                placeholder="Filter by any field"
                aria-label="Filter results"
                prop:value=move || batch.shown.with(|shown| shown.filter.clone())
                on:input:target=move |event| {
                    batch.shown.update(|shown| shown.filter = event.target().value());
                }
            />
            <Select
                label="Result"
                bare=true
                choices=verdicts
                value=Signal::derive(move || chosen().to_owned())
                choose=choose
            />
            <span class="small">
                {move || {
                    let (shown, all) = (order.with(|order| order.len()), batch.rows.with(|rows| rows.len()));
                    (shown < all)
                        .then(|| format!("{} of {} shown", thousands(shown as u64), thousands(all as u64)))
                }}
            </span>
            <span class="many-files-out">
                <Button press=move || export("verdicts.csv", "text/csv", |rows| csv(rows))>"Save as CSV"</Button>
                <Button press=move || export("verdicts.json", "application/json", |rows| json(rows))>"Save as JSON"</Button>
            </span>
        </div>
    }
}

type Writer = fn(&mut dyn Iterator<Item = &Row>) -> String;

/// The headings, each a button that sorts by its column: up, down, and as it was given.
fn head(batch: Batch) -> AnyView {
    Field::ALL
        .map(|field| {
            let sorted = move || {
                let sorting = batch.shown.with(|shown| shown.sorting);
                sorting.filter(|sorting| sorting.field == field)
            };
            let state = move || match sorted() {
                None => "none",
                Some(sorting) if sorting.descending => "descending",
                Some(_) => "ascending",
            };
            let press = move |_| {
                batch.shown.update(|shown| {
                    let now = shown.sorting.filter(|sorting| sorting.field == field);
                    shown.sorting = match now.map(|sorting| sorting.descending) {
                        None => Some(Sorting {
                            field,
                            descending: false,
                        }),
                        Some(false) => Some(Sorting {
                            field,
                            descending: true,
                        }),
                        Some(true) => None,
                    };
                });
            };
            view! {
                <div role="columnheader" class="cell" data-part=field.name() aria-sort=state>
                    <button class="bare-button sort" type="button" on:click=press>
                        {field.title()}
                    </button>
                </div>
            }
        })
        .collect_view()
        .into_any()
}

/// The cells of a row.
fn row_view(batch: Batch, row: &WindowedRow) -> AnyView {
    let tabindex = row.tabindex();
    let at: Option<usize> = row.key.parse().ok();
    let view = Memo::new(move |_| {
        let at = at?;
        batch.rows.with(|rows| rows.get(at).cloned())
    });
    (move || view.get().map(|row| cells(row, tabindex))).into_any()
}

fn cells(row: Row, tabindex: impl Fn() -> i32 + Copy + Send + Sync + 'static) -> AnyView {
    let text = row.sent.clone();
    let sent = if row.agent.is_empty() {
        let href = Path::preview(&text).to_string();
        view! {
            <a href=href.clone() class="model-ref" tabindex=tabindex>
                {text}
            </a>
        }
        .into_any()
    } else {
        view! {
            <span class="many-member">
                <b>{row.agent.clone()}</b>
                " "
                {row.member.clone()}
            </span>
            <code class="small">{text}</code>
        }
        .into_any()
    };
    let (tone, word) = match row.outcome.is_routed() {
        true => (Tone::Ok, "Routed".to_owned()),
        false => (
            Tone::Bad,
            ["No route: ", &code_label(&row.outcome.code)].concat(),
        ),
    };
    let kind = row.outcome.kind;
    let texts = [
        Field::Provider,
        Field::Host,
        Field::WireModel,
        Field::Credential,
        Field::Warnings,
    ];
    let texts = texts
        .map(|field| {
            let text = field.of(&row).into_owned();
            view! {
                <div role="gridcell" class="cell" data-part=field.name() title=text.clone()>
                    {text.clone()}
                </div>
            }
        })
        .collect_view();
    view! {
        <div role="rowheader" class="cell" data-part="sent" title=row.sent.clone()>
            {sent}
        </div>
        <div role="gridcell" class="cell" data-part=Field::Outcome.name()>
            <Badge tone=tone text=word />
        </div>
        <div role="gridcell" class="cell" data-part="kind">
            {kind.map(|kind| view! { <KindBadge kind=Some(kind) word=kind_word(kind) /> })}
        </div>
        {texts}
    }
    .into_any()
}
