//! Tables. On narrow screens the stylesheet stacks the cells of a row; the roles are written out,
//! because a browser drops a table's own ones as soon as its `display` changes.

use leptos::prelude::*;

/// The heading of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it says.
    pub title: &'static str,
    /// Which share of the width it takes, by the name of a class: `name`, `url`, `key`…
    pub width: &'static str,
    /// Whether the title is visually hidden, as over buttons.
    pub silent: bool,
}

impl Column {
    /// A column with a visible title.
    #[must_use]
    pub const fn new(title: &'static str, width: &'static str) -> Self {
        Self {
            title,
            width,
            silent: false,
        }
    }

    /// A column with a visually hidden title.
    #[must_use]
    pub const fn silent(title: &'static str, width: &'static str) -> Self {
        Self {
            title,
            width,
            silent: true,
        }
    }
}

/// A table.
#[component]
pub fn Table(
    /// What it lists.
    #[prop(into)]
    label: String,
    /// Its columns.
    columns: &'static [Column],
    /// Its rows.
    children: Children,
) -> impl IntoView {
    let heads = columns
        .iter()
        .map(|column| {
            let title = if column.silent {
                view! { <span class="visually-hidden">{column.title}</span> }.into_any()
            } else {
                column.title.into_any()
            };
            view! {
                <th role="columnheader" scope="col" data-width=column.width>
                    {title}
                </th>
            }
        })
        .collect_view();
    view! {
        <table class="table" role="table" aria-label=label>
            <thead role="rowgroup">
                <tr role="row">{heads}</tr>
            </thead>
            <tbody role="rowgroup">{children()}</tbody>
        </table>
    }
}

/// A row of a table.
#[component]
pub fn Row(
    /// Whether an action of it runs.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Its cells.
    children: Children,
) -> impl IntoView {
    view! {
        <tr role="row" aria-busy=move || busy.get().then_some("true")>
            {children()}
        </tr>
    }
}

/// A cell of a row.
#[component]
pub fn Cell(
    /// The name of its column's class, where the stylesheet treats it apart: `actions`, `number`.
    #[prop(optional)]
    kind: &'static str,
    /// Whether it names the row.
    #[prop(optional)]
    head: bool,
    /// The title of its column, for stacked rows.
    #[prop(optional)]
    label: &'static str,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let label = (!label.is_empty()).then_some(label);
    let kind = (!kind.is_empty()).then_some(kind);
    if head {
        view! {
            <th role="rowheader" scope="row" data-kind=kind>
                {children()}
            </th>
        }
        .into_any()
    } else {
        view! {
            <td role="cell" data-kind=kind data-label=label>
                {children()}
            </td>
        }
        .into_any()
    }
}
