//! Deleting a source, after showing what that deletes.

use crate::api::types::{KeyState, SourceView};
use crate::api::use_api;
use crate::dom;
use crate::features::conflict::{Conflict, DeletionQuestion, source_since, write_over};
use crate::features::impact::{ConfirmChange, Impact};
use crate::format::{count, names};
use crate::state::{use_undo, use_workspace, use_writes};
use leptos::prelude::*;
use waypost_routing::scenario::ScenarioChange;

/// The confirmation.
#[component]
pub(super) fn DeleteSource(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// Which source.
    item: Memo<SourceView>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let undo = use_undo();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let default_model = move || {
        workspace
            .snapshot()
            .with(|snapshot| snapshot.default_model.clone())
            .flatten()
    };
    let body = Signal::derive(move || {
        let default = default_model();
        item.with(|source| what_goes(source, default.as_deref()))
    });
    let impact = Impact::of(Signal::derive(move || {
        let owner = item.with(|source| source.slug.clone());
        vec![ScenarioChange::Removed { owner }]
    }));
    let conflict = Conflict::new();
    let delete = Callback::new(move |()| {
        error.set(None);
        let seen = item.get_untracked();
        let (name, sent) = (seen.name.clone(), seen.clone());
        writes.send(
            format!("Deleting {name}"),
            async move {
                let call = |version| api.delete_source(&sent.slug, version);
                write_over(sent.clone(), |_| true, call).await
            },
            move |deleted| {
                undo.offer(format!("Deleted {name}."), deleted.undo);
                workspace.reload_sources();
            },
            move |outcome| {
                let Err(problem) = outcome else {
                    open.set(false);
                    return;
                };
                if let Some(now) = problem.stored::<SourceView>() {
                    let (version, fields) = (now.version, source_since(&seen, &now));
                    // The row and the question show the new version.
                    workspace.put_source(now);
                    if conflict.ask(version, fields) {
                        return;
                    }
                }
                error.set(Some(problem.message()));
            },
        );
    });
    // The button that opened the dialog disappears with the row.
    on_cleanup(dom::focus_heading_if_lost);
    let name = Signal::derive(move || item.with(|source| source.name.clone()));
    view! {
        <ConfirmChange
            open=open
            title=Signal::derive(move || ["Delete ", &*name.get(), "?"].concat())
            body=body
            impact=impact
            action="Delete"
            busy=writes.busy()
            error=error
            confirm=delete
        />
        <DeletionQuestion
            conflict=conflict
            name=name
            refused="Not deleted."
            action="Delete anyway"
            impact=impact
            anyway=delete
            question=open
        />
    }
}

/// What a deletion deletes, in sentences.
fn what_goes(source: &SourceView, default_model: Option<&str>) -> String {
    let mut goes = Vec::new();
    match source.key.state {
        KeyState::Missing => {}
        _ => goes.push("its key".to_owned()),
    }
    if !source.header_names.is_empty() {
        let headers = names(&source.header_names, 3);
        goes.push(format!("its static headers ({headers})"));
    }
    if source.models.total > 0 {
        let models = count(source.models.total, "model", "models");
        goes.push(format!("its {models} in the catalog"));
    }
    let mut text = if goes.is_empty() {
        "Deletes nothing else.".to_owned()
    } else {
        format!("Also deletes {}.", names(&goes, goes.len()))
    };
    let prefix = format!("{}/", source.slug);
    text.push_str(&format!(
        " Refs that start with {prefix} then go to the managed gateway."
    ));
    if let Some(model) = default_model.filter(|model| model.starts_with(&prefix)) {
        text.push_str(&format!(" One of them is the default model, {model}."));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::what_goes;
    use crate::api::types::{KeyState, KeyView, ModelCounts, NewModels, SourceView, Verification};

    #[test]
    fn everything_that_goes_is_named() {
        let source = SourceView {
            slug: "local".into(),
            name: "Local".into(),
            base_url: "http://127.0.0.1:4000".into(),
            auth_header: None,
            header_names: vec!["x-tenant".into()],
            passthrough: true,
            allow_private: true,
            new_models: NewModels::Inherit,
            key: KeyView {
                state: KeyState::Configured,
                from: None,
                secret_name: "sources/local/auth-value".into(),
                hint: None,
                set_at: None,
                bound_origin: None,
                next: None,
                previous: None,
            },
            verification: Verification::default(),
            models: ModelCounts {
                enabled: 1,
                total: 2,
                absent: 0,
            },
            last_refresh: None,
            last_test: None,
            refreshing: false,
            problem: None,
            version: 1,
        };
        assert_eq!(
            what_goes(&source, Some("local/gpt")),
            "Also deletes its key, its static headers (x-tenant) and its 2 models in the catalog. \
             Refs that start with local/ then go to the managed gateway. \
             One of them is the default model, local/gpt."
        );
    }
}
