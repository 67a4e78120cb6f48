//! The sample workspace, which needs no key and no network.

use crate::api::types::SampleView;
use crate::api::use_api;
use crate::components::{Button, Show};
use crate::dom;
use crate::features::impact::{ConfirmChange, Impact};
use crate::features::sample_workspace::{ADD_SAMPLE, use_add_sample};
use crate::format::names;
use crate::state::{use_routing_table, use_toasts, use_workspace, use_writes};
use crate::task::spawn_scoped;
use leptos::prelude::*;
use waypost_routing::scenario::{Scenario, ScenarioChange};

/// Adds it or, after a confirmation, removes it.
#[component]
pub(super) fn Sample() -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let adding = use_add_sample();
    let removing = use_writes().in_dialog(asking);
    let looking = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let installed = Memo::new(move |_| {
        workspace
            .settings
            .with(|settings| settings.sample)
            .unwrap_or_default()
    });
    // What would be deleted. The impact covers the agents that stay.
    let going = RwSignal::new(SampleView::default());
    let before = Memo::new(move |_| {
        // Few visitors remove the sample, so the snapshot is not read before that.
        if !asking.get() {
            return None;
        }
        let table = use_routing_table().get()?;
        going.with(|going| Some(table.without_agents(&going.agents)))
    });
    let after = Signal::derive(move || {
        let before = before.get()?;
        let owners = going.with(|going| going.sources.clone()).into_iter();
        let changes = owners
            .map(|owner| ScenarioChange::Removed { owner })
            .collect();
        let snapshot = Scenario { changes }.apply(before.snapshot());
        Some(before.changed(snapshot))
    });
    let impact = Impact::between(before, after);
    let ask = move || {
        looking.set(true);
        error.set(None);
        spawn_scoped(async move {
            match api.sample().await {
                Ok(view) => {
                    going.try_set(view);
                    asking.try_set(true);
                }
                Err(problem) => toasts.failed(problem.message()),
            }
            looking.try_set(false);
        });
    };
    let body = Signal::derive(move || going.with(what_goes));
    let remove = move || {
        error.set(None);
        removing.send(
            "Removing the sample workspace",
            api.remove_sample(),
            move |()| {
                toasts.done("Removed the sample workspace.");
                workspace.reload();
            },
            move |outcome| match outcome {
                Ok(()) => asking.set(false),
                Err(problem) => error.set(Some(problem.message())),
            },
        );
    };
    // One button replaces the other, which may have had the focus.
    Effect::new(move |before: Option<bool>| {
        let now = installed.get();
        // Where the page begins, nothing has the focus, and the reader is elsewhere.
        if before.is_some_and(|before| before != now) {
            request_animation_frame(|| {
                if dom::nothing_focused() {
                    dom::focus("#sample ~ p button");
                }
            });
        }
        now
    });
    view! {
        <section class="setting" aria-labelledby="sample">
            <h2 id="sample">"Sample workspace"</h2>
            <p>
                "An OpenAI-compatible endpoint served by Waypost itself, two custom sources and four agents. Needs no key and no network."
            </p>
            <p>
                <Show
                    when=move || installed.get()
                    fallback=move || {
                        view! {
                            <Button edits=true busy=adding.busy press=adding.run>
                                {ADD_SAMPLE}
                            </Button>
                        }
                    }
                >
                    <Button edits=true busy=looking press=ask>
                        "Remove the sample workspace"
                    </Button>
                </Show>
            </p>
            <ConfirmChange
                open=asking
                title="Remove the sample workspace?"
                body=body
                impact=impact
                action="Remove sample workspace"
                busy=removing.busy()
                error=error
                confirm=remove
            />
        </section>
    }
}

/// What removing the sample deletes, in sentences. Parts may have been deleted before.
fn what_goes(going: &SampleView) -> String {
    let listed = |of: &[String]| names(of, usize::MAX);
    let sources = match going.sources.len() {
        0 => String::new(),
        1 => format!(
            "Deletes its custom source {} and its models in the catalog. ",
            listed(&going.sources)
        ),
        _ => format!(
            "Deletes its custom sources {} and their models in the catalog. ",
            listed(&going.sources)
        ),
    };
    let agents = match going.agents.len() {
        0 => String::new(),
        1 => format!(
            "Deletes its agent {}, even if you changed it. ",
            listed(&going.agents)
        ),
        _ => format!(
            "Deletes its agents {}, even if you changed them. ",
            listed(&going.agents)
        ),
    };
    [&*sources, &*agents, "Everything you added is kept."].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_deleted_before_is_not_named() {
        let deletion = |sources: &[&str], agents: &[&str]| {
            let owned = |of: &[&str]| of.iter().map(ToString::to_string).collect();
            what_goes(&SampleView {
                sources: owned(sources),
                agents: owned(agents),
            })
        };
        assert_eq!(
            deletion(&["a", "b"], &["x", "y", "z"]),
            "Deletes its custom sources a and b and their models in the catalog. Deletes its agents \
             x, y and z, even if you changed them. Everything you added is kept."
        );
        assert_eq!(
            deletion(&["a"], &["x"]),
            "Deletes its custom source a and its models in the catalog. Deletes its agent x, even if \
             you changed it. Everything you added is kept."
        );
        assert_eq!(deletion(&[], &[]), "Everything you added is kept.");
    }
}
