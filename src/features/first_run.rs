//! The first steps in a new workspace: connect, models, agent, route. Shown until they are done or
//! hidden, which this browser remembers.

use crate::components::{Button, ButtonKind, Definition, EditLink, Show, Term};
use crate::dom;
use crate::features::on_demand::OnDemand;
use crate::features::owner_row::OwnerSummary;
use crate::features::providers::ConfigureManaged;
use crate::features::sample_workspace::{ADD_SAMPLE, use_add_sample};
use crate::lazy::part;
use crate::paths::Path;
use crate::state::{use_checks, use_workspace};
use leptos::prelude::*;

/// Where this browser remembers how far it is: `started`, `routed` or `hidden`.
const STORED: &str = "waypost.first-run";

/// What is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// A gateway, provider or source can be called.
    connected: bool,
    /// Models are in the catalog.
    models: bool,
    /// There is an agent.
    agent: bool,
    /// A route was looked at.
    route: bool,
}

impl Progress {
    fn steps(self) -> [bool; 4] {
        [self.connected, self.models, self.agent, self.route]
    }

    fn done(self) -> usize {
        self.steps().into_iter().filter(|done| *done).count()
    }

    /// Whether the workspace is in use, so that the steps are no help to those who never saw them.
    fn in_use(self) -> bool {
        self.connected && self.models && self.agent
    }
}

/// Whether the list is shown, given what this browser remembers.
fn is_shown(progress: Progress, remembered: &str) -> bool {
    match remembered {
        "hidden" => false,
        "" => !progress.in_use(),
        _ => progress.done() < progress.steps().len(),
    }
}

/// Notes that a route was looked at, which is the last step.
pub(crate) fn route_was_seen() {
    if dom::stored(STORED).as_deref() == Some("started") {
        dom::store(STORED, Some("routed"));
    }
}

/// The steps, while there is something left to do.
#[component]
pub(crate) fn FirstRun() -> impl IntoView {
    let workspace = use_workspace();
    let remembered = RwSignal::new(dom::stored(STORED).unwrap_or_default());
    let remember = move |text: &str| {
        dom::store(STORED, Some(text));
        remembered.set(text.to_owned());
    };
    let progress = Memo::new(move |_| {
        let providers = workspace.providers.with(|page| {
            let summary = page.items.iter().map(OwnerSummary::from);
            of_owners(summary)
        })?;
        let sources = workspace
            .sources
            .with(|sources| of_owners(sources.iter().map(OwnerSummary::from)))?;
        Some(Progress {
            connected: providers.connected || sources.connected,
            models: providers.models || sources.models,
            agent: workspace
                .settings
                .with(|settings| settings.agent_count > 0)?,
            route: remembered.with(|text| text == "routed"),
        })
    });
    let shown = Memo::new(move |_| {
        progress
            .get()
            .is_some_and(|progress| remembered.with(|text| is_shown(progress, text)))
    });
    Effect::new(move || {
        if shown.get() && remembered.with(String::is_empty) {
            remember("started");
        }
    });
    view! {
        <Show when=move || shown.get()>
            <OnDemand
                load=load_steps
                given=Given {
                    progress: Signal::derive(move || progress.get().unwrap_or_default()),
                    routed: Callback::new(move |()| remember("routed")),
                    hide: Callback::new(move |()| {
                        remember("hidden");
                        dom::focus_heading_if_lost();
                    }),
                }
                label="Loading the first steps"
            />
        </Show>
    }
}

/// What is done of providers, or of sources.
fn of_owners(all: impl Iterator<Item = OwnerSummary>) -> Progress {
    let mut progress = Progress::default();
    for summary in all {
        progress.connected |= summary.is_ready();
        progress.models |= summary.models.total > 0;
    }
    progress
}

/// What the steps are given.
#[derive(Clone, Copy)]
struct Given {
    progress: Signal<Progress>,
    /// A route was looked at.
    routed: Callback<()>,
    /// Hides the steps for good.
    hide: Callback<()>,
}

// A workspace in use never shows them.
part!(load_steps, first_run, Given, |given| {
    view! { <Steps given=given /> }.into_any()
});

#[component]
fn Steps(given: Given) -> impl IntoView {
    let Given {
        progress,
        routed,
        hide,
    } = given;
    let workspace = use_workspace();
    let checks = use_checks();
    let sample = use_add_sample();
    let done = move || {
        let progress = progress.get();
        format!("{} of {} done", progress.done(), progress.steps().len())
    };
    let refresh = move || {
        let ready = |summary: &OwnerSummary| summary.is_ready();
        let providers = workspace.providers.get_untracked();
        let sources = workspace.sources.get_untracked();
        let providers = providers.iter().flat_map(|page| page.items.iter());
        let sources = sources.iter().flat_map(|sources| sources.iter());
        let all = providers
            .map(OwnerSummary::from)
            .chain(sources.map(OwnerSummary::from));
        for summary in all.filter(ready) {
            checks.refresh(summary.owner);
        }
    };
    // The route of an agent, once there is one.
    let route = Memo::new(move |_| {
        let agent = progress.get().agent.then(|| {
            let agents = workspace.agents();
            agents.with(|agents| agents.first().map(|agent| agent.name.clone()))
        });
        let path = match agent.flatten().flatten() {
            Some(name) => Path::preview_of_agent(&name),
            None => Path::preview(""),
        };
        path.to_string()
    });
    view! {
        <section class="first-run" aria-labelledby="first-run-title">
            <header>
                <h2 id="first-run-title">"Get started"</h2>
                <p class="small">{done}</p>
                <span class="grow"></span>
                <Button kind=ButtonKind::Quiet press=hide>
                    "Hide these steps"
                </Button>
            </header>
            <ol>
                <Step done=Signal::derive(move || progress.get().connected) number="1" title="Connect">
                    <p>
                        "Enter the base URL and key of a gateway below, or add your own endpoint as a custom source."
                    </p>
                    <span class="actions">
                        <ConfigureManaged />
                        <EditLink
                            href=Path::NewSource.to_string()
                            kind=ButtonKind::Plain
                            text="Add custom source"
                        />
                    </span>
                </Step>
                <Step done=Signal::derive(move || progress.get().models) number="2" title="Load models">
                    <p>
                        "A refresh lists the models of what you connected and adds them to the catalog. Each gets a "
                        <Definition term=Term::Ref /> "."
                    </p>
                    <Button
                        edits=true
                        busy=Signal::derive(move || checks.any_running())
                        disabled=Signal::derive(move || !progress.get().connected)
                        press=refresh
                    >
                        "Refresh models"
                    </Button>
                </Step>
                <Step done=Signal::derive(move || progress.get().agent) number="3" title="Add agent">
                    <p>"An agent names the models that it uses, by their refs."</p>
                    <EditLink
                        href=Path::NewAgent.to_string()
                        kind=ButtonKind::Plain
                        text="Add agent"
                    />
                </Step>
                <Step done=Signal::derive(move || progress.get().route) number="4" title="See its route">
                    <p>"Route preview shows where a request goes and why, without sending it."</p>
                    <a
                        href=move || route.get()
                        class="button"
                        data-kind="plain"
                        on:click=move |_| routed.run(())
                    >
                        "Open Route preview"
                    </a>
                </Step>
            </ol>
            <Show when=sample.offered>
                <footer>
                    <p>
                        "Or look around first: the sample workspace is an endpoint served by Waypost itself, with two custom sources and four agents. It needs no key and no network, and you can remove it in Settings."
                    </p>
                    <Button edits=true busy=sample.busy press=sample.run>
                        {ADD_SAMPLE}
                    </Button>
                </footer>
            </Show>
        </section>
    }
}

#[component]
fn Step(
    done: Signal<bool>,
    number: &'static str,
    title: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let done = Memo::new(move |_| done.get());
    let children = StoredValue::new(children);
    view! {
        <li data-done=move || if done.get() { "true" } else { "false" }>
            <h3 data-step=number>
                {title}
                {move || done.get().then(|| view! { <span class="visually-hidden">" (done)"</span> })}
            </h3>
            <Show when=move || !done.get()>
                <div class="step-body">{children.with_value(|children| children())}</div>
            </Show>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: Progress = Progress {
        connected: true,
        models: true,
        agent: true,
        route: true,
    };

    #[test]
    fn the_steps_are_shown_until_they_are_done_or_hidden() {
        let some = Progress {
            agent: false,
            route: false,
            ..DONE
        };
        assert!(is_shown(Progress::default(), ""));
        assert!(is_shown(some, "started"));
        assert!(!is_shown(some, "hidden"));
        assert!(!is_shown(DONE, "routed"));
    }

    #[test]
    fn a_workspace_in_use_shows_them_only_to_who_has_started() {
        let in_use = Progress {
            route: false,
            ..DONE
        };
        assert!(!is_shown(in_use, ""));
        assert!(is_shown(in_use, "started"));
    }
}
