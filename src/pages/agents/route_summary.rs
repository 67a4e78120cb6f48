//! A route at a glance: its kind, where it goes, what it is called there.

use crate::components::{Badge, KindBadge, Prose, Tone};
use crate::explain::{host, kind_word};
use crate::features::remedy::{Failure, Remedy};
use crate::format::count;
use leptos::prelude::*;
use waypost_routing::resolution::{Outcome, Resolution, Route, Warning};

/// The route of a resolution. Without one, there is nothing to resolve.
#[component]
pub(super) fn Glance(
    /// What the resolver says.
    resolution: Option<Resolution>,
    /// Shown if there is nothing to resolve.
    #[prop(default = "none")]
    none: &'static str,
    /// Whether the warnings are written out, and not only counted.
    #[prop(optional)]
    whole: bool,
    /// Where they are written out otherwise.
    #[prop(optional, into)]
    preview: Option<String>,
    /// The stored agent that sends the request.
    #[prop(optional_no_strip)]
    agent: Option<String>,
) -> impl IntoView {
    let Some(resolution) = resolution else {
        return view! { <span class="faint">{none}</span> }.into_any();
    };
    let failure = Failure::of(&resolution, agent);
    let asked = resolution.model_ref;
    if resolution.outcome == Outcome::Rejected {
        let why = resolution.error.map(|error| error.message);
        let model =
            (!asked.is_empty()).then(|| view! { <code class="glance-model">{asked}</code> });
        return view! {
            <div class="glance">
                <p class="glance-head">
                    <Badge tone=Tone::Bad text="No route" />
                    {model}
                </p>
                {why.map(|why| view! { <p class="small bad"><Prose text=why /></p> })}
                <Remedy failure=failure />
            </div>
        }
        .into_any();
    }
    let Some(route) = resolution.route else {
        return view! { <span class="faint">{none}</span> }.into_any();
    };
    let warnings = resolution.warnings;
    let counted = (!whole && !warnings.is_empty()).then(|| {
        let text = count(warnings.len() as u64, "warning", "warnings");
        view! { <Badge tone=Tone::Warn text=text /> }
    });
    let reason = preview
        .filter(|_| !whole)
        .and_then(|href| reason(&warnings, href));
    let written = whole.then(|| {
        warnings
            .into_iter()
            .map(|warning| view! { <p class="small warn"><Prose text=warning.message /></p> })
            .collect_view()
    });
    let (name, at) = target(&route);
    view! {
        <div class="glance">
            <p class="glance-head">
                <KindBadge kind=Some(route.kind) word=kind_word(route.kind) />
                <b>{name}</b>
                {at.map(|at| view! { <span class="faint">{at}</span> })}
            </p>
            <p class="glance-wire">
                <span class="faint">"as "</span>
                <code class="glance-model">{route.wire_model}</code>
                {counted}
            </p>
            {reason}
            {written}
        </div>
    }
    .into_any()
}

/// The first warning, as a link to where all of them are.
fn reason(warnings: &[Warning], href: String) -> Option<impl IntoView + use<>> {
    let text = warnings.first()?.message.clone();
    let more = match warnings.len() - 1 {
        0 => String::new(),
        more => [" · ", &count(more as u64, "more", "more")].concat(),
    };
    Some(view! {
        <p class="small glance-reason">
            <a href=href>
                <Prose text=text />
                {more}
            </a>
        </p>
    })
}

/// The wire model of a resolution, or why there is none, where the rest is said above.
#[component]
pub(super) fn WireModel(
    /// What the resolver says.
    resolution: Option<Resolution>,
    /// Where its warnings are written out.
    preview: String,
) -> impl IntoView {
    let resolution = resolution?;
    let rejected = resolution.outcome == Outcome::Rejected;
    let warnings = resolution.warnings;
    let counted = (!warnings.is_empty()).then(|| {
        let text = count(warnings.len() as u64, "warning", "warnings");
        view! { <Badge tone=Tone::Warn text=text /> }
    });
    let reason = reason(&warnings, preview);
    let model = match resolution.route.filter(|_| !rejected) {
        Some(route) => route.wire_model,
        None => resolution.model_ref,
    };
    Some(view! {
        <p class="glance-wire">
            <code class="glance-model">{model}</code>
            {counted}
        </p>
        {reason}
    })
}

/// The provider, and its host unless the name contains it.
fn target(route: &Route) -> (String, Option<String>) {
    let at = route
        .base_url
        .as_ref()
        .map(|base| host(&base.value).to_owned());
    match (&route.provider, at) {
        (Some(name), at) => (name.clone(), at),
        (None, Some(at)) => (at, None),
        (None, None) => ("no base URL".to_owned(), None),
    }
}
