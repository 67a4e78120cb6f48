//! Adding a header that an endpoint says is missing.

use crate::components::Button;
use crate::paths::Path;
use leptos::prelude::*;
use waypost_routing::key_text::Carrier;

/// The headers that a form has a place for: those of a provider are no secrets.
fn fitting(names: Vec<String>, takes_secrets: bool) -> impl Iterator<Item = String> {
    names
        .into_iter()
        .filter(move |name| takes_secrets || Carrier::of_static_header(name) == Carrier::Text)
}

/// A button for each header, in the form that has a place for it.
#[component]
pub(crate) fn AddHeader(
    /// The headers, by name.
    names: Vec<String>,
    /// Adds one.
    add: Callback<String>,
    /// Whether the form takes headers that are secrets.
    takes_secrets: bool,
) -> impl IntoView {
    let buttons = fitting(names, takes_secrets).map(|name| {
        let label = format!("Add header {name}");
        view! {
            <Button edits=true press=move || add.run(name.clone())>
                {label}
            </Button>
        }
    });
    let buttons = buttons.collect_view();
    (!buttons.is_empty()).then(|| view! { <p class="row-actions">{buttons}</p> })
}

/// A link for each header, to the form that has a place for it.
#[component]
pub(crate) fn AddHeaderLinks(
    /// The headers, by name.
    names: Vec<String>,
    /// Where the owner is configured.
    configure: Path,
) -> impl IntoView {
    let takes_secrets = matches!(configure, Path::Source(_));
    let links = fitting(names, takes_secrets).map(|name| {
        view! {
            <a
                href=configure.adding_header(&name)
                class="button"
                data-kind="plain"
                data-size="small"
            >
                {format!("Add header {name}")}
            </a>
        }
    });
    let links = links.collect_view();
    (!links.is_empty()).then(|| view! { <p class="row-actions">{links}</p> })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_offered_no_header_that_carries_a_secret() {
        let names = || vec!["x-api-key".to_owned(), "x-team".to_owned()];
        assert_eq!(fitting(names(), true).count(), 2);
        assert_eq!(fitting(names(), false).collect::<Vec<_>>(), ["x-team"]);
    }
}
