//! What the Configure dialog says below the name and the base URL.

use super::form::ConfigureForm;
use crate::components::{Definition, Notice, Prose, Term, Tone};
use crate::explain::{host, origin};
use crate::features::providers::labels::{drops_headers, layer_word};
use crate::state::use_workspace;
use leptos::prelude::*;
use waypost_routing::base_url::raw_operation_url;
use waypost_routing::catalog::Layer;
use waypost_routing::operation::Operation;

/// What the name will be in refs.
pub(super) fn name_help(form: ConfigureForm) -> Option<String> {
    let name = form.name.with(|name| name.trim().to_owned());
    Some(if name.is_empty() {
        "The first segment of refs to its models: lowercase letters, digits, dots and dashes."
            .to_owned()
    } else {
        format!("In refs: `{name}/<model>`")
    })
}

/// Where requests go, or why that cannot be changed here.
pub(super) fn url_help(form: ConfigureForm) -> String {
    if let Some(variable) = form.fixed_by() {
        return format!(
            "Set by `{variable}` in the environment, which takes precedence. Unset the variable to change it here."
        );
    }
    let typed = form.base_url.get();
    if typed.trim().is_empty() {
        return "The URL without `/models` or `/chat/completions` at the end.".to_owned();
    }
    format!(
        "Requests go to `{}`.",
        raw_operation_url(typed.trim(), Operation::Chat)
    )
}

/// What saving replaces, and what happens to the stored key.
#[component]
pub(super) fn OverrideNote(form: ConfigureForm) -> impl IntoView {
    let replaces = move || {
        let seen = form.seen.get()?;
        if !form.overrides() {
            let replaced = seen.replaces.as_ref()?;
            return Some(format!(
                "Replaces the {} entry `{}`. Delete this entry to go back to it.",
                layer_word(replaced.layer),
                replaced.base_url
            ));
        }
        let layer = match seen.layer {
            Layer::UserLocal => "the entry of the providers file",
            _ => "the built-in entry",
        };
        let headers = seen.default_headers.keys();
        let kept = form.input().is_ok_and(|input| {
            let mut headers = headers.clone();
            headers.all(|name| input.default_headers.contains_key(name))
        });
        let drops = match kept {
            true => String::new(),
            false => drops_headers(headers),
        };
        Some(format!(
            "Saves a workspace entry in place of {layer}, `{}`.{drops} Delete the workspace entry to go back.",
            seen.base_url.value
        ))
    };
    // Shown before saving: a key belongs to the origin it was entered for.
    let moved = move || {
        let bound = form.moves().filter(|_| !form.has_key())?;
        let now = form.base_url.with(|typed| origin(typed))?;
        Some(format!(
            "The stored key belongs to {} and is not sent to {}. Enter the key for the new address.",
            host(&bound),
            host(&now)
        ))
    };
    let workspace = use_workspace();
    let replaced_by_name = move || {
        if !form.is_new() {
            return None;
        }
        let typed = form.name.with(|name| name.trim().to_owned());
        workspace.providers.with(|page| {
            let item = page.items.iter().find(|item| item.name == typed)?;
            Some(format!(
                "Replaces the {} entry `{}` completely.",
                layer_word(item.layer),
                item.base_url.value
            ))
        })?
    };
    view! {
        {move || {
            replaces()
                .or_else(replaced_by_name)
                .map(|text| {
                    view! {
                        <p class="field-help">
                            <Prose text=text /> " "
                            <Definition term=Term::Override text="What is an override?" />
                        </p>
                    }
                })
        }}
        {move || moved().map(|text| view! { <Notice tone=Tone::Warn text=text /> })}
    }
}
