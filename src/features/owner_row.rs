//! The row of a gateway, direct provider or custom source, and the report of its last check below.

mod cells;
mod check_outcome;
mod checks;
mod key_cell;
mod summary;

pub(crate) use summary::OwnerSummary;

use crate::api::types::TrafficBy;
use crate::components::{Cell, Column, Menu, MenuItem, Row, use_edit_access};
use crate::features::traffic::{TrafficButton, TrafficOf};
use crate::features::used_by::UsedByButton;
use crate::paths::Path;
use cells::{LastCheckCell, ModelCountCell};
use checks::{RefreshButton, ReportRow, RowChecks};
use key_cell::KeyCell;
use leptos::prelude::*;

/// The columns of the lists.
pub(crate) const COLUMNS: &[Column] = &[
    Column::new("Name", "name"),
    Column::new("Base URL", "url"),
    Column::new("Key", "key"),
    Column::new("Agents", "agents"),
    Column::new("Models", "models"),
    Column::new("Last refresh", "refresh"),
    Column::silent("Actions", "actions"),
];

/// How many columns a report spans.
const COLUMN_COUNT: &str = "7";

/// The row, and below it the report of its last check.
#[component]
pub(crate) fn OwnerRow(
    /// What is shown of it.
    summary: Memo<OwnerSummary>,
    /// Its name, kind and problems.
    #[prop(into)]
    name: ViewFn,
    /// Its base URL.
    #[prop(into)]
    base_url: ViewFn,
    /// The button or link that configures it.
    #[prop(into)]
    configure: ViewFn,
    /// More entries of its menu, which change something.
    #[prop(into)]
    more: Callback<(), Vec<MenuItem>>,
    /// Its dialogs.
    #[prop(into)]
    dialogs: ViewFn,
) -> impl IntoView {
    let owner = summary.with_untracked(|summary| summary.owner.clone());
    let label = Memo::new(move |_| summary.with(|summary| summary.name.clone()));
    let checks = RowChecks::new(
        owner.clone(),
        label.into(),
        Signal::derive(move || summary.with(|summary| summary.refreshing)),
    );
    let can_check = Signal::derive(move || summary.with(|summary| summary.has_base_url));
    let users = Memo::new(move |_| summary.with(|summary| summary.used_by));
    let access = use_edit_access();
    let models = Path::models_of(owner.name()).to_string();
    let (kind, by) = match &owner {
        crate::state::Owner::Provider(_) => ("provider", TrafficBy::Provider),
        crate::state::Owner::Source(_) => ("source", TrafficBy::Source),
    };
    let traffic = TrafficOf::new(by, Signal::stored(owner.name().to_owned()), label);
    let history = Path::history(kind, owner.name()).to_string();
    let entries = move || {
        let refused = untrack(|| {
            access.reason().or_else(|| {
                let why = if !can_check.get() {
                    "Enter a base URL first."
                } else if checks.busy().get() {
                    "A check is running."
                } else {
                    return None;
                };
                Some(why.to_owned())
            })
        });
        let test = MenuItem::action("Test", move || checks.test());
        let mut items = vec![
            test.refused(refused),
            MenuItem::link("Show models", models.clone()),
            MenuItem::link("Show history", history.clone()),
        ];
        let reason = untrack(|| access.reason());
        let more = more.run(()).into_iter();
        items.extend(more.map(|item| item.refused(reason.clone())));
        items
    };
    view! {
        <Row busy=checks.busy()>
            <Cell head=true>{name.run()}</Cell>
            <Cell label="Base URL">{base_url.run()}</Cell>
            <Cell label="Key">
                <KeyCell summary=summary />
            </Cell>
            <Cell label="Agents">
                <UsedByButton owner=owner.clone() of=label users=users />
                <TrafficButton of=traffic />
            </Cell>
            <Cell label="Models">
                <ModelCountCell summary=summary />
            </Cell>
            <Cell label="Last refresh">
                <LastCheckCell summary=summary checks=checks />
            </Cell>
            <Cell kind="actions">
                <span class="owner-actions">
                    {configure.run()} <RefreshButton checks=checks enabled=can_check />
                    <Menu
                        label=Signal::derive(move || format!("More actions for {}", label.get()))
                        items=Callback::new(move |()| entries())
                    />
                </span>
                {dialogs.run()}
            </Cell>
        </Row>
        <ReportRow
            checks=checks
            configure=Signal::derive(move || summary.with(|summary| summary.configure.clone()))
            has_previous_key=Signal::derive(move || {
                summary.with(|summary| summary.key.previous.is_some())
            })
        />
    }
}
