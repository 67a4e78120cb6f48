//! The form of an entry of the workspace.

use super::entry_snapshot::{EntryValues, snapshot_after};
use super::entry_text::{
    filled, new_models_choices, new_models_from, new_models_name, patch, read_headers,
    write_headers,
};
use super::labels::{host_of, kind_noun, layer_word};
use crate::api::types::{NewModels, ProviderInput, ProviderView};
use crate::api::{Api, ApiError, use_api};
use crate::components::{
    Button, ConflictField, FieldFrame, FieldHint, FieldIds, Notice, Select, Show, Switch,
    TextField, Tone,
};
use crate::features::conflict::{Conflict, ConflictQuestion, new_models_word, on_off, write_over};
use crate::features::impact::{ChangeButton, Impact, ImpactSection, ImpactStatus};
use crate::state::{use_announcer, use_toasts, use_workspace, use_writes};
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::base_url::{BaseUrl, hints, raw_operation_url};
use waypost_routing::catalog::ProviderKind;
use waypost_routing::operation::Operation;

/// The form: of a new entry, or of one that is edited.
#[component]
pub(super) fn EntryForm(
    open: RwSignal<bool>,
    kind: ProviderKind,
    edited: Option<ProviderView>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let announcer = use_announcer();
    let is_new = edited.is_none();
    let seen = StoredValue::new(edited.clone());
    let conflict = Conflict::new();
    let name = RwSignal::new(String::new());
    let base_url = RwSignal::new(String::new());
    let variable = RwSignal::new(String::new());
    let headers = RwSignal::new(String::new());
    let docs = RwSignal::new(String::new());
    let allow_private = RwSignal::new(false);
    let new_models = RwSignal::new(NewModels::Inherit);
    let bound_origin = edited
        .as_ref()
        .and_then(|view| view.key.bound_origin.clone());
    if let Some(view) = edited {
        name.set(view.name);
        base_url.set(view.entry_base_url.unwrap_or(view.base_url.value));
        variable.set(view.api_key_env.unwrap_or_default());
        headers.set(write_headers(&view.default_headers));
        docs.set(view.docs.unwrap_or_default());
        allow_private.set(view.allow_private);
        new_models.set(view.new_models);
    }
    // Unfolded if something in it is set or invalid.
    let was_set = !headers.with_untracked(String::is_empty)
        || !docs.with_untracked(String::is_empty)
        || new_models.get_untracked() != NewModels::Inherit;
    let error = RwSignal::new(None::<ApiError>);
    let header_error = RwSignal::new(None::<String>);
    let writes = use_writes().in_dialog(open);
    let busy = writes.busy();
    let error_of = move |field: &'static str| {
        Signal::derive(move || {
            error.with(|error| {
                let error = error.as_ref()?;
                let at = error.field()?;
                let below = at.strip_prefix(field)?;
                (below.is_empty() || below.starts_with('.')).then(|| error.message())
            })
        })
    };
    let known = ["name", "base_url", "api_key_env", "default_headers", "docs"];
    let general = move || {
        error.with(|error| {
            let error = error.as_ref()?;
            let shown = error
                .field()
                .is_some_and(|at| known.iter().any(|field| at.starts_with(field)));
            (!shown).then(|| error.message())
        })
    };

    let typed = move || {
        EntryValues {
            name: name.with(|name| name.trim().to_owned()),
            kind,
            base_url: base_url.get(),
            api_key_env: filled(&variable.get()),
            default_headers: read_headers(&headers.get()).ok()?,
        }
        .sound()
    };
    let impact = Impact::after(Arc::new(move |snapshot| {
        Some(snapshot_after(typed()?, snapshot))
    }))
    .while_wanted(move || typed().is_some());

    let save = Callback::new(move |()| {
        // Losses have to be confirmed first.
        if busy.get_untracked() || impact.refuses(announcer) {
            return;
        }
        let default_headers = match read_headers(&headers.get_untracked()) {
            Ok(headers) => headers,
            Err(line) => {
                let text =
                    format!("“{line}” is not a header. Write one per line as `name: value`.");
                announcer.say(text.clone());
                header_error.set(Some(text));
                return;
            }
        };
        header_error.set(None);
        error.set(None);
        let draft = ProviderInput {
            name: name.get_untracked().trim().to_owned(),
            kind,
            base_url: base_url.get_untracked(),
            api_key_env: filled(&variable.get_untracked()),
            default_headers,
            docs: filled(&docs.get_untracked()),
            allow_private: allow_private.get_untracked(),
            new_models: new_models.get_untracked(),
        };
        let typed = draft.clone();
        writes.send(
            format!("Saving {}", draft.name),
            save_entry(api, draft, seen.get_value()),
            move |view| {
                toasts.done(format!("{} saved.", view.name));
                workspace.put_provider(view);
            },
            move |outcome| {
                let Err(failure) = outcome else {
                    open.set(false);
                    return;
                };
                if let Some(theirs) = failure.stored::<ProviderView>() {
                    let (version, fields) = (theirs.version, differences(&theirs, &typed));
                    seen.set_value(Some(theirs));
                    if conflict.ask(version, fields) {
                        workspace.reload_providers();
                        return;
                    }
                }
                announcer.say(failure.message());
                error.set(Some(failure));
            },
        );
    });

    let unfolded = move || {
        was_set
            || header_error.with(Option::is_some)
            || error_of("default_headers").get().is_some()
            || error_of("docs").get().is_some()
    };
    let replaces = move || {
        if !is_new {
            return None;
        }
        let typed = name.get().trim().to_owned();
        workspace.providers.with(|page| {
            let item = page.items.iter().find(|item| item.name == typed)?;
            Some(FieldHint {
                message: format!(
                    "Replaces the {} entry {} completely.",
                    layer_word(item.layer),
                    item.base_url.value
                ),
                fix: None,
            })
        })?
    };
    let url_hint = move || {
        let typed = base_url.get();
        let hint = hints(&typed).into_iter().next()?;
        Some(FieldHint {
            message: hint.message(),
            fix: hint.suggestion().map(ToOwned::to_owned),
        })
    };
    let url_help = move || {
        let typed = base_url.get();
        if typed.trim().is_empty() {
            "The address of its API, for example https://gateway.example/v1.".to_owned()
        } else {
            format!(
                "Refresh calls GET {}",
                raw_operation_url(typed.trim(), Operation::Models)
            )
        }
    };
    // Shown before saving: a key belongs to the origin it was entered for.
    let stays_behind = move || {
        let bound = bound_origin.as_deref()?;
        let typed = BaseUrl::parse(&base_url.get()).ok()?.origin();
        (typed != bound).then(|| {
            format!(
                "The stored key belongs to {} and is not sent elsewhere. After saving, enter it again to use it at {}.",
                host_of(bound),
                host_of(&typed)
            )
        })
    };
    view! {
        <form
            on:submit=move |event| {
                event.prevent_default();
                save.run(());
            }
        >
            <div class="dialog-body">
                <TextField
                    label="Name"
                    value=name
                    code=true
                    required=true
                    read_only=!is_new
                    autofocus=is_new
                    help="The first segment of refs to its models: lowercase letters, digits, dots and dashes."
                    error=error_of("name")
                    hint=Signal::derive(replaces)
                />
                <TextField
                    label="Base URL"
                    value=base_url
                    code=true
                    required=true
                    autofocus=!is_new
                    help=Signal::derive(url_help)
                    error=error_of("base_url")
                    hint=Signal::derive(url_hint)
                />
                {move || stays_behind().map(|text| view! { <Notice tone=Tone::Warn text=text /> })}
                <Switch
                    label="Private address"
                    on=allow_private
                    change=move |on| allow_private.set(on)
                    help="Allow Waypost to call this origin although it is private or loopback."
                />
                <TextField
                    label="Key variable"
                    note="optional"
                    value=variable
                    code=true
                    placeholder="GATEWAY_API_KEY"
                    help="An environment variable to read the key from. A stored key takes precedence."
                    error=error_of("api_key_env")
                />
                <details class="more" open=unfolded>
                    <summary>"Headers, documentation, new models"</summary>
                    <div class="field-stack">
                <HeadersField
                    value=headers
                    error=Signal::derive(move || {
                        header_error.get().or_else(|| error_of("default_headers").get())
                    })
                />
                <TextField
                    label="Key documentation"
                    note="optional"
                    value=docs
                    code=true
                    placeholder="https://"
                    error=error_of("docs")
                />
                <Select
                    label="New models"
                    choices=new_models_choices()
                    value=Signal::derive(move || new_models_name(new_models.get()).to_owned())
                    choose=move |name: String| new_models.set(new_models_from(&name))
                    help="The state of models found for the first time."
                />
                    </div>
                </details>
                <Show when=move || impact.any()>
                    <ImpactSection impact=impact title="Impact of saving" asks=true />
                </Show>
                {move || general().map(|text| view! { <Notice tone=Tone::Bad text=text /> })}
            </div>
            <footer class="dialog-foot">
                <ImpactStatus impact=impact />
                <span class="grow"></span>
                <Button press=move || open.set(false)>"Cancel"</Button>
                <ChangeButton impact=impact action="Save" busy=busy />
            </footer>
        </form>
        <ConflictQuestion
            conflict=conflict
            name=name
            impact=impact
            save_mine=save
            take_theirs=move || open.set(false)
        />
    }
}

/// Adds or saves an entry.
async fn save_entry(
    api: Api,
    input: ProviderInput,
    seen: Option<ProviderView>,
) -> Result<ProviderView, ApiError> {
    let Some(seen) = seen else {
        return api.add_provider(&input).await;
    };
    let name = seen.name.clone();
    let changes = patch(input.clone());
    write_over(
        seen,
        |theirs| differences(theirs, &input).iter().any(Option::is_some),
        |version| api.edit_provider(&name, version, &changes),
    )
    .await
}

fn differences(theirs: &ProviderView, yours: &ProviderInput) -> [Option<ConflictField>; 7] {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        ConflictField::of("Kind", kind_noun(theirs.kind), kind_noun(yours.kind)),
        ConflictField::of(
            "Base URL",
            theirs
                .entry_base_url
                .as_ref()
                .unwrap_or(&theirs.base_url.value),
            &yours.base_url,
        ),
        ConflictField::of(
            "Private address",
            on_off(theirs.allow_private),
            on_off(yours.allow_private),
        ),
        ConflictField::of(
            "Key variable",
            &optional(&theirs.api_key_env),
            &optional(&yours.api_key_env),
        ),
        ConflictField::of(
            "Headers",
            &write_headers(&theirs.default_headers),
            &write_headers(&yours.default_headers),
        ),
        ConflictField::of(
            "Key documentation",
            &optional(&theirs.docs),
            &optional(&yours.docs),
        ),
        ConflictField::of(
            "New models",
            new_models_word(theirs.new_models),
            new_models_word(yours.new_models),
        ),
    ]
}

/// Headers, one per line.
#[component]
fn HeadersField(
    value: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let described = {
        let ids = ids.clone();
        move || ids.described_by(true, error.get().is_some(), false)
    };
    let control = ids.control.clone();
    view! {
        <FieldFrame
            ids=ids
            label="Headers"
            note="optional"
            help="One per line as name: value. Sent on every request; don't put secrets here."
            error=error
        >
            <textarea
                class="input"
                data-code="true"
                id=control
                rows="2"
                spellcheck="false"
                autocomplete="off"
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
        </FieldFrame>
    }
}
