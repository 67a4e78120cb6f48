//! The page for unknown addresses.

use crate::paths::{ActivityFilter, Path, RequestsFilter};
use crate::state::use_title;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Says that the page does not exist, and where to go on.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    use_title("Page not found");
    let pathname = use_location().pathname;
    let places = [
        (
            Path::Gateways,
            "Models",
            "Gateways, providers and custom sources, and the keys they use",
        ),
        (
            Path::Agents,
            "Agents",
            "The model each agent asks for, and where the request goes",
        ),
        (
            Path::Requests(RequestsFilter::default()),
            "Requests",
            "Every forwarded request, where it went, and why",
        ),
        (
            Path::preview(""),
            "Route preview",
            "Where a request would go, and why",
        ),
        (
            Path::Activity(ActivityFilter::default()),
            "Activity",
            "Every change, check and sign-in",
        ),
        (
            Path::Settings,
            "Settings",
            "Routing, new models, secrets and API tokens",
        ),
    ];
    view! {
        <h1 tabindex="-1">"Page not found"</h1>
        <p class="lead">
            "There is no page at " <code class="unknown-address">{pathname}</code>
            ". Check the address, or continue with one of these:"
        </p>
        <ul class="ways-on">
            {places
                .map(|(path, label, about)| {
                    view! {
                        <li>
                            <a href=path.to_string()>{label}</a>
                            <p class="small">{about}</p>
                        </li>
                    }
                })
                .into_iter()
                .collect_view()}
        </ul>
    }
}
