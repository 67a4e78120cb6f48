//! One source of the list, and below it the report of its last call.

use super::cells::{KeyCell, ModelsCell, NameCell, RefreshCell, UrlCell};
use super::delete::DeleteSource;
use crate::api::types::SourceView;
use crate::components::{Button, ButtonKind, Cell, Row};
use crate::features::refresh_report::ReportPanel;
use crate::format::thousands;
use crate::paths::Path;
use crate::state::{CheckKind, CheckPhase, Owner, use_checks};
use leptos::prelude::*;
use leptos_router::components::A;

/// How many columns the list has: a report spans them all.
const COLUMNS: &str = "6";

/// The row.
#[component]
pub(super) fn SourceRow(item: Memo<SourceView>) -> impl IntoView {
    let checks = use_checks();
    let slug = item.with_untracked(|source| source.slug.clone());
    let owner = StoredValue::new(Owner::Source(slug));
    let check = checks.of(owner.get_value());
    // A refresh started in another tab or on an earlier page.
    Effect::new(move || {
        if item.with(|source| source.refreshing) {
            checks.follow(owner.get_value());
        }
    });
    let running =
        move || check.with(|check| check.as_ref().is_some_and(crate::state::Check::running));
    let report = move || {
        let check = check.get()?;
        let CheckPhase::Done(answer) = check.phase else {
            return None;
        };
        let name = item.with_untracked(|source| source.name.clone());
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
    };
    view! {
        <Row busy=Signal::derive(running)>
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
                <Actions item=item owner=owner />
            </Cell>
        </Row>
        {report}
    }
}

/// Its actions.
#[component]
fn Actions(item: Memo<SourceView>, owner: StoredValue<Owner>) -> impl IntoView {
    let checks = use_checks();
    let check = checks.of(owner.get_value());
    let deleting = RwSignal::new(false);
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
    let has_base_url = Signal::derive(move || item.with(|source| !source.base_url.is_empty()));
    let refresh_word = Signal::derive(move || {
        check.with(|check| match check.as_ref().map(|check| &check.phase) {
            Some(CheckPhase::Running { models_seen }) if refreshing.get() => match *models_seen {
                0 => "Refreshing…".to_owned(),
                seen => format!("Refreshing… {}", thousands(seen)),
            },
            _ => "Refresh".to_owned(),
        })
    });
    let name = Memo::new(move |_| item.with(|source| source.name.clone()));
    let named = move |word: &'static str| {
        Signal::derive(move || Some(name.with(|name| format!("{word} {name}"))))
    };
    let refresh_label =
        Signal::derive(move || Some(name.with(|name| format!("{} {name}", refresh_word.get()))));
    let slug = item.with_untracked(|source| source.slug.clone());
    view! {
        <span class="actions">
            <A
                href=Path::Source(slug).to_string()
                {..}
                class="button"
                data-kind="plain"
                aria-label=move || named("Edit").get()
            >
                "Edit"
            </A>
            <Button
                kind=ButtonKind::Quiet
                label=named("Test")
                busy=testing
                disabled=Signal::derive(move || refreshing.get() || !has_base_url.get())
                press=move || checks.test(owner.get_value())
            >
                "Test"
            </Button>
            <Button
                kind=ButtonKind::Quiet
                label=refresh_label
                busy=refreshing
                disabled=Signal::derive(move || testing.get() || !has_base_url.get())
                press=move || checks.refresh(owner.get_value())
            >
                {refresh_word}
            </Button>
            <Button
                kind=ButtonKind::Danger
                label=named("Delete")
                press=move || deleting.set(true)
            >
                "Delete"
            </Button>
        </span>
        <DeleteSource open=deleting item=item />
    }
}
