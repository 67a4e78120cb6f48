//! The tab Gateways: many upstreams behind one key.

use crate::app::use_title;
use crate::features::providers::ProviderList;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// The tab.
#[component]
pub fn GatewaysPage() -> impl IntoView {
    use_title("Gateways");
    view! { <ProviderList kind=ProviderKind::Gateway /> }
}
