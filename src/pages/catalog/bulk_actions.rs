//! Actions on many models at once.

use super::Catalog;
use crate::components::{Button, ButtonKind, Show};
use crate::dom;
use crate::format::{count, thousands};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Selecting all that match, and switching what is selected.
#[component]
pub(super) fn Bulk(catalog: Catalog) -> impl IntoView {
    let selected = catalog.change.selected;
    let left = Memo::new(move |_| catalog.keys.with(|keys| keys.len()));
    let chosen = Memo::new(move |_| selected.with(BTreeSet::len));
    // Models stay selected although the filter hides them, which has to be shown.
    let hidden = Memo::new(move |_| {
        catalog.keys.with(|keys| {
            selected.with(|selected| {
                let shown = keys.iter().filter(|key| selected.contains(*key)).count();
                selected.len() - shown
            })
        })
    });
    let all = Memo::new(move |_| left.get() > 0 && chosen.get() - hidden.get() == left.get());
    let some = Memo::new(move |_| chosen.get() > 0);
    let switch = move |enabled: bool| {
        let refs = selected.get_untracked().into_iter().collect();
        catalog.change.switch(refs, enabled);
    };
    view! {
        <div class="bulk" role="group" aria-label="Selected models">
            <label class="bulk-all">
                <input
                    type="checkbox"
                    prop:checked=all
                    prop:indeterminate=move || some.get() && !all.get()
                    disabled=move || left.get() == 0
                    on:change:target=move |event| {
                        let keys = catalog.keys.get_untracked();
                        if event.target().checked() {
                            selected.update(|selected| selected.extend(keys.iter().cloned()));
                        } else {
                            selected.update(BTreeSet::clear);
                        }
                    }
                />
                <span>
                    {move || {
                        if some.get() {
                            let hidden = match hidden.get() {
                                0 => String::new(),
                                number => format!(", {} of them not shown", thousands(number as u64)),
                            };
                            format!("{} selected{hidden}", thousands(chosen.get() as u64))
                        } else {
                            let number = left.get() as u64;
                            format!("Select all {}", count(number, "that matches", "that match"))
                        }
                    }}
                </span>
            </label>
            <Show when=move || some.get()>
                <Button busy=catalog.change.busy press=move || switch(true)>
                    "Enable"
                </Button>
                <Button busy=catalog.change.busy press=move || switch(false)>
                    "Disable"
                </Button>
                <Button kind=ButtonKind::Quiet press=move || {
                    selected.update(BTreeSet::clear);
                    dom::focus(".bulk-all input");
                }>
                    "Clear the selection"
                </Button>
            </Show>
        </div>
    }
}
