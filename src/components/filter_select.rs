//! A select in a bar of filters.

use super::{Choice, Select};
use leptos::prelude::*;

/// A field of a filter: reading it, and writing it.
pub struct FilterField<F: 'static> {
    /// Reads it.
    pub get: fn(&F) -> &str,
    /// Writes it.
    pub set: fn(&mut F, String),
}

/// The field of a filter by its type and its name, a `String`.
macro_rules! filter_field {
    ($filter:ident, $field:ident) => {
        $crate::components::FilterField {
            get: |filter: &$filter| &filter.$field,
            set: |filter, chosen| filter.$field = chosen,
        }
    };
}
pub(crate) use filter_field;

/// A select for one field of a filter. Its label is hidden, because its first choice says what it
/// is about.
#[component]
pub fn FilterSelect<F: Send + Sync + 'static>(
    /// The label.
    label: &'static str,
    /// The choices.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The filter.
    filter: RwSignal<F>,
    /// Its field.
    field: FilterField<F>,
) -> impl IntoView {
    let FilterField { get, set } = field;
    let value = Signal::derive(move || filter.with(|filter| get(filter).to_owned()));
    let choose = Callback::new(move |value: String| filter.update(|filter| set(filter, value)));
    view! { <Select label=label bare=true choices=choices value=value choose=choose /> }
}
