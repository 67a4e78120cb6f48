//! What has a version.

use std::fmt;

/// A thing that is edited and has a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The settings, without the default model.
    Settings,
    /// The default model.
    DefaultModel,
    /// A provider of any layer, by name.
    Provider(&'a str),
    /// A custom source, by slug.
    Source(&'a str),
    /// An agent, by name.
    Agent(&'a str),
}

impl fmt::Display for Item<'_> {
    /// As the audit log names it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings => formatter.write_str("settings"),
            Self::DefaultModel => formatter.write_str("default-model"),
            Self::Provider(name) => write!(formatter, "provider:{name}"),
            Self::Source(slug) => write!(formatter, "source:{slug}"),
            Self::Agent(name) => write!(formatter, "agent:{name}"),
        }
    }
}
