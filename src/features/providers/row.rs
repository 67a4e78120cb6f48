//! One provider of the list.

use super::cells::{KeyCell, ModelsCell, NameCell, RefreshCell, UrlCell};
use super::dialogs::{Dialog, ProviderDialog};
use crate::api::types::ProviderView;
use crate::components::{Button, ButtonKind, Cell, Row, Show};
use crate::features::refresh_report::ReportPanel;
use crate::format::thousands;
use crate::state::{CheckKind, CheckPhase, Owner, use_checks};
use leptos::prelude::*;
use waypost_routing::catalog::Layer;

/// How many columns the list has: a report spans them all.
const COLUMNS: &str = "6";

/// The row, and below it the report of its last check.
#[component]
pub(super) fn ProviderRow(item: Memo<ProviderView>) -> impl IntoView {
    let checks = use_checks();
    let name = item.with_untracked(|view| view.name.clone());
    let owner = StoredValue::new(Owner::Provider(name.clone()));
    let check = checks.of(owner.get_value());
    let running = move |kind: CheckKind| {
        Signal::derive(move || {
            check.with(|check| {
                check
                    .as_ref()
                    .is_some_and(|check| check.running() && check.kind == kind)
            })
        })
    };
    let testing = running(CheckKind::Test);
    let refreshing = running(CheckKind::Refresh);
    let busy = Signal::derive(move || testing.get() || refreshing.get());
    // A refresh started in another tab or on an earlier page.
    Effect::new(move || {
        if item.with(|view| view.refreshing) {
            checks.follow(owner.get_value());
        }
    });
    let refresh_word = Signal::derive(move || {
        check.with(|check| match check.as_ref().map(|check| &check.phase) {
            Some(CheckPhase::Running { models_seen }) if refreshing.get() => {
                if *models_seen == 0 {
                    "Refreshing…".to_owned()
                } else {
                    format!("Refreshing… {}", thousands(*models_seen))
                }
            }
            _ => "Refresh".to_owned(),
        })
    });
    let report = {
        let name = name.clone();
        move || {
            let check = check.get()?;
            let CheckPhase::Done(answer) = check.phase else {
                return None;
            };
            let name = name.clone();
            Some(view! {
                <tr role="row" class="report-row">
                    <td role="cell" colspan=COLUMNS>
                        <ReportPanel
                            kind=check.kind
                            answer=answer
                            of=name
                            dismiss=move || checks.dismiss(&owner.get_value())
                        />
                    </td>
                </tr>
            })
        }
    };
    let configuring = RwSignal::new(false);
    let configure_label = format!("Configure {name}");
    let test_label = format!("Test {name}");
    let refresh_label = {
        let name = name.clone();
        Signal::derive(move || format!("{} {name}", refresh_word.get()))
    };
    view! {
        <Row busy=busy>
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
                <ModelsCell item=item />
            </Cell>
            <Cell label="Last refresh">
                <RefreshCell item=item />
            </Cell>
            <Cell kind="actions">
                <span class="actions">
                    <Button label=configure_label press=move || configuring.set(true)>
                        "Configure"
                    </Button>
                    <Button
                        kind=ButtonKind::Quiet
                        label=test_label
                        busy=testing
                        disabled=refreshing
                        press=move || checks.test(owner.get_value())
                    >
                        "Test"
                    </Button>
                    <Button
                        kind=ButtonKind::Quiet
                        label=refresh_label
                        busy=refreshing
                        disabled=testing
                        press=move || checks.refresh(owner.get_value())
                    >
                        {refresh_word}
                    </Button>
                </span>
                <Show when=move || item.with(|view| view.layer == Layer::Workspace)>
                    <EntryActions item=item />
                </Show>
                <ProviderDialog open=configuring dialog=Dialog::Configure(item) />
            </Cell>
        </Row>
        {report}
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
