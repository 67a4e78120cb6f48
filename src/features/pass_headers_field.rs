//! The field for headers of the caller that are passed on.

use crate::components::TextField;
use leptos::prelude::*;

/// The field.
#[component]
pub(crate) fn PassHeadersField(
    /// The names as they are typed.
    value: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <TextField
            label="Headers to pass on"
            note="optional"
            value=value
            code=true
            placeholder="openai-organization"
            help="Headers of the caller to pass on, besides those that always pass. Separate names with commas."
            error=error
        />
    }
}

/// The names in a text, as they are stored: in lower case, sorted, each once.
pub(crate) fn header_names(text: &str) -> Vec<String> {
    let names = text.split([',', ' ', '\n', '\t']);
    let mut names: Vec<String> = names
        .filter(|name| !name.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Names as the field shows them.
pub(crate) fn header_list(names: &[String]) -> String {
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let names = header_names(" X-Tenant,openai-organization\nx-tenant ,");
        assert_eq!(names, ["openai-organization", "x-tenant"]);
        assert_eq!(header_names(&header_list(&names)), names);
        assert!(header_names(" , ").is_empty());
    }
}
