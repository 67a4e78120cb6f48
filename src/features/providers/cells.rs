//! The cells of a provider's row.

use super::file_problems::ProblemLine;
use super::labels::{drops_headers, kind_glyph, kind_word, layer_word};
use crate::api::types::{FileSeverity, ProviderView};
use crate::components::{Address, Definition, FramedIcon, Glyph, Prose, Tag, Term};
use crate::features::time_limits::LimitLine;
use crate::format::origin_word;
use leptos::prelude::*;

/// The name, its kind, what it replaces, and problems of its entry in the file.
#[component]
pub(super) fn NameCell(item: Memo<ProviderView>) -> impl IntoView {
    move || {
        item.with(|view| {
            let replaced = view.replaces.as_ref().map(|replaced| {
                let lost = drops_headers(&replaced.lost_headers);
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
            let glyph = Glyph::of_name(&view.name, kind_glyph(view.kind));
            view! {
                <div class="named-icon">
<FramedIcon glyph=glyph />
<div class="named-icon-text">
                <span class="name">{view.name.clone()}</span>
                <span class="tags">
                    <Tag text=kind_word(view.kind) />
                    <Tag text=layer_word(view.layer) />
                    {view.managed.then(|| view! { <span class="tag"><Definition term=Term::ManagedGateway /></span> })}
                </span>
                {replaced}
                {blocked}
                {problems}
                </div>
</div>
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
                <LimitLine limits=view.limits />
                {problem}
            }
        })
    }
}
