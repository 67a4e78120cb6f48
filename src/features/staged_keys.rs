//! The next key of a provider or source: staged beside the current one, tested, switched to, and
//! switched back from within an hour.

use crate::api::types::{KeyView, OutcomeReport};
use crate::api::{Api, ApiError, KeyChange, use_api};
use crate::components::{Button, ButtonKind, Confirm, Definition, Notice, Prose, Show, Term, Tone};
use crate::dom;
use crate::features::add_header::AddHeader;
use crate::features::key_check::{Held, KeyCheck, NOTHING};
use crate::features::report_panel::ReportText;
use crate::format::{
    age, key_end, stored_key_words, tested_with, verification_tone, verification_words,
};
use crate::state::{
    Announcer, CheckKind, Owner, Toasts, Workspace, Writes, use_announcer, use_clock, use_toasts,
    use_workspace, use_writes,
};
use crate::task::spawn_scoped;
use leptos::prelude::*;

/// Stages what is typed into a form as the next key.
#[derive(Clone, Copy)]
pub(crate) struct Staging {
    api: Api,
    workspace: Workspace,
    toasts: Toasts,
    announcer: Announcer,
    writes: Writes,
    /// The check of the form.
    check: KeyCheck,
    /// The field.
    key: RwSignal<String>,
    /// Whether a key that looks like something else is used anyway.
    accept: RwSignal<bool>,
    /// Whether something was saved since the form was opened.
    saved: RwSignal<bool>,
}

impl Staging {
    /// For a form with this field.
    pub(crate) fn new(
        writes: Writes,
        check: KeyCheck,
        key: RwSignal<String>,
        accept: RwSignal<bool>,
    ) -> Self {
        Self {
            api: use_api(),
            workspace: use_workspace(),
            toasts: use_toasts(),
            announcer: use_announcer(),
            writes,
            check,
            key,
            accept,
            saved: RwSignal::new(false),
        }
    }

    /// Whether something was saved since the form was opened, so that closing it cancels nothing.
    pub(crate) fn saved(self) -> RwSignal<bool> {
        self.saved
    }

    /// Stages the key: if the upstream accepts it, or `anyway`.
    pub(crate) fn stage(self, owner: Owner, name: String, version: u64, anyway: bool) {
        if self.writes.busy().get_untracked() {
            return;
        }
        self.check.error.set(None);
        let Self {
            workspace,
            toasts,
            announcer,
            writes,
            ..
        } = self;
        let call = self.api.stage_key(
            &owner.api_path(),
            version,
            self.key.get_untracked(),
            !anyway,
            self.accept.get_untracked(),
        );
        let text = format!("{name}: saved the next key. The current key stays in use.");
        let reloaded = owner.clone();
        self.writes.send(
            format!("Saving the next key of {name}"),
            call,
            move |()| {
                say(writes, toasts, announcer, text);
                reload(workspace, &reloaded);
            },
            move |outcome| match outcome {
                Ok(()) => {
                    self.saved.set(true);
                    self.key.set(String::new());
                    self.check.forget();
                    // The pressed button disappears with the typed key.
                    dom::focus_heading_if_lost();
                }
                Err(failure) => {
                    let again = Callback::new(move |()| {
                        self.stage(owner.clone(), name.clone(), version, true);
                    });
                    if !self.check.refused(&failure, NOTHING, Held::stage(again)) {
                        announcer.say(failure.message());
                        self.check.error.set(Some(failure));
                    }
                }
            },
        );
    }
}

/// Says what was done: with a notice only where the section no longer shows it.
fn say(writes: Writes, toasts: Toasts, announcer: Announcer, text: String) {
    match writes.is_shown() {
        true => announcer.say(text),
        false => toasts.done(text),
    }
}

fn reload(workspace: Workspace, owner: &Owner) {
    match owner {
        Owner::Provider(_) => workspace.reload_providers(),
        Owner::Source(_) => workspace.reload_sources(),
    }
}

/// A key beside the current one that can be removed.
#[derive(Clone, Copy, PartialEq)]
enum Discard {
    Next,
    Previous,
}

impl Discard {
    fn action(self) -> &'static str {
        match self {
            Self::Next => "Remove next key",
            Self::Previous => "Remove previous key",
        }
    }

    fn consequence(self) -> &'static str {
        match self {
            Self::Next => "Deletes it. Requests keep using the current key. You cannot undo this.",
            Self::Previous => {
                "Deletes it now. You cannot switch back to it then, and you cannot undo this."
            }
        }
    }
}

/// The next key, if there is one, and the previous one while it can be switched back to.
#[component]
pub(crate) fn StagedKeys(
    /// Whose key it is.
    owner: Owner,
    /// What it is called.
    #[prop(into)]
    name: Signal<String>,
    /// The state of its key.
    #[prop(into)]
    key: Signal<KeyView>,
    /// The version that was read.
    #[prop(into)]
    version: Signal<u64>,
    /// Whether something was saved since the form was opened.
    saved: RwSignal<bool>,
    /// Whether something is entered in the form around it. Otherwise switching to the next key is
    /// the next step.
    #[prop(into)]
    typing: Signal<bool>,
    /// Adds a header that the endpoint says is missing.
    #[prop(into)]
    add_header: Callback<String>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let announcer = use_announcer();
    let toasts = use_toasts();
    let typing = Memo::new(move |_| typing.get());
    let now = use_clock().now();
    let takes_secrets = matches!(owner, Owner::Source(_));
    let owner = StoredValue::new(owner);
    let error = RwSignal::new(None::<ApiError>);
    let report = RwSignal::new(None::<(OutcomeReport, String)>);
    let testing = RwSignal::new(false);
    let writes = use_writes();
    let next = Memo::new(move |_| key.with(|key| key.next.clone()));
    let previous = Memo::new(move |_| key.with(|key| key.previous.clone()));

    // Removing a key is asked about first. The question outlives what it is about.
    let asking = RwSignal::new(false);
    let discard = RwSignal::new(Discard::Previous);
    let ask = move |about: Discard| {
        discard.set(about);
        asking.set(true);
    };

    let reload = move || owner.with_value(|owner| reload(workspace, owner));
    let change = move |change: KeyChange, what: &'static str, done: &'static str| {
        if writes.busy().get_untracked() {
            return;
        }
        error.set(None);
        report.set(None);
        let name = name.get_untracked();
        let text = format!("{name}: {done}");
        let call = api.change_key(
            &owner.get_value().api_path(),
            version.get_untracked(),
            change,
        );
        writes.send(
            format!("{what} of {name}"),
            call,
            move |()| {
                say(writes, toasts, announcer, text);
                reload();
            },
            move |outcome| match outcome {
                Ok(()) => saved.set(true),
                Err(failure) => {
                    announcer.say(failure.message());
                    error.set(Some(failure));
                    reload();
                }
            },
        );
    };
    let test = move || {
        testing.set(true);
        error.set(None);
        report.set(None);
        let hint = next.with_untracked(|next| next.as_ref()?.hint.clone());
        let tested = key_end("the next key", hint.as_deref());
        let call = api.test_next_key(&owner.get_value().api_path());
        spawn_scoped(async move {
            let answer = call.await;
            testing.set(false);
            match answer {
                Ok(answer) => {
                    announcer.say(answer.message.clone());
                    report.set(Some((answer, tested)));
                }
                Err(failure) => {
                    announcer.say(failure.message());
                    error.set(Some(failure));
                }
            }
            reload();
        });
    };
    view! {
        {move || {
            next.get()
                .map(|next| {
                    // The pressed button disappears with what it did.
                    on_cleanup(dom::focus_heading_if_lost);
                    let tone = verification_tone(&next.verification).name();
                    let (hint, at) = (next.hint.clone(), next.set_at);
                    let test_label = key_end("Test next key", hint.as_deref());
                    let words = move || stored_key_words(hint.as_deref(), at, now.get());
                    let known = next.verification;
                    view! {
                        <section class="staged-key" aria-label="Next key">
                            <p>
                                <Definition term=Term::NextKey text="Next key" /> " " {words}
                            </p>
                            <p class="verification" data-tone=tone>
                                {move || verification_words(&known, now.get())}
                            </p>
                            <p class="small">"Requests use the current key until you switch."</p>
                            <span class="actions">
                                <Button edits=true busy=testing press=test>
                                    {test_label}
                                </Button>
                                {move || {
                                    let kind = match typing.get() {
                                        true => ButtonKind::Plain,
                                        false => ButtonKind::Primary,
                                    };
                                    view! {
                                        <Button
                                            kind=kind
                                            edits=true
                                            busy=writes.busy()
                                            press=move || change(
                                                KeyChange::Switch,
                                                "Switching the key",
                                                "switched to the next key. You can switch back for an hour.",
                                            )
                                        >
                                            "Switch to next key"
                                        </Button>
                                    }
                                }}
                                <Button
                                    kind=ButtonKind::Danger
                                    edits=true
                                    busy=writes.busy()
                                    press=move || ask(Discard::Next)
                                >
                                    "Remove next key"
                                </Button>
                            </span>
                        </section>
                    }
                })
        }}
        {move || {
            previous
                .get()
                .map(|previous| {
                    on_cleanup(dom::focus_heading_if_lost);
                    let until = previous.until;
                    let which = key_end("Previous key", previous.hint.as_deref());
                    let left = Memo::new(move |_| {
                        age(until, now.get()).unwrap_or_else(|| "less than a minute".to_owned())
                    });
                    view! {
                        <section class="staged-key" aria-label="Previous key">
                            <p>{which}</p>
                            <p class="small">
                                "Kept for an hour after the switch. If it has leaked, remove it now; you cannot switch back then."
                            </p>
                            <span class="actions">
                                <Button
                                    edits=true
                                    busy=writes.busy()
                                    press=move || change(
                                        KeyChange::SwitchBack,
                                        "Switching the key back",
                                        "switched back to the previous key.",
                                    )
                                >
                                    "Switch back · " {left} " left"
                                </Button>
                                <Button
                                    kind=ButtonKind::Danger
                                    edits=true
                                    busy=writes.busy()
                                    press=move || ask(Discard::Previous)
                                >
                                    "Remove previous key now"
                                </Button>
                            </span>
                        </section>
                    }
                })
        }}
        {move || {
            report
                .get()
                .map(|(report, tested)| {
                    request_animation_frame(|| dom::show_nearest("[data-of=next]"));
                    let used = tested_with(Some(&tested), report.outcome);
                    let missing = report.missing_headers.clone();
                    view! {
                        <section class="check-report" data-of="next" aria-label="Test of the next key">
                            <ReportText kind=CheckKind::Test report=report />
                            <p class="small"><Prose text=used /></p>
                            <AddHeader names=missing add=add_header takes_secrets=takes_secrets />
                        </section>
                    }
                })
        }}
        <Confirm
            open=asking
            title=Signal::derive(move || {
                let key = match discard.get() {
                    Discard::Next => {
                        let hint = next.with(|next| next.as_ref()?.hint.clone());
                        key_end("the next key", hint.as_deref())
                    }
                    Discard::Previous => {
                        let hint = previous.with(|previous| previous.as_ref()?.hint.clone());
                        key_end("the previous key", hint.as_deref())
                    }
                };
                format!("Remove {key}?")
            })
            body=Signal::derive(move || discard.get().consequence().to_owned())
            action=Signal::derive(move || discard.get().action().to_owned())
            confirm=move || {
                asking.set(false);
                match discard.get_untracked() {
                    Discard::Next => change(
                        KeyChange::Unstage,
                        "Removing the next key",
                        "removed the next key.",
                    ),
                    Discard::Previous => change(
                        KeyChange::RemovePrevious,
                        "Removing the previous key",
                        "removed the previous key.",
                    ),
                }
            }
        />
        <Show when=move || error.with(Option::is_some)>
            <Notice
                tone=Tone::Bad
                text=Signal::derive(move || {
                    error.with(|error| error.as_ref().map(ApiError::message)).unwrap_or_default()
                })
            />
        </Show>
    }
}
