//! What an agent's route must be.

use super::reader::{Fields, Reader, join};
use crate::base_url::BaseUrl;
use crate::codes;
use crate::problem::Severity;
use crate::resolution::{Outcome, Resolution};
use crate::yaml::Node;
use serde::{Deserialize, Serialize};

/// What the route of an agent or subagent must be. What is absent is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Expectation {
    /// The host of the URL, in lower case, without a port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The wire model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire_model: Option<String>,
    /// Where the credential comes from: `env:<VAR>`, `secret:<name>`, or `none` for a request
    /// without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// Something that a route is not what it must be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// `outcome`, `host`, `wire_model` or `credential`.
    pub field: &'static str,
    /// What it must be.
    pub expected: String,
    /// What it is; `None` where the route has none.
    pub found: Option<String>,
}

impl Expectation {
    /// Everything in which a route is not what it must be. A request that is not routed at all
    /// meets no expectation.
    #[must_use]
    pub fn unmet(&self, resolution: &Resolution) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        if resolution.outcome != Outcome::Routed {
            unmet.push(Unmet {
                field: "outcome",
                expected: "routed".to_owned(),
                found: resolution.error.as_ref().map(|error| error.code.clone()),
            });
        }
        let route = resolution.route.as_ref();
        let host = || {
            let base_url = BaseUrl::parse(&route?.base_url.as_ref()?.value).ok()?;
            Some(base_url.host().to_owned())
        };
        let credential = || {
            Some(match &route?.credential {
                Some(credential) => credential.from.to_string(),
                None => NO_CREDENTIAL.to_owned(),
            })
        };
        let pairs = [
            ("host", &self.host, host()),
            (
                "wire_model",
                &self.wire_model,
                route.map(|route| route.wire_model.clone()),
            ),
            ("credential", &self.credential, credential()),
        ];
        for (field, expected, found) in pairs {
            if expected.is_some() && *expected != found {
                let expected = expected.clone().unwrap_or_default();
                unmet.push(Unmet {
                    field,
                    expected,
                    found,
                });
            }
        }
        unmet
    }
}

/// How an expectation names the absence of a credential.
const NO_CREDENTIAL: &str = "none";

const FIELDS: Fields = Fields {
    known: &["host", "wire_model", "credential"],
    unknown: Severity::Error,
    secret: None,
};

/// Reads an `expect`. A mistyped field is an error, because it would expect nothing in silence.
pub(super) fn read(reader: &mut Reader, path: &str, value: Option<&Node>) -> Option<Expectation> {
    let value = value.filter(|value| !value.is_null())?;
    let wanted = "a mapping with `host`, `wire_model` or `credential`";
    let fields = reader.mapping(path, wanted, value)?;
    reader.check_fields(path, fields, &FIELDS);
    let mut text = |name: &str, check: fn(&str) -> Option<&'static str>| {
        let (value, path) = (fields.get(name)?, join(path, name));
        let text = reader.filled(&path, codes::INVALID_FIELD, value)?.trim();
        if let Some(message) = check(text) {
            reader.error(&path, codes::INVALID_FIELD, message, value.position());
        }
        Some(text.to_owned())
    };
    Some(Expectation {
        host: text("host", host_fault).map(|host| host.to_ascii_lowercase()),
        wire_model: text("wire_model", |_| None),
        credential: text("credential", credential_fault),
    })
}

fn host_fault(host: &str) -> Option<&'static str> {
    let in_brackets = host.starts_with('[') && host.ends_with(']');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    match in_brackets || host.bytes().all(is_plain) {
        true => None,
        false => Some("Write the host alone, without scheme, port and path."),
    }
}

fn credential_fault(credential: &str) -> Option<&'static str> {
    let named = |prefix: &str| {
        credential
            .strip_prefix(prefix)
            .is_some_and(|name| !name.is_empty())
    };
    match credential == NO_CREDENTIAL || named("env:") || named("secret:") {
        true => None,
        false => Some("Write `env:NAME`, `secret:NAME`, or `none` for no credential."),
    }
}
