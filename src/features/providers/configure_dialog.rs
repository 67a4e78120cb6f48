//! Configure: enter, test, replace or remove a provider's key.

use super::key_facts::{KeyFacts, KeyPlace};
use super::labels::{current_key, key_changed};
use super::remove_key::RemoveKey;
use crate::api::types::{KeyState, ProviderView};
use crate::api::{Api, ApiError, use_api};
use crate::components::{
    Button, ButtonKind, ConflictField, Dialog, Notice, SecretField, Show, Tone,
};
use crate::features::conflict::{Conflict, ConflictQuestion, key_fact, write_over};
use crate::features::impact::{ChangeButton, Impact, ImpactSection, ImpactStatus};
use crate::features::report_panel::ReportText;
use crate::state::{
    Announcer, CheckKind, use_announcer, use_clock, use_toasts, use_workspace, use_writes,
};
use crate::task::spawn_scoped;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::scenario::ScenarioChange;

/// The dialog.
#[component]
pub(super) fn ConfigureDialog(open: RwSignal<bool>, item: Memo<ProviderView>) -> impl IntoView {
    let title = Signal::derive(move || item.with(|view| format!("Configure {}", view.name)));
    let subtitle = item.with_untracked(|view| match view.kind {
        ProviderKind::Gateway => "One key for all models of this gateway.",
        ProviderKind::OpenaiCompatible => "The key for this provider.",
    });
    view! {
        <Dialog open=open title=title subtitle=subtitle.to_owned()>
            <ConfigureForm open=open item=item />
        </Dialog>
    }
}

/// The form in the dialog.
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
    let writes = use_writes().in_dialog(open);
    let saving = writes.busy();
    let removing = RwSignal::new(false);
    let conflict = Conflict::new();
    let typed = Memo::new(move |_| value.with(|value| !value.trim().is_empty()));
    let impact = Impact::of(Signal::derive(move || {
        let owner = item.with(|view| view.name.clone());
        let present = true;
        let key = ScenarioChange::Key { owner, present };
        typed.get().then_some(key).into_iter().collect()
    }))
    .while_wanted(move || typed.get());
    // Errors and reports belong to the earlier input.
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
            spawn_scoped(async move {
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
            announcer.say("Enter a key first.");
            return;
        }
        // Losses have to be confirmed first.
        if saving.get_untracked() || impact.refuses(announcer) {
            return;
        }
        error.set(None);
        let seen = item.get_untracked();
        writes.send(
            format!("Saving the key of {}", seen.name),
            save_key(api, seen.clone(), typed),
            move |view| {
                toasts.done(key_changed(&view));
                workspace.put_provider(view);
            },
            move |outcome| {
                let Err(failure) = outcome else {
                    open.set(false);
                    return;
                };
                if let Some(theirs) = failure.stored::<ProviderView>() {
                    let (version, fields) = (theirs.version, differences(&seen, &theirs));
                    workspace.put_provider(theirs);
                    if conflict.ask(version, fields) {
                        return;
                    }
                }
                fail(failure, error, announcer);
            },
        );
    });

    let note = move || item.with(|view| current_key(&view.key, now.get()));
    let field_error = move || {
        if missing.get() {
            return Some("Enter a key first.".to_owned());
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
                <Show when=move || impact.any()>
                    <ImpactSection impact=impact title="Impact of saving" asks=true />
                </Show>
                {move || {
                    report
                        .get()
                        .map(|report| {
                            view! {
                                <div class="report-body">
                                    <ReportText kind=CheckKind::Test report=report />
                                </div>
                            }
                        })
                }}
                {move || {
                    general_error().map(|text| view! { <Notice tone=Tone::Bad text=text /> })
                }}
            </div>
            <footer class="dialog-foot">
                <ImpactStatus impact=impact />
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
                <ChangeButton impact=impact action="Save" busy=saving />
            </footer>
        </form>
        <RemoveKey open=removing configure=open item=item />
        <ConflictQuestion
            conflict=conflict
            name=name
            impact=impact
            save_mine=save
            take_theirs=move || open.set(false)
        />
    }
}

/// Saves a key.
async fn save_key(api: Api, seen: ProviderView, typed: String) -> Result<ProviderView, ApiError> {
    let name = seen.name.clone();
    let call = |version| api.set_provider_key(&name, version, typed.clone());
    write_over(seen, |_| true, call).await
}

/// The settings that saving the key would overwrite.
fn differences(seen: &ProviderView, theirs: &ProviderView) -> [Option<ConflictField>; 2] {
    [
        Some(ConflictField {
            label: "Key",
            theirs: key_fact(&theirs.key),
            yours: "the one you entered".to_owned(),
        }),
        ConflictField::of("Base URL", &theirs.base_url.value, &seen.base_url.value),
    ]
}

/// Shows an error and announces it.
fn fail(failure: ApiError, error: RwSignal<Option<ApiError>>, announcer: Announcer) {
    announcer.say(failure.message());
    error.set(Some(failure));
}
