//! A save that was refused because somebody else was faster, and what becomes of it.

use crate::api::types::{NewModels, ProviderView, SourceView};
use crate::api::{spawn, use_api};
use crate::components::{ConflictDialog, ConflictField};
use crate::dom;
use crate::format::{actor, ago};
use leptos::prelude::*;

/// A refused save that waits to be decided.
#[derive(Clone, Copy)]
pub struct Conflict {
    open: RwSignal<bool>,
    fields: RwSignal<Vec<ConflictField>>,
    version: RwSignal<u64>,
}

impl Conflict {
    /// There is none.
    #[must_use]
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            fields: RwSignal::new(Vec::new()),
            version: RwSignal::new(0),
        }
    }

    /// Asks what is to be stored. Without any difference there is nothing to ask: false.
    #[must_use]
    pub fn ask(
        self,
        version: u64,
        fields: impl IntoIterator<Item = Option<ConflictField>>,
    ) -> bool {
        let fields: Vec<ConflictField> = fields.into_iter().flatten().collect();
        let differs = !fields.is_empty();
        if differs {
            self.fields.set(fields);
            self.version.set(version);
            self.open.set(true);
        }
        differs
    }
}

/// The question, with who has changed it and when.
#[component]
pub fn ConflictQuestion(
    /// The save that waits.
    conflict: Conflict,
    /// What was to be saved.
    #[prop(into)]
    name: Signal<String>,
    /// Saves it over what is stored.
    #[prop(into)]
    save_mine: Callback<()>,
    /// Gives it up.
    #[prop(into)]
    take_theirs: Callback<()>,
) -> impl IntoView {
    let api = use_api();
    let by = RwSignal::new(String::new());
    Effect::new(move || {
        let version = conflict.version.get();
        by.set(String::new());
        if version == 0 {
            return;
        }
        spawn(async move {
            let Ok(page) = api.change(version).await else {
                return;
            };
            if let Some(event) = page.items.first() {
                let when = ago(dom::now(), event.at);
                by.try_set(format!("By {}, {when}.", actor(&event.actor)));
            }
        });
    });
    let close = move |then: Callback<()>| {
        move || {
            conflict.open.set(false);
            then.run(());
        }
    };
    view! {
        <ConflictDialog
            open=conflict.open
            name=name
            by=by
            fields=conflict.fields
            save_mine=close(save_mine)
            take_theirs=close(take_theirs)
        />
    }
}

/// Whether two views of a provider tell the same of what can be changed: a refresh or a test
/// makes a version, too.
pub fn same_provider(one: &ProviderView, other: &ProviderView) -> bool {
    let settings = |view: &ProviderView| {
        (
            (view.base_url.value.clone(), view.entry_base_url.clone()),
            view.api_key_env.clone(),
            view.default_headers.clone(),
            view.docs.clone(),
            (view.allow_private, view.new_models, view.layer),
            (view.key.set_at, view.key.bound_origin.clone()),
        )
    };
    settings(one) == settings(other)
}

/// The same of two views of a source.
pub fn same_source(one: &SourceView, other: &SourceView) -> bool {
    let settings = |view: &SourceView| {
        (
            view.name.clone(),
            view.base_url.clone(),
            view.auth_header.clone(),
            view.header_names.clone(),
            (view.passthrough, view.allow_private, view.new_models),
            (view.key.set_at, view.key.bound_origin.clone()),
        )
    };
    settings(one) == settings(other)
}

/// A switch in a word.
pub fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// What becomes of new models, in a word.
pub fn new_models_word(choice: NewModels) -> &'static str {
    match choice {
        NewModels::Inherit => "as Settings says",
        NewModels::Enabled => "start enabled",
        NewModels::Disabled => "start disabled",
    }
}
