//! Settings of the workspace, of this browser, and the audit log.

mod audit;
mod policy;
mod providers_file;
mod sample;
mod secrets;
mod this_browser;

use crate::components::{Button, Loading, Notice, Show, Stale, Tone};
use crate::state::{use_clock, use_title, use_workspace};
use audit::AuditLog;
use leptos::prelude::*;
use policy::Policies;
use providers_file::ProvidersFile;
use sample::Sample;
use secrets::Secrets;
use this_browser::ThisBrowser;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    use_title("Settings");
    let workspace = use_workspace();
    let settings = workspace.settings;
    let now = use_clock().now();
    // The page shows settings changed elsewhere.
    settings.reload();
    let read = Memo::new(move |_| settings.get().is_some());
    let error = Memo::new(move |_| settings.error().map(|error| error.message()));
    let busy = Signal::derive(move || settings.loading());
    let failure = move || {
        let text = error.get()?;
        let retry = move || settings.reload();
        Some(if read.get() {
            let read_at = Signal::derive(move || settings.read_at());
            view! { <Stale text=text read_at=read_at now=now busy=busy retry=retry /> }.into_any()
        } else {
            view! {
                <Notice tone=Tone::Bad text=text>
                    <Button busy=busy press=retry>
                        "Try again"
                    </Button>
                </Notice>
            }
            .into_any()
        })
    };
    view! {
        <h1 tabindex="-1">"Settings"</h1>
        <p class="lead">"Routing, new models, secrets and the audit log."</p>
        {failure}
        <Show
            when=move || read.get()
            fallback=move || {
                error.get().is_none().then(|| view! { <Loading label="Loading settings" rows=5 /> })
            }
        >
            <Policies />
            <Secrets />
            <ProvidersFile />
            <Sample />
            <ThisBrowser />
            <Installation />
        </Show>
        <AuditLog />
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
                <dt>"Data directory"</dt>
                <dd>
                    <code>{move || settings.with(|settings| settings.data_dir.clone())}</code>
                </dd>
                <dt>"Version"</dt>
                <dd>{move || settings.with(|settings| settings.version.clone())}</dd>
            </dl>
        </section>
    }
}
