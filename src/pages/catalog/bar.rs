//! The filter of the catalog and the number of matches.

use super::Catalog;
use crate::components::{Choice, Definition, FilterSelect, Term, filter_field};
use crate::format::{count, thousands};
use crate::paths::CatalogFilter;
use crate::state::use_models;
use leptos::prelude::*;

/// The orders, with their names in the address.
const SORTS: [(&str, &str); 4] = [
    ("", "Sort by ref"),
    ("context", "Largest context first"),
    ("price", "Cheapest input first"),
    ("newest", "Newest first"),
];

/// The search, the choosers with what each choice would match, the number.
#[component]
pub(super) fn Bar(catalog: Catalog) -> impl IntoView {
    let models = use_models();
    let filter = catalog.filter;
    let owners = Memo::new(move |_| {
        let mut owners = models
            .facets()
            .map(|facets| facets.owners)
            .unwrap_or_default();
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
    let states = Memo::new(move |_| {
        let numbers = models.facets().map(|facets| facets.states);
        let with = |value: &str, label: &str, number: Option<u64>| match number {
            Some(number) => Choice::new(value, format!("{label} · {}", thousands(number))),
            None => Choice::new(value, label),
        };
        vec![
            Choice::new("", "All states"),
            with("enabled", "Enabled", numbers.map(|numbers| numbers.enabled)),
            with(
                "disabled",
                "Disabled",
                numbers.map(|numbers| numbers.disabled),
            ),
            with(
                "absent",
                "No longer listed",
                numbers.map(|numbers| numbers.absent),
            ),
        ]
    });
    let uses = Memo::new(move |_| {
        let used = models.facets().map(|facets| facets.in_use);
        let used = match used {
            Some(number) => format!("Used by agents · {}", thousands(number)),
            None => "Used by agents".to_owned(),
        };
        vec![
            Choice::new("", "Used or not"),
            Choice::new("true", used),
            Choice::new("false", "Not used"),
        ]
    });
    let sorts: Vec<Choice> = SORTS
        .into_iter()
        .map(|(value, label)| Choice::new(value, label))
        .collect();
    let is_filtered = move || {
        filter.with(|filter| {
            let unsorted = CatalogFilter {
                sort: String::new(),
                ..filter.clone()
            };
            unsorted != CatalogFilter::default()
        })
    };
    let lists_absent = move || {
        let states = models.facets().map(|facets| facets.states);
        states.is_some_and(|states| states.absent > 0)
    };
    let numbers = move || {
        let total = models.total().unwrap_or_default();
        match is_filtered() {
            true => count(total, "model matches", "models match"),
            false => count(total, "model", "models"),
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
            <FilterSelect
                label="Owner"
                choices=owners
                filter=filter
                field=filter_field!(CatalogFilter, owner)
            />
            <FilterSelect
                label="State"
                choices=states
                filter=filter
                field=filter_field!(CatalogFilter, state)
            />
            <FilterSelect
                label="Use"
                choices=uses
                filter=filter
                field=filter_field!(CatalogFilter, in_use)
            />
            <FilterSelect
                label="Order"
                choices=sorts
                filter=filter
                field=filter_field!(CatalogFilter, sort)
            />
            <span class="grow"></span>
            <p class="small nowrap">{numbers}</p>
        </div>
        <p class="small">
            <Definition term=Term::Ref text="What is a ref?" />
            " "
            <Definition term=Term::Owner text="What is an owner?" />
            {move || {
                lists_absent()
                    .then(|| {
                        view! {
                            " "
                            <Definition term=Term::Absent text="What is no longer listed?" />
                        }
                    })
            }}
        </p>
    }
}
