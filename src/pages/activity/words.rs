//! Events in words. Pure: no state, no browser.

use crate::components::Glyph;
use crate::format::{actor, count, names};
use waypost_api_types::audit_words::{field_words, target_words};

/// An actor without what follows its id: a token's label may change.
pub(super) fn actor_id(actor: &str) -> &str {
    actor.split(' ').next().unwrap_or(actor)
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A provider, by name.
    Provider(String),
    /// A custom source, by slug.
    Source(String),
    /// An agent, by name.
    Agent(String),
    /// A model, by its ref.
    Model(String),
    /// Several models.
    Models(String),
    /// A token, by its public id.
    Token(String),
    /// The settings.
    Settings,
    /// The default model.
    DefaultModel,
    /// The sample workspace.
    Sample,
    /// The request log.
    RequestLog,
    /// A session, which the verb names.
    Session,
    /// The session of someone else, written as an actor is.
    OtherSession(String),
    /// The role that a sign-in link gives.
    Role(String),
    /// Anything else, as it is written.
    Other(String),
}

impl Target {
    /// Reads a target as the API writes it: `provider:openrouter`.
    pub(super) fn read(target: &str) -> Self {
        let (kind, name) = target.split_once(':').unwrap_or((target, ""));
        let name_of = || name.to_owned();
        match kind {
            "provider" => Self::Provider(name_of()),
            "source" => Self::Source(name_of()),
            "agent" => Self::Agent(name_of()),
            "model" => Self::Model(name_of()),
            "models" => Self::Models(name_of()),
            "token" => Self::Token(name_of()),
            "settings" => Self::Settings,
            "default-model" => Self::DefaultModel,
            "sample" => Self::Sample,
            "request-log" => Self::RequestLog,
            "session" if name.is_empty() => Self::Session,
            "session" => Self::OtherSession(target.to_owned()),
            "role" => Self::Role(name_of()),
            _ => Self::Other(target.to_owned()),
        }
    }

    /// What stands for it in a sentence.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Provider(name)
            | Self::Source(name)
            | Self::Agent(name)
            | Self::Model(name)
            | Self::Other(name) => name.clone(),
            Self::Models(number) if number == "1" => "1 model".to_owned(),
            Self::Models(number) => match number.parse() {
                Ok(number) => count(number, "model", "models"),
                Err(_) => format!("{number} models"),
            },
            Self::Token(id) => format!("token {}", id.chars().take(6).collect::<String>()),
            Self::Settings => "settings".to_owned(),
            Self::DefaultModel => words_of("default-model"),
            Self::Sample => words_of("sample"),
            Self::RequestLog => words_of("request-log"),
            Self::Role(role) => words_of(&format!("role:{role}")),
            Self::Session => String::new(),
            Self::OtherSession(session) => actor(session),
        }
    }

    /// Whether the target alone identifies its events.
    pub(super) fn has_history(&self) -> bool {
        !matches!(
            self,
            Self::Models(_)
                | Self::Sample
                | Self::Session
                | Self::OtherSession(_)
                | Self::Role(_)
                | Self::Other(_)
        )
    }

    /// Its drawing.
    pub(super) fn glyph(&self) -> Glyph {
        match self {
            Self::Provider(name) => Glyph::of_name(name, Glyph::Gateway),
            Self::Source(slug) => Glyph::of_name(slug, Glyph::Source),
            Self::Agent(_) => Glyph::Agent,
            Self::Model(_) | Self::Models(_) | Self::DefaultModel => Glyph::Model,
            Self::Token(_) => Glyph::Key,
            Self::Settings => Glyph::Settings,
            Self::RequestLog => Glyph::Requests,
            Self::Session | Self::OtherSession(_) | Self::Role(_) => Glyph::Session,
            Self::Sample | Self::Other(_) => Glyph::Waypost,
        }
    }
}

/// Which fields an event changed; `None` where the verb already says it.
pub(super) fn changed_words(action: &str, fields: &[String]) -> Option<String> {
    let said = [".key.", "models.", "default_model."]
        .iter()
        .any(|part| action.contains(part));
    if said {
        return None;
    }
    let added = action.ends_with(".add") || action.ends_with(".create");
    let words: Vec<String> = fields
        .iter()
        // A new agent is its document.
        .filter(|field| !(added && field.as_str() == "yaml"))
        .map(|field| field_words(field))
        .collect();
    if words.is_empty() {
        return None;
    }
    let prefix = if added { "With" } else { "Changed:" };
    Some(format!("{prefix} {}", names(&words, FIELDS)))
}

/// How many fields are named.
const FIELDS: usize = 8;

fn words_of(target: &str) -> String {
    target_words(target).unwrap_or(target).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_as_in_a_sentence() {
        for (target, name) in [
            ("provider:openrouter", "openrouter"),
            ("agent:team: bot", "team: bot"),
            ("models:12", "12 models"),
            ("default-model", "default model"),
            ("request-log", "request log"),
            ("token:f0695afab27cea63", "token f0695a"),
            ("session", ""),
            ("role:viewer", "a viewer"),
            ("session:f0695afab27cea63", "Unknown browser f0695a"),
            (
                "session:f0695afab27cea63 Firefox on Linux",
                "Firefox on Linux",
            ),
            ("robot:7", "robot:7"),
        ] {
            assert_eq!(Target::read(target).name(), name, "{target}");
        }
    }

    #[test]
    fn changed_fields_are_named_unless_the_verb_says_it() {
        let words = |action: &str, fields: &[&str]| {
            let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
            changed_words(action, &fields)
        };
        assert_eq!(
            words("provider.edit", &["base_url", "kind"]).as_deref(),
            Some("Changed: base URL and kind")
        );
        assert_eq!(
            words("source.add", &["name", "auth_value"]).as_deref(),
            Some("With name and auth value")
        );
        assert_eq!(
            words("agent.edit", &["yaml"]).as_deref(),
            Some("Changed: document")
        );
        for (action, field) in [
            ("agent.add", "yaml"),
            ("provider.key.set", "key"),
            ("models.enable", "enabled"),
        ] {
            assert_eq!(words(action, &[field]), None, "{action}");
        }
    }

    #[test]
    fn a_known_provider_has_its_mark() {
        assert_eq!(
            Target::read("provider:groq").glyph(),
            Glyph::of_name("groq", Glyph::Gateway)
        );
        assert_eq!(Target::read("source:mine").glyph(), Glyph::Source);
    }
}
