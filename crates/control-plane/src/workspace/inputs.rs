//! What is given with a provider or a custom source, secrets included, as the API reads it.

use std::collections::BTreeMap;
use waypost_api_types::{ProviderPatch, SourceInput, SourcePatch};
use waypost_secrets::SecretText;

/// Unsaved input for a test of a provider. Empty input tests the saved provider.
#[derive(Default)]
pub struct UnsavedProvider {
    /// All that is no secret.
    pub patch: ProviderPatch,
    /// A key that is not stored (yet); absent or blank for the stored one.
    pub value: Option<SecretText>,
}

impl UnsavedProvider {
    /// Whether it differs from what is stored.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        let typed = self.value.as_ref();
        typed.is_some_and(|value| !value.expose().trim().is_empty())
            || self.patch != ProviderPatch::default()
    }
}

/// A source that is added.
#[derive(Clone)]
pub struct NewSource {
    /// All that is no secret.
    pub input: SourceInput,
    /// The auth value; absent or blank for none.
    pub auth_value: Option<SecretText>,
    /// The static headers; absent for none.
    pub headers: Option<BTreeMap<String, SecretText>>,
}

/// A change to a source, or unsaved input for a test of it.
#[derive(Clone, Default)]
pub struct SourceEdit {
    /// All that is no secret.
    pub patch: SourcePatch,
    /// Absent keeps the stored auth value, `Some(None)` and a blank one clear it.
    pub auth_value: Option<Option<SecretText>>,
    /// Absent keeps the stored headers, `Some(None)` and none at all clear them; otherwise these
    /// replace all that there are.
    pub headers: Option<Option<BTreeMap<String, SecretText>>>,
}

impl From<NewSource> for SourceEdit {
    /// What a new source says, as a change to one that says nothing.
    fn from(new: NewSource) -> Self {
        let NewSource {
            input,
            auth_value,
            headers,
        } = new;
        Self {
            patch: SourcePatch {
                name: Some(input.name),
                base_url: Some(input.base_url),
                auth_header: input.auth_header,
                limits: Some(input.limits),
                pass_headers: Some(input.pass_headers),
                passthrough: Some(input.passthrough),
                allow_private: Some(input.allow_private),
                new_models: Some(input.new_models),
            },
            auth_value: auth_value.map(Some),
            headers: headers.map(Some),
        }
    }
}

impl SourceEdit {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patch == SourcePatch::default() && self.auth_value.is_none() && self.headers.is_none()
    }
}
