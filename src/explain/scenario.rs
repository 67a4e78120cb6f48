//! A scenario's change in words, as its chip shows it.

use waypost_routing::scenario::{ModelState, ScenarioChange};

/// A change in words: `litellm is down`.
#[must_use]
pub fn change_words(change: &ScenarioChange) -> String {
    let yes = |is: bool, one: &'static str, other: &'static str| if is { one } else { other };
    match change {
        ScenarioChange::BaseUrl { owner, url } => ["base URL of ", owner, ": ", url].concat(),
        ScenarioChange::Passthrough { source, on } => {
            ["passthrough of ", source, yes(*on, " is on", " is off")].concat()
        }
        ScenarioChange::Key { owner, present } => [
            owner,
            yes(*present, " has a stored key", " has no stored key"),
        ]
        .concat(),
        ScenarioChange::Down { owner } => [owner, " is down"].concat(),
        ScenarioChange::Removed { owner } => [owner, " is removed"].concat(),
        ScenarioChange::BaseUrlVariable { variable, url } => [variable, "=", url].concat(),
        ScenarioChange::Variable { variable, set } => {
            [variable, yes(*set, " is set", " is not set")].concat()
        }
        ScenarioChange::Model { owner, id, state } => {
            let state = match state {
                ModelState::Enabled => " is enabled",
                ModelState::Disabled => " is disabled",
                ModelState::Removed => " is no longer listed",
            };
            [owner, "/", id, state].concat()
        }
        ScenarioChange::DefaultModel { model_ref: None } => "no default model".to_owned(),
        ScenarioChange::DefaultModel {
            model_ref: Some(model_ref),
        } => ["default model: ", model_ref].concat(),
        ScenarioChange::ManagedGateway { gateway } => ["managed gateway: ", gateway].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::change_words;

    #[test]
    fn a_change_reads_as_a_short_statement() {
        for (text, words) in [
            ("down:litellm", "litellm is down"),
            ("removed:own", "own is removed"),
            ("key:own=missing", "own has no stored key"),
            ("passthrough:own=off", "passthrough of own is off"),
            (
                "base-url:own=https://a.example",
                "base URL of own: https://a.example",
            ),
            ("env:GROQ_API_KEY=unset", "GROQ_API_KEY is not set"),
            ("model:own/a/b=disabled", "own/a/b is disabled"),
            ("default-model:", "no default model"),
            ("managed-gateway:own", "managed gateway: own"),
        ] {
            assert_eq!(change_words(&text.parse().unwrap()), words);
        }
    }
}
