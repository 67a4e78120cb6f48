//! Saving the Configure dialog: the entry first, then the key.

use super::entry_text::{patch, write_headers};
use super::form::input_of;
use crate::api::types::{ProviderInput, ProviderPatch, ProviderView};
use crate::api::{Api, ApiError};
use crate::components::ConflictField;
use crate::features::conflict::{key_fact, new_models_word, on_off, write_over};
use crate::features::pass_headers_field::header_list;
use crate::features::providers::labels::kind_noun;
use crate::features::time_limits::limit_words;
use waypost_routing::catalog::Layer;

/// What is saved.
pub(super) struct Save {
    /// What happens to the entry.
    pub(super) entry: EntryWrite,
    /// The key; `None` where it stays as it is.
    pub(super) key: Option<String>,
    /// Whether the key is saved only if the upstream accepts it.
    pub(super) check: bool,
    /// Whether the key is saved although it looks like something else.
    pub(super) accept_suspicious: bool,
}

/// What happens to the entry.
pub(super) enum EntryWrite {
    /// It is new.
    Add(ProviderInput),
    /// The entry that was read changes, or an override takes its place.
    Change(Box<ProviderView>, ProviderInput),
    /// The entry that was read stays.
    Keep(Box<ProviderView>),
}

/// What came of it.
pub(super) struct Saved {
    /// The provider as it is now.
    pub(super) view: ProviderView,
    /// Why the key was not saved, although the entry was.
    pub(super) key_failure: Option<ApiError>,
}

impl Save {
    /// Saves it.
    ///
    /// # Errors
    /// What the API answers, if nothing was saved.
    pub(super) async fn send(self, api: Api) -> Result<Saved, ApiError> {
        let entry_is_kept = matches!(self.entry, EntryWrite::Keep(_));
        let view = match self.entry {
            EntryWrite::Add(input) => api.add_provider(&input).await?,
            EntryWrite::Change(seen, input) => change_entry(api, *seen, input).await?,
            EntryWrite::Keep(seen) => *seen,
        };
        let Some(key) = self.key else {
            return Ok(Saved {
                view,
                key_failure: None,
            });
        };
        let name = view.name.clone();
        let (check, accept) = (self.check, self.accept_suspicious);
        let call = |version| api.set_provider_key(&name, version, key.clone(), check, accept);
        match write_over(view.clone(), |_| true, call).await {
            Ok(view) => Ok(Saved {
                view,
                key_failure: None,
            }),
            Err(failure) if !entry_is_kept => Ok(Saved {
                view,
                key_failure: Some(failure),
            }),
            Err(failure) => Err(failure),
        }
    }
}

async fn change_entry(
    api: Api,
    seen: ProviderView,
    input: ProviderInput,
) -> Result<ProviderView, ApiError> {
    let name = seen.name.clone();
    if seen.layer == Layer::Workspace {
        let changes = patch(input.clone());
        return write_over(
            seen,
            |theirs| {
                entry_differences(theirs, &input)
                    .iter()
                    .any(Option::is_some)
            },
            |version| api.edit_provider(&name, version, &changes),
        )
        .await;
    }
    // Of an entry outside the workspace this one setting is the workspace's.
    let only_new_models = ProviderInput {
        new_models: input.new_models,
        ..input_of(&seen)
    };
    if input == only_new_models {
        let changes = ProviderPatch {
            new_models: Some(input.new_models),
            ..ProviderPatch::default()
        };
        let call = |version| api.edit_provider(&name, version, &changes);
        return write_over(seen, |_| true, call).await;
    }
    api.add_provider(&input).await
}

/// The settings that saving would overwrite.
pub(super) fn differences(
    theirs: &ProviderView,
    entry: &ProviderInput,
    has_key: bool,
) -> Vec<Option<ConflictField>> {
    let mut fields = Vec::from(entry_differences(theirs, entry));
    if has_key {
        fields.push(Some(ConflictField {
            label: "Key",
            theirs: key_fact(&theirs.key),
            yours: "the one you entered".to_owned(),
        }));
    }
    fields
}

fn entry_differences(theirs: &ProviderView, yours: &ProviderInput) -> [Option<ConflictField>; 9] {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let stored = input_of(theirs);
    [
        ConflictField::of("Kind", kind_noun(stored.kind), kind_noun(yours.kind)),
        ConflictField::of("Base URL", &stored.base_url, &yours.base_url),
        ConflictField::of(
            "Private address",
            on_off(stored.allow_private),
            on_off(yours.allow_private),
        ),
        ConflictField::of(
            "Key variable",
            &optional(&stored.api_key_env),
            &optional(&yours.api_key_env),
        ),
        ConflictField::of(
            "Headers",
            &write_headers(&stored.default_headers),
            &write_headers(&yours.default_headers),
        ),
        ConflictField::of(
            "Headers to pass on",
            &header_list(&stored.pass_headers),
            &header_list(&yours.pass_headers),
        ),
        ConflictField::of(
            "Time limits",
            &limit_words(&stored.limits),
            &limit_words(&yours.limits),
        ),
        ConflictField::of(
            "Key documentation",
            &optional(&stored.docs),
            &optional(&yours.docs),
        ),
        ConflictField::of(
            "New models",
            new_models_word(stored.new_models),
            new_models_word(yours.new_models),
        ),
    ]
}
