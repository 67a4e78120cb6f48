//! Replacing a model in the agents that name it: the places, the impact, one save, one undo.

mod agent_choice;
mod dialog;
mod named_models;
mod target;

pub(crate) use named_models::{concerns_model, names, refs_of};

use crate::components::Button;
use crate::features::on_demand::DialogOnDemand;
use crate::lazy::part;
use dialog::ReplaceDialog;
use leptos::prelude::*;
use waypost_routing::agent::Agent;
use waypost_routing::resolution::Resolution;
use waypost_routing::resolve::split_scope;

/// What the dialog begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReplaceRequest {
    /// The refs that can be replaced. The first is chosen.
    pub(crate) from: Vec<String>,
    /// The new model, if one is suggested.
    pub(crate) to: String,
    /// The agents that are chosen at first: every agent that names the model if empty.
    pub(crate) agents: Vec<String>,
}

impl ReplaceRequest {
    /// Replaces a ref in every agent that names it.
    pub(crate) fn of(model_ref: impl Into<String>) -> Self {
        Self {
            from: vec![model_ref.into()],
            ..Self::default()
        }
    }

    /// Replaces one of the models that these agents name.
    pub(crate) fn in_agents<'a>(agents: impl Iterator<Item = &'a Agent> + Clone) -> Self {
        Self {
            from: refs_of(agents.clone()),
            agents: agents.map(|agent| agent.name.clone()).collect(),
            ..Self::default()
        }
    }

    /// Whether an agent is chosen at first.
    fn chooses(&self, agent: &str) -> bool {
        self.agents.is_empty() || self.agents.iter().any(|name| name == agent)
    }

    /// Replaces the model of a route, where an error or warning is about it. `agents` are chosen at
    /// first.
    pub(crate) fn remedy(resolution: &Resolution, agents: Vec<String>) -> Option<Self> {
        let error = resolution.error.as_ref().map(|error| error.code.as_str());
        let concerned = error.is_some_and(concerns_model)
            || resolution
                .warnings
                .iter()
                .any(|known| concerns_model(&known.code));
        let text = &resolution.model_ref;
        if !concerned || text.is_empty() {
            return None;
        }
        let from = split_scope(text).map_or(&**text, |(model, _)| model);
        let mut warnings = resolution.warnings.iter();
        let suggestion = warnings.find_map(|known| known.suggestion.clone());
        // A suggested base URL is no model.
        let to = suggestion.filter(|to| !to.contains("://"));
        Some(Self {
            from: vec![from.to_owned()],
            to: to.unwrap_or_default(),
            agents,
        })
    }
}

/// What the dialog is given: what it begins with, and what runs once a model was replaced.
type Given = (Signal<ReplaceRequest>, Callback<()>);

part!(load_replace, dialogs, (RwSignal<bool>, Given), |(
    open,
    (request, done),
)| {
    view! { <ReplaceDialog open=open request=request done=done /> }.into_any()
});

/// The dialog that replaces a model, loaded when it is first opened.
#[component]
pub(crate) fn ReplaceModel(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What it begins with, read when it opens.
    #[prop(into)]
    request: Signal<ReplaceRequest>,
    /// Runs once a model was replaced.
    #[prop(optional, into)]
    done: Option<Callback<()>>,
) -> impl IntoView {
    let done = done.unwrap_or_else(|| Callback::new(|()| {}));
    view! { <DialogOnDemand open=open load=load_replace given=(request, done) /> }
}

/// One dialog for several buttons. It is drawn outside of what a reload redraws, so that it stays
/// open while its button goes.
#[derive(Clone, Copy)]
pub(crate) struct SharedReplaceDialog {
    /// Whether it is open.
    pub(crate) open: RwSignal<bool>,
    /// What it begins with.
    pub(crate) request: RwSignal<ReplaceRequest>,
}

impl SharedReplaceDialog {
    /// A closed one.
    pub(crate) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            request: RwSignal::new(ReplaceRequest::default()),
        }
    }
}

/// A button that opens the dialog.
#[component]
pub(crate) fn ReplaceModelButton(
    /// The dialog, drawn elsewhere.
    dialog: SharedReplaceDialog,
    /// What the dialog begins with.
    #[prop(into)]
    request: Signal<ReplaceRequest>,
) -> impl IntoView {
    let label = move || {
        let first = request.with(|request| request.from.first().cloned());
        first.map(|first| format!("Replace model {first}"))
    };
    let press = move || {
        dialog.request.set(request.get_untracked());
        dialog.open.set(true);
    };
    view! {
        <Button edits=true label=Signal::derive(label) press=press>
            "Replace…"
        </Button>
    }
}
