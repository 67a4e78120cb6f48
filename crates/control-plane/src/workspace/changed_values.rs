//! What fields were before and after an edit, as the audit log has them. Secrets have no value here,
//! and of headers only the names are given.

use crate::store::{ChangedValue, StoredProvider, StoredSource};

/// The values of the changed fields that are no secret.
pub(super) fn changed_values<T>(
    fields: &[&str],
    (before, after): (&T, &T),
    value: fn(&T, &str) -> Option<Option<String>>,
) -> Vec<ChangedValue> {
    fields
        .iter()
        .filter_map(|field| {
            Some(ChangedValue {
                field: (*field).to_owned(),
                before: value(before, field)?,
                after: value(after, field)?,
            })
        })
        .collect()
}

/// One field that changed.
pub(super) fn changed_value(
    field: &str,
    before: Option<String>,
    after: Option<String>,
) -> ChangedValue {
    ChangedValue {
        field: field.to_owned(),
        before,
        after,
    }
}

/// A field of a provider; `None` if the log has no value for it.
pub(super) fn provider_value(provider: &StoredProvider, field: &str) -> Option<Option<String>> {
    let entry = &provider.entry;
    Some(match field {
        "kind" => Some(entry.kind.name().to_owned()),
        "base_url" => Some(entry.base_url.clone()),
        "api_key_env" => entry.api_key_env.clone(),
        "default_headers" => names(entry.default_headers.keys()),
        "docs" => entry.docs.clone(),
        "allow_private" => Some(provider.allow_private.to_string()),
        _ => return None,
    })
}

/// A field of a source; `None` if the log has no value for it.
pub(super) fn source_value(source: &StoredSource, field: &str) -> Option<Option<String>> {
    Some(match field {
        "name" => Some(source.name.clone()),
        "base_url" => Some(source.base_url.clone()),
        "auth_header" => source.auth_header.clone(),
        "headers" => names(source.header_names.iter()),
        "passthrough" => Some(source.passthrough.to_string()),
        "allow_private" => Some(source.allow_private.to_string()),
        _ => return None,
    })
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Option<String> {
    let names: Vec<&str> = names.map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
