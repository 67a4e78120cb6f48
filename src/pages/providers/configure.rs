//! Configure: enter, test, replace or remove a provider's key.

use super::words::{effective_origin, host_of, key_changed, key_variable, kind_noun, stored_key};
use crate::api::types::{KeyState, ProviderView};
use crate::api::{Api, ApiError, spawn, spawn_here, use_api};
use crate::components::{
    Address, Button, ButtonKind, Confirm, ConflictField, Dialog, Notice, SecretField, Show, Tone,
};
use crate::format::origin_word;
use crate::pages::conflict::{Conflict, ConflictQuestion, same_provider};
use crate::pages::effects::{EffectOfChange, Effects};
use crate::pages::report::ReportText;
use crate::state::{
    Announcer, CallKind, use_announcer, use_clock, use_toasts, use_undo, use_workspace,
};
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::draft::DraftChange;

/// The dialog.
#[component]
pub(super) fn ConfigureDialog(open: RwSignal<bool>, item: Memo<ProviderView>) -> impl IntoView {
    let title = Signal::derive(move || item.with(|view| format!("Configure {}", view.name)));
    let subtitle = item.with_untracked(|view| match view.kind {
        ProviderKind::Gateway => "One key, every model behind it.",
        ProviderKind::OpenaiCompatible => "The key of this provider.",
    });
    view! {
        <Dialog open=open title=title subtitle=subtitle.to_owned()>
            <ConfigureForm open=open item=item />
        </Dialog>
    }
}

/// What is typed into the dialog, and what has become of it.
#[component]
fn ConfigureForm(open: RwSignal<bool>, item: Memo<ProviderView>) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let announcer = use_announcer();
    let toasts = use_toasts();
    let now = use_clock().now();
    let name = item.with_untracked(|view| view.name.clone());

    let value = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let report = RwSignal::new(None);
    let testing = RwSignal::new(false);
    let saving = RwSignal::new(false);
    let removing = RwSignal::new(false);
    let conflict = Conflict::new();
    // What is said belongs to what was typed then.
    Effect::new(move |typed_before: Option<()>| {
        value.track();
        if typed_before.is_some() {
            missing.set(false);
            error.set(None);
            report.set(None);
        }
    });

    let test = {
        let name = name.clone();
        move || {
            let name = name.clone();
            let typed = value.get_untracked();
            testing.set(true);
            error.set(None);
            spawn_here(async move {
                let unsaved = (!typed.trim().is_empty()).then_some(typed);
                match api.test_provider(&name, unsaved).await {
                    Ok(answer) => {
                        announcer.say(format!("{name}: {}", answer.message));
                        report.set(Some(answer));
                    }
                    Err(failure) => fail(failure, error, announcer),
                }
                testing.set(false);
            });
        }
    };
    let save = Callback::new(move |()| {
        let typed = value.get_untracked();
        if typed.trim().is_empty() {
            missing.set(true);
            announcer.say("Type or paste a key first.");
            return;
        }
        if saving.get_untracked() {
            return;
        }
        saving.set(true);
        error.set(None);
        spawn(async move {
            match save_key(api, item.get_untracked(), typed, conflict).await {
                Ok((view, false)) => workspace.put_provider(view),
                Ok((view, true)) => {
                    toasts.done(key_changed(&view));
                    workspace.put_provider(view);
                    open.set(false);
                }
                Err(failure) => fail(failure, error, announcer),
            }
            saving.set(false);
        });
    });

    let note = move || {
        item.with(|view| {
            let stored = stored_key(&view.key, now.get());
            (!stored.is_empty()).then(|| format!("current one {}", stored.join(", ")))
        })
    };
    let field_error = move || {
        if missing.get() {
            return Some("Type or paste a key first.".to_owned());
        }
        error.with(|error| {
            let error = error.as_ref()?;
            (error.field() == Some("value")).then(|| error.message())
        })
    };
    let general_error = move || {
        error.with(|error| {
            let error = error.as_ref()?;
            (error.field() != Some("value")).then(|| error.message())
        })
    };
    let can_remove = move || {
        item.with(|view| {
            view.key.set_at.is_some()
                || matches!(view.key.state, KeyState::NeedsReentry | KeyState::Unknown)
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
                <div class="field-group">
                    <SecretField
                        label="API key"
                        value=value
                        note=Signal::derive(note)
                        error=Signal::derive(field_error)
                        autofocus=true
                    />
                    <KeyPlace item=item />
                </div>
                <KeyFacts item=item />
                {move || {
                    report
                        .get()
                        .map(|report| {
                            view! {
                                <div class="report-body">
                                    <ReportText kind=CallKind::Test report=report />
                                </div>
                            }
                        })
                }}
                {move || {
                    general_error().map(|text| view! { <Notice tone=Tone::Bad text=text /> })
                }}
            </div>
            <footer class="dialog-foot">
                <Show when=can_remove>
                    <Button kind=ButtonKind::Danger press=move || removing.set(true)>
                        "Remove key"
                    </Button>
                </Show>
                <span class="grow"></span>
                <Button press=move || open.set(false)>"Cancel"</Button>
                <Button busy=testing disabled=saving press=test>
                    "Test"
                </Button>
                <Button kind=ButtonKind::Primary submit=true busy=saving>
                    "Save"
                </Button>
            </footer>
        </form>
        <RemoveKey open=removing configure=open item=item />
        <ConflictQuestion
            conflict=conflict
            name=name
            save_mine=save
            take_theirs=move || open.set(false)
        />
    }
}

/// Stores a key, and says that it did. Where somebody else has changed the provider since it was
/// seen, that is asked about and what is stored is answered.
async fn save_key(
    api: Api,
    seen: ProviderView,
    typed: String,
    conflict: Conflict,
) -> Result<(ProviderView, bool), ApiError> {
    let answer = api
        .set_provider_key(&seen.name, seen.version, typed.clone())
        .await;
    let Some(theirs) = answer
        .as_ref()
        .err()
        .and_then(ApiError::stored::<ProviderView>)
    else {
        return answer.map(|view| (view, true));
    };
    let key = |view: &ProviderView| match (view.key.set_at, &view.key.hint) {
        (None, _) => "none".to_owned(),
        (_, None) => "stored".to_owned(),
        (_, Some(hint)) => format!("ends in {hint}"),
    };
    let fields = [
        Some(ConflictField {
            label: "Key",
            theirs: key(&theirs),
            yours: "the one typed here".to_owned(),
        }),
        ConflictField::of("Base URL", &theirs.base_url.value, &seen.base_url.value),
    ];
    if !same_provider(&seen, &theirs) && conflict.ask(theirs.version, fields) {
        return Ok((theirs, false));
    }
    // Only a refresh or a test has made the version.
    let view = api
        .set_provider_key(&theirs.name, theirs.version, typed)
        .await;
    view.map(|view| (view, true))
}

/// Keeps an error and says it.
fn fail(failure: ApiError, error: RwSignal<Option<ApiError>>, announcer: Announcer) {
    announcer.say(failure.message());
    error.set(Some(failure));
}

/// Where a key entered now is stored, and for what.
#[component]
fn KeyPlace(item: Memo<ProviderView>) -> impl IntoView {
    let workspace = use_workspace();
    let backend = move || {
        workspace
            .settings
            .with(|settings| settings.secrets.backend.label())
            .unwrap_or("secrets backend")
    };
    move || {
        item.with(|view| {
            let origin = effective_origin(view);
            let docs = view.docs.clone().map(|docs| {
                view! {
                    " "
                    <a href=docs target="_blank" rel="noreferrer noopener">
                        "Where do I find this?"
                    </a>
                }
            });
            view! {
                <p class="field-help">
                    "Stored in the " {backend()} " as " <code>{view.key.secret_name.clone()}</code>
                    {origin.map(|origin| view! { ", for " <code>{origin}</code> " only" })}
                    ". It is never shown again." {docs}
                </p>
            }
        })
    }
}

/// What saving a key would mean: where it goes, and what it takes the place of.
#[component]
fn KeyFacts(item: Memo<ProviderView>) -> impl IntoView {
    let workspace = use_workspace();
    let shadowed = move || {
        item.with(|view| {
            let variable = view.api_key_env.clone()?;
            let set = workspace
                .snapshot()
                .with(|snapshot| snapshot.environment.set.contains(&variable))?;
            set.then_some(variable)
        })
    };
    let bound = move || {
        item.with(|view| {
            (view.key.state == KeyState::NeedsReentry).then(|| {
                let origin = view.key.bound_origin.as_deref().unwrap_or_default();
                format!(
                    "The stored key was entered for {} and is not sent anywhere else. Enter it again to use it here.",
                    host_of(origin)
                )
            })
        })
    };
    view! {
        <dl class="terms">
            <dt>"Effective base URL"</dt>
            <dd>
                {move || {
                    item.with(|view| {
                        view! {
                            <Address url=view.base_url.value.clone() />
                            " "
                            <span class="faint">{origin_word(&view.base_url.from)}</span>
                        }
                    })
                }}
            </dd>
            {move || {
                shadowed()
                    .map(|variable| {
                        view! {
                            <dt>"Goes before"</dt>
                            <dd>
                                <code>{variable}</code>
                                " from the environment, which is used while no key is stored"
                            </dd>
                        }
                    })
            }}
        </dl>
        {move || bound().map(|text| view! { <Notice tone=Tone::Warn text=text /> })}
    }
}

/// Asks before the stored key is removed.
#[component]
fn RemoveKey(
    open: RwSignal<bool>,
    configure: RwSignal<bool>,
    item: Memo<ProviderView>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let undo = use_undo();
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let title =
        Signal::derive(move || item.with(|view| format!("Remove the key of {}?", view.name)));
    let body = move || {
        item.with(|view| {
            let from_environment = view.api_key_env.as_ref().filter(|variable| {
                workspace
                    .snapshot()
                    .with(|snapshot| snapshot.environment.set.contains(*variable))
                    .unwrap_or_default()
            });
            let then = match from_environment {
                Some(variable) => {
                    format!("Requests go out with {variable} from the environment then.")
                }
                None => format!(
                    "This {} has no key then: refs to it have no route until one is entered.",
                    kind_noun(view.kind)
                ),
            };
            format!("The stored key is deleted. {then} Its models stay in the catalog.")
        })
    };
    let effects = Effects::of(Signal::derive(move || {
        let owner = item.with(|view| view.name.clone());
        let present = false;
        vec![DraftChange::Key { owner, present }]
    }));
    let remove = move || {
        let seen = item.get_untracked();
        busy.set(true);
        error.set(None);
        spawn(async move {
            let name = &seen.name;
            let mut answer = api.remove_provider_key(name, seen.version).await;
            if let Some(now) = answer
                .as_ref()
                .err()
                .and_then(ApiError::stored::<ProviderView>)
            {
                if same_provider(&seen, &now) {
                    answer = api.remove_provider_key(name, now.version).await;
                } else {
                    workspace.put_provider(now);
                }
            }
            match answer {
                Ok(removed) => {
                    let view = removed.provider;
                    let now = match key_variable(&view.key) {
                        Some(variable) => format!("Key of {name} removed; {variable} is used."),
                        None => format!("Key of {name} removed."),
                    };
                    match removed.undo {
                        Some(ticket) => undo.offer(now, ticket),
                        None => toasts.done(now),
                    }
                    workspace.put_provider(view);
                    open.set(false);
                    configure.set(false);
                }
                Err(failure) => error.set(Some(failure.message())),
            }
            busy.set(false);
        });
    };
    view! {
        <Confirm
            open=open
            title=title
            body=Signal::derive(body)
            action=effects.action("Remove key")
            busy=busy
            error=error
            held=Signal::derive(move || effects.held())
            wide=true
            confirm=remove
        >
            <EffectOfChange effects=effects asks=true />
        </Confirm>
    }
}
