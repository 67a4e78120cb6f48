//! The kinds of change that can be tried, and the input of each.

use waypost_routing::catalog::{ProviderKind, base_url_variables};
use waypost_routing::snapshot::Snapshot;

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    Down,
    Key,
    BaseUrl,
    Passthrough,
    Removed,
    BaseUrlVariable,
    Variable,
    Model,
    DefaultModel,
    ManagedGateway,
}

/// The input of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeInput {
    Nothing,
    Text {
        label: &'static str,
        placeholder: &'static str,
    },
}

impl ChangeKind {
    pub(super) const ALL: [Self; 10] = [
        Self::Down,
        Self::Key,
        Self::BaseUrl,
        Self::Passthrough,
        Self::Removed,
        Self::BaseUrlVariable,
        Self::Variable,
        Self::Model,
        Self::DefaultModel,
        Self::ManagedGateway,
    ];

    /// How the text of such a change begins.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Key => "key",
            Self::BaseUrl => "base-url",
            Self::Passthrough => "passthrough",
            Self::Removed => "removed",
            Self::BaseUrlVariable => "env-base-url",
            Self::Variable => "env",
            Self::Model => "model",
            Self::DefaultModel => "default-model",
            Self::ManagedGateway => "managed-gateway",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Down => "A gateway, provider or source is down",
            Self::Key => "A stored key is set or missing",
            Self::BaseUrl => "Another base URL",
            Self::Passthrough => "Passthrough of a source is on or off",
            Self::Removed => "A gateway, provider or source is removed",
            Self::BaseUrlVariable => "Another base URL from the environment",
            Self::Variable => "An environment variable is set or unset",
            Self::Model => "A model is enabled or disabled",
            Self::DefaultModel => "Another default model",
            Self::ManagedGateway => "Another managed gateway",
        }
    }

    pub(super) fn asks_target(self) -> bool {
        !matches!(self, Self::Variable | Self::Model | Self::DefaultModel)
    }

    /// What such a change can apply to, the workspace's own entries first.
    pub(super) fn targets(self, snapshot: &Snapshot) -> Vec<String> {
        let sources = snapshot.sources.iter().map(|source| source.slug.clone());
        let providers = |gateways_only: bool| {
            let entries = snapshot.providers.iter();
            let mut names: Vec<(bool, String)> = entries
                .filter(|entry| !gateways_only || entry.kind == ProviderKind::Gateway)
                .map(|entry| (entry.kind != ProviderKind::Gateway, entry.name.clone()))
                .collect();
            names.sort();
            names.dedup();
            names.into_iter().map(|(_, name)| name)
        };
        match self {
            Self::Passthrough => sources.collect(),
            Self::BaseUrlVariable | Self::ManagedGateway => providers(true).collect(),
            Self::Variable | Self::Model | Self::DefaultModel => Vec::new(),
            _ => sources.chain(providers(false)).collect(),
        }
    }

    pub(super) fn asks(self) -> ChangeInput {
        match self {
            Self::BaseUrl | Self::BaseUrlVariable => ChangeInput::Text {
                label: "Base URL",
                placeholder: "https://gateway.example/v1",
            },
            Self::Variable => ChangeInput::Text {
                label: "Variable",
                placeholder: "LITELLM_MASTER_KEY",
            },
            Self::Model => ChangeInput::Text {
                label: "Model",
                placeholder: "openrouter/moonshotai/kimi-k2",
            },
            Self::DefaultModel => ChangeInput::Text {
                label: "Default model, empty for none",
                placeholder: "openrouter/moonshotai/kimi-k2",
            },
            _ => ChangeInput::Nothing,
        }
    }

    /// The values it can have, each with its text and label.
    pub(super) fn states(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Key => &[
                ("missing", "missing"),
                ("present", "entered for its new origin"),
            ],
            Self::Passthrough => &[("off", "off"), ("on", "on")],
            Self::Variable => &[("unset", "not set"), ("set", "set")],
            Self::Model => &[
                ("disabled", "disabled"),
                ("enabled", "enabled"),
                ("removed", "no longer listed"),
            ],
            _ => &[],
        }
    }

    /// The text of the change.
    pub(super) fn text(self, target: &str, typed: &str, state: &str) -> String {
        let name = self.name();
        match self {
            Self::Down | Self::Removed | Self::ManagedGateway => [name, ":", target].concat(),
            Self::Key | Self::Passthrough => [name, ":", target, "=", state].concat(),
            Self::BaseUrl => [name, ":", target, "=", typed].concat(),
            Self::BaseUrlVariable => {
                let variables = base_url_variables(target);
                [name, ":", &variables[0], "=", typed].concat()
            }
            Self::Variable | Self::Model => [name, ":", typed, "=", state].concat(),
            Self::DefaultModel => [name, ":", typed].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeInput, ChangeKind};
    use waypost_routing::scenario::ScenarioChange;

    #[test]
    fn what_the_form_writes_is_a_change() {
        for kind in ChangeKind::ALL {
            let typed = match kind {
                ChangeKind::BaseUrl | ChangeKind::BaseUrlVariable => "https://a.example",
                ChangeKind::Variable => "A_KEY",
                _ => "owner/model",
            };
            let state = kind.states().first().map_or("", |(value, _)| value);
            let target = if kind.asks_target() { "litellm" } else { "" };
            let text = kind.text(target, typed, state);
            let change: ScenarioChange = text.parse().unwrap();
            assert_eq!(change.to_string(), text);
            let takes_text = kind.asks() != ChangeInput::Nothing;
            assert_eq!(takes_text, text.contains(typed), "{text}");
        }
    }
}
