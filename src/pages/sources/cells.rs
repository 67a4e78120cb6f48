//! The cells of a source's row.

use crate::api::types::{KeyState, SourceView};
use crate::components::{Address, Badge, Tag, Tone};
use crate::explain::host;
use crate::format::age;
use crate::paths::Path;
use crate::state::{use_clock, use_workspace};
use leptos::prelude::*;
use leptos_router::components::A;
use waypost_routing::header::credential_header;

/// The label, the slug, and whether passthrough is on.
#[component]
pub(super) fn NameCell(item: Memo<SourceView>) -> impl IntoView {
    let shown = Memo::new(move |_| {
        item.with(|source| {
            let SourceView {
                name,
                slug,
                passthrough,
                problem,
                ..
            } = source.clone();
            (name, slug, passthrough, problem)
        })
    });
    move || {
        let (name, slug, passthrough, problem) = shown.get();
        view! {
            <A href=Path::Source(slug.clone()).to_string() {..} class="source-name">
                {name}
            </A>
            <p class="small faint">
                <code>{format!("{slug}/…")}</code>
            </p>
            <span class="tags">
                {if passthrough {
                    view! { <Tag text="passthrough" /> }.into_any()
                } else {
                    view! { <Tag text="via managed gateway" /> }.into_any()
                }}
            </span>
            {problem.map(|problem| view! { <p class="small bad">{problem}</p> })}
        }
    }
}

/// The base URL, and the header that carries the key.
#[component]
pub(super) fn UrlCell(item: Memo<SourceView>) -> impl IntoView {
    let shown = Memo::new(move |_| {
        item.with(|source| {
            let keyed = source.key.state != KeyState::Missing;
            let (name, scheme) = credential_header(source.auth_header.as_deref());
            let mut sent: Vec<String> = Vec::new();
            sent.extend(keyed.then(|| format!("{name}: {scheme}…")));
            sent.extend(source.header_names.iter().cloned());
            (source.base_url.clone(), sent)
        })
    });
    move || {
        let (base_url, sent) = shown.get();
        if base_url.is_empty() {
            return view! { <span class="faint">"none yet; needed to refresh"</span> }.into_any();
        }
        view! {
            <Address url=base_url />
            {(!sent.is_empty())
                .then(|| {
                    view! {
                        <p class="small faint">
                            "sends " <code>{sent.join(", ")}</code>
                        </p>
                    }
                })}
        }
        .into_any()
    }
}

/// Whether it has a key. Endpoints without a key are fine.
#[component]
pub(super) fn KeyCell(item: Memo<SourceView>) -> impl IntoView {
    let now = use_clock().now();
    let workspace = use_workspace();
    let key = Memo::new(move |_| item.with(|source| source.key.clone()));
    let backend = move || {
        workspace
            .settings
            .with(|settings| settings.secrets.backend.label())
            .unwrap_or("secrets backend")
    };
    let badge = move || {
        key.with(|key| match key.state {
            KeyState::Configured => (Tone::Ok, "Configured"),
            KeyState::Missing => (Tone::None, "No key"),
            KeyState::Unknown => (Tone::Warn, "Unknown"),
            KeyState::NeedsReentry => (Tone::Warn, "Needs re-entry"),
        })
    };
    let detail = move || {
        key.with(|key| match key.state {
            KeyState::Configured => {
                let hint = key.hint.as_ref().map(|hint| format!("ends {hint}"));
                let age = key.set_at.and_then(|at| age(now.get(), at));
                let parts: Vec<String> = std::iter::once(backend().to_owned())
                    .chain(hint)
                    .chain(age)
                    .collect();
                parts.join(" · ")
            }
            KeyState::Missing => "requests are sent without a key".to_owned(),
            KeyState::Unknown => format!("the {} is not responding", backend()),
            KeyState::NeedsReentry => {
                let origin = key.bound_origin.as_deref().unwrap_or_default();
                format!("key was for {}", host(origin))
            }
        })
    };
    view! {
        <Badge
            tone=Signal::derive(move || badge().0)
            text=Signal::derive(move || badge().1.to_owned())
        />
        <p class="small">{detail}</p>
    }
}
