//! The tab Direct providers: one upstream each.

use crate::features::providers::ProviderList;
use crate::state::use_title;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// The tab.
#[component]
pub fn DirectPage() -> impl IntoView {
    use_title("Direct providers");
    view! { <ProviderList kind=ProviderKind::OpenaiCompatible /> }
}
