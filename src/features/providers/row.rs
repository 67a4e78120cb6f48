//! One provider of the list.

use super::cells::{NameCell, UrlCell};
use super::dialogs::{Dialog, ProviderDialog};
use crate::api::types::{KeyState, ProviderView};
use crate::components::{Button, MenuItem};
use crate::features::owner_row::{OwnerRow, OwnerSummary};
use leptos::prelude::*;
use waypost_routing::catalog::Layer;

/// The row, and below it the report of its last check.
#[component]
pub(super) fn ProviderRow(
    item: Memo<ProviderView>,
    /// The provider that the address asks to configure.
    asked: RwSignal<Option<String>>,
) -> impl IntoView {
    let name = item.with_untracked(|view| view.name.clone());
    let summary = Memo::new(move |_| item.with(|view| OwnerSummary::from(view)));
    let configuring = RwSignal::new(false);
    Effect::new({
        let name = name.clone();
        move || {
            if asked.with(|asked| asked.as_ref() == Some(&name)) {
                asked.set(None);
                configuring.set(true);
            }
        }
    });
    let removing = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let more = move |()| {
        let (has_key, is_own, replaces) = item.with_untracked(|view| {
            let has_key = view.key.set_at.is_some()
                || matches!(view.key.state, KeyState::NeedsReentry | KeyState::Unknown);
            (
                has_key,
                view.layer == Layer::Workspace,
                view.replaces.is_some(),
            )
        });
        let remove =
            has_key.then(|| MenuItem::action("Remove key…", move || removing.set(true)).danger());
        let delete = is_own.then(|| {
            let label = match replaces {
                true => "Delete override…",
                false => "Delete…",
            };
            MenuItem::action(label, move || deleting.set(true)).danger()
        });
        remove.into_iter().chain(delete).collect()
    };
    view! {
        <OwnerRow
            summary=summary
            name=move || view! { <NameCell item=item /> }
            base_url=move || view! { <UrlCell item=item /> }
            configure=move || {
                view! {
                    <Button label=format!("Configure {name}") press=move || configuring.set(true)>
                        "Configure"
                    </Button>
                }
            }
            more=more
            dialogs=move || {
                view! {
                    <ProviderDialog open=configuring dialog=Dialog::Configure(item) />
                    <ProviderDialog open=removing dialog=Dialog::RemoveKey(item) />
                    <ProviderDialog open=deleting dialog=Dialog::Delete(item) />
                }
            }
        />
    }
}
