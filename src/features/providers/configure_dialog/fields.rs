//! The form of the Configure dialog.

use super::details::{Details, HEADERS_FIELD};
use super::form::{ConfigureForm, input_of};
use super::key_field::KeyField;
use super::notes::{OverrideNote, name_help, url_help};
use super::save::{EntryWrite, Save, differences};
use crate::api::types::{KeyState, ProviderView};
use crate::api::{ApiError, use_api};
use crate::components::{Button, ButtonKind, EditFields, Notice, Show, TextField, Tone};
use crate::dom;
use crate::explain::origin;
use crate::features::base_url_field::BaseUrlField;
use crate::features::conflict::{Conflict, ConflictQuestion};
use crate::features::impact::{ChangeButton, Impact, ImpactSection, ImpactStatus};
use crate::features::key_check::{CheckReport, Held, KeyCheck, NOTHING};
use crate::features::private_address::AllowPrivate;
use crate::features::providers::labels::{key_changed, kind_noun};
use crate::features::providers::remove_key::RemoveKey;
use crate::features::staged_keys::{StagedKeys, Staging};
use crate::features::time_limits::TimeLimitFields;
use crate::paths::Opening;
use crate::state::{Owner, use_announcer, use_checks, use_toasts, use_workspace, use_writes};
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::catalog::ProviderKind;

/// The form in the dialog.
#[component]
pub(super) fn ConfigureFields(
    open: RwSignal<bool>,
    dirty: RwSignal<bool>,
    kind: ProviderKind,
    item: Option<Memo<ProviderView>>,
    opening: Opening,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let announcer = use_announcer();
    let toasts = use_toasts();
    let checks = use_checks();
    let form = ConfigureForm::new(kind, item.map(|item| item.get_untracked()));
    let is_new = item.is_none();
    let rotates = opening == Opening::RotateKey;
    let url_first = !is_new && untrack(|| form.begins_with_url());
    // Whether the key is the only field that is shown.
    let only_key = RwSignal::new(rotates);
    let unfolded = RwSignal::new(false);
    let add_header = Callback::new(move |name: String| {
        form.add_header(&name);
        only_key.set(false);
        unfolded.set(true);
        dom::focus_when_drawn(HEADERS_FIELD);
    });
    if let Opening::AddHeader(name) = opening {
        add_header.run(name);
    }
    Effect::new(move || dirty.set(form.dirty()));
    on_cleanup(move || {
        dirty.try_set(false);
    });

    let error = RwSignal::new(None::<ApiError>);
    let missing = RwSignal::new(None::<(&'static str, String)>);
    let check = KeyCheck::new(error);
    let writes = use_writes().in_dialog(open);
    let saving = writes.busy();
    let removing = RwSignal::new(false);
    let conflict = Conflict::new();
    let impact = Impact::after(Arc::new(move |snapshot| form.after(snapshot)))
        .while_wanted(move || form.dirty());
    // Errors and reports belong to the earlier input.
    Effect::new(move |before: Option<()>| {
        form.key.track();
        form.base_url.track();
        form.name.track();
        form.headers.track();
        form.passed.track();
        form.limits.track();
        form.granted_for.track();
        if before.is_some() {
            missing.set(None);
            error.set(None);
            check.forget();
        }
    });

    let save_unchecked = StoredValue::new(None::<Callback<()>>);
    let staging = Staging::new(writes, check, form.key, form.accept_key);
    // Saves it without a check.
    let anyway = Callback::new(move |()| {
        if let Some(save) = save_unchecked.get_value() {
            save.run(());
        }
    });
    // Saves what is entered: a key only if the upstream accepts it, unless it is not to be checked.
    let save_with = Callback::new(move |check_key: bool| {
        // Losses have to be confirmed first.
        if saving.get_untracked() || impact.refuses(announcer) {
            return;
        }
        let Ok(input) = untrack(|| form.input()) else {
            return;
        };
        error.set(None);
        let entry_changes = untrack(|| form.entry_changes());
        let key = form.key.get_untracked();
        let key = (!key.trim().is_empty()).then_some(key);
        let has_key = key.is_some();
        let seen = form.seen.get_untracked();
        let name = input.name.clone();
        let entry = match (seen, entry_changes) {
            (None, _) => EntryWrite::Add(input.clone()),
            (Some(seen), true) => EntryWrite::Change(Box::new(seen), input.clone()),
            (Some(seen), false) => EntryWrite::Keep(Box::new(seen)),
        };
        writes.send(
            format!("Saving {name}"),
            Save {
                entry,
                key,
                check: check_key,
                accept_suspicious: form.accept_key.get_untracked(),
            }
            .send(api),
            move |saved| {
                let view = saved.view;
                match &saved.key_failure {
                    None if has_key => toasts.done(key_changed(&view)),
                    None => toasts.done(format!("{} saved.", view.name)),
                    Some(failure) if !writes.is_shown() => toasts.failed(format!(
                        "Saved {}, but not its key: {}",
                        view.name,
                        failure.message()
                    )),
                    Some(_) => {}
                }
                let ready = view.key.state == KeyState::Configured || view.api_key_env.is_none();
                // A checked key is followed by a refresh of the control plane's own.
                if !has_key && ready {
                    checks.refresh(Owner::Provider(view.name.clone()));
                }
                workspace.put_provider(view.clone());
                (view, saved.key_failure)
            },
            move |outcome| match outcome {
                Ok((_, None)) => open.set(false),
                Ok((view, Some(failure))) => {
                    // The entry is saved; what is left to save is the key.
                    form.name.set(view.name.clone());
                    form.seen.set(Some(view));
                    if !check.refused(
                        &failure,
                        "Saved the base URL, but not the key.",
                        Held::save(anyway),
                    ) {
                        announcer.say(failure.message());
                        error.set(Some(failure));
                    }
                }
                Err(failure) => {
                    if let Some(theirs) = failure.stored::<ProviderView>() {
                        let fields = differences(&theirs, &input, has_key);
                        let version = theirs.version;
                        form.seen.set(Some(theirs));
                        if conflict.ask(version, fields) {
                            workspace.reload_providers();
                            return;
                        }
                    }
                    if !check.refused(&failure, NOTHING, Held::save(anyway)) {
                        announcer.say(failure.message());
                        error.set(Some(failure));
                    }
                }
            },
        );
    });
    let save = Callback::new(move |()| save_with.run(true));
    save_unchecked.set_value(Some(Callback::new(move |()| save_with.run(false))));
    // Refuses what cannot be saved, and checks a key first.
    let submit = Callback::new(move |()| {
        if saving.get_untracked() {
            return;
        }
        let lacking = untrack(|| lacking(form));
        if let Some((field, text)) = lacking {
            announcer.say(text.clone());
            missing.set(Some((field, text)));
            return;
        }
        if impact.refuses(announcer) {
            return;
        }
        // Another base URL is tested with the key before either is saved.
        match untrack(|| form.has_key() && form.entry_changes()) {
            true => check.run(form.test(api), Some((save, Held::save(anyway)))),
            false => save.run(()),
        }
    });
    let test = move || check.run(form.test(api), None);
    // Keeps the current key in use until the new one is switched to.
    let stage = move || {
        if let Some(seen) = form.seen.get_untracked() {
            let owner = Owner::Provider(seen.name.clone());
            staging.stage(owner, seen.name, seen.version, false);
        }
    };
    let can_stage = move || {
        form.has_key()
            && !form.entry_changes()
            && form
                .seen
                .with(|seen| seen.as_ref().is_some_and(|view| view.key.set_at.is_some()))
    };
    // A staged or switched key is another version of what this form is about.
    if let Some(item) = item {
        Effect::new(move || {
            let now = item.get();
            // Another change of the entry is asked about when the form is saved.
            if untrack(|| form.input()).is_ok_and(|input| input == input_of(&now)) {
                form.seen.set(Some(now));
            }
        });
    }

    let refused_at = move |field: &'static str| {
        let lacks = missing.with(|missing| {
            let (at, text) = missing.as_ref()?;
            is_at(at, field).then(|| ((*at).to_owned(), text.clone()))
        });
        lacks.or_else(|| {
            error.with(|error| {
                let error = error.as_ref()?;
                let at = error.field()?;
                is_at(at, field).then(|| (at.to_owned(), error.message()))
            })
        })
    };
    let message_at = move |field| refused_at(field).map(|(_, message)| message);
    let error_of = move |field: &'static str| Signal::derive(move || message_at(field));
    // No field is changed or refused unseen.
    Effect::new(move || {
        let mut others = FIELDS.iter().filter(|&&field| field != "value");
        if form.entry_changes() || others.any(|&field| message_at(field).is_some()) {
            only_key.set(false);
        }
    });
    let general = move || {
        error.with(|error| {
            let error = error.as_ref()?;
            let shown = error
                .field()
                .is_some_and(|at| FIELDS.iter().any(|field| is_at(at, field)));
            (!shown).then(|| error.message())
        })
    };
    let can_remove = move || {
        item.is_some_and(|item| {
            item.with(|view| {
                view.key.set_at.is_some()
                    || matches!(view.key.state, KeyState::NeedsReentry | KeyState::Unknown)
            })
        })
    };
    let allow = move || {
        let typed = form.base_url.with_untracked(|typed| origin(typed));
        form.granted_for.set(typed);
        only_key.set(false);
    };
    let name = Signal::derive(move || form.name.get());
    // With nothing entered, the next step is in the section of the next key.
    let switches = Memo::new(move |_| {
        item.is_some_and(|item| item.with(|view| view.key.next.is_some())) && !form.dirty()
    });
    let close_label = move || match staging.saved().get() && !form.dirty() {
        true => "Done",
        false => "Cancel",
    };
    let action = Signal::derive(move || {
        let replaces = form
            .seen
            .with(|seen| seen.as_ref().is_some_and(|view| view.key.set_at.is_some()));
        let action = match (form.entry_changes(), form.has_key()) {
            _ if form.is_new() => return format!("Add {}", kind_noun(kind)),
            (true, true) => "Save changes and key",
            (true, false) => "Save changes",
            (false, true) if replaces => "Save and use now",
            (false, _) => "Save key",
        };
        action.to_owned()
    });
    view! {
        <form
            novalidate=""
            on:submit=move |event| {
                event.prevent_default();
                submit.run(());
            }
        >
            <div class="dialog-body">
                <EditFields>
                {is_new
                    .then(|| {
                        view! {
                            <TextField
                                label="Name"
                                value=form.name
                                code=true
                                required=true
                                autofocus=true
                                placeholder="my-gateway"
                                help=Signal::derive(move || name_help(form))
                                error=error_of("name")
                            />
                        }
                    })}
                <Show when=move || !only_key.get()>
                <div class="field-group">
                    <BaseUrlField
                        value=form.base_url
                        required=true
                        read_only=Signal::derive(move || form.fixed_by().is_some())
                        help=Signal::derive(move || Some(url_help(form)))
                        error=error_of("base_url")
                        autofocus=url_first
                    />
                    <OverrideNote form=form />
                </div>
                </Show>
                <Show when=move || !only_key.get() && form.fixed_by().is_none()>
                <AllowPrivate
                    base_url=form.base_url
                    granted_for=form.granted_for
                    refused=Signal::derive(move || {
                        check.asks_to_allow()
                    })
                    edited=Signal::derive(move || {
                        form.seen.with(|seen| Some(Owner::Provider(seen.as_ref()?.name.clone())))
                    })
                />
                    </Show>
                <KeyField form=form item=item error=error_of("value") autofocus=!is_new && (rotates || !url_first) />
                <Show when=move || !only_key.get()>
                <Details form=form unfolded=unfolded error=error_of("default_headers") passed_error=error_of("pass_headers") docs_error=error_of("docs") variable_error=error_of("api_key_env") />
                <TimeLimitFields texts=form.limits refused=Signal::derive(move || refused_at("limits")) />
                </Show>
                </EditFields>
                {item
                    .map(|item| {
                        view! {
                            <StagedKeys
                                owner=Owner::Provider(item.with_untracked(|view| view.name.clone()))
                                name=name
                                key=Signal::derive(move || item.with(|view| view.key.clone()))
                                version=Signal::derive(move || item.with(|view| view.version))
                                saved=staging.saved()
                                typing=Signal::derive(move || form.dirty())
                                add_header=add_header
                            />
                        }
                    })}
                <CheckReport
                    check=check
                    allow_private=allow
                    add_header=add_header
                    takes_secret_headers=false
                />
                <Show when=move || impact.any()>
                    <ImpactSection impact=impact title="Impact of saving" asks=true />
                </Show>
                {move || general().map(|text| view! { <Notice tone=Tone::Bad text=text /> })}
            </div>
            <footer class="dialog-foot">
                <ImpactStatus impact=impact />
                <Show when=can_remove>
                    <Button kind=ButtonKind::Danger edits=true press=move || removing.set(true)>
                        "Remove key"
                    </Button>
                </Show>
                <span class="grow"></span>
                <Button press=move || open.set(false)>{close_label}</Button>
                <Show when=can_stage>
                    <Button edits=true busy=saving press=stage>
                        "Save as next key"
                    </Button>
                </Show>
                <Button edits=true busy=check.running() disabled=saving press=test>
                    "Test"
                </Button>
                <Show when=move || !switches.get()>
                    <ChangeButton
                        impact=impact
                        action=action
                        busy=Signal::derive(move || saving.get() || check.running().get())
                    />
                </Show>
            </footer>
        </form>
        {item
            .map(|item| {
                view! { <RemoveKey open=removing item=item closed=move || open.set(false) /> }
            })}
        <ConflictQuestion
            conflict=conflict
            name=name
            impact=impact
            save_mine=save
            take_theirs=move || open.set(false)
        />
    }
}

/// The fields that show their own errors.
const FIELDS: [&str; 8] = [
    "name",
    "base_url",
    "value",
    "api_key_env",
    "default_headers",
    "pass_headers",
    "limits",
    "docs",
];

/// Whether an error at `path` belongs to a field: `default_headers.x-title` to `default_headers`.
fn is_at(path: &str, field: &str) -> bool {
    path.strip_prefix(field)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What has to be entered before anything can be saved: the field, and what it says.
fn lacking(form: ConfigureForm) -> Option<(&'static str, String)> {
    if form.name.with(|name| name.trim().is_empty()) {
        return Some(("name", "Enter a name.".to_owned()));
    }
    if form.base_url.with(|url| url.trim().is_empty()) {
        return Some(("base_url", "Enter a base URL.".to_owned()));
    }
    if let Err(invalid) = form.input() {
        return Some((invalid.field, invalid.message));
    }
    (!form.entry_changes() && !form.has_key()).then(|| ("value", "Enter a key first.".to_owned()))
}
