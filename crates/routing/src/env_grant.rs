//! Permission to send an environment variable further than to the entry that names it.

use crate::base_url::BaseUrl;
use crate::catalog::check_variable_name;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A grant of the operator, `NAME[@ORIGIN]`: the variable may be sent to that origin, or to any. A
/// trailing `*` in the name stands for every name that begins like it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvGrant {
    /// The name, or how the names begin.
    name: String,
    is_prefix: bool,
    origin: Option<String>,
}

impl EnvGrant {
    /// Whether the variable may be sent to an origin.
    #[must_use]
    pub fn allows(&self, variable: &str, origin: &str) -> bool {
        self.covers(variable)
            && self
                .origin
                .as_deref()
                .is_none_or(|granted| granted == origin)
    }

    /// Whether the grant is about this variable, whatever the origin.
    #[must_use]
    pub fn covers(&self, variable: &str) -> bool {
        match self.is_prefix {
            true => variable.starts_with(&self.name),
            false => variable == self.name,
        }
    }

    /// The variable, unless the grant is about all that begin alike.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        (!self.is_prefix).then_some(&*self.name)
    }
}

/// Why a text is no grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvGrantError {
    /// The name is not that of an environment variable.
    Name,
    /// The origin is not scheme, host and port alone.
    Origin,
}

impl fmt::Display for EnvGrantError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Name => {
                "the name must be that of an environment variable, such as TEAM_KEY, or end with `*` \
                 after its first characters, such as TEAM_*"
            }
            Self::Origin => {
                "the origin must be scheme, host and port alone, such as https://gw.example"
            }
        })
    }
}

impl std::error::Error for EnvGrantError {}

impl FromStr for EnvGrant {
    type Err = EnvGrantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, origin) = match text.trim().split_once('@') {
            Some((name, origin)) => (name, Some(origin)),
            None => (text.trim(), None),
        };
        let (name, is_prefix) = match name.strip_suffix('*') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if !check_variable_name(name) {
            return Err(EnvGrantError::Name);
        }
        let origin = origin.map(|origin| match BaseUrl::parse(origin) {
            Ok(url) if url.path().is_empty() => Ok(url.origin()),
            _ => Err(EnvGrantError::Origin),
        });
        Ok(Self {
            name: name.to_owned(),
            is_prefix,
            origin: origin.transpose()?,
        })
    }
}

impl fmt::Display for EnvGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if self.is_prefix {
            formatter.write_str("*")?;
        }
        match &self.origin {
            Some(origin) => write!(formatter, "@{origin}"),
            None => Ok(()),
        }
    }
}

impl Serialize for EnvGrant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EnvGrant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(text: &str) -> EnvGrant {
        text.parse().unwrap()
    }

    #[test]
    fn a_grant_is_for_one_origin_or_for_any() {
        let anywhere = grant("TEAM_KEY");
        assert!(anywhere.allows("TEAM_KEY", "https://gw.example"));
        assert!(!anywhere.allows("TEAM_KEY_2", "https://gw.example"));
        let bound = grant("TEAM_KEY@https://GW.example:443/");
        assert_eq!(bound.to_string(), "TEAM_KEY@https://gw.example");
        assert!(bound.allows("TEAM_KEY", "https://gw.example"));
        for other in [
            "http://gw.example",
            "https://gw.example:8443",
            "https://x.example",
        ] {
            assert!(!bound.allows("TEAM_KEY", other), "{other}");
        }
    }

    #[test]
    fn a_trailing_star_stands_for_the_rest_of_a_name() {
        let team = grant("TEAM_*@https://gw.example");
        assert!(team.allows("TEAM_KEY", "https://gw.example"));
        assert!(!team.allows("TEAMS", "https://gw.example"));
        assert_eq!(team.to_string(), "TEAM_*@https://gw.example");
        assert_eq!(
            (team.variable(), grant("A_KEY").variable()),
            (None, Some("A_KEY"))
        );
    }

    #[test]
    fn what_is_no_grant_says_why() {
        for (text, error) in [
            ("", EnvGrantError::Name),
            ("*", EnvGrantError::Name),
            ("TEAM*KEY", EnvGrantError::Name),
            ("A KEY", EnvGrantError::Name),
            ("@https://gw.example", EnvGrantError::Name),
            ("A_KEY@", EnvGrantError::Origin),
            ("A_KEY@gw.example", EnvGrantError::Origin),
            ("A_KEY@https://gw.example/v1", EnvGrantError::Origin),
            ("A_KEY@https://u:p@gw.example", EnvGrantError::Origin),
        ] {
            assert_eq!(text.parse::<EnvGrant>(), Err(error), "{text}");
        }
    }
}
