//! A text field with suggestions.

use super::{FieldFrame, FieldIds};
use crate::dom;
use leptos::prelude::*;

/// How many offers are in the page at a time.
const OFFERED: usize = 50;

/// A field for one of many names. Suggests those that contain the input in a native list and
/// accepts any text.
#[component]
pub fn SuggestField(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// The name.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the typed or chosen text.
    #[prop(into)]
    choose: Callback<String>,
    /// Every name.
    #[prop(into)]
    offers: Signal<Vec<String>>,
    /// The help text.
    #[prop(optional, into)]
    help: MaybeProp<String>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let list = format!("{}-offers", ids.control);
    let described = {
        let ids = ids.clone();
        move || ids.described_by(help.with(Option::is_some), false, false)
    };
    let offered = move || {
        let typed = dom::lower_case(&value.get());
        offers.with(|offers| {
            let fits = |name: &&String| dom::lower_case(name).contains(&typed);
            let offered = offers.iter().filter(fits).take(OFFERED);
            offered
                .map(|name| view! { <option value=name.clone()></option> })
                .collect_view()
        })
    };
    view! {
        <FieldFrame ids=ids.clone() label=label help=help>
            <input
                class="input"
                id=ids.control
                type="text"
                list=list.clone()
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby=described
                prop:value=value
                on:input:target=move |event| choose.run(event.target().value())
            />
            <datalist id=list>{offered}</datalist>
        </FieldFrame>
    }
}
