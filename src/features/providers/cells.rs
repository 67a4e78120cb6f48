//! The cells of a provider's row.

use super::file_problems::ProblemLine;
use super::labels::{host_of, key_tone, key_variable, key_word, kind_word, layer_word, stored_key};
use crate::api::types::{FileSeverity, KeyState, ProviderView};
use crate::components::{Address, Badge, Prose, Tag};
use crate::format::origin_word;
use crate::state::{use_clock, use_workspace};
use leptos::prelude::*;

/// The name, its kind, what it replaces, and problems of its entry in the file.
#[component]
pub(super) fn NameCell(item: Memo<ProviderView>) -> impl IntoView {
    move || {
        item.with(|view| {
            let replaced = view.replaces.as_ref().map(|replaced| {
                let lost = if replaced.lost_headers.is_empty() {
                    String::new()
                } else {
                    format!(" Drops headers: {}.", replaced.lost_headers.join(", "))
                };
                let text = format!(
                    "Replaces the {} entry {} completely.{lost}",
                    layer_word(replaced.layer),
                    replaced.base_url
                );
                view! { <p class="small faint">{text}</p> }
            });
            let blocked = view
                .problems
                .iter()
                .any(|problem| problem.severity == FileSeverity::Error)
                .then(|| {
                    view! {
                        <p class="small bad">
                            "Blocked: refs to it are rejected until you fix the file."
                        </p>
                    }
                });
            let problems = view
                .problems
                .iter()
                .map(|problem| view! { <ProblemLine problem=problem.clone() /> })
                .collect_view();
            view! {
                <span class="name">{view.name.clone()}</span>
                <span class="tags">
                    <Tag text=kind_word(view.kind) />
                    <Tag text=layer_word(view.layer) />
                    {view.managed.then(|| view! { <Tag text="managed" /> })}
                </span>
                {replaced}
                {blocked}
                {problems}
            }
        })
    }
}

/// The effective base URL and where it comes from.
#[component]
pub(super) fn UrlCell(item: Memo<ProviderView>) -> impl IntoView {
    move || {
        item.with(|view| {
            let from = match view.base_url.from.env_variable() {
                Some(variable) => {
                    let instead = view.entry_base_url.clone().map(|entry| {
                        view! { <p class="small faint">"instead of " <Address url=entry /></p> }
                    });
                    let from = view! { "from " <code>{variable.to_owned()}</code> };
                    (from, instead).into_any()
                }
                None => origin_word(&view.base_url.from).into_any(),
            };
            let problem = view
                .base_url_problem
                .clone()
                .map(|problem| view! { <p class="small bad"><Prose text=problem /></p> });
            view! {
                <Address url=view.base_url.value.clone() />
                <p class="small faint">{from}</p>
                {problem}
            }
        })
    }
}

/// The state of the key.
#[component]
pub(super) fn KeyCell(item: Memo<ProviderView>) -> impl IntoView {
    let now = use_clock().now();
    let workspace = use_workspace();
    let state = Memo::new(move |_| item.with(|view| view.key.state));
    let backend = move || {
        workspace
            .settings
            .with(|settings| settings.secrets.backend.label())
            .unwrap_or("secrets backend")
    };
    let detail = move || {
        item.with(|view| match (view.key.state, key_variable(&view.key)) {
            (KeyState::Configured, Some(variable)) => {
                view! { "from " <code>{variable.to_owned()}</code> }.into_any()
            }
            (KeyState::Configured, None) => {
                let mut parts = vec![backend().to_owned()];
                parts.extend(stored_key(&view.key, now.get()));
                parts.join(" · ").into_any()
            }
            (KeyState::Missing, _) if view.key_problem.is_some() => {
                let problem = view.key_problem.clone().unwrap_or_default();
                view! { <Prose text=problem /> }.into_any()
            }
            (KeyState::Missing, _) => match view.api_key_env.clone() {
                Some(variable) => view! { <code>{variable}</code> " is not set" }.into_any(),
                None => ().into_any(),
            },
            (KeyState::Unknown, _) => format!("the {} is not responding", backend()).into_any(),
            (KeyState::NeedsReentry, _) => {
                let origin = view.key.bound_origin.as_deref().unwrap_or_default();
                format!("key was for {}", host_of(origin)).into_any()
            }
        })
    };
    view! {
        <Badge
            tone=Signal::derive(move || key_tone(state.get()))
            text=Signal::derive(move || key_word(state.get()).to_owned())
        />
        <p class="small">{detail}</p>
    }
}
