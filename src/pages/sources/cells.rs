//! The cells of a source's row.

use crate::api::types::{KeyState, SourceView};
use crate::components::{Address, Definition, FramedIcon, Glyph, Tag, Term, UserText};
use crate::features::time_limits::LimitLine;
use crate::paths::Path;
use leptos::prelude::*;
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
        let glyph = Glyph::of_name(&slug, Glyph::Source);
        view! {
                    <div class="named-icon">
        <FramedIcon glyph=glyph />
        <div class="named-icon-text">
                    <a href=Path::Source(slug.clone()).to_string() class="source-name">
                        <UserText text=name />
                    </a>
                    <p class="small faint">
                        <code>{format!("{slug}/…")}</code>
                    </p>
                    <span class="tags">
                        {if passthrough {
                            view! {
                                <span class="tag">
                                    <Definition term=Term::Passthrough />
                                </span>
                            }
                                .into_any()
                        } else {
                            view! { <Tag text="via managed gateway" /> }.into_any()
                        }}
                    </span>
                    {problem.map(|problem| view! { <p class="small bad">{problem}</p> })}
                    </div>
        </div>
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
            (source.base_url.clone(), sent, source.limits)
        })
    });
    move || {
        let (base_url, sent, limits) = shown.get();
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
            <LimitLine limits=limits />
        }
        .into_any()
    }
}
