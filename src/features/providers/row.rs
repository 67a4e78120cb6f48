//! One provider of the list.

use super::cells::{NameCell, UrlCell};
use super::configure_request::ConfigureRequest;
use super::dialogs::{Dialog, ProviderDialog};
use crate::api::types::{KeyState, ProviderView};
use crate::components::{Button, MenuItem};
use crate::features::owner_row::{OwnerRow, OwnerSummary};
use crate::paths::Opening;
use leptos::prelude::*;
use waypost_routing::catalog::Layer;

/// The row, and below it the report of its last check.
#[component]
pub(super) fn ProviderRow(
    item: Memo<ProviderView>,
    /// The provider that the address asks to configure.
    request: RwSignal<Option<ConfigureRequest>>,
) -> impl IntoView {
    let name = item.with_untracked(|view| view.name.clone());
    let summary = Memo::new(move |_| item.with(|view| OwnerSummary::from(view)));
    let configuring = RwSignal::new(false);
    let opening = RwSignal::new(Opening::Configure);
    let configure = move |asked_for: Opening| {
        opening.set(asked_for);
        configuring.set(true);
    };
    Effect::new({
        let name = name.clone();
        move || {
            let opening_of = |request: &Option<ConfigureRequest>| {
                let request = request.as_ref().filter(|request| request.name == name)?;
                Some(request.opening.clone())
            };
            if let Some(asked_for) = request.with(opening_of) {
                request.set(None);
                configure(asked_for);
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
        let rotate = item
            .with_untracked(|view| view.key.set_at.is_some())
            .then(|| MenuItem::action("Rotate key…", move || configure(Opening::RotateKey)));
        let remove =
            has_key.then(|| MenuItem::action("Remove key…", move || removing.set(true)).danger());
        let delete = is_own.then(|| {
            let label = match replaces {
                true => "Delete override…",
                false => "Delete…",
            };
            MenuItem::action(label, move || deleting.set(true)).danger()
        });
        rotate.into_iter().chain(remove).chain(delete).collect()
    };
    view! {
        <OwnerRow
            summary=summary
            name=move || view! { <NameCell item=item /> }
            base_url=move || view! { <UrlCell item=item /> }
            configure=move || {
                view! {
                    <Button
                        label=format!("Configure {name}")
                        press=move || configure(Opening::Configure)
                    >
                        "Configure"
                    </Button>
                }
            }
            more=more
            dialogs=move || {
                view! {
                    <ProviderDialog open=configuring dialog=Dialog::Configure(item, opening) />
                    <ProviderDialog open=removing dialog=Dialog::RemoveKey(item) />
                    <ProviderDialog open=deleting dialog=Dialog::Delete(item) />
                }
            }
        />
    }
}
