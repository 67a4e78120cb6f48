//! Actions on many models at once.

use super::Catalog;
use crate::components::{Button, ButtonKind, Show};
use crate::dom;
use crate::format::{select_all_label, thousands};
use crate::paths::CatalogFilter;
use crate::state::{use_models, use_toasts};
use crate::task::spawn_scoped;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Selecting all that match, and switching what is selected.
#[component]
pub(super) fn Bulk(catalog: Catalog) -> impl IntoView {
    let models = use_models();
    let toasts = use_toasts();
    let selected = catalog.change.selected;
    let total = Memo::new(move |_| models.total().unwrap_or_default());
    let chosen = Memo::new(move |_| selected.with(BTreeSet::len));
    let some = Memo::new(move |_| chosen.get() > 0);
    // The filter whose matches were all selected.
    let all_of = RwSignal::new(None::<CatalogFilter>);
    let collecting = RwSignal::new(false);
    let all = Memo::new(move |_| {
        let filter = catalog.filter.get();
        some.get() && all_of.with(|all_of| all_of.as_ref() == Some(&filter))
    });
    // Models stay selected although another filter hides them, which has to be shown.
    let hides = Memo::new(move |before: Option<&(CatalogFilter, bool)>| {
        let filter = catalog.filter.get();
        let changed = match before {
            _ if !some.get() => false,
            Some((old, hides)) => *hides || *old != filter,
            None => false,
        };
        (filter, changed)
    });
    let select_all = move || {
        let filter = catalog.filter.get_untracked();
        collecting.set(true);
        spawn_scoped(async move {
            let refs = models.all_refs().await;
            collecting.set(false);
            match refs {
                Ok(refs) => {
                    selected.update(|selected| selected.extend(refs));
                    all_of.set(Some(filter));
                }
                Err(error) => toasts.failed(error.message()),
            }
        });
    };
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
                    disabled=move || total.get() == 0 || collecting.get()
                    on:change:target=move |event| {
                        if event.target().checked() {
                            select_all();
                        } else {
                            all_of.set(None);
                            selected.update(BTreeSet::clear);
                        }
                    }
                />
                <span>
                    {move || {
                        if collecting.get() {
                            "Selecting…".to_owned()
                        } else if some.get() {
                            let number = thousands(chosen.get() as u64);
                            match hides.with(|hides| hides.1) {
                                true => format!("{number} selected, also under other filters"),
                                false => format!("{number} selected"),
                            }
                        } else {
                            select_all_label(total.get())
                        }
                    }}
                </span>
            </label>
            <Show when=move || some.get()>
                <Button edits=true busy=catalog.change.busy press=move || switch(true)>
                    "Enable"
                </Button>
                <Button edits=true busy=catalog.change.busy press=move || switch(false)>
                    "Disable"
                </Button>
                <Button kind=ButtonKind::Quiet press=move || {
                    all_of.set(None);
                    selected.update(BTreeSet::clear);
                    dom::focus(".bulk-all input");
                }>
                    "Clear the selection"
                </Button>
            </Show>
        </div>
    }
}
