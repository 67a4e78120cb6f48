//! One provider of the list.

use super::cells::{KeyCell, NameCell, UrlCell};
use super::dialogs::{Dialog, ProviderDialog};
use crate::api::types::ProviderView;
use crate::components::{Button, ButtonKind, Cell, Row, Show};
use crate::features::owner_row::{
    CheckButtons, LastCheckCell, ModelCountCell, ReportRow, RowChecks,
};
use crate::state::Owner;
use leptos::prelude::*;
use waypost_routing::catalog::Layer;

/// The row, and below it the report of its last check.
#[component]
pub(super) fn ProviderRow(item: Memo<ProviderView>) -> impl IntoView {
    let name = item.with_untracked(|view| view.name.clone());
    let checks = RowChecks::new(
        Owner::Provider(name.clone()),
        Signal::stored(name.clone()),
        Signal::derive(move || item.with(|view| view.refreshing)),
    );
    let counts = Memo::new(move |_| item.with(|view| (view.name.clone(), view.models)));
    let last = Memo::new(move |_| {
        item.with(|view| {
            let (refresh, test) = (view.last_refresh.clone(), view.last_test.clone());
            (refresh, test, view.models.total)
        })
    });
    let configuring = RwSignal::new(false);
    view! {
        <Row busy=checks.busy()>
            <Cell head=true>
                <NameCell item=item />
            </Cell>
            <Cell label="Base URL">
                <UrlCell item=item />
            </Cell>
            <Cell label="Key">
                <KeyCell item=item />
            </Cell>
            <Cell label="Models">
                <ModelCountCell counts=counts />
            </Cell>
            <Cell label="Last refresh">
                <LastCheckCell last=last />
            </Cell>
            <Cell kind="actions">
                <span class="actions">
                    <Button
                        label=format!("Configure {name}")
                        press=move || configuring.set(true)
                    >
                        "Configure"
                    </Button>
                    <CheckButtons checks=checks />
                </span>
                <Show when=move || item.with(|view| view.layer == Layer::Workspace)>
                    <EntryActions item=item />
                </Show>
                <ProviderDialog open=configuring dialog=Dialog::Configure(item) />
            </Cell>
        </Row>
        <ReportRow checks=checks />
    }
}

/// Actions on an entry of the workspace.
#[component]
fn EntryActions(item: Memo<ProviderView>) -> impl IntoView {
    let name = item.with_untracked(|view| view.name.clone());
    let editing = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    view! {
        <span class="actions">
            <Button
                kind=ButtonKind::Quiet
                label=format!("Edit {name}")
                press=move || editing.set(true)
            >
                "Edit"
            </Button>
            <Button
                kind=ButtonKind::Danger
                label=format!("Delete {name}")
                press=move || deleting.set(true)
            >
                "Delete"
            </Button>
        </span>
        <ProviderDialog open=editing dialog=Dialog::Edit(item) />
        <ProviderDialog open=deleting dialog=Dialog::Delete(item) />
    }
}
