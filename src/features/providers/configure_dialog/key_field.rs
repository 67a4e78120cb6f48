//! The key of the Configure dialog: the field, where the key will be stored, and what it replaces.

use super::form::ConfigureForm;
use crate::api::types::{KeyState, ProviderView};
use crate::components::{Definition, Notice, SecretField, Term, Tone};
use crate::explain::{host, origin};
use crate::format::{current_key, verification_words};
use crate::state::{use_clock, use_workspace};
use leptos::prelude::*;
use waypost_routing::key_text::Carrier;

/// The field with its summary.
#[component]
pub(super) fn KeyField(
    form: ConfigureForm,
    item: Option<Memo<ProviderView>>,
    #[prop(into)] error: Signal<Option<String>>,
    autofocus: bool,
) -> impl IntoView {
    let now = use_clock().now();
    let workspace = use_workspace();
    let note = move || {
        item?.with(|view| {
            let key = current_key(&view.key, now.get())?;
            let words = verification_words(&view.verification, now.get());
            Some(match view.key.state {
                KeyState::Configured => [&*key, ", ", &words.to_ascii_lowercase()].concat(),
                _ => key,
            })
        })
    };
    let placeholder = move || {
        let item = item?;
        let stored = item.with(|view| view.key.set_at.is_some());
        (stored && form.moves().is_none()).then(|| "Leave empty to keep the current key".to_owned())
    };
    let shadowed = move || {
        let variable = form.variable.with(|variable| variable.trim().to_owned());
        let set = workspace
            .snapshot()
            .with(|snapshot| snapshot.environment.set.contains(&variable))?;
        set.then_some(variable)
    };
    let bound = move || {
        item?.with(|view| {
            (view.key.state == KeyState::NeedsReentry && form.moves().is_none()).then(|| {
                match view.key.bound_origin.as_deref() {
                    Some(origin) => format!(
                        "The stored key belongs to {} and is not sent elsewhere. Enter it again to use it here.",
                        host(origin)
                    ),
                    None => "The stored key names no origin, so it is not sent. Enter it here to use it."
                        .to_owned(),
                }
            })
        })
    };
    view! {
        <div class="field-group">
            <SecretField
                label="API key"
                value=form.key
                carrier=Carrier::Bearer
                accept=form.accept_key
                note=Signal::derive(note)
                placeholder=Signal::derive(placeholder)
                error=error
                autofocus=autofocus
            />
            <KeyPlace form=form item=item />
            {move || {
                shadowed()
                    .map(|variable| {
                        view! {
                            <p class="field-help">
                                <code>{variable}</code>
                                " is set in the environment and is used while no key is stored."
                            </p>
                        }
                    })
            }}
        </div>
        {move || bound().map(|text| view! { <Notice tone=Tone::Warn text=text /> })}
    }
}

/// Where the key will be stored, and for which origin.
#[component]
fn KeyPlace(form: ConfigureForm, item: Option<Memo<ProviderView>>) -> impl IntoView {
    let workspace = use_workspace();
    let backend = move || {
        workspace
            .settings
            .with(|settings| settings.secrets.backend.label())
            .unwrap_or("secrets backend")
    };
    let docs = move || {
        let docs = item?.with(|view| view.docs.clone())?;
        Some(view! {
            " "
            <a href=docs target="_blank" rel="noreferrer noopener">
                "Where do I find this?"
            </a>
        })
    };
    let origin = move || {
        let origin = form.base_url.with(|typed| origin(typed))?;
        Some(view! {
            ", for the "
            <Definition term=Term::Origin />
            " "
            <code>{origin}</code>
            " only"
        })
    };
    view! {
        <p class="field-help">
            "Stored in the " {backend} {origin} ". It is never shown again. Saving checks whether it is "
            <Definition term=Term::Verified /> "." {docs}
        </p>
    }
}
