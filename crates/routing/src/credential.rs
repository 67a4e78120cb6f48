//! Credentials: where one is looked for, what is there, and which place is used.
//!
//! A credential is only ever a name here, `secret:<name>` or `env:<VAR>`. A stored key counts for
//! the origin it was entered for and for no other.

use crate::codes;
use crate::provenance::Provenance;
use crate::resolution::{Credential, CredentialCandidate, CredentialState, Rejection};
use crate::snapshot::{EnvironmentState, SecretStates};

/// The name under which a provider's key is stored.
#[must_use]
pub fn provider_secret(name: &str) -> String {
    format!("{name}/api-key")
}

/// The name under which a source's auth value is stored.
#[must_use]
pub fn source_auth_secret(slug: &str) -> String {
    format!("sources/{slug}/auth-value")
}

/// The name under which the values of a source's static headers are stored.
#[must_use]
pub fn source_headers_secret(slug: &str) -> String {
    format!("sources/{slug}/headers")
}

/// The name under which an agent's own key for a gateway is stored.
#[must_use]
pub fn agent_key_secret(agent_id: &str, gateway: &str) -> String {
    format!("agents/{agent_id}/{gateway}/api-key")
}

/// The id of the agent and the gateway that a stored secret is for; `None` if it is not an agent's own
/// key.
#[must_use]
pub fn agent_key_of(secret: &str) -> Option<(&str, &str)> {
    let (id, rest) = secret.strip_prefix("agents/")?.split_once('/')?;
    let gateway = rest.strip_suffix("/api-key")?;
    (!id.is_empty() && !gateway.is_empty() && !gateway.contains('/')).then_some((id, gateway))
}

/// The state of a stored secret towards a destination. Without a usable destination a stored
/// secret has no origin that it could be sent to.
pub(crate) fn secret_state(
    secrets: &SecretStates,
    name: &str,
    origin: Option<&str>,
) -> (CredentialState, Option<String>) {
    if secrets.unavailable || secrets.unknown.contains(name) {
        return (CredentialState::Unknown, None);
    }
    if secrets.missing.contains(name) {
        return (CredentialState::Absent, None);
    }
    match secrets.stored.get(name) {
        None => (CredentialState::Absent, None),
        Some(bound) if bound.is_empty() || origin == Some(bound) => {
            (CredentialState::Present, None)
        }
        Some(bound) => (CredentialState::OtherOrigin, Some(bound.clone())),
    }
}

fn candidate(
    place: Provenance,
    origin: Option<&str>,
    secrets: &SecretStates,
    environment: &EnvironmentState,
    may_send: &dyn Fn(&str) -> bool,
) -> CredentialCandidate {
    let (state, bound) = match &place {
        Provenance::Secret(name) => secret_state(secrets, name, origin),
        // What may not be sent looks the same, set or not.
        Provenance::Env(variable) if environment.set.contains(variable) && may_send(variable) => {
            (CredentialState::Present, None)
        }
        _ => (CredentialState::Absent, None),
    };
    CredentialCandidate {
        from: place,
        state,
        chosen: false,
        origin: bound,
    }
}

/// Looks at every place in order of precedence and chooses the first that has a credential.
///
/// A place whose state is unknown is chosen too: the backend may hold a key there, and quietly
/// using the next place would send another key than the one that is meant. For the same reason
/// nothing is chosen after a stored key that is missing in the backend. Only the first
/// `eligible` places may be chosen, and of variables those that `may_send` allows; the others are
/// listed to show that they were passed over.
pub(crate) fn choose(
    places: Vec<Provenance>,
    eligible: usize,
    origin: Option<&str>,
    secrets: &SecretStates,
    environment: &EnvironmentState,
    may_send: &dyn Fn(&str) -> bool,
) -> Option<Credential> {
    let mut candidates: Vec<CredentialCandidate> = places
        .into_iter()
        .map(|place| candidate(place, origin, secrets, environment, may_send))
        .collect();
    let usable = |state| matches!(state, CredentialState::Present | CredentialState::Unknown);
    let decisive = candidates
        .iter_mut()
        .take(eligible)
        .find(|candidate| usable(candidate.state) || is_missing(secrets, &candidate.from));
    let (from, state) = match decisive {
        Some(candidate) => {
            candidate.chosen = usable(candidate.state);
            (candidate.from.clone(), candidate.state)
        }
        None => {
            let first = candidates.first()?;
            (first.from.clone(), first.state)
        }
    };
    Some(Credential {
        from,
        state,
        candidates,
    })
}

fn is_missing(secrets: &SecretStates, place: &Provenance) -> bool {
    matches!(place, Provenance::Secret(name) if !secrets.unavailable && secrets.missing.contains(name))
}

/// Why a stored secret cannot be sent, if it is configured and the backend does not have its value.
pub(crate) fn missing_secret(secrets: &SecretStates, name: &str) -> Option<Rejection> {
    (!secrets.unavailable && secrets.missing.contains(name)).then(|| Rejection {
        code: codes::MISSING_API_KEY.into(),
        message: format!(
            "The secrets backend no longer has the value of `{name}`. Enter it again, or remove it."
        ),
        span: None,
    })
}

/// Whether the credential can be sent: it is there, or may be.
pub(crate) fn is_sendable(credential: &Credential) -> bool {
    credential
        .candidates
        .iter()
        .any(|candidate| candidate.chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_agents_key_says_whose_it_is_and_what_for() {
        let name = agent_key_secret("abc", "litellm");
        assert_eq!(name, "agents/abc/litellm/api-key");
        assert_eq!(agent_key_of(&name), Some(("abc", "litellm")));
        for other in [
            "agents/api-key",
            "agents/api-key/next",
            "agents//litellm/api-key",
            "agents/abc//api-key",
            "agents/abc/x/y/api-key",
            "agents/abc/litellm/api-key/next",
            "sources/agents/auth-value",
            "litellm/api-key",
        ] {
            assert_eq!(agent_key_of(other), None, "{other}");
        }
    }

    const ORIGIN: &str = "https://gw.example";

    fn ladder(stored: &[(&str, &str)], set: &[&str], unavailable: bool) -> Credential {
        let secrets = SecretStates {
            unavailable,
            stored: stored
                .iter()
                .map(|(name, origin)| ((*name).to_owned(), (*origin).to_owned()))
                .collect(),
            ..SecretStates::default()
        };
        let environment = EnvironmentState {
            set: set.iter().map(|name| (*name).to_owned()).collect(),
            ..EnvironmentState::default()
        };
        let places = [
            Provenance::Secret(provider_secret("gw")),
            Provenance::Env("GW_KEY".into()),
        ];
        choose(
            places.into(),
            2,
            Some(ORIGIN),
            &secrets,
            &environment,
            &|_| true,
        )
        .unwrap()
    }

    fn place_and_state(credential: &Credential) -> (String, CredentialState) {
        (credential.from.to_string(), credential.state)
    }

    #[test]
    fn a_stored_key_comes_before_the_environment() {
        let credential = ladder(&[("gw/api-key", ORIGIN)], &["GW_KEY"], false);
        assert_eq!(
            place_and_state(&credential),
            ("secret:gw/api-key".into(), CredentialState::Present)
        );
        assert!(!credential.candidates[1].chosen);
        assert_eq!(credential.candidates[1].state, CredentialState::Present);
    }

    #[test]
    fn a_key_for_another_origin_is_listed_and_passed_over() {
        let credential = ladder(&[("gw/api-key", "https://old.example")], &["GW_KEY"], false);
        assert_eq!(
            place_and_state(&credential),
            ("env:GW_KEY".into(), CredentialState::Present)
        );
        let stored = &credential.candidates[0];
        assert_eq!(stored.state, CredentialState::OtherOrigin);
        assert_eq!(stored.origin.as_deref(), Some("https://old.example"));
    }

    #[test]
    fn an_origin_differs_by_scheme_host_and_port() {
        for other in [
            "http://gw.example",
            "https://gw.example:8443",
            "https://gw.example.",
        ] {
            let credential = ladder(&[("gw/api-key", other)], &[], false);
            assert!(!is_sendable(&credential), "{other}");
        }
    }

    #[test]
    fn an_empty_origin_stands_for_any() {
        let credential = ladder(&[("gw/api-key", "")], &[], false);
        assert_eq!(
            place_and_state(&credential),
            ("secret:gw/api-key".into(), CredentialState::Present)
        );
    }

    #[test]
    fn a_backend_that_does_not_answer_is_unknown_and_not_passed_over() {
        let credential = ladder(&[], &["GW_KEY"], true);
        assert_eq!(
            place_and_state(&credential),
            ("secret:gw/api-key".into(), CredentialState::Unknown)
        );
        assert!(is_sendable(&credential));
    }

    #[test]
    fn without_any_the_first_place_is_named() {
        let credential = ladder(&[], &[], false);
        assert_eq!(
            place_and_state(&credential),
            ("secret:gw/api-key".into(), CredentialState::Absent)
        );
        assert!(!is_sendable(&credential));
    }
}
