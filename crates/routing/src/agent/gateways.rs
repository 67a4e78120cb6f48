//! The `gateways` of an agent: what it overrides of them.

use super::reader::{Fields, Reader, join};
use crate::catalog::check_variable_name;
use crate::codes;
use crate::problem::Severity;
use crate::yaml::{Mapping, Node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an agent overrides of one gateway. What is absent stays the catalog's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayOverride {
    /// The normalised base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The environment variable that holds the key. Where it is named, no other place is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
    /// Headers that override the gateway's own, by name as written. Not secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub default_headers: BTreeMap<String, String>,
    /// How the gateway should choose among its upstreams. Advisory, not enforced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_policy: Option<FallbackPolicy>,
}

/// How a gateway should choose among its upstreams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FallbackPolicy {
    /// The one that answers first.
    Fastest,
    /// The one that costs least.
    Cheapest,
    /// The first that is listed.
    First,
}

impl FallbackPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Fastest, Self::Cheapest, Self::First];

    /// The name in documents and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fastest => "fastest",
            Self::Cheapest => "cheapest",
            Self::First => "first",
        }
    }
}

const FIELDS: Fields = Fields {
    known: &["url", "api_key_env", "default_headers", "fallback_policy"],
    unknown: Severity::Error,
    secret: Some((
        codes::INLINE_SECRET,
        "Don't put keys in agent files. Remove the key, then name its environment variable in `api_key_env` or enter it in the dashboard.",
    )),
};

/// Reads the block. Here, null is an error: who writes a field wants to override something.
pub(super) fn read(reader: &mut Reader, value: Option<&Node>) -> BTreeMap<String, GatewayOverride> {
    let mut gateways = BTreeMap::new();
    let wanted = "a mapping of gateway names to what is overridden";
    let Some(block) = value.and_then(|value| reader.mapping("gateways", wanted, value)) else {
        return gateways;
    };
    reader.check_repeated_names("gateways", block);
    for (key, value) in block.iter() {
        let name = key.label();
        let path = join("gateways", &name);
        if reader.text(&path, codes::INVALID_NAME, key).is_none() {
            continue;
        }
        reader.gateways.push((name.clone(), key.position()));
        let wanted = "a mapping of the fields that are overridden";
        if let Some(fields) = reader.mapping(&path, wanted, value) {
            gateways.insert(name, read_one(reader, &path, fields));
        }
    }
    gateways
}

fn read_one(reader: &mut Reader, path: &str, fields: &Mapping) -> GatewayOverride {
    reader.check_fields(path, fields, &FIELDS);
    let at = |name: &str| join(path, name);
    GatewayOverride {
        url: fields
            .get("url")
            .and_then(|value| reader.base_url(&at("url"), value)),
        api_key_env: fields
            .get("api_key_env")
            .and_then(|value| variable(reader, &at("api_key_env"), value)),
        default_headers: fields
            .get("default_headers")
            .map(|value| reader.headers(&at("default_headers"), value))
            .unwrap_or_default(),
        fallback_policy: fields
            .get("fallback_policy")
            .and_then(|value| policy(reader, &at("fallback_policy"), value)),
    }
}

fn variable(reader: &mut Reader, path: &str, value: &Node) -> Option<String> {
    let code = codes::INVALID_API_KEY_ENV;
    let name = reader.text(path, code, value)?;
    if check_variable_name(name) {
        return Some(name.to_owned());
    }
    let message = "This must be the name of an environment variable (letters, digits and `_`), \
                   not the key itself.";
    reader.error(path, code, message, value.position());
    None
}

fn policy(reader: &mut Reader, path: &str, value: &Node) -> Option<FallbackPolicy> {
    let named = |policy: &FallbackPolicy| value.as_text() == Some(policy.name());
    let policy = FallbackPolicy::ALL.into_iter().find(named);
    if policy.is_none() {
        reader.error(
            path,
            codes::INVALID_FALLBACK_POLICY,
            "This must be `fastest`, `cheapest` or `first`.",
            value.position(),
        );
    }
    policy
}
