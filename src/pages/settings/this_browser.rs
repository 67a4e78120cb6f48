//! Settings of this browser: the theme and the session.

use crate::api::use_api;
use crate::components::{Button, Choice, Select};
use crate::dom;
use crate::state::{SessionState, ThemeChoice, use_session, use_theme, use_writes};
use leptos::prelude::*;

/// The theme, and the end of the session.
#[component]
pub(super) fn ThisBrowser() -> impl IntoView {
    let api = use_api();
    let theme = use_theme();
    let session = use_session();
    let writes = use_writes();
    let choices: Vec<Choice> = ThemeChoice::ALL
        .into_iter()
        .map(|choice| Choice::new(choice.name(), choice.label()))
        .collect();
    let until = move || match session.state() {
        SessionState::SignedIn(view) => {
            let end = dom::local_time(view.expires_at);
            format!("Signed in until {}, {}.", end.date(), end.clock())
        }
        _ => String::new(),
    };
    let sign_out = move || {
        writes.send_with_toast("Signing out", api.sign_out(), move |()| session.leave());
    };
    view! {
        <section class="setting" aria-labelledby="browser">
            <h2 id="browser">"This browser"</h2>
            <Select
                label="Theme"
                choices=choices
                value=Signal::derive(move || theme.choice().name().to_owned())
                choose=move |name: String| theme.choose(ThemeChoice::from_name(&name))
            />
            <p class="row-actions">
                <Button busy=writes.busy() press=sign_out>
                    "Sign out"
                </Button>
                <span class="small">
                    {until}
                </span>
            </p>
        </section>
    }
}
