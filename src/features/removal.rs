//! Deleting a provider or source, or removing its key: the impact first, and another question if it
//! changed in the meantime.

use crate::api::Answer;
use crate::api::types::{ProviderView, SourceView};
use crate::components::ConflictField;
use crate::dom;
use crate::features::conflict::{
    Conflict, DeletionQuestion, Versioned, provider_since, source_since, write_over,
};
use crate::features::impact::{ConfirmChange, Impact};
use crate::state::{Workspace, use_workspace, use_writes};
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::scenario::ScenarioChange;

/// Ends the body of every deletion that can be undone.
pub(crate) const UNDO_SENTENCE: &str = "You can undo for 10 seconds.";

/// A row that can be deleted, or whose key can be removed.
pub(crate) trait Removable: Versioned + Clone + PartialEq + Send + Sync + 'static {
    /// The name that refs begin with.
    fn owner(&self) -> &str;

    /// What it is: `gateway`, `source`.
    fn noun(&self) -> &'static str;

    /// The settings that changed since this version was read.
    fn since(&self, now: &Self) -> Vec<Option<ConflictField>>;

    /// Shows this version in the list.
    fn put(self, workspace: Workspace);
}

impl Removable for ProviderView {
    fn owner(&self) -> &str {
        &self.name
    }

    fn noun(&self) -> &'static str {
        match self.kind {
            ProviderKind::Gateway => "gateway",
            ProviderKind::OpenaiCompatible => "direct provider",
        }
    }

    fn since(&self, now: &Self) -> Vec<Option<ConflictField>> {
        provider_since(self, now)
    }

    fn put(self, workspace: Workspace) {
        workspace.put_provider(self);
    }
}

impl Removable for SourceView {
    fn owner(&self) -> &str {
        &self.slug
    }

    fn noun(&self) -> &'static str {
        "source"
    }

    fn since(&self, now: &Self) -> Vec<Option<ConflictField>> {
        source_since(self, now)
    }

    fn put(self, workspace: Workspace) {
        workspace.put_source(self);
    }
}

/// What is removed of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removed {
    /// All of it.
    Owner,
    /// Its stored key.
    Key,
}

impl Removed {
    fn change(self, owner: String) -> ScenarioChange {
        match self {
            Self::Owner => ScenarioChange::Removed { owner },
            Self::Key => ScenarioChange::Key {
                owner,
                present: false,
            },
        }
    }

    fn title(self, name: &str) -> String {
        match self {
            Self::Owner => ["Delete ", name, "?"].concat(),
            Self::Key => ["Remove the key of ", name, "?"].concat(),
        }
    }

    fn doing(self, name: &str) -> String {
        match self {
            Self::Owner => ["Deleting ", name].concat(),
            Self::Key => ["Removing the key of ", name].concat(),
        }
    }

    /// The button.
    fn action(self, noun: &str) -> String {
        match self {
            Self::Owner => ["Delete ", noun].concat(),
            Self::Key => "Remove key".to_owned(),
        }
    }

    /// The refusal and the button of the second question.
    fn words(self) -> [&'static str; 2] {
        match self {
            Self::Owner => ["Not deleted.", "Delete anyway"],
            Self::Key => ["The key was not removed.", "Remove anyway"],
        }
    }
}

/// The confirmation.
#[component]
pub(crate) fn Removal<V, R, C, D>(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// What the row shows.
    item: Memo<V>,
    /// What it is called.
    name: Signal<String>,
    /// What is removed.
    what: Removed,
    /// The consequences.
    #[prop(into)]
    body: Signal<String>,
    /// Removes it, given the version that was read.
    call: C,
    /// Runs after it was removed, whether or not the dialog is still open.
    done: D,
    /// Runs after it was removed, while the dialog is open.
    #[prop(optional, into)]
    closed: Option<Callback<()>>,
) -> impl IntoView
where
    V: Removable,
    R: 'static,
    C: Fn(&V, u64) -> Answer<R> + Copy + Send + Sync + 'static,
    D: Fn(&V, R) + Copy + Send + Sync + 'static,
{
    let workspace = use_workspace();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let impact = Impact::of(Signal::derive(move || {
        vec![what.change(item.with(|view| view.owner().to_owned()))]
    }));
    let conflict = Conflict::new();
    let remove = Callback::new(move |()| {
        error.set(None);
        let seen = item.get_untracked();
        let (sent, removed) = (seen.clone(), seen.clone());
        writes.send(
            what.doing(&name.get_untracked()),
            async move {
                let call = |version| call(&sent, version);
                write_over(sent.clone(), |_| true, call).await
            },
            move |answer| done(&removed, answer),
            move |outcome| {
                let Err(problem) = outcome else {
                    open.set(false);
                    if let Some(closed) = closed {
                        closed.run(());
                    }
                    return;
                };
                if let Some(now) = problem.stored::<V>() {
                    let (version, fields) = (now.version(), seen.since(&now));
                    // The row and the question show the new version.
                    now.put(workspace);
                    if conflict.ask(version, fields) {
                        return;
                    }
                }
                error.set(Some(problem.message()));
            },
        );
    });
    // The button that opened the dialog may disappear with the row.
    on_cleanup(dom::focus_heading_if_lost);
    let action = Signal::derive(move || what.action(item.with(Removable::noun)));
    let [refused, anyway] = what.words();
    view! {
        <ConfirmChange
            open=open
            title=Signal::derive(move || what.title(&name.get()))
            body=body
            impact=impact
            action=action
            busy=writes.busy()
            error=error
            confirm=remove
        />
        <DeletionQuestion
            conflict=conflict
            name=name
            refused=refused
            action=anyway
            impact=impact
            anyway=remove
            question=open
        />
    }
}
