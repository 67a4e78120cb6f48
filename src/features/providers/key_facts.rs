//! Facts shown beside the key field.

use super::labels::{effective_origin, host_of};
use crate::api::types::{KeyState, ProviderView};
use crate::components::{Address, Notice, Tone};
use crate::format::origin_word;
use crate::state::use_workspace;
use leptos::prelude::*;

/// Where the key will be stored, and for which origin.
#[component]
pub(super) fn KeyPlace(item: Memo<ProviderView>) -> impl IntoView {
    let workspace = use_workspace();
    let backend = move || {
        workspace
            .settings
            .with(|settings| settings.secrets.backend.label())
            .unwrap_or("secrets backend")
    };
    move || {
        item.with(|view| {
            let origin = effective_origin(view);
            let docs = view.docs.clone().map(|docs| {
                view! {
                    " "
                    <a href=docs target="_blank" rel="noreferrer noopener">
                        "Where do I find this?"
                    </a>
                }
            });
            view! {
                <p class="field-help">
                    "Stored in the " {backend()} " as " <code>{view.key.secret_name.clone()}</code>
                    {origin.map(|origin| view! { ", for " <code>{origin}</code> " only" })}
                    ". It is never shown again." {docs}
                </p>
            }
        })
    }
}

/// The effective base URL, and what the key replaces.
#[component]
pub(super) fn KeyFacts(item: Memo<ProviderView>) -> impl IntoView {
    let workspace = use_workspace();
    let shadowed = move || {
        item.with(|view| {
            let variable = view.api_key_env.clone()?;
            let set = workspace
                .snapshot()
                .with(|snapshot| snapshot.environment.set.contains(&variable))?;
            set.then_some(variable)
        })
    };
    let bound = move || {
        item.with(|view| {
            (view.key.state == KeyState::NeedsReentry).then(|| {
                let origin = view.key.bound_origin.as_deref().unwrap_or_default();
                format!(
                    "The stored key belongs to {} and is not sent elsewhere. Enter it again to use it here.",
                    host_of(origin)
                )
            })
        })
    };
    view! {
        <dl class="terms">
            <dt>"Effective base URL"</dt>
            <dd>
                {move || {
                    item.with(|view| {
                        view! {
                            <Address url=view.base_url.value.clone() />
                            " "
                            <span class="faint">{origin_word(&view.base_url.from)}</span>
                        }
                    })
                }}
            </dd>
            {move || {
                shadowed()
                    .map(|variable| {
                        view! {
                            <dt>"Replaces"</dt>
                            <dd>
                                <code>{variable}</code>
                                " from the environment, used while no key is stored"
                            </dd>
                        }
                    })
            }}
        </dl>
        {move || bound().map(|text| view! { <Notice tone=Tone::Warn text=text /> })}
    }
}
