//! The tab Gateways: many upstreams behind one key.

use crate::features::first_run::FirstRun;
use crate::features::providers::ProviderList;
use crate::state::use_title;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// The tab.
#[component]
pub fn GatewaysPage() -> impl IntoView {
    use_title("Gateways");
    view! {
        <FirstRun />
        <ProviderList kind=ProviderKind::Gateway />
    }
}
