//! The Configure dialog: base URL and key of a gateway or direct provider, entered, tested and saved
//! together.

mod details;
mod entry_snapshot;
mod entry_text;
mod fields;
mod form;
mod key_field;
mod notes;
mod save;

use super::labels::kind_noun;
use crate::api::types::{ProviderView, TrafficBy};
use crate::components::Dialog;
use crate::features::traffic::{TrafficButton, TrafficOf};
use crate::features::used_by::UsedByButton;
use crate::paths::Opening;
use crate::state::Owner;
use fields::ConfigureFields;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// Adds a provider of a kind.
#[component]
pub(super) fn AddDialog(open: RwSignal<bool>, kind: ProviderKind) -> impl IntoView {
    let title = format!("Add {}", kind_noun(kind));
    let dirty = RwSignal::new(false);
    view! {
        <Dialog
            open=open
            title=title
            subtitle="Enter its base URL and its key. Waypost tests them before it saves them."
            dirty=dirty
        >
            <ConfigureFields
                open=open
                dirty=dirty
                kind=kind
                item=None
                opening=Opening::Configure
            />
        </Dialog>
    }
}

/// Configures a provider.
#[component]
pub(super) fn ConfigureDialog(
    open: RwSignal<bool>,
    item: Memo<ProviderView>,
    /// What it is opened for.
    opening: RwSignal<Opening>,
) -> impl IntoView {
    let rotates = move || opening.with(|opening| *opening == Opening::RotateKey);
    let title = Signal::derive(move || {
        let name = item.with(|view| view.name.clone());
        match rotates() {
            true => format!("Rotate key of {name}"),
            false => format!("Configure {name}"),
        }
    });
    let kind = item.with_untracked(|view| view.kind);
    let dirty = RwSignal::new(false);
    view! {
        <Dialog
            open=open
            title=title
            subtitle=Signal::derive(move || rotates().then(|| ROTATION.to_owned()))
            dirty=dirty
            // Its five buttons are on one line.
            wide=true
            lead=move || view! { <Lead item=item /> }
        >
            <ConfigureFields
                open=open
                dirty=dirty
                kind=kind
                item=Some(item)
                opening=opening.get_untracked()
            />
        </Dialog>
    }
}

/// How a key is rotated, which a dialog says that is opened for that.
const ROTATION: &str = "“Save as next key” keeps the current key in use until you switch. “Save and use now” switches at once and keeps the current key for an hour.";

/// What it is, and who uses it.
#[component]
fn Lead(item: Memo<ProviderView>) -> impl IntoView {
    let name = Memo::new(move |_| item.with(|view| view.name.clone()));
    let users = Memo::new(move |_| item.with(|view| view.used_by));
    let what = move || {
        item.with(|view| match (view.kind, view.managed) {
            (ProviderKind::Gateway, true) => "Managed gateway · ",
            (ProviderKind::Gateway, false) => "Gateway · ",
            (ProviderKind::OpenaiCompatible, _) => "Direct provider · ",
        })
    };
    let owner = Owner::Provider(name.get_untracked());
    let traffic = TrafficOf::new(TrafficBy::Provider, name, name);
    view! {
        <p class="small">
            {what} <UsedByButton owner=owner of=name users=users sentence=true /> " · "
            <TrafficButton of=traffic sentence=true />
        </p>
    }
}
