//! The tab Direct providers: one upstream each.

use crate::app::use_title;
use crate::features::providers::ProviderList;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// The tab.
#[component]
pub fn DirectPage() -> impl IntoView {
    use_title("Direct providers");
    view! { <ProviderList kind=ProviderKind::OpenaiCompatible /> }
}
