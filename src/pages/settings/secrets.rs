//! Which secrets backend is in use, in plain words.

use crate::components::{Badge, Tone};
use crate::state::use_workspace;
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
                " chooses it for a new data directory."
            </p>
        </section>
    }
}
