//! Where a value of a route comes from.

use crate::catalog::Layer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The place that a base URL, a header or a credential comes from.
///
/// In JSON it is a string: `builtin`, `user-local`, `workspace`, `agent_yaml`, `source:<slug>`,
/// `env:<VAR>`, `secret:<name>` or `waypost`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provenance {
    /// The catalog that Waypost is built with.
    Builtin,
    /// The providers file.
    UserLocal,
    /// An entry that an administrator added in the dashboard.
    Workspace,
    /// The agent's own document.
    AgentYaml,
    /// A custom source, by its slug.
    Source(String),
    /// An environment variable, by its name.
    Env(String),
    /// A stored secret, by its name.
    Secret(String),
    /// Waypost itself.
    Waypost,
}

impl Provenance {
    /// The environment variable, where the value comes from one.
    #[must_use]
    pub fn env_variable(&self) -> Option<&str> {
        match self {
            Self::Env(variable) => Some(variable),
            _ => None,
        }
    }

    /// The stored secret, where the value is one.
    #[must_use]
    pub fn secret_name(&self) -> Option<&str> {
        match self {
            Self::Secret(name) => Some(name),
            _ => None,
        }
    }

    /// What a person reads where a value is meant: the bare name of a secret, `env:<VAR>`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Secret(name) => name.clone(),
            other => other.to_string(),
        }
    }
}

impl From<Layer> for Provenance {
    fn from(layer: Layer) -> Self {
        match layer {
            Layer::Builtin => Self::Builtin,
            Layer::UserLocal => Self::UserLocal,
            Layer::Workspace => Self::Workspace,
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, name) = match self {
            Self::Builtin => ("builtin", ""),
            Self::UserLocal => ("user-local", ""),
            Self::Workspace => ("workspace", ""),
            Self::AgentYaml => ("agent_yaml", ""),
            Self::Waypost => ("waypost", ""),
            Self::Source(slug) => ("source:", slug.as_str()),
            Self::Env(variable) => ("env:", variable.as_str()),
            Self::Secret(name) => ("secret:", name.as_str()),
        };
        formatter.write_str(prefix)?;
        formatter.write_str(name)
    }
}

/// A text that names no provenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownProvenance;

impl fmt::Display for UnknownProvenance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("unknown provenance")
    }
}

impl std::error::Error for UnknownProvenance {}

impl FromStr for Provenance {
    type Err = UnknownProvenance;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "builtin" => Self::Builtin,
            "user-local" => Self::UserLocal,
            "workspace" => Self::Workspace,
            "agent_yaml" => Self::AgentYaml,
            "waypost" => Self::Waypost,
            _ => match text.split_once(':') {
                Some(("source", slug)) => Self::Source(slug.to_owned()),
                Some(("env", variable)) => Self::Env(variable.to_owned()),
                Some(("secret", name)) => Self::Secret(name.to_owned()),
                _ => return Err(UnknownProvenance),
            },
        })
    }
}

impl Serialize for Provenance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Provenance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_same_strings_in_both_directions() {
        for (text, provenance) in [
            ("builtin", Provenance::Builtin),
            ("user-local", Provenance::UserLocal),
            ("workspace", Provenance::Workspace),
            ("agent_yaml", Provenance::AgentYaml),
            ("source:own", Provenance::Source("own".into())),
            ("env:GROQ_API_KEY", Provenance::Env("GROQ_API_KEY".into())),
            (
                "secret:sources/own/headers#x:y",
                Provenance::Secret("sources/own/headers#x:y".into()),
            ),
            ("waypost", Provenance::Waypost),
        ] {
            let json = serde_json::to_string(&provenance).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(
                serde_json::from_str::<Provenance>(&json).unwrap(),
                provenance
            );
        }
        for text in ["", "Builtin", "env", "file:x"] {
            assert_eq!(text.parse::<Provenance>(), Err(UnknownProvenance), "{text}");
        }
    }
}
