//! The models that match the filter, windowed.

use super::Catalog;
use super::filter::{about, none};
use super::row::model_row;
use crate::components::{WindowedList, WindowedRow};
use leptos::prelude::*;

/// The heads of the columns.
const COLUMNS: [(&str, &str); 7] = [
    ("select", "Select"),
    ("model", "Model"),
    ("context", "Context"),
    ("price", "Price / 1M"),
    ("mode", "Mode"),
    ("state", "State"),
    ("actions", "Actions"),
];

/// The list.
#[component]
pub(super) fn ModelList(catalog: Catalog) -> impl IntoView {
    let head = COLUMNS
        .map(|(part, title)| {
            let silent = matches!(part, "select" | "actions");
            let title = if silent {
                view! { <span class="visually-hidden">{title}</span> }.into_any()
            } else {
                title.into_any()
            };
            view! {
                <div role="columnheader" class="cell" data-part=part>
                    {title}
                </div>
            }
        })
        .collect_view()
        .into_any();
    let keys = Signal::derive(move || catalog.keys.try_get().unwrap_or_else(none));
    view! {
        <WindowedList
            label="Models"
            keys=keys
            about=Signal::derive(move || catalog.filter.with(about))
            head=head
            columns=COLUMNS.len()
            row=move |row: WindowedRow| model_row(catalog, row)
        />
    }
}
