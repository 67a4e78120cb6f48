//! The filter of the catalog and the number of matches.

use super::Catalog;
use super::filter::STATES;
use crate::components::{Choice, Select};
use crate::format::{count, thousands};
use crate::state::use_models;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The search, the choosers, the numbers.
#[component]
pub(super) fn Bar(catalog: Catalog) -> impl IntoView {
    let models = use_models();
    let filter = catalog.filter;
    let owners = Memo::new(move |_| {
        let mut owners: BTreeMap<String, u64> = BTreeMap::new();
        models.map.with(|map| {
            for model in map.values() {
                *owners.entry(model.view.owner.clone()).or_default() += 1;
            }
        });
        // The owner in the address stays in the list although it has no models.
        let asked = filter.with(|filter| filter.owner.clone());
        if !asked.is_empty() {
            owners.entry(asked).or_default();
        }
        let mut choices = vec![Choice::new("", "All owners")];
        choices.extend(owners.into_iter().map(|(owner, number)| {
            let label = format!("{owner} · {}", thousands(number));
            Choice::new(owner, label)
        }));
        choices
    });
    let states: Vec<Choice> = std::iter::once(("", "All states"))
        .chain(STATES)
        .map(|(value, label)| Choice::new(value, label))
        .collect();
    let numbers = move || {
        let all = models.map.with(|map| map.len() as u64);
        let left = catalog.keys.with(|keys| keys.len() as u64);
        let total = models.total.get().unwrap_or(all);
        if models.reading.get() && all < total {
            format!("{} of {} read…", thousands(all), thousands(total))
        } else if left == all {
            count(all, "model", "models")
        } else {
            format!("{} of {}", thousands(left), count(all, "model", "models"))
        }
    };
    view! {
        <div class="bar catalog-bar">
            <input
                class="input"
                type="search"
                placeholder="Search refs and names"
                aria-label="Search models"
                prop:value=move || filter.with(|filter| filter.query.clone())
                on:input:target=move |event| {
                    filter.update(|filter| filter.query = event.target().value());
                }
            />
            <Select
                label="Owner"
                bare=true
                choices=owners
                value=Signal::derive(move || filter.with(|filter| filter.owner.clone()))
                choose=move |owner: String| filter.update(|filter| filter.owner = owner)
            />
            <Select
                label="State"
                bare=true
                choices=states
                value=Signal::derive(move || filter.with(|filter| filter.state.clone()))
                choose=move |state: String| filter.update(|filter| filter.state = state)
            />
            <span class="grow"></span>
            <p class="small">{numbers}</p>
        </div>
    }
}
