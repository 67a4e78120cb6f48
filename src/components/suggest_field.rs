//! A field that offers what may be meant.

use super::{FieldFrame, FieldIds};
use leptos::prelude::*;

/// How many offers are in the page at a time.
const OFFERED: usize = 50;

/// A field for one of many names. It offers those that hold what is typed, by the browser's own
/// list, and takes any text.
#[component]
pub fn SuggestField(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// The name.
    #[prop(into)]
    value: Signal<String>,
    /// Takes what is typed or chosen.
    #[prop(into)]
    choose: Callback<String>,
    /// Every name.
    #[prop(into)]
    offers: Signal<Vec<String>>,
    /// What helps to fill it in.
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
        let typed = value.get().to_lowercase();
        offers.with(|offers| {
            let fits = |name: &&String| name.to_lowercase().contains(&typed);
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
