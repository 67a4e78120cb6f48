//! The page that adds a custom source or edits one.

use super::fields::Fields;
use super::form::{SourceForm, Values};
use super::form_snapshot::snapshot_after;
use super::last_refresh::LastRefresh;
use super::request_preview::RequestPreview;
use crate::api::types::{SourceView, TrafficBy};
use crate::api::{Answer, Api, ApiError, SecretBody, use_api};
use crate::components::{
    Button, EditFields, Empty, FailureNotice, Loading, Notice, RetryButton, Show, Tone,
};
use crate::dom;
use crate::explain::origin;
use crate::features::conflict::{Conflict, ConflictQuestion, write_over};
use crate::features::first_field::focus_first_field;
use crate::features::impact::{ChangeButton, Impact, ImpactSection, ImpactStatus};
use crate::features::key_check::{CheckCall, CheckReport, ENTERED, Held, KeyCheck, NOTHING};
use crate::features::staged_keys::{StagedKeys, Staging};
use crate::features::traffic::{TrafficButton, TrafficOf, watch_traffic};
use crate::features::unsaved_changes::LeaveQuestion;
use crate::features::used_by::UsedByButton;
use crate::paths::{Opening, Path};
use crate::state::{
    Owner, Workspace, use_announcer, use_checks, use_title, use_toasts, use_unsaved, use_workspace,
    use_writes,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use std::collections::BTreeSet;
use std::sync::Arc;
use waypost_routing::key_text::Carrier;

/// The field of the base URL.
const BASE_URL: &str = ".source-form input[placeholder^=https]";
/// The field of the auth value.
const AUTH_VALUE: &str = ".source-form .auth-value input";

/// The source in the address.
#[derive(Clone)]
enum Subject {
    New,
    Source(Arc<SourceView>),
    Unknown(String),
    Reading,
    Failed(String),
}

impl PartialEq for Subject {
    /// The same source stays the same subject when it changes, so that the form is not rebuilt
    /// while you type.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Source(one), Self::Source(other)) => one.slug == other.slug,
            (Self::Unknown(one), Self::Unknown(other)) => one == other,
            (Self::Failed(one), Self::Failed(other)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// The form of a new source, or of the one in the address.
#[component]
pub fn SourceFormPage() -> impl IntoView {
    let slug = Path::source_slug(&use_location().pathname.get_untracked());
    let sources = use_workspace().sources;
    let subject = Memo::new(move |_| {
        let Some(slug) = slug.clone() else {
            return Subject::New;
        };
        let found =
            sources.with(|sources| sources.iter().find(|source| source.slug == slug).cloned());
        match (found, sources.error()) {
            (Some(Some(source)), _) => Subject::Source(Arc::new(source)),
            (Some(None), _) => Subject::Unknown(slug),
            (None, Some(error)) => Subject::Failed(error.message()),
            (None, None) => Subject::Reading,
        }
    });
    move || match subject.get() {
        Subject::New => view! { <SourceEditor stored=None /> }.into_any(),
        Subject::Source(source) => view! { <SourceEditor stored=Some(source) /> }.into_any(),
        Subject::Unknown(slug) => view! {
            <Empty title=format!("There is no custom source {slug}")>
                <p>
                    "It may have been deleted. "
                    <a href=Path::Sources.to_string()>"Go to the custom sources"</a>
                </p>
            </Empty>
        }
        .into_any(),
        Subject::Reading => {
            view! { <Loading label="Loading the custom source" rows=5 /> }.into_any()
        }
        Subject::Failed(message) => view! {
            <Notice tone=Tone::Bad text=message>
                <RetryButton press=move || sources.reload() />
            </Notice>
        }
        .into_any(),
    }
}

/// The names of providers and custom sources, which share one namespace.
fn names(workspace: Workspace) -> BTreeSet<String> {
    let providers = workspace
        .providers
        .with(|page| page.items.iter().map(|item| item.name.clone()).collect());
    let mut names: BTreeSet<String> = providers.unwrap_or_default();
    workspace
        .sources
        .with(|sources| names.extend(sources.iter().map(|source| source.slug.clone())));
    names
}

/// The labels of the sources, but for the one that is edited.
fn labels(workspace: Workspace, edited: Option<&str>) -> BTreeSet<String> {
    let labels = workspace.sources.with(|sources| {
        let others = sources
            .iter()
            .filter(|source| Some(&*source.slug) != edited);
        others.map(|source| source.name.clone()).collect()
    });
    labels.unwrap_or_default()
}

/// The form.
#[component]
fn SourceEditor(stored: Option<Arc<SourceView>>) -> impl IntoView {
    let heading = stored.as_ref().map_or_else(
        || "Add a custom source".to_owned(),
        |source| format!("Configure {}", source.name),
    );
    use_title(heading.clone());
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let announcer = use_announcer();
    let unsaved = use_unsaved();
    let navigate = use_navigate();
    let checks = use_checks();
    let edited = stored.as_ref().map(|source| source.slug.clone());
    let form = SourceForm::new(
        stored.clone(),
        Signal::derive(move || names(workspace)),
        Signal::derive({
            let edited = edited.clone();
            move || labels(workspace, edited.as_deref())
        }),
    );
    let error = RwSignal::new(None::<ApiError>);
    let writes = use_writes();
    let saving = writes.busy();
    let check = KeyCheck::new(error);
    // The version that the form started with, or that was read since.
    let seen = StoredValue::new(stored.clone());
    let conflict = Conflict::new();
    let adds = stored.is_none();
    let last_refresh = stored
        .as_ref()
        .and_then(|source| source.last_refresh.clone());
    let address = stored
        .as_ref()
        .map_or(Path::NewSource, |source| Path::Source(source.slug.clone()));
    unsaved.guard(address.to_string(), Signal::derive(move || form.dirty()));

    let refuse = move |problem: ApiError| {
        announcer.say(problem.message());
        error.set(Some(problem));
        request_animation_frame(|| {
            dom::focus(".source-form [aria-invalid]");
        });
    };
    let leave = {
        let navigate = navigate.clone();
        move || {
            unsaved.release();
            navigate(&Path::Sources.to_string(), Default::default());
        }
    };
    let take_theirs = leave.clone();
    let impact = Impact::after(Arc::new(move |snapshot| {
        // An untouched form saves nothing.
        form.dirty()
            .then(|| snapshot_after(form, snapshot))
            .flatten()
    }))
    .while_wanted(move || form.dirty() && form.problem().is_none());
    let staging = Staging::new(writes, check, form.auth_value, form.accept_auth_value);
    let save_unchecked = StoredValue::new(None::<Callback<()>>);
    let anyway = Callback::new(move |()| {
        if let Some(save) = save_unchecked.get_value() {
            save.run(());
        }
    });
    // A key is saved only if the upstream accepts it, unless it is not to be checked.
    let save_with = Callback::new(move |check_key: bool| {
        // “Save anyway” comes here directly.
        if saving.get_untracked() {
            return;
        }
        error.set(None);
        let leave = leave.clone();
        let values = form.values();
        let has_key = form
            .auth_value
            .with_untracked(|value| !value.trim().is_empty());
        let has_url = form.base_url.with_untracked(|url| !url.trim().is_empty());
        let checks_key = check_key && has_key && has_url;
        // A checked key is followed by a refresh of the control plane's own.
        let refreshes = !has_key && has_url;
        let call = match seen.get_value() {
            None => api.add_source(form.as_input().flag("check", checks_key)),
            Some(seen) => {
                let body = form.as_patch().flag("check", checks_key);
                save_over(api, seen, body, form.values())
            }
        };
        writes.send(
            format!("Saving {}", values.name),
            call,
            move |source| {
                let (name, slug) = (source.name.clone(), source.slug.clone());
                workspace.put_source(source);
                toasts.done(if adds {
                    format!("Added {name}.")
                } else {
                    format!("Saved {name}.")
                });
                if refreshes {
                    checks.refresh(Owner::Source(slug));
                }
            },
            move |outcome| {
                let Err(problem) = outcome else {
                    leave();
                    return;
                };
                if let Some(theirs) = problem.stored::<SourceView>() {
                    let (version, fields) = (theirs.version, values.differences(&theirs));
                    seen.set_value(Some(Arc::new(theirs)));
                    if conflict.ask(version, fields) {
                        workspace.reload_sources();
                        return;
                    }
                }
                if !check.refused(&problem, NOTHING, Held::save(anyway)) {
                    refuse(problem);
                }
            },
        );
    });
    save_unchecked.set_value(Some(Callback::new(move |()| save_with.run(false))));
    let submit = move || {
        if saving.get_untracked() {
            return;
        }
        if let Some(problem) = form.problem() {
            refuse(ApiError::Problem(problem));
            return;
        }
        // Losses have to be confirmed first.
        if impact.refuses(announcer) {
            return;
        }
        save_with.run(true);
    };
    let allow = move || {
        let typed = form.base_url.with_untracked(|typed| origin(typed));
        form.granted_for.set(typed);
    };
    // A header that carries a key goes into the auth header, any other into the static ones.
    let add_header = Callback::new(move |name: String| {
        if Carrier::of_static_header(&name) == Carrier::Text {
            form.headers.add_named(&name);
            dom::focus_when_drawn(".header-rows > :last-child .secret input");
        } else {
            form.auth_header.set(name);
            dom::focus_when_drawn(AUTH_VALUE);
        }
    });
    let query = use_query_map();
    let opening = untrack(|| query.with(|query| Opening::read(|name| query.get(name))));
    let lacks_url = form.base_url.with_untracked(String::is_empty);
    match opening {
        Opening::AddHeader(name) => add_header.run(name),
        Opening::Configure if adds => focus_first_field(heading.clone(), ".source-form input"),
        Opening::Configure if lacks_url => focus_first_field(heading.clone(), BASE_URL),
        Opening::Configure | Opening::RotateKey => {
            focus_first_field(heading.clone(), AUTH_VALUE);
        }
    }
    // A report belongs to the earlier input.
    Effect::new(move |before: Option<()>| {
        form.base_url.track();
        form.auth_value.track();
        form.auth_header.track();
        form.granted_for.track();
        if before.is_some() {
            check.forget();
        }
    });
    // The row as it is now: a staged or switched key does not rebuild the form.
    let current = edited.clone().and_then(|slug| {
        let find = move |sources: &Vec<SourceView>| {
            let mut sources = sources.iter();
            sources.find(|source| source.slug == slug).cloned()
        };
        workspace.sources.item(find)
    });
    let users = current.map(|current| {
        let slug = current.with_untracked(|source| source.slug.clone());
        let name = Signal::derive(move || current.with(|source| source.name.clone()));
        let traffic = TrafficOf::new(TrafficBy::Source, Signal::stored(slug.clone()), name);
        watch_traffic(TrafficBy::Source);
        view! {
            <p class="small">
                <UsedByButton
                    owner=Owner::Source(slug)
                    of=name
                    users=Signal::derive(move || current.with(|source| source.used_by))
                    sentence=true
                />
                " · "
                <TrafficButton of=traffic sentence=true />
            </p>
        }
    });
    let staged = current.map(|current| {
        let owner = Owner::Source(current.with_untracked(|source| source.slug.clone()));
        view! {
            <StagedKeys
                owner=owner
                name=Signal::derive(move || current.with(|source| source.name.clone()))
                key=Signal::derive(move || current.with(|source| source.key.clone()))
                version=Signal::derive(move || current.with(|source| source.version))
                saved=staging.saved()
                typing=Signal::derive(move || form.dirty())
                add_header=add_header
            />
        }
    });
    // Keeps the current key in use until the new one is switched to.
    let can_stage = move || {
        current.is_some_and(|current| current.with(|source| source.key.set_at.is_some()))
            && form.auth_value.with(|value| !value.trim().is_empty())
            && !form.moves()
    };
    let stage = move || {
        if let Some(current) = current {
            let source = current.get_untracked();
            let owner = Owner::Source(source.slug);
            staging.stage(owner, source.name, source.version, false);
        }
    };
    // With nothing entered, the next step is in the section of the next key.
    let switches = Memo::new(move |_| {
        current.is_some_and(|current| current.with(|source| source.key.next.is_some()))
            && !form.dirty()
    });
    let close_label = move || match staging.saved().get() && !form.dirty() {
        true => "Done",
        false => "Cancel",
    };
    let action = Signal::derive(move || {
        let typed = form.auth_value.with(|value| !value.trim().is_empty());
        let action = match (adds, typed && can_stage()) {
            (true, _) => "Add source",
            (false, true) => "Save and use now",
            (false, false) => "Save changes",
        };
        action.to_owned()
    });
    // Errors that no field shows appear above the buttons.
    let general = Signal::derive(move || {
        error.with(|error| {
            let error = error.as_ref()?;
            let shown = error.field().is_some_and(super::fields::shows);
            (!shown).then(|| error.message())
        })
    });
    view! {
        <form
            class="source-form"
            aria-labelledby="source-heading"
            novalidate=""
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            <div class="source-fields">
                <h2 id="source-heading">{heading}</h2>
                {users}
                <EditFields>
                    <Fields form=form error=error asks_to_allow=Signal::derive(move || check.asks_to_allow()) />
                </EditFields>
                {staged}
                <CheckReport
                    check=check
                    allow_private=allow
                    add_header=add_header
                    takes_secret_headers=true
                />
                <FailureNotice error=general />
                <Show when=move || impact.any()>
                    <ImpactSection impact=impact title="Impact of saving" asks=true />
                </Show>
                <ImpactStatus impact=impact />
                <div class="form-actions">
                    <Show when=move || !switches.get()>
                        <ChangeButton
                            impact=impact
                            action=action
                            busy=Signal::derive(move || saving.get() || check.running().get())
                        />
                    </Show>
                    <Show when=can_stage>
                        <Button edits=true busy=saving press=stage>
                            "Save as next key"
                        </Button>
                    </Show>
                    <Button
                        edits=true
                        busy=check.running()
                        press=move || check.run(test_of(api, form), None)
                    >
                        "Test"
                    </Button>
                    <a href=Path::Sources.to_string() class="button" data-kind="quiet">
                        {close_label}
                    </a>
                </div>
            </div>
            <aside class="source-aside" aria-label="Requests and last refresh">
                <RequestPreview form=form />
                <LastRefresh record=last_refresh />
            </aside>
        </form>
        <LeaveQuestion body="Your changes are discarded, including a key you entered." />
        <ConflictQuestion
            conflict=conflict
            name=Signal::derive(move || {
                seen.with_value(|seen| seen.as_ref().map(|source| source.name.clone())).unwrap_or_default()
            })
            impact=impact
            save_mine=submit
            take_theirs=move || take_theirs()
        />
    }
}

/// Lists the models with what is entered, and says which key that is done with.
fn test_of(api: Api, form: SourceForm) -> CheckCall {
    let typed = form
        .auth_value
        .with_untracked(|value| !value.trim().is_empty());
    let stored = form.has_stored_key() && !form.clear_auth.get_untracked();
    let key = if typed {
        Some(ENTERED.to_owned())
    } else {
        // A stored key is not sent to another origin.
        (stored && !untrack(|| form.moves())).then(|| form.current_key())
    };
    let call = api.test_unsaved_source(form.as_test());
    CheckCall { call, key }
}

/// Saves a source.
fn save_over(
    api: Api,
    seen: Arc<SourceView>,
    body: SecretBody,
    values: Values,
) -> Answer<SourceView> {
    Box::pin(async move {
        let slug = seen.slug.clone();
        write_over(
            SourceView::clone(&seen),
            |theirs| values.differences(theirs).iter().any(Option::is_some),
            |version| api.edit_source(&slug, version, body.clone()),
        )
        .await
    })
}
