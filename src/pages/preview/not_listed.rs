//! The remark that a routed model is not in the list of its owner, and the way to refresh that.

use crate::api::use_api;
use crate::components::{Button, Notice, Tone};
use crate::dom;
use crate::features::listed_models::Lister;
use crate::state::{Check, use_checks, use_clock, use_workspace};
use crate::task::spawn_scoped;
use leptos::prelude::*;
use waypost_routing::codes;
use waypost_routing::resolution::{Outcome, Resolution};

/// How long typing must pause before the catalog is asked, in milliseconds.
const TYPING: i32 = 400;

/// The remark. A model that is known to be absent has its own warning.
#[component]
pub(super) fn NotListed(resolution: Resolution) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let checks = use_checks();
    let now = use_clock().now();
    let asked = model_of(&resolution);
    let owner = asked.as_ref().map(|(owner, _)| owner.clone());
    // Another refresh asks again.
    let lister = Memo::new(move |_| Lister::of(workspace, owner.as_deref()?));
    let lacking = RwSignal::new(None::<Lister>);
    Effect::new(move || {
        lacking.set(None);
        let (Some(lister), Some((_, model))) = (lister.get(), asked.clone()) else {
            return;
        };
        spawn_scoped(async move {
            dom::pause(TYPING).await;
            if lister.lacks(api, &model).await {
                lacking.try_set(Some(lister));
            }
        });
    });
    let remark = move || {
        let lister = lacking.get()?;
        let owner = lister.owner.clone();
        let last = checks.of(owner.clone());
        let busy =
            Signal::derive(move || last.with(|last| last.as_ref().is_some_and(Check::running)));
        let text = Signal::derive(move || lister.words(now.get()));
        Some(view! {
            <Notice tone=Tone::Warn text=text>
                <Button edits=true busy=busy press=move || checks.refresh(owner.clone())>
                    "Refresh models"
                </Button>
            </Notice>
        })
    };
    view! { <div role="status">{remark}</div> }
}

/// The provider or source that a routed request goes to, and the model as it names it.
fn model_of(resolution: &Resolution) -> Option<(String, String)> {
    let is_absent = |code: &str| code == codes::MODEL_ABSENT;
    let mut warnings = resolution.warnings.iter();
    if resolution.outcome != Outcome::Routed || warnings.any(|warning| is_absent(&warning.code)) {
        return None;
    }
    let route = resolution.route.as_ref()?;
    let owner = route.provider.clone()?;
    (!route.wire_model.is_empty()).then(|| (owner, route.wire_model.clone()))
}
