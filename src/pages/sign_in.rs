//! The sign-in page.

use crate::api::types::SignInOptions;
use crate::api::use_api;
use crate::components::{Button, ButtonKind, CopyButton, Logo, Prose};
use crate::dom;
use crate::paths::identity_provider;
use crate::state::{SessionState, SignedOut, use_session, use_title, use_workspace};
use crate::task::spawn_scoped;
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
    let api = use_api();
    let options = RwSignal::new(None::<SignInOptions>);
    spawn_scoped(async move {
        // Links are how to sign in where nothing else is known.
        let links = |_| SignInOptions {
            provider: None,
            links: true,
        };
        options.try_set(Some(api.sign_in_options().await.unwrap_or_else(links)));
    });
    let title = match &how {
        SignedOut::Never => "Sign in",
        SignedOut::Left => "Signed out",
        SignedOut::Ended => "Your session has ended",
        SignedOut::Refused(_) => "This link has expired or was already used",
    };
    // A refusal says what to do whatever the options are.
    let refusal = match &how {
        SignedOut::Refused(why) => Some(why.clone()),
        _ => None,
    };
    let refused = refusal.is_some();
    let links_are_off =
        move || options.with(|options| options.as_ref().is_some_and(|options| !options.links));
    let title = move || match refused && links_are_off() {
        true => "Sign-in links are off",
        false => title,
    };
    view! {
        <h1 tabindex="-1">{title}</h1>
        {refusal.map(|why| view! { <p><Prose text=why /></p> })}
        {move || {
            options
                .get()
                .map(|SignInOptions { provider, links }| {
                    let other = provider.is_some();
                    view! {
                        {provider.map(|name| view! { <Provider name=name /> })}
                        {links.then(|| view! { <Links how=how.clone() other=other /> })}
                    }
                })
        }}
    }
}

/// Leads to the identity provider and back to this page.
#[component]
fn Provider(name: String) -> impl IntoView {
    let href = identity_provider(&dom::location_address());
    view! {
        <p>
            // The control plane answers it, so the router must leave it alone.
            <a class="button" data-kind="primary" rel="external" href=href>
                {format!("Sign in with {name}")}
            </a>
        </p>
    }
}

/// How to get a link.
#[component]
fn Links(
    how: SignedOut,
    /// Whether there is another way to sign in.
    other: bool,
) -> impl IntoView {
    let text = match how {
        SignedOut::Refused(_) => "",
        _ if other => {
            "Or sign in with a one-time link. This command prints one where the control plane runs:"
        }
        SignedOut::Never => {
            "Sign in with a one-time link. `waypost serve` prints one at start; this command prints another:"
        }
        SignedOut::Left => {
            "You are signed out in this browser. For a new link, run this where the control plane runs:"
        }
        SignedOut::Ended => {
            "Saved work is kept. For a new link, run this where the control plane runs:"
        }
    };
    let text = (!text.is_empty()).then(|| view! { <p><Prose text=text.to_owned() /></p> });
    view! {
        {text}
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
