//! The models that match the filter, windowed.

use super::Catalog;
use super::row::model_row;
use crate::components::{Keys, WindowedList, WindowedRow};
use crate::paths::Path;
use crate::state::use_models;
use leptos::prelude::*;

/// The heads of the columns.
const COLUMNS: [(&str, &str); 8] = [
    ("select", "Select"),
    ("model", "Model"),
    ("context", "Context"),
    ("price", "Price / 1M"),
    ("mode", "Mode"),
    ("used", "Used by"),
    ("state", "State"),
    ("actions", "Actions"),
];

/// The list.
#[component]
pub(super) fn ModelList(catalog: Catalog) -> impl IntoView {
    let models = use_models();
    let head = COLUMNS
        .map(|(part, title)| {
            let silent = matches!(part, "select" | "actions");
            let title = if silent {
                view! { <span class="visually-hidden">{title}</span> }.into_any()
            } else {
                title.into_any()
            };
            let sorted = move || {
                let sort = catalog.filter.with(|filter| filter.sort.clone());
                match (part, sort.as_str()) {
                    ("model", "") | ("price", "price") => Some("ascending"),
                    ("context", "context") => Some("descending"),
                    _ => None,
                }
            };
            view! {
                <div role="columnheader" class="cell" data-part=part aria-sort=sorted>
                    {title}
                </div>
            }
        })
        .collect_view()
        .into_any();
    let keys: Signal<Keys> = Signal::derive(move || models.keys());
    view! {
        <WindowedList
            label="Models"
            keys=keys
            about=Signal::derive(move || Path::Catalog(catalog.filter.get()).to_string())
            head=head
            columns=COLUMNS.len()
            row=move |row: WindowedRow| model_row(catalog, row)
        />
    }
}
