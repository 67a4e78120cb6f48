//! Bodies that carry a secret.

use super::json::{self, Raw};
use serde::Serialize;
use std::collections::BTreeMap;

/// The JSON body of a request that carries a secret.
///
/// A secret goes from its field into this and from this to the network, nowhere else: the type has
/// no `Debug`, `Display` or `Serialize`, and only the transport can take the text out of it.
#[derive(Clone)]
pub struct SecretBody(
    /// The fields by their names, each with its value as JSON. [`serde_json::Value`] would bring
    /// fractions and the tables for writing them.
    Vec<(String, String)>,
);

impl SecretBody {
    /// A body without any fields.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// A body that begins with the fields of a value that is not secret.
    #[must_use]
    pub fn with(value: &impl Serialize) -> Self {
        let text = serde_json::to_string(value).unwrap_or_default();
        // All API types are structs, which serialize as objects.
        let fields: BTreeMap<String, Raw> = json::read(&text).unwrap_or_default();
        let fields = fields.into_iter().map(|(name, value)| (name, value.0));
        Self(fields.collect())
    }

    /// Adds a secret text.
    #[must_use]
    pub fn text(self, field: &str, value: String) -> Self {
        self.field(field, quoted(&value))
    }

    /// Adds a field that is not secret.
    #[must_use]
    pub fn flag(self, field: &str, value: bool) -> Self {
        self.field(field, value.to_string())
    }

    /// Adds an object of secret texts.
    #[must_use]
    pub fn texts(self, field: &str, values: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut object = Self::new();
        for (name, value) in values {
            object = object.text(&name, value);
        }
        self.field(field, object.into_json())
    }

    /// Removes the stored value of a field.
    #[must_use]
    pub fn clear(self, field: &str) -> Self {
        self.field(field, "null".to_owned())
    }

    /// Adds or replaces a field, given its value as JSON.
    fn field(mut self, name: &str, json: String) -> Self {
        let at = self.0.partition_point(|(before, _)| before.as_str() < name);
        match self.0.get_mut(at) {
            Some((existing, value)) if existing == name => *value = json,
            _ => self.0.insert(at, (name.to_owned(), json)),
        }
        self
    }

    /// The text for the network.
    pub(super) fn into_json(self) -> String {
        let mut json = String::from("{");
        for (name, value) in self.0 {
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(&quoted(&name));
            json.push(':');
            json.push_str(&value);
        }
        json.push('}');
        json
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    // A text always serializes.
    serde_json::to_string(text).unwrap_or_default()
}

impl Default for SecretBody {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_api_types::SourcePatch;

    #[test]
    fn secrets_join_the_fields_that_are_not_secret() {
        let patch = SourcePatch {
            base_url: Some("http://127.0.0.1:4000".to_owned()),
            ..SourcePatch::default()
        };
        let body = SecretBody::with(&patch)
            .text("auth_value", "s\"e".to_owned())
            .texts("headers", [("x-tenant".to_owned(), "blue".to_owned())]);
        assert_eq!(
            body.into_json(),
            r#"{"auth_value":"s\"e","base_url":"http://127.0.0.1:4000","headers":{"x-tenant":"blue"}}"#
        );
    }

    #[test]
    fn a_field_that_is_set_again_is_replaced() {
        let body = SecretBody::new()
            .text("value", "old".to_owned())
            .flag("check", false)
            .text("value", "new".to_owned());
        assert_eq!(body.into_json(), r#"{"check":false,"value":"new"}"#);
        assert_eq!(SecretBody::new().into_json(), "{}");
    }

    #[test]
    fn clearing_is_an_explicit_null() {
        assert_eq!(
            SecretBody::new().clear("auth_value").into_json(),
            r#"{"auth_value":null}"#
        );
    }
}
