//! Settings of the workspace and of this browser.

mod policy;
mod providers_file;
mod sample;
mod secrets;
mod sessions;
mod this_browser;

use crate::components::{Badge, Tone};
use crate::features::loadable::Loadable;
use crate::features::time_limits::default_words;
use crate::features::tokens::{TokenOwner, Tokens};
use crate::state::{use_title, use_workspace};
use leptos::prelude::*;
use policy::Policies;
use providers_file::ProvidersFile;
use sample::Sample;
use secrets::Secrets;
use sessions::Sessions;
use this_browser::ThisBrowser;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    use_title("Settings");
    let workspace = use_workspace();
    let settings = workspace.settings;
    let status = settings.status();
    // The page shows settings changed elsewhere.
    settings.reload_if_old();
    view! {
        <h1 tabindex="-1">"Settings"</h1>
        <p class="lead">"Routing, new models, secrets and API tokens."</p>
        <Loadable status=status retry=move || settings.reload() label="Loading settings" rows=5>
            <Policies />
            <Secrets />
            <Tokens owner=TokenOwner::Service />
            <ProvidersFile />
            <Sample />
            <Sessions />
            <ThisBrowser />
            <Installation />
        </Loadable>
    }
}

/// Where this control plane keeps its data, and which version it is.
#[component]
fn Installation() -> impl IntoView {
    let settings = use_workspace().settings;
    view! {
        <section class="setting" aria-labelledby="installation">
            <h2 id="installation">"Installation"</h2>
            <dl class="facts">
                <dt>"Database"</dt>
                <dd>
                    <Database />
                </dd>
                <dt>"Data directory"</dt>
                <dd>
                    <code>{move || settings.with(|settings| settings.data_dir.clone())}</code>
                </dd>
                <dt>"Version"</dt>
                <dd>{move || settings.with(|settings| settings.version.clone())}</dd>
                <dt>"Time limits"</dt>
                <dd>
                    {move || settings.with(|settings| settings.time_limits.as_ref().map(default_words))}
                </dd>
                <dt>"Inference requests"</dt>
                <dd>
                    {move || {
                        settings
                            .with(|settings| inference(settings.forwards, settings.inference_port))
                    }}
                </dd>
            </dl>
        </section>
    }
}

/// Which database is used, and whether changes can be saved in it.
#[component]
fn Database() -> impl IntoView {
    let settings = use_workspace().settings;
    move || {
        let database = settings.with(|settings| settings.database.clone())??;
        let (tone, word) = match database.problem {
            None => (Tone::Ok, "Available"),
            Some(_) => (Tone::Bad, "Changes cannot be saved"),
        };
        Some(view! {
            <span class="report-line">
                {format!("{} {}", database.product, database.version)}
                <Badge tone=tone text=word />
            </span>
            <code>{database.place}</code>
            {database.problem.map(|problem| view! { <p class="bad">{problem}</p> })}
        })
    }
}

/// Where inference requests are taken.
fn inference(forwards: bool, port: Option<u16>) -> String {
    match (forwards, port) {
        (false, _) => "Not forwarded (--no-forwarding)".to_owned(),
        (true, None) => "Forwarded at this address".to_owned(),
        (true, Some(port)) => format!("Forwarded at port {port}"),
    }
}
