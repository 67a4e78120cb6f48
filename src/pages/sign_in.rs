//! The sign-in page.

use crate::api::use_api;
use crate::components::{Button, ButtonKind, CopyButton, Logo, Prose};
use crate::state::{SessionState, SignedOut, use_session, use_title, use_workspace};
use leptos::prelude::*;

/// The command that makes a new sign-in link.
const COMMAND: &str = "waypost sign-in-link";

/// How to sign in, and why it is needed.
#[component]
pub fn SignInPage() -> impl IntoView {
    let session = use_session();
    use_title("Sign in");
    view! {
        <main class="sign-in">
            <p class="brand">
                <Logo />
                "Waypost"
            </p>
            {move || match session.state() {
                SessionState::Unknown | SessionState::SignedIn(_) => {
                    view! { <p role="status">"Signing in…"</p> }.into_any()
                }
                SessionState::SignedOut(how) => view! { <SignedOutText how=how /> }.into_any(),
                SessionState::Unreachable { answered, message } => {
                    view! { <Unreachable answered=answered message=message /> }.into_any()
                }
            }}
        </main>
    }
}

#[component]
fn SignedOutText(how: SignedOut) -> impl IntoView {
    let (title, text) = match how {
        SignedOut::Never => (
            "Sign in",
            "Sign in with a one-time link. `waypost serve` prints one at start; this command prints another:".to_owned(),
        ),
        SignedOut::Left => (
            "Signed out",
            "You are signed out in this browser. For a new link, run this where the control plane runs:".to_owned(),
        ),
        SignedOut::Ended => (
            "Your session has ended",
            "Saved work is kept. For a new link, run this where the control plane runs:".to_owned(),
        ),
        SignedOut::Refused(why) => (
            "This link has expired or was already used",
            why,
        ),
    };
    view! {
        <h1 tabindex="-1">{title}</h1>
        <p>
            <Prose text=text />
        </p>
        <p class="command">
            <code>{COMMAND}</code>
            <CopyButton text=COMMAND.to_owned() name="Copy the command".to_owned() />
        </p>
        <p class="small">"A link works once, for 15 minutes. Open it in this browser; you return to the page you wanted."</p>
    }
}

#[component]
fn Unreachable(answered: bool, message: String) -> impl IntoView {
    let api = use_api();
    let session = use_session();
    let workspace = use_workspace();
    view! {
        <h1 tabindex="-1">
            {if answered { "Signing in failed" } else { "Control plane unreachable" }}
        </h1>
        <p>
            <Prose text=message />
        </p>
        <p>
            <Button kind=ButtonKind::Primary press=move || session.start(api, workspace)>
                "Try again"
            </Button>
        </p>
        <p class="small" role="status">
            {if answered {
                "Your sign-in link was not used up."
            } else {
                "Waypost keeps trying and continues as soon as the control plane answers."
            }}
        </p>
    }
}
