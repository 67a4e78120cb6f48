//! Warnings of a route, with a fix where there is one.

use super::Prose;
use leptos::prelude::*;
use waypost_routing::resolution::Warning;

/// Warnings, each with its suggestion as a button.
#[component]
pub fn Warnings(
    /// The warnings.
    warnings: Vec<Warning>,
    /// Called with the suggested ref.
    #[prop(into)]
    on_suggestion: Callback<String>,
) -> impl IntoView {
    (!warnings.is_empty()).then(|| {
        view! {
            <ul class="warnings" aria-label="Warnings">
                {warnings
                    .into_iter()
                    .map(|warning| {
                        view! {
                            <li class="warning">
                                <span>
                                    <Prose text=warning.message />
                                </span>
                                {warning
                                    .suggestion
                                    .map(|suggestion| suggestion_view(suggestion, on_suggestion))}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
    })
}

/// A suggested ref can be applied with one click. A URL belongs in a form, so it is only shown.
fn suggestion_view(suggestion: String, on_suggestion: Callback<String>) -> AnyView {
    if suggestion.contains("://") {
        return view! { <code>{suggestion}</code> }.into_any();
    }
    let taken = suggestion.clone();
    view! {
        <button
            class="button"
            type="button"
            data-kind="plain"
            data-size="small"
            on:click=move |_| on_suggestion.run(taken.clone())
        >
            "Use "
            <code>{suggestion}</code>
        </button>
    }
    .into_any()
}
