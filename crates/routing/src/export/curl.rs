//! The request as a `curl` command, with shell variables in place of secrets.

use super::header_value::carries_credential;
use super::{Piece, pieces};
use crate::credential::agent_key_of;
use crate::operation::Operation;
use crate::provenance::Provenance;
use crate::resolution::{CredentialCandidate, Resolution, Route};
use std::collections::BTreeMap;

/// A `curl` command and the variables it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curl {
    /// The command, ready to paste into a POSIX shell.
    pub command: String,
    /// The variables to set before it runs, each once, in the order of their use.
    pub variables: Vec<Variable>,
}

/// A shell variable in place of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name, without the dollar sign.
    pub name: String,
    /// The place of the secret.
    pub stands_for: Provenance,
}

/// Writes the request that a resolution describes; `None` where no URL is known.
#[must_use]
pub fn curl(resolution: &Resolution, operation: Operation) -> Option<Curl> {
    let route = resolution.route.as_ref()?;
    let url = route.url.as_ref()?;
    let mut names = Names::new(route);
    let mut lines = vec![format!("curl -X {} {}", route.method, shell_quoted(url))];
    if let Some(hint) = missing_key(route) {
        lines[0].insert_str(0, &hint);
    }
    for header in &route.headers {
        let mut pieces = pieces(&header.value, &header.from);
        match pieces.first_mut() {
            Some(Piece::Text(text)) => text.insert_str(0, &format!("{}: ", header.name)),
            _ => pieces.insert(0, Piece::Text(format!("{}: ", header.name))),
        }
        lines.push(format!("  -H {}", argument(&pieces, &mut names)));
    }
    if let Some(body) = body_stub(operation, &route.wire_model) {
        lines.push(format!("  -d {}", shell_quoted(&body)));
    }
    Some(Curl {
        command: lines.join(" \\\n"),
        variables: names.used,
    })
}

/// A comment before the command where the request lacks the header that carries its key.
fn missing_key(route: &Route) -> Option<String> {
    let credential = route.credential.as_ref()?;
    if carries_credential(route) {
        return None;
    }
    let places = credential.candidates.iter();
    let places: Vec<String> = places.map(|place| place.from.to_string()).collect();
    Some(format!(
        "# Incomplete: the header with the key is missing, because none was found in {}.\n",
        places.join(" or ")
    ))
}

/// A small valid body for the operation; `None` for one that has no body.
#[must_use]
pub fn body_stub(operation: Operation, wire_model: &str) -> Option<String> {
    // A text always serializes.
    let model = serde_json::to_string(wire_model).unwrap_or_default();
    let hello = r#"[{"role":"user","content":"Hello"}]"#;
    Some(match operation {
        Operation::Models => return None,
        Operation::Chat | Operation::CountTokens => {
            format!(r#"{{"model":{model},"messages":{hello}}}"#)
        }
        Operation::Messages => {
            format!(r#"{{"model":{model},"max_tokens":64,"messages":{hello}}}"#)
        }
        Operation::Responses | Operation::Embeddings | Operation::Moderations => {
            format!(r#"{{"model":{model},"input":"Hello"}}"#)
        }
        Operation::Completions | Operation::Images => {
            format!(r#"{{"model":{model},"prompt":"Hello"}}"#)
        }
        Operation::Rerank => {
            format!(r#"{{"model":{model},"query":"Hello","documents":["Hello","Goodbye"]}}"#)
        }
        Operation::Speech => {
            format!(r#"{{"model":{model},"input":"Hello","voice":"alloy"}}"#)
        }
    })
}

/// Names for the secrets of one request. A secret of a provider takes the environment variable
/// that the provider's entry names, since that is where an administrator will have it at hand.
pub(super) struct Names {
    preferred: BTreeMap<Provenance, String>,
    pub(super) used: Vec<Variable>,
}

impl Names {
    pub(super) fn new(route: &Route) -> Self {
        let candidates = route.credential.iter().flat_map(|held| &held.candidates);
        let variable = candidates
            .clone()
            .find_map(|place| place.from.env_variable());
        let is_shared = |place: &&CredentialCandidate| {
            place.from.secret_name().and_then(agent_key_of).is_none()
        };
        let preferred = candidates
            .filter(is_shared)
            .filter_map(|place| Some((place.from.clone(), variable?.to_owned())))
            .collect();
        Self {
            preferred,
            used: Vec::new(),
        }
    }

    pub(super) fn of(&mut self, secret: &Provenance) -> String {
        if let Some(known) = self.used.iter().find(|used| used.stands_for == *secret) {
            return known.name.clone();
        }
        let wished = self
            .preferred
            .get(secret)
            .cloned()
            .unwrap_or_else(|| invented(secret));
        let mut name = wished.clone();
        let mut number = 2;
        while self.used.iter().any(|used| used.name == name) {
            name = format!("{wished}_{number}");
            number += 1;
        }
        self.used.push(Variable {
            name: name.clone(),
            stands_for: secret.clone(),
        });
        name
    }
}

fn invented(secret: &Provenance) -> String {
    let name = match secret {
        Provenance::Env(variable) => return variable.clone(),
        other => other.label(),
    };
    match agent_key_of(&name) {
        Some((_, gateway)) => variable_of(&format!("agent/{gateway}/api-key")),
        None => variable_of(&name),
    }
}

/// `sources/local-gateway/headers#x-tenant` becomes `LOCAL_GATEWAY_X_TENANT`.
fn variable_of(name: &str) -> String {
    let name = name.strip_prefix("sources/").unwrap_or(name);
    let name = name.replace("/headers#", "/");
    let mut variable: String = name
        .chars()
        .map(|letter| match letter {
            'a'..='z' => letter.to_ascii_uppercase(),
            'A'..='Z' | '0'..='9' => letter,
            _ => '_',
        })
        .collect();
    if variable.starts_with(|first: char| first.is_ascii_digit()) {
        variable.insert(0, '_');
    }
    variable
}

/// One shell argument. Plain text and variables fit between double quotes; as soon as the text
/// holds a character that double quotes do not protect (`!` among them, in interactive shells),
/// the text goes between single quotes and only the variable between double ones.
fn argument(pieces: &[Piece], names: &mut Names) -> String {
    let text_is_plain = pieces.iter().all(|piece| match piece {
        Piece::Text(text) => !text.contains(['"', '\\', '$', '`', '!', '\n']),
        Piece::Secret(_) => true,
    });
    let holds_secret = pieces.iter().any(|piece| matches!(piece, Piece::Secret(_)));
    let mut argument = String::new();
    if holds_secret && text_is_plain {
        argument.push('"');
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => argument.push_str(text),
                Piece::Secret(secret) => {
                    let name = names.of(secret);
                    // Braces only where the text that follows would lengthen the name.
                    if continues_name(pieces.get(at + 1)) {
                        argument.push_str(&format!("${{{name}}}"));
                    } else {
                        argument.push_str(&format!("${name}"));
                    }
                }
            }
        }
        argument.push('"');
        return argument;
    }
    for piece in pieces {
        match piece {
            Piece::Text(text) => argument.push_str(&shell_quoted(text)),
            Piece::Secret(secret) => argument.push_str(&format!("\"${}\"", names.of(secret))),
        }
    }
    argument
}

fn continues_name(next: Option<&Piece>) -> bool {
    match next {
        Some(Piece::Text(text)) => {
            text.starts_with(|first: char| first == '_' || first.is_ascii_alphanumeric())
        }
        Some(Piece::Secret(_)) | None => false,
    }
}

/// A text as one argument for a POSIX shell: between single quotes, in which only the single quote
/// itself needs care.
#[must_use]
pub fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::Provenance;
    use crate::resolution::*;

    fn resolution(headers: Vec<(&str, &str, &str)>, credential: Option<Credential>) -> Resolution {
        Resolution {
            model_ref: "litellm/it's".into(),
            outcome: Outcome::Routed,
            error: None,
            route: Some(Route {
                kind: RouteKind::GatewayLegacy,
                provider: Some("litellm".into()),
                base_url: None,
                method: "POST".into(),
                url: Some("http://localhost:4000/chat/completions".into()),
                wire_model: "it's".into(),
                headers: headers
                    .into_iter()
                    .map(|(name, value, from)| RouteHeader {
                        name: name.into(),
                        value: value.into(),
                        from: from.parse().expect("a provenance"),
                    })
                    .collect(),
                caller_headers: vec![],
                credential,
                fallback_policy: None,
            }),
            warnings: vec![],
            trace: vec![],
            fallback: None,
        }
    }

    fn place(from: &str, chosen: bool) -> CredentialCandidate {
        CredentialCandidate {
            from: from.parse().expect("a provenance"),
            state: CredentialState::Present,
            chosen,
            origin: None,
        }
    }

    #[test]
    fn a_stored_key_takes_the_name_of_its_providers_variable() {
        let credential = Credential {
            from: Provenance::Secret("litellm/api-key".into()),
            state: CredentialState::Present,
            candidates: vec![
                place("secret:litellm/api-key", true),
                place("env:LITELLM_MASTER_KEY", false),
            ],
        };
        let curl = curl(
            &resolution(
                vec![(
                    "authorization",
                    "Bearer {{secret:litellm/api-key}}",
                    "secret:litellm/api-key",
                )],
                Some(credential),
            ),
            Operation::Chat,
        )
        .expect("a route with a URL");
        assert_eq!(
            curl.command,
            "curl -X POST 'http://localhost:4000/chat/completions' \\\n  \
             -H \"authorization: Bearer $LITELLM_MASTER_KEY\" \\\n  \
             -d '{\"model\":\"it'\\''s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'"
        );
        assert_eq!(
            curl.variables[0].stands_for.to_string(),
            "secret:litellm/api-key"
        );
    }

    #[test]
    fn text_that_double_quotes_do_not_protect_goes_between_single_ones() {
        let curl = curl(
            &resolution(
                vec![
                    ("x-note", "a $HOME `id` \"b\"", "builtin"),
                    (
                        "x-key",
                        "a! {{secret:sources/9-local/auth-value}}",
                        "source:9-local",
                    ),
                ],
                None,
            ),
            Operation::Models,
        )
        .expect("a route with a URL");
        assert!(
            curl.command.contains(r#"-H 'x-note: a $HOME `id` "b"'"#),
            "{}",
            curl.command
        );
        assert!(
            curl.command
                .contains(r#"-H 'x-key: a! '"$_9_LOCAL_AUTH_VALUE""#),
            "{}",
            curl.command
        );
        assert!(!curl.command.contains("-d "));
    }

    #[test]
    fn an_agents_own_key_does_not_take_the_name_of_the_shared_ones_variable() {
        let from = "secret:agents/abcdefgh01234567/litellm/api-key";
        let credential = Credential {
            from: from.parse().unwrap(),
            state: CredentialState::Present,
            candidates: vec![
                place(from, true),
                place("secret:litellm/api-key", false),
                place("env:LITELLM_MASTER_KEY", false),
            ],
        };
        let value = format!("Bearer {{{{{from}}}}}");
        let route = resolution(vec![("authorization", &value, from)], Some(credential));
        let curl = curl(&route, Operation::Chat).unwrap();
        assert_eq!(curl.variables[0].name, "AGENT_LITELLM_API_KEY");
    }

    #[test]
    fn every_operation_but_the_model_list_has_a_body_with_the_model() {
        for operation in Operation::ALL {
            let body = body_stub(operation, "m\"");
            assert_eq!(body.is_none(), operation == Operation::Models);
            let Some(body) = body else { continue };
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["model"], "m\"", "{operation:?}");
            assert!(body.as_object().unwrap().len() > 1, "{operation:?}");
        }
    }

    #[test]
    fn a_missing_key_is_said_before_the_command() {
        let credential = Credential {
            from: Provenance::Env("GROQ_API_KEY".into()),
            state: CredentialState::Absent,
            candidates: ["secret:groq/api-key", "env:GROQ_API_KEY"]
                .map(|from| CredentialCandidate {
                    state: CredentialState::Absent,
                    ..place(from, false)
                })
                .into(),
        };
        let curl = curl(&resolution(vec![], Some(credential)), Operation::Models);
        assert_eq!(
            curl.expect("a route with a URL").command,
            "# Incomplete: the header with the key is missing, because none was found in \
             secret:groq/api-key or env:GROQ_API_KEY.\n\
             curl -X POST 'http://localhost:4000/chat/completions'"
        );
    }

    #[test]
    fn two_secrets_never_share_a_variable() {
        let curl = curl(
            &resolution(
                vec![
                    ("x-a", "{{secret:sources/l/headers#x-a}}", "source:l"),
                    ("x_a", "{{secret:sources/l/headers#x_a}}", "source:l"),
                ],
                None,
            ),
            Operation::Chat,
        )
        .expect("a route with a URL");
        let names: Vec<_> = curl.variables.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names, ["L_X_A", "L_X_A_2"]);
        assert!(curl.command.contains("\"x-a: $L_X_A\""), "{}", curl.command);
    }
}
