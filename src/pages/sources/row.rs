//! One source of the list.

use super::cells::{KeyCell, NameCell, UrlCell};
use super::delete::DeleteSource;
use crate::api::types::SourceView;
use crate::components::{Button, ButtonKind, Cell, Row};
use crate::features::owner_row::{
    CheckButtons, LastCheckCell, ModelCountCell, ReportRow, RowChecks,
};
use crate::paths::Path;
use crate::state::Owner;
use leptos::prelude::*;
use leptos_router::components::A;

/// The row, and below it the report of its last check.
#[component]
pub(super) fn SourceRow(item: Memo<SourceView>) -> impl IntoView {
    let slug = item.with_untracked(|source| source.slug.clone());
    let checks = RowChecks::new(
        Owner::Source(slug),
        Signal::derive(move || item.with(|source| source.name.clone())),
        Signal::derive(move || item.with(|source| source.refreshing)),
    );
    let counts = Memo::new(move |_| item.with(|source| (source.slug.clone(), source.models)));
    let last = Memo::new(move |_| {
        item.with(|source| {
            let (refresh, test) = (source.last_refresh.clone(), source.last_test.clone());
            (refresh, test, source.models.total)
        })
    });
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
                <Actions item=item checks=checks />
            </Cell>
        </Row>
        <ReportRow checks=checks />
    }
}

/// Its actions.
#[component]
fn Actions(item: Memo<SourceView>, checks: RowChecks) -> impl IntoView {
    let deleting = RwSignal::new(false);
    let has_base_url = Signal::derive(move || item.with(|source| !source.base_url.is_empty()));
    let name = Memo::new(move |_| item.with(|source| source.name.clone()));
    let named = move |word: &'static str| {
        Signal::derive(move || Some(name.with(|name| format!("{word} {name}"))))
    };
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
            <CheckButtons checks=checks enabled=has_base_url />
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
