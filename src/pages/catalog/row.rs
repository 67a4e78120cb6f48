//! One model of the catalog.

use super::Catalog;
use crate::api::types::{ModelState, ModelView};
use crate::components::{CopyButton, Tag, WindowedRow};
use crate::format::{context, prices, thousands};
use crate::paths::Path;
use crate::state::{Model, use_announcer, use_models};
use leptos::prelude::*;
use leptos_router::components::A;
use std::sync::Arc;

/// The cells of a model. They follow the model's values, so that a row stays in place (and keeps
/// the focus) while it is switched.
pub(super) fn model_row(catalog: Catalog, row: WindowedRow) -> AnyView {
    let models = use_models();
    let key = row.key.clone();
    let model = {
        let key = key.clone();
        Memo::new(move |old: Option<&Option<Arc<Model>>>| {
            models
                .map
                .with(|map| map.get(&key).cloned())
                // A row that is about to leave the page shows what it was.
                .or_else(|| old.cloned().flatten())
        })
    };
    let tabindex = row.tabindex();
    view! {
        <Selected catalog=catalog key=key.clone() tabindex=tabindex />
        {move || {
            model
                .get()
                .map(|model| {
                    let view = &model.view;
                    view! {
                        <Named view=view.clone() tabindex=tabindex />
                        <Facts view=view.clone() />
                    }
                })
        }}
        <Enabled catalog=catalog model=model key=key.clone() tabindex=tabindex />
        <Actions catalog=catalog model=model key=key tabindex=tabindex />
    }
    .into_any()
}

#[component]
fn Selected<F>(catalog: Catalog, key: Arc<str>, tabindex: F) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let label = format!("Select {key}");
    let checked = {
        let key = key.clone();
        move || {
            catalog
                .change
                .selected
                .with(|selected| selected.contains(&key))
        }
    };
    view! {
        <div role="gridcell" class="cell" data-part="select">
            <input
                type="checkbox"
                aria-label=label
                tabindex=tabindex
                prop:checked=checked
                on:change:target=move |event| {
                    let on = event.target().checked();
                    catalog
                        .change
                        .selected
                        .update(|selected| {
                            if on {
                                selected.insert(key.clone());
                            } else {
                                selected.remove(&key);
                            }
                        });
                }
            />
        </div>
    }
}

/// The ref, which leads to its route, and the readable name.
#[component]
fn Named<F>(view: ModelView, tabindex: F) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let retires = view
        .retires_on
        .map(|day| view! { <span class="retires">{format!("retires {day}")}</span> });
    let absent =
        (view.state == ModelState::Absent).then(|| view! { <Tag text="no longer listed" /> });
    let name = view.name.filter(|name| *name != view.id);
    let title = format!("Show the route of {}", view.model_ref);
    view! {
        <div role="rowheader" class="cell" data-part="model">
            <A
                href=Path::preview(&view.model_ref).to_string()
                {..}
                class="model-ref"
                tabindex=tabindex
                title=title
            >
                {view.model_ref}
            </A>
            <span class="model-more">
                {name.map(|name| view! { <span class="model-name">{name}</span> })}
                {absent}
                {retires}
            </span>
        </div>
    }
}

/// What the upstream says of it. What it does not say is left open.
#[component]
fn Facts(view: ModelView) -> impl IntoView {
    let unknown = || {
        view! {
            <span aria-hidden="true">"–"</span>
            <span class="visually-hidden">"unknown"</span>
        }
    };
    let window = view.context.map(|tokens| {
        let exact = format!("{} tokens", thousands(tokens));
        view! { <span title=exact>{context(tokens)}</span> }
    });
    let prices = prices(view.input_price.as_deref(), view.output_price.as_deref());
    let known = !prices.is_empty();
    let price = prices
        .into_iter()
        .map(|price| view! { <span>{price}</span> })
        .collect_view();
    view! {
        <div role="gridcell" class="cell" data-part="context">
            {window.map_or_else(|| unknown().into_any(), IntoAny::into_any)}
        </div>
        <div role="gridcell" class="cell" data-part="price">
            {if known { price.into_any() } else { unknown().into_any() }}
        </div>
        <div role="gridcell" class="cell" data-part="mode">
            {view.mode.map_or_else(|| unknown().into_any(), IntoAny::into_any)}
        </div>
    }
}

/// The switch.
#[component]
fn Enabled<F>(
    catalog: Catalog,
    model: Memo<Option<Arc<Model>>>,
    key: Arc<str>,
    tabindex: F,
) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let on = Memo::new(move |_| {
        model.with(|model| model.as_ref().is_some_and(|model| model.view.enabled))
    });
    let label = format!("Enable {key}");
    view! {
        <div role="gridcell" class="cell" data-part="state">
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    aria-label=label
                    tabindex=tabindex
                    prop:checked=on
                    on:change:target=move |event| {
                        let wanted = event.target().checked();
                        // The control plane decides; until it answers the switch stays.
                        event.target().set_checked(on.get_untracked());
                        catalog.change.switch(vec![key.clone()], wanted);
                    }
                />
                <span aria-hidden="true">{move || if on.get() { "On" } else { "Off" }}</span>
            </label>
        </div>
    }
}

/// Copying the ref, and making it the default model.
#[component]
fn Actions<F>(
    catalog: Catalog,
    model: Memo<Option<Arc<Model>>>,
    key: Arc<str>,
    tabindex: F,
) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let announcer = use_announcer();
    let text = key.to_string();
    let is_default = {
        let key = key.clone();
        Memo::new(move |_| catalog.change.default_model().as_deref() == Some(&*key))
    };
    let usable = Memo::new(move |_| {
        model.with(|model| model.as_ref().is_some_and(|model| model.view.enabled))
    });
    let copied = move |done: bool| {
        announcer.say(if done {
            "Copied."
        } else {
            "The browser blocked copying."
        });
    };
    let label = {
        let key = key.clone();
        move || {
            if is_default.get() {
                format!("Default model: {key} · Clear")
            } else {
                format!("Make default: {key}")
            }
        }
    };
    let rests = move || !is_default.get() && !usable.get();
    let press = move |_| {
        if is_default.get_untracked() {
            catalog.change.set_default(None);
        } else if usable.get_untracked() {
            catalog.change.set_default(Some(key.to_string()));
        }
    };
    view! {
        <div role="gridcell" class="cell" data-part="actions">
            <CopyButton
                text=text.clone()
                label="Copy ref"
                name=format!("Copy ref {text}")
                copied=Callback::new(copied)
                {..}
                tabindex=tabindex
            />
            <button
                class="button"
                type="button"
                data-kind="quiet"
                data-size="small"
                tabindex=tabindex
                aria-label=label
                data-on=move || is_default.get().then_some("true")
                aria-disabled=move || rests().then_some("true")
                on:click=press
            >
                {move || if is_default.get() { "Default" } else { "Make default" }}
            </button>
        </div>
    }
}
