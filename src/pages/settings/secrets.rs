//! Which secrets backend is in use, in plain words.

use crate::api::types::RemoteBackendView;
use crate::components::{Badge, RelativeTime, Tone};
use crate::format::age;
use crate::state::{use_clock, use_workspace};
use leptos::prelude::*;

/// The backend, whether it responds, and what it protects.
#[component]
pub(super) fn Secrets() -> impl IntoView {
    let settings = use_workspace().settings;
    let shown = move || {
        let secrets = settings.with(|settings| settings.secrets.clone())?;
        let (tone, word) = if secrets.available {
            (Tone::Ok, "Available")
        } else {
            (Tone::Bad, "Not responding")
        };
        let label = secrets.backend.label();
        let mut title = label.to_owned();
        title[..1].make_ascii_uppercase();
        Some(view! {
            <p class="report-line">
                <b>{title}</b>
                <Badge tone=tone text=word />
            </p>
            {secrets.remote.map(|remote| view! { <Remote remote=remote /> })}
            <p>{secrets.description}</p>
            {secrets
                .problem
                .map(|problem| {
                    view! {
                        <p class="bad">{problem}</p>
                        <p class="small">
                            "Until it responds, key states are Unknown. Waypost never switches to another backend on its own."
                        </p>
                    }
                })}
        })
    };
    view! {
        <section class="setting" aria-labelledby="secrets">
            <h2 id="secrets">"Secrets"</h2>
            {shown}
            <p class="small">
                "Stored keys are never returned by any API call. The backend was chosen at first start; the option "
                <code>"--secrets"</code>
                " chooses it for a new data directory, and "
                <code>"waypost secrets copy"</code>
                " moves it."
            </p>
        </section>
    }
}

/// The connection to a backend on the network.
#[component]
fn Remote(remote: RemoteBackendView) -> impl IntoView {
    let now = use_clock().now();
    let namespace = remote.namespace.map(|name| {
        view! { ", namespace " <code>{name}</code> }
    });
    let expiry = move || remote.expires_at.map(|at| expiry(now.get(), at));
    let last_error = remote.last_error.map(|error| {
        view! {
            <p class="small">
                "Last error " <RelativeTime at=error.at now=now /> ": " {error.message} "."
            </p>
        }
    });
    view! {
        <p>
            <code>{remote.address}</code>
            {namespace}
            ", below "
            <code>{remote.path}</code>
            ". Login: "
            {remote.login}
            {expiry}
            "."
        </p>
        {last_error}
    }
}

/// How long a login still lasts: `, expires in 50 min`.
fn expiry(now: i64, at: i64) -> String {
    match age(at, now) {
        Some(left) => format!(", expires in {left}"),
        None if at > now => ", expires within a minute".to_owned(),
        None => ", expired".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_says_how_long_it_lasts() {
        assert_eq!(expiry(0, 50 * 60 + 5), ", expires in 50 min");
        assert_eq!(expiry(0, 20), ", expires within a minute");
        assert_eq!(expiry(20, 20), ", expired");
    }
}
