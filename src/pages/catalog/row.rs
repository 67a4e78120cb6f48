//! One model of the catalog.

use super::Catalog;
use crate::api::types::{ModelState, ModelView, TrafficBy};
use crate::components::{
    COPY_BLOCKED, Explained, Menu, MenuItem, Tag, WindowedRow, use_edit_access,
};
use crate::dom;
use crate::features::replace_model::{ReplaceModel, ReplaceRequest};
use crate::features::traffic::{TrafficButton, TrafficOf};
use crate::format::{context, count, prices, thousands};
use crate::paths::{AgentsFilter, Path};
use crate::state::{is_unloaded, use_announcer, use_models, use_used_by};
use crate::task::Scope;
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::model_id::IdNote;

/// The cells of a model. They follow the model's values, so that a row stays in place (and keeps
/// the focus) while it is switched.
pub(super) fn model_row(catalog: Catalog, row: WindowedRow) -> AnyView {
    let models = use_models();
    let key = row.key.clone();
    if is_unloaded(&key) {
        let index = row.index;
        Effect::new(move || models.want(index));
        return unloaded();
    }
    let model = {
        let key = key.clone();
        Memo::new(move |old: Option<&Option<Arc<ModelView>>>| {
            models
                .get(&key)
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
                    let view = ModelView::clone(&model);
                    view! {
                        <Named catalog=catalog view=view.clone() tabindex=tabindex />
                        <Facts view=view />
                    }
                })
        }}
        <Used key=key.clone() tabindex=tabindex />
        <Enabled catalog=catalog model=model key=key.clone() tabindex=tabindex />
        <Actions catalog=catalog model=model key=key tabindex=tabindex />
    }
    .into_any()
}

/// A row whose model is on its way.
fn unloaded() -> AnyView {
    view! {
        <div role="gridcell" class="cell" data-part="select"></div>
        <div role="rowheader" class="cell faint" data-part="model">
            "Loading…"
        </div>
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
fn Named<F>(catalog: Catalog, view: ModelView, tabindex: F) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let retires = view
        .retires_on
        .map(|day| view! { <span class="retires">{format!("retires {day}")}</span> });
    let absent =
        (view.state == ModelState::Absent).then(|| view! { <Tag text="no longer listed" /> });
    let note = IdNote::of(&view.id).map(|note| {
        view! {
            <Explained
                label=note.label().replace('`', "")
                text=note.message()
                tag=true
                tabindex=Signal::derive(move || Some(tabindex()))
            />
        }
    });
    let name = view.name.filter(|name| *name != view.id);
    let title = view.model_ref.clone();
    let path = Path::preview(&view.model_ref).to_string();
    let is_default = {
        let model_ref = view.model_ref.clone();
        Memo::new(move |_| catalog.change.default_model().as_deref() == Some(model_ref.as_str()))
    };
    view! {
        <div role="rowheader" class="cell" data-part="model">
            <a
                href=path
                class="model-ref"
                tabindex=tabindex
                title=title
            >
                {view.model_ref}
            </a>
            <span class="model-more">
                {name.map(|name| view! { <span class="model-name">{name}</span> })}
                {move || is_default.get().then(|| view! { <Tag text="default model" /> })}
                {note}
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
    model: Memo<Option<Arc<ModelView>>>,
    key: Arc<str>,
    tabindex: F,
) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let on =
        Memo::new(move |_| model.with(|model| model.as_ref().is_some_and(|model| model.enabled)));
    let access = use_edit_access();
    let label = format!("Enable {key}");
    view! {
        <div role="gridcell" class="cell" data-part="state">
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    aria-label=label
                    tabindex=tabindex
                    title=move || access.title()
                    aria-disabled=move || access.denied().then_some("true")
                    prop:checked=on
                    on:change:target=move |event| {
                        let wanted = event.target().checked();
                        // The control plane decides; until it answers the switch stays.
                        event.target().set_checked(on.get_untracked());
                        if access.refuses() {
                            return;
                        }
                        catalog.change.switch(vec![key.clone()], wanted);
                    }
                />
                <span aria-hidden="true">{move || if on.get() { "On" } else { "Off" }}</span>
            </label>
        </div>
    }
}

/// How many agents use it: a link to them.
#[component]
fn Used<F>(key: Arc<str>, tabindex: F) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let used_by = use_used_by();
    let name = Signal::stored(key.to_string());
    let traffic = TrafficOf::new(TrafficBy::Model, name, name);
    let users = {
        let key = key.clone();
        Memo::new(move |_| {
            let users = used_by.with(|index| Some(index.as_ref()?.get().count_of_model(&key)));
            users.unwrap_or_default() as u64
        })
    };
    view! {
        <div role="gridcell" class="cell" data-part="used">
            {move || match users.get() {
                0 => view! {
                    <span aria-hidden="true">"–"</span>
                    <span class="visually-hidden">"no agent"</span>
                }
                    .into_any(),
                users => {
                    let filter = AgentsFilter {
                        query: key.to_string(),
                        list: true,
                        ..AgentsFilter::default()
                    };
                    let text = count(users, "agent", "agents");
                    let label = format!("{text} with {key}");
                    view! {
                        <a
                            href=Path::AgentList(filter).to_string()
                            tabindex=tabindex
                            aria-label=label
                        >
                            {text}
                        </a>
                    }
                        .into_any()
                }
            }}
            <TrafficButton of=traffic tabindex=Signal::derive(move || Some(tabindex())) />
        </div>
    }
}

/// The menu.
#[component]
fn Actions<F>(
    catalog: Catalog,
    model: Memo<Option<Arc<ModelView>>>,
    key: Arc<str>,
    tabindex: F,
) -> impl IntoView
where
    F: Fn() -> i32 + Copy + Send + Sync + 'static,
{
    let announcer = use_announcer();
    let access = use_edit_access();
    let scope = Scope::current();
    let label = format!("More actions for {key}");
    let replacing = RwSignal::new(false);
    let replaced = ReplaceRequest::of(&*key);
    let items = move || {
        let enabled = model.with(|model| model.as_ref().is_some_and(|model| model.enabled));
        let is_default = catalog.change.default_model().as_deref() == Some(&*key);
        let copied = key.clone();
        let copy = move || {
            let text = copied.to_string();
            scope.spawn(async move {
                announcer.say(match dom::copy(&text).await {
                    true => "Copied.",
                    false => COPY_BLOCKED,
                });
            });
        };
        let switched = key.clone();
        let switch = move || catalog.change.switch(vec![switched.clone()], !enabled);
        let switch_text = if enabled { "Disable" } else { "Enable" };
        let chosen = key.to_string();
        let choose = move || {
            catalog
                .change
                .set_default((!is_default).then(|| chosen.clone()));
        };
        let choose_text = match is_default {
            true => "Clear the default model",
            false => "Make default",
        };
        let is_pattern = model.with(|model| model.as_ref().is_some_and(|model| model.pattern));
        let unusable = match (is_default, is_pattern, enabled) {
            (false, true, _) => Some("A pattern cannot be the default model.".to_owned()),
            (false, false, false) => Some("Enable the model first.".to_owned()),
            _ => None,
        };
        vec![
            MenuItem::action("Copy ref", copy),
            MenuItem::link("Preview route", Path::preview(&key).to_string()),
            MenuItem::action(switch_text, switch).refused(access.reason()),
            MenuItem::action(choose_text, choose).refused(access.reason().or(unusable)),
            MenuItem::action("Replace model…", move || replacing.set(true))
                .refused(access.reason()),
            MenuItem::link("Show history", Path::history("model", &key).to_string()),
        ]
    };
    view! {
        <div role="gridcell" class="cell" data-part="actions">
            <Menu
                label=label
                tabindex=Signal::derive(move || Some(tabindex()))
                items=Callback::new(move |()| items())
            />
            <ReplaceModel open=replacing request=replaced />
        </div>
    }
}
