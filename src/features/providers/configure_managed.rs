//! Configuring the managed gateway from elsewhere than its row.

use super::dialogs::{Dialog, ProviderDialog};
use crate::api::types::ProvidersPage;
use crate::components::{Button, ButtonKind};
use crate::state::use_workspace;
use leptos::prelude::*;

/// The button, once the managed gateway is known.
#[component]
pub(crate) fn ConfigureManaged() -> impl IntoView {
    let providers = use_workspace().providers;
    let find = |page: &ProvidersPage| {
        let mut items = page.items.iter();
        items.find(|item| item.managed).cloned()
    };
    let open = RwSignal::new(false);
    providers.item(find).map(|item| {
        let text = move || item.with(|view| format!("Connect {}", view.name));
        view! {
            <Button kind=ButtonKind::Primary edits=true press=move || open.set(true)>
                {text}
            </Button>
            <ProviderDialog open=open dialog=Dialog::Configure(item, RwSignal::default()) />
        }
    })
}
