//! Creating a token: its label and expiry, then its text, once.

use super::TokenOwner;
use super::labels::role_word;
use crate::api::types::{Role, SERVICE_TOKEN_DAYS, TokenInput, TokenKind, TokenView};
use crate::api::{ApiError, use_api};
use crate::components::{
    Button, ButtonKind, Choice, CopyButton, Dialog, DialogQuestion, FailureNotice, FieldFrame,
    FieldIds, Notice, Segmented, Select, Show, TextField, Tone,
};
use crate::dom;
use crate::state::{Cached, use_announcer, use_toasts, use_writes};
use leptos::prelude::*;

/// The dialog.
#[component]
pub(super) fn CreateDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Whose token is created.
    owner: TokenOwner,
    /// The list that it joins.
    tokens: Cached<Vec<TokenView>>,
) -> impl IntoView {
    // The text of the new token, as long as the dialog is open.
    let text = RwSignal::new(None::<String>);
    let copied = RwSignal::new(false);
    let asking = RwSignal::new(false);
    Effect::new(move || {
        if !open.get() {
            text.set(None);
            copied.set(false);
        }
    });
    let unseen = Signal::derive(move || text.with(Option::is_some) && !copied.get());
    let title = Signal::derive(move || {
        match text.with(Option::is_some) {
            true => "Copy the token",
            false => "Create token",
        }
        .to_owned()
    });
    let subtitle = match &owner {
        TokenOwner::Agent(name) => format!("For the agent {name}"),
        TokenOwner::Service => "For scripts and CI".to_owned(),
    };
    view! {
        <Dialog
            open=open
            title=title
            subtitle=subtitle
            dirty=unseen
            question=NOT_COPIED
            asking=asking
        >
            {
                let owner = owner.clone();
                view! {
                    <Show
                        when=move || text.with(Option::is_none)
                        fallback=move || {
                            view! { <Created open=open text=text copied=copied asking=asking /> }
                        }
                    >
                        <CreateForm open=open owner=owner.clone() tokens=tokens text=text />
                    </Show>
                }
            }
        </Dialog>
    }
}

/// What is asked where the token would be lost.
const NOT_COPIED: DialogQuestion = DialogQuestion {
    question: "Close without copying the token? It cannot be shown again.",
    keep: "Back to the token",
    close: "I have stored it",
};

/// The button that copies the token.
const COPY: &str = "dialog[open] .dialog-foot .button[data-kind=primary]";

/// What is asked before it is created.
#[component]
fn CreateForm(
    open: RwSignal<bool>,
    owner: TokenOwner,
    tokens: Cached<Vec<TokenView>>,
    text: RwSignal<Option<String>>,
) -> impl IntoView {
    let api = use_api();
    let toasts = use_toasts();
    let announcer = use_announcer();
    let writes = use_writes().in_dialog(open);
    let label = RwSignal::new(String::new());
    let label_error = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<String>);
    let role = RwSignal::new(Role::Viewer);
    let of_service = owner == TokenOwner::Service;
    let days = RwSignal::new(of_service.then_some(SERVICE_TOKEN_DAYS));
    let owner = StoredValue::new(owner);

    let create = move || {
        if writes.busy().get_untracked() {
            return;
        }
        label_error.set(None);
        error.set(None);
        let (kind, agent) = match owner.get_value() {
            TokenOwner::Agent(name) => (TokenKind::Agent, Some(name)),
            TokenOwner::Service => (TokenKind::Service, None),
        };
        let input = TokenInput {
            kind,
            agent,
            role: (kind == TokenKind::Service).then(|| role.get_untracked()),
            label: label.get_untracked(),
            expires_in_days: days.get_untracked(),
        };
        writes.send(
            "Creating the token",
            api.create_token(&input),
            move |created| {
                // Its text is lost: it is given out only once.
                if !writes.is_shown() {
                    toasts.failed(
                        "A token was created after its dialog was closed, so it was never shown. Revoke it and create another.",
                    );
                }
                created
            },
            move |outcome| match outcome {
                Ok(created) => {
                    announcer.say("Token created. Copy it now: it is shown only once.");
                    let view = created.view.clone();
                    text.set(Some(created.into_text()));
                    tokens.update(|tokens| tokens.insert(0, view));
                    dom::focus_when_drawn(COPY);
                }
                Err(problem) => {
                    announcer.say(problem.message());
                    match &problem {
                        ApiError::Problem(refused) if refused.field.as_deref() == Some("label") => {
                            label_error.set(Some(refused.detail.clone()));
                        }
                        _ => error.set(Some(problem.message())),
                    }
                }
            },
        );
    };
    let roles = [Role::Viewer, Role::Admin]
        .map(|role| {
            let word = role_word(role);
            let label = match role {
                Role::Viewer => "Viewer: read and request routes",
                Role::Admin => "Admin: change everything except tokens",
            };
            Choice::new(word, label)
        })
        .to_vec();
    let roles = StoredValue::new(roles);
    let choices: Vec<Choice> = match of_service {
        true => [30, SERVICE_TOKEN_DAYS, 180, 365].map(in_days).to_vec(),
        false => std::iter::once(Choice::new("", "Never"))
            .chain([30, 90, 365].map(in_days))
            .collect(),
    };
    view! {
        <form
            novalidate=""
            on:submit=move |event| {
                event.prevent_default();
                create();
            }
        >
            <div class="dialog-body">
                <TextField
                    label="Label"
                    value=label
                    note="optional"
                    help="Where it will be used, such as `production` or `ci`. Two tokens of an agent may share a label, so that you can replace one without an interruption."
                    error=label_error
                    autofocus=true
                />
                <Show when=move || of_service>
                    <Segmented
                        label="Role"
                        choices=roles.get_value()
                        value=Signal::derive(move || role_word(role.get()).to_owned())
                        choose=move |word: String| {
                            role.set(if word == "admin" { Role::Admin } else { Role::Viewer });
                        }
                    />
                </Show>
                <Select
                    label="Expires"
                    choices=choices
                    value=Signal::derive(move || {
                        days.get().map(|days| days.to_string()).unwrap_or_default()
                    })
                    choose=move |chosen: String| days.set(chosen.parse().ok())
                />
                <FailureNotice error=error />
            </div>
            <footer class="dialog-foot">
                <span class="grow"></span>
                <Button press=move || open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true busy=writes.busy()>
                    "Create token"
                </Button>
            </footer>
        </form>
    }
}

fn in_days(days: u32) -> Choice {
    Choice::new(days.to_string(), format!("In {days} days"))
}

/// The text of the new token.
#[component]
fn Created(
    open: RwSignal<bool>,
    text: RwSignal<Option<String>>,
    /// Whether the text was copied.
    copied: RwSignal<bool>,
    /// Asks before the dialog closes.
    asking: RwSignal<bool>,
) -> impl IntoView {
    let announcer = use_announcer();
    let ids = FieldIds::new();
    let shown = Signal::derive(move || text.get().unwrap_or_default());
    view! {
        <div class="dialog-body">
            <Notice
                tone=Tone::Warn
                text="Copy this token now. Waypost stores only its digest and cannot show it again."
            />
            <FieldFrame ids=ids.clone() label="Token">
                <input
                    class="input token-text"
                    data-code="true"
                    id=ids.control
                    type="text"
                    readonly=""
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=shown
                    on:copy=move |_| copied.set(true)
                    on:focus:target=move |event| dom::select_text(&event.target())
                />
            </FieldFrame>
        </div>
        // Where “Create token” was, a second press copies the token and does not close the dialog.
        <footer class="dialog-foot">
            <span class="grow"></span>
            <Button press=move || {
                if copied.get_untracked() { open.set(false) } else { asking.set(true) }
            }>"Done"</Button>
            <CopyButton
                text=shown
                label="Copy token"
                primary=true
                copied=move |done: bool| {
                    if done {
                        copied.set(true);
                    }
                    announcer
                        .say(
                            if done {
                                "Token copied."
                            } else {
                                "The browser does not allow copying. Select the token and copy it."
                            },
                        );
                }
            />
        </footer>
    }
}
