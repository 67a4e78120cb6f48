//! The dialogs of providers, loaded when one is first opened.

use super::configure_dialog::{AddDialog, ConfigureDialog};
use super::delete::DeleteEntry;
use super::remove_key::RemoveKeyOfRow;
use crate::api::types::ProviderView;
use crate::features::on_demand::DialogOnDemand;
use crate::lazy::part;
use crate::paths::Opening;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// Which dialog.
#[derive(Clone, Copy)]
pub(super) enum Dialog {
    /// Configures a provider, or opens for a part of that.
    Configure(Memo<ProviderView>, RwSignal<Opening>),
    /// Adds an entry.
    Add(ProviderKind),
    /// Removes the key of a provider.
    RemoveKey(Memo<ProviderView>),
    /// Deletes an entry.
    Delete(Memo<ProviderView>),
}

part!(load_dialogs, dialogs, (RwSignal<bool>, Dialog), |(
    open,
    dialog,
)| match dialog {
    Dialog::Configure(item, opening) => {
        view! { <ConfigureDialog open=open item=item opening=opening /> }.into_any()
    }
    Dialog::Add(kind) => view! { <AddDialog open=open kind=kind /> }.into_any(),
    Dialog::RemoveKey(item) => view! { <RemoveKeyOfRow open=open item=item /> }.into_any(),
    Dialog::Delete(item) => view! { <DeleteEntry open=open item=item /> }.into_any(),
});

/// A dialog that may still have to be loaded.
#[component]
pub(super) fn ProviderDialog(open: RwSignal<bool>, dialog: Dialog) -> impl IntoView {
    view! { <DialogOnDemand open=open load=load_dialogs given=dialog /> }
}
