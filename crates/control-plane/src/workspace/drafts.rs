//! What is given with a custom source, secrets included, as the API reads it.

use crate::secrets::SecretText;
use std::collections::BTreeMap;
use waypost_api_types::{SourceDraft, SourcePatch};

/// A source that is added, or a draft that is tested.
pub struct SourceWrite {
    /// All that is no secret.
    pub draft: SourceDraft,
    /// The auth value; absent or blank for none. In the test of a stored source, absent means the
    /// stored one.
    pub auth_value: Option<SecretText>,
    /// The static headers; absent means none, or in the test of a stored source the stored ones.
    pub headers: Option<BTreeMap<String, SecretText>>,
}

/// A change of a source.
#[derive(Default)]
pub struct SourceEdit {
    /// All that is no secret.
    pub patch: SourcePatch,
    /// Absent keeps the stored auth value, `Some(None)` and a blank one clear it.
    pub auth_value: Option<Option<SecretText>>,
    /// Absent keeps the stored headers, `Some(None)` and none at all clear them; otherwise these
    /// replace all that there are.
    pub headers: Option<Option<BTreeMap<String, SecretText>>>,
}
