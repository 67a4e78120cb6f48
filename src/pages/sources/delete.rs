//! Deleting a source, after showing what that deletes.

use crate::api::types::{Deleted, SourceView};
use crate::api::use_api;
use crate::features::removal::{Removal, Removed, UNDO_SENTENCE};
use crate::format::{count, has_stored_key, names};
use crate::state::{Undoable, use_undo, use_workspace};
use leptos::prelude::*;

/// The confirmation.
#[component]
pub(super) fn DeleteSource(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// Which source.
    item: Memo<SourceView>,
    /// What it is called.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let undo = use_undo();
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
    view! {
        <Removal
            open=open
            item=item
            name=name
            what=Removed::Owner
            body=body
            call=move |source: &SourceView, version| api.delete_source(&source.slug, version)
            done=move |source: &SourceView, deleted: Deleted| {
                let targets = vec![format!("source:{}", source.slug)];
                let change = Undoable::new("source.delete", targets, deleted.undo);
                undo.offer(format!("Deleted {}.", source.name), change);
                workspace.reload_sources();
            }
        />
    }
}

/// What a deletion deletes, in sentences.
fn what_goes(source: &SourceView, default_model: Option<&str>) -> String {
    let mut goes = Vec::new();
    if has_stored_key(&source.key) {
        goes.push("its key".to_owned());
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
    text.push(' ');
    text.push_str(UNDO_SENTENCE);
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
                set_at: Some(1),
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
            used_by: 0,
            problem: None,
            version: 1,
            limits: Default::default(),
            pass_headers: Vec::new(),
        };
        assert_eq!(
            what_goes(&source, Some("local/gpt")),
            "Also deletes its key, its static headers (x-tenant) and its 2 models in the catalog. \
             Refs that start with local/ then go to the managed gateway. \
             One of them is the default model, local/gpt. You can undo for 10 seconds."
        );
    }
}
