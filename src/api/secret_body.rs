//! Bodies that carry a secret.

use serde::Serialize;
use serde_json::{Map, Value};

/// The JSON body of a request that carries a secret.
///
/// A secret goes from its field into this and from this to the network, nowhere else: the type has
/// no `Debug`, `Display` or `Serialize`, and only the transport can take the text out of it.
#[derive(Clone)]
pub struct SecretBody(Map<String, Value>);

impl SecretBody {
    /// A body without any fields.
    #[must_use]
    pub fn new() -> Self {
        Self(Map::new())
    }

    /// A body that begins with the fields of a value that is not secret.
    #[must_use]
    pub fn with(value: &impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(Value::Object(fields)) => Self(fields),
            // All API types are structs, which serialize as objects.
            _ => Self::new(),
        }
    }

    /// Adds a secret text.
    #[must_use]
    pub fn text(mut self, field: &str, value: String) -> Self {
        self.0.insert(field.to_owned(), Value::String(value));
        self
    }

    /// Adds a field that is not secret.
    #[must_use]
    pub fn flag(mut self, field: &str, value: bool) -> Self {
        self.0.insert(field.to_owned(), Value::Bool(value));
        self
    }

    /// Adds an object of secret texts.
    #[must_use]
    pub fn texts(
        mut self,
        field: &str,
        values: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut object = Map::new();
        for (name, value) in values {
            object.insert(name, Value::String(value));
        }
        self.0.insert(field.to_owned(), Value::Object(object));
        self
    }

    /// Removes the stored value of a field.
    #[must_use]
    pub fn clear(mut self, field: &str) -> Self {
        self.0.insert(field.to_owned(), Value::Null);
        self
    }

    /// The text for the network.
    pub(super) fn into_json(self) -> String {
        Value::Object(self.0).to_string()
    }
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
    fn clearing_is_an_explicit_null() {
        assert_eq!(
            SecretBody::new().clear("auth_value").into_json(),
            r#"{"auth_value":null}"#
        );
    }
}
