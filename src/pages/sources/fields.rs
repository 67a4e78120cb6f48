//! The fields of a custom source with their hints.

use super::form::SourceForm;
use super::headers::HeadersField;
use crate::api::ApiError;
use crate::components::{FieldHint, Notice, SecretField, Show, Switch, TextField, Tone};
use crate::explain::meant_origin;
use crate::features::base_url_field::BaseUrlField;
use crate::features::new_models_field::NewModelsField;
use crate::features::pass_headers_field::PassHeadersField;
use crate::features::private_address::AllowPrivate;
use crate::features::time_limits::TimeLimitFields;
use crate::format::current_key;
use crate::state::{use_clock, use_workspace};
use leptos::prelude::*;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::header::sends_without_scheme;
use waypost_routing::key_text::Carrier;

/// The fields that show an error of their own.
pub(super) fn shows(field: &str) -> bool {
    ["name", "slug", "base_url", "auth_header", "auth_value"].contains(&field)
        || field.starts_with("headers")
        || field.starts_with("pass_headers")
        || field.starts_with("limits")
}

/// All fields.
#[component]
pub(super) fn Fields(
    /// What is typed.
    form: SourceForm,
    /// What the control plane refused.
    error: RwSignal<Option<ApiError>>,
    /// Whether the last test found an address that is not called unless it is allowed.
    asks_to_allow: Signal<bool>,
) -> impl IntoView {
    let at = move |field: &'static str| {
        Signal::derive(move || {
            error.with(|error| {
                let error = error.as_ref()?;
                let here = error.field()?;
                let fits = here == field || here.split('.').next() == Some(field);
                fits.then(|| error.message())
            })
        })
    };
    // An error disappears as soon as its field changes.
    forget_on_change(error, &["name"], move || form.name.track());
    forget_on_change(error, &["slug"], move || form.typed_slug.track());
    forget_on_change(error, &["base_url"], move || form.base_url.track());
    forget_on_change(error, &["auth_header"], move || form.auth_header.track());
    forget_on_change(error, &["auth_value"], move || form.auth_value.track());

    forget_on_change(error, &["pass_headers"], move || form.passed.track());

    forget_on_change(error, &["limits"], move || form.limits.track());

    let refused_limit = Signal::derive(move || {
        error.with(|error| {
            let error = error.as_ref()?;
            let field = error.field().filter(|field| field.starts_with("limits"))?;
            Some((field.to_owned(), error.message()))
        })
    });
    let name_hint = Signal::derive(move || {
        form.shares_name().then(|| FieldHint {
            message: format!(
                "Another source has this name. Refs tell them apart: this one is `{}`.",
                form.slug()
            ),
            fix: None,
        })
    });
    view! {
        <TextField
            label="Name"
            value=form.name
            required=true
            placeholder="Local gateway"
            help=Signal::derive(move || Some(format!("In refs: `{}/<model>`", form.slug())))
            error=at("name")
            hint=name_hint
        />
        <SlugField form=form error=at("slug") />
        <BaseUrlField
            value=form.base_url
            error=at("base_url")
            help=Signal::derive(move || {
                form.base_url.with(|typed| typed.is_empty()).then(|| {
                    "The URL without `/models` or `/chat/completions` at the end. Required for refresh.".to_owned()
                })
            })
        />
        <AllowPrivate
            base_url=form.base_url
            granted_for=form.granted_for
            refused=asks_to_allow
            edited=form.owner()
        />
        <div class="field-pair">
            <AuthHeader form=form error=at("auth_header") />
            <AuthValue form=form error=at("auth_value") />
        </div>
        <MovedNotice form=form />
        <HeadersField
            headers=form.headers
            moves=Signal::derive(move || form.moves())
            error=at("headers")
        />
        <PassHeadersField value=form.passed error=at("pass_headers") />
        <Passthrough form=form />
        <NewModelsField value=form.new_models />
        <TimeLimitFields texts=form.limits refused=refused_limit />
    }
}

/// The slug of a new source. It is asked for where the name has no letters or digits to make one of.
#[component]
fn SlugField(form: SourceForm, error: Signal<Option<String>>) -> impl IntoView {
    let asks = Memo::new(move |_| form.asks_for_slug() || error.get().is_some());
    view! {
        <Show when=move || asks.get()>
            <TextField
                label="Name in refs"
                value=form.typed_slug
                code=true
                required=true
                placeholder="my-gateway"
                help="The first segment of refs to its models: lowercase letters, digits, dots and dashes. It cannot be changed later."
                error=error
            />
        </Show>
    }
}

fn forget_on_change(
    error: RwSignal<Option<ApiError>>,
    fields: &'static [&'static str],
    track: impl Fn() + Send + Sync + 'static,
) {
    Effect::new(move |before: Option<()>| {
        track();
        let stands_here = error.with_untracked(|error| {
            let field = error.as_ref().and_then(ApiError::field);
            field.is_some_and(|field| {
                let whole = field.split('.').next().unwrap_or_default();
                fields.contains(&whole)
            })
        });
        if before.is_some() && stands_here {
            error.set(None);
        }
    });
}

#[component]
fn AuthHeader(form: SourceForm, error: Signal<Option<String>>) -> impl IntoView {
    let hint = Signal::derive(move || {
        let typed = form.auth_header.get();
        let usual = form
            .base_url
            .with(|url| BaseUrl::parse(url).ok()?.usual_auth_header());
        if let Some(usual) = usual.filter(|usual| !typed.trim().eq_ignore_ascii_case(usual)) {
            return Some(FieldHint {
                message: format!("This API takes the key in the header `{usual}`."),
                fix: Some(usual.to_owned()),
            });
        }
        sends_without_scheme(Some(&typed)).then(|| FieldHint {
            message: "With `Authorization` here, the value is sent as entered, without `Bearer`. Leave this empty to send `Bearer <value>`.".to_owned(),
            fix: None,
        })
    });
    view! {
        <TextField
            label="Auth header"
            note="optional"
            value=form.auth_header
            code=true
            placeholder="Authorization"
            help=Signal::derive(move || {
                form.auth_header.with(|name| name.trim().is_empty()).then(|| {
                    "Empty: `Authorization: Bearer <value>`. Otherwise the value is sent as entered.".to_owned()
                })
            })
            error=error
            hint=hint
        />
    }
}

#[component]
fn AuthValue(form: SourceForm, error: Signal<Option<String>>) -> impl IntoView {
    let now = use_clock().now();
    let stored = form.has_stored_key();
    let note = Signal::derive(move || {
        let key = form
            .ask(|source| current_key(&source.key, now.get()))
            .flatten();
        match stored {
            true => Some(key.unwrap_or_else(|| "stored".to_owned())),
            false => Some("optional".to_owned()),
        }
    });
    let carrier = Signal::derive(move || Some(Carrier::of(Some(&form.auth_header.get()))));
    let placeholder = Signal::derive(move || {
        let cleared = form.clear_auth.get();
        let words = if form.moves() {
            "Enter it again for this origin"
        } else {
            "Leave empty to keep the current key"
        };
        (stored && !cleared).then(|| words.to_owned())
    });
    view! {
        <div class="field auth-value">
            <SecretField
                label="Auth value"
                value=form.auth_value
                note=note
                placeholder=placeholder
                error=error
                carrier=carrier
                accept=form.accept_auth_value
            />
            <Show when=move || stored && form.auth_value.with(String::is_empty)>
                <Clear form=form />
            </Show>
        </div>
    }
}

/// Removes the stored value, explicitly: an empty field keeps it.
#[component]
fn Clear(form: SourceForm) -> impl IntoView {
    let text = move || {
        if form.clear_auth.get() {
            "Keep the stored value"
        } else {
            "Remove the stored value"
        }
    };
    view! {
        <p class="field-help">
            {move || form.clear_auth.get().then_some("Saving removes the stored value. ")}
            <button
                class="button"
                type="button"
                data-kind="quiet"
                data-size="small"
                on:click=move |_| form.clear_auth.update(|clear| *clear = !*clear)
            >
                {text}
            </button>
        </p>
    }
}

/// Shown before saving: stored secrets are not sent to another origin.
#[component]
fn MovedNotice(form: SourceForm) -> impl IntoView {
    let text = Memo::new(move |_| {
        let key = form.has_stored_key()
            && !form.clear_auth.get()
            && form.auth_value.with(String::is_empty);
        let headers = form.headers.are_kept();
        let what = match (key, headers) {
            _ if !form.moves() => return None,
            (true, true) => "the stored key and headers are not sent there. Enter them",
            (true, false) => "the stored key is not sent there. Enter it",
            (false, true) => "the stored headers are not sent there. Enter them",
            (false, false) => return None,
        };
        let before = form.bound_origin()?;
        let now = form.base_url.with(|typed| meant_origin(typed))?;
        Some(format!(
            "The origin changes from {before} to {now}: {what} again to use them. Saving deletes those you don't enter again."
        ))
    });
    view! {
        <Show when=move || text.get().is_some()>
            <Notice tone=Tone::Warn text=Signal::derive(move || text.get().unwrap_or_default()) />
        </Show>
    }
}

#[component]
fn Passthrough(form: SourceForm) -> impl IntoView {
    let workspace = use_workspace();
    let help = Signal::derive(move || {
        let managed = workspace
            .settings
            .with(|settings| settings.managed_gateway.clone())
            .unwrap_or_else(|| "the managed gateway".to_owned());
        let now = if form.passes_through() {
            format!(
                "Requests go straight to this source instead of through {managed}. It must speak Anthropic Messages for agents that do."
            )
        } else {
            format!(
                "Requests go to {managed}, which must know the model. This source's URL and key are not used."
            )
        };
        Some(format!(
            "{now} Passthrough is required for a gateway of your own, such as LiteLLM, vLLM or Ollama."
        ))
    });
    view! {
        <Switch
            label="Passthrough"
            on=Signal::derive(move || form.passes_through())
            change=move |on: bool| form.passthrough.set(Some(on))
            help=help
        />
    }
}
