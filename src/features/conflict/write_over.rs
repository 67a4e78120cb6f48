//! Writing with the version that was read.

use crate::api::types::{AgentView, ProviderView, SourceView};
use crate::api::{Answer, ApiError};
use serde::de::DeserializeOwned;

/// A stored row that a write names by its version.
pub trait Versioned: DeserializeOwned {
    /// The version.
    fn version(&self) -> u64;

    /// Whether another version has the same settings. A refresh or a test makes a version, too.
    fn same_settings(&self, other: &Self) -> bool;
}

impl Versioned for ProviderView {
    fn version(&self) -> u64 {
        self.version
    }

    fn same_settings(&self, other: &Self) -> bool {
        let settings = |view: &Self| {
            (
                (view.base_url.value.clone(), view.entry_base_url.clone()),
                view.api_key_env.clone(),
                (view.default_headers.clone(), view.pass_headers.clone()),
                view.docs.clone(),
                (view.allow_private, view.new_models, view.layer),
                (view.key.set_at, view.key.bound_origin.clone()),
                view.kind,
            )
        };
        settings(self) == settings(other)
    }
}

impl Versioned for AgentView {
    fn version(&self) -> u64 {
        self.version
    }

    fn same_settings(&self, other: &Self) -> bool {
        // The document says where a key would go.
        (&self.keys, &self.yaml, &self.allow_private)
            == (&other.keys, &other.yaml, &other.allow_private)
    }
}

impl Versioned for SourceView {
    fn version(&self) -> u64 {
        self.version
    }

    fn same_settings(&self, other: &Self) -> bool {
        let settings = |view: &Self| {
            (
                view.name.clone(),
                view.base_url.clone(),
                view.auth_header.clone(),
                (view.header_names.clone(), view.pass_headers.clone()),
                (view.passthrough, view.allow_private, view.new_models),
                (view.key.set_at, view.key.bound_origin.clone()),
            )
        };
        settings(self) == settings(other)
    }
}

/// Sends a write with the version that was read. Overwrites a newer version if its settings are the
/// same, or if `conflicts` finds nothing in it that the write would undo.
///
/// It reads no signal, so that it can finish after its form is closed.
///
/// # Errors
/// What the API answers. [`ApiError::stored`] has the newer version where that is the reason.
pub async fn write_over<V: Versioned, T>(
    mut seen: V,
    conflicts: impl Fn(&V) -> bool,
    call: impl Fn(u64) -> Answer<T>,
) -> Result<T, ApiError> {
    loop {
        let answer = call(seen.version()).await;
        let stored = answer.as_ref().err().and_then(ApiError::stored::<V>);
        match stored {
            Some(now) if seen.same_settings(&now) || !conflicts(&now) => seen = now,
            _ => return answer,
        }
    }
}
