//! The next key of a provider or source: staged beside the current one, checked, switched to, and
//! switched back from within an hour.

use crate::api::types::{KeyView, OutcomeReport};
use crate::api::{ApiError, KeyChange, use_api};
use crate::components::{Button, ButtonKind, Definition, Notice, Show, Term, Tone};
use crate::dom;
use crate::features::report_panel::ReportText;
use crate::format::{age, stored_key_words, verification_tone, verification_words};
use crate::state::{
    CheckKind, Owner, use_announcer, use_clock, use_toasts, use_workspace, use_writes,
};
use crate::task::spawn_scoped;
use leptos::prelude::*;

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
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let announcer = use_announcer();
    let toasts = use_toasts();
    let now = use_clock().now();
    let owner = StoredValue::new(owner);
    let error = RwSignal::new(None::<ApiError>);
    let report = RwSignal::new(None::<OutcomeReport>);
    let testing = RwSignal::new(false);
    let writes = use_writes();
    let next = Memo::new(move |_| key.with(|key| key.next.clone()));
    let previous = Memo::new(move |_| key.with(|key| key.previous.clone()));

    let is_source = owner.with_value(|owner| matches!(owner, Owner::Source(_)));
    let reload = move || match is_source {
        false => workspace.reload_providers(),
        true => workspace.reload_sources(),
    };
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
                toasts.done(text);
                reload();
            },
            move |outcome| {
                if let Err(failure) = outcome {
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
        let call = api.test_next_key(&owner.get_value().api_path());
        spawn_scoped(async move {
            let answer = call.await;
            testing.set(false);
            match answer {
                Ok(answer) => {
                    announcer.say(answer.message.clone());
                    report.set(Some(answer));
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
                            <span class="actions">
                                <Button edits=true busy=testing press=test>
                                    "Test next key"
                                </Button>
                                <Button
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
                                <Button
                                    kind=ButtonKind::Danger
                                    edits=true
                                    press=move || change(
                                        KeyChange::Unstage,
                                        "Removing the next key",
                                        "removed the next key.",
                                    )
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
                    let hint = previous.hint.map(|hint| format!(" ••••{hint}")).unwrap_or_default();
                    let left = move || {
                        age(until, now.get()).unwrap_or_else(|| "less than a minute".to_owned())
                    };
                    view! {
                        <section class="staged-key" aria-label="Previous key">
                            <p>"Previous key" {hint} " · kept for another " {left}</p>
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
                                    "Switch back"
                                </Button>
                            </span>
                        </section>
                    }
                })
        }}
        {move || {
            report
                .get()
                .map(|report| {
                    request_animation_frame(|| dom::show_nearest("[data-of=next]"));
                    view! {
                        <section class="check-report" data-of="next" aria-label="Test of the next key">
                            <ReportText kind=CheckKind::Test report=report />
                        </section>
                    }
                })
        }}
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
