//! Who someone is and what they may do, by the claims that the provider makes about them.

use super::error::{OidcError, OidcErrorKind};
use super::id_token::{Claims, text};
use crate::sanitise;
use crate::store::sessions::Person;
use serde_json::Value;
use waypost_api_types::Role;

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 80;

/// The longest subject that OpenID Connect allows, in bytes.
const LONGEST_SUBJECT: usize = 255;

/// The groups that may use Waypost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// The claim that lists a person's groups.
    pub claim: String,
    /// Groups of administrators.
    pub admin: Vec<String>,
    /// Groups of viewers.
    pub viewer: Vec<String>,
}

impl Groups {
    /// Whether the claims say anything about groups.
    pub(super) fn are_in(&self, claims: &Claims) -> bool {
        self.of(claims).is_some()
    }

    /// The role of a person; the higher one where two groups differ.
    pub(super) fn role(&self, claims: &Claims) -> Result<Role, OidcError> {
        let refused = |message: String| Err(OidcError::new(OidcErrorKind::NoAccess, message));
        let Some(groups) = self.of(claims) else {
            return refused(format!(
                "The identity provider did not say which groups you are in: there is no claim `{}`. Ask an administrator to add it to the ID token or the userinfo response, or to check --oidc-groups-claim and --oidc-scopes.",
                self.claim
            ));
        };
        let is_in = |wanted: &[String]| wanted.iter().any(|group| groups.contains(&group.as_str()));
        match (is_in(&self.admin), is_in(&self.viewer)) {
            (true, _) => Ok(Role::Admin),
            (false, true) => Ok(Role::Viewer),
            (false, false) => refused(
                "You are in none of the groups that may use Waypost. Ask an administrator to add you to one, then sign in again.".to_owned(),
            ),
        }
    }

    /// The groups of a claim by its whole name, else by a path such as `realm_access.roles`.
    fn of<'a>(&self, claims: &'a Claims) -> Option<Vec<&'a str>> {
        let at_path = || {
            let mut steps = self.claim.split('.');
            let first = claims.get(steps.next()?)?;
            steps.try_fold(first, |value, step| value.get(step))
        };
        match claims.get(&self.claim).or_else(at_path)? {
            Value::String(one) => Some(vec![one]),
            Value::Array(several) => Some(several.iter().filter_map(Value::as_str).collect()),
            _ => None,
        }
    }
}

/// The person of a token's claims.
pub(super) fn person(issuer: &str, claims: &Claims) -> Result<Person, OidcError> {
    let subject = text(claims, "sub").unwrap_or_default();
    let is_plain = subject.len() <= LONGEST_SUBJECT && sanitise::is_plain(subject);
    if subject.is_empty() || !is_plain {
        return Err(OidcError::provider(
            "The ID token does not say who signed in. Check the identity provider.",
        ));
    }
    Ok(Person {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        name: name(claims).unwrap_or_else(|| subject.chars().take(LONGEST_NAME).collect()),
    })
}

/// What people call someone, made fit to be shown. `None` if the claims have no name.
pub(super) fn name(claims: &Claims) -> Option<String> {
    ["name", "preferred_username", "email"]
        .into_iter()
        .filter_map(|claim| text(claims, claim))
        .map(|text| {
            let line = sanitise::one_line(text);
            let short: String = line.chars().take(LONGEST_NAME).collect();
            short.trim_end().to_owned()
        })
        .find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn groups(claim: &str) -> Groups {
        Groups {
            claim: claim.to_owned(),
            admin: vec!["ops".to_owned()],
            viewer: vec!["staff".to_owned()],
        }
    }

    fn role(claim: &str, claims: Value) -> Result<Role, OidcErrorKind> {
        let claims = claims.as_object().unwrap();
        groups(claim).role(claims).map_err(|error| error.kind)
    }

    #[test]
    fn groups_give_the_higher_role_and_none_gives_no_access() {
        let of = |groups: Value| role("groups", json!({ "groups": groups }));
        assert_eq!(of(json!(["staff", "ops"])), Ok(Role::Admin));
        assert_eq!(of(json!(["staff"])), Ok(Role::Viewer));
        assert_eq!(of(json!("ops")), Ok(Role::Admin));
        for none in [
            json!([]),
            json!(["Ops", "staffing", "ops "]),
            json!({ "ops": true }),
            json!(null),
            json!([["ops"]]),
        ] {
            assert_eq!(of(none), Err(OidcErrorKind::NoAccess));
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_path() {
        let nested = json!({ "realm_access": { "roles": ["ops"] } });
        assert_eq!(role("realm_access.roles", nested), Ok(Role::Admin));
        let url = json!({ "https://a.example/groups": ["staff"] });
        assert_eq!(role("https://a.example/groups", url), Ok(Role::Viewer));
        let absent = role("groups", json!({ "roles": ["ops"] }));
        assert_eq!(absent, Err(OidcErrorKind::NoAccess));
    }

    #[test]
    fn a_person_has_a_subject_and_a_name_fit_to_be_shown() {
        let of = |claims: Value| person("https://a.example", claims.as_object().unwrap());
        let named = |claims: Value| of(claims).unwrap().name;
        assert_eq!(
            named(json!({ "sub": "1", "name": "Ada\u{202e}\n Lovelace" })),
            "Ada  Lovelace"
        );
        assert_eq!(
            named(json!({ "sub": "1", "name": " ", "email": "ada@a.example" })),
            "ada@a.example"
        );
        assert_eq!(named(json!({ "sub": "u-1" })), "u-1");
        let long = named(json!({ "sub": "1", "name": "x".repeat(500) }));
        assert_eq!(long.len(), LONGEST_NAME);
        for claims in [
            json!({}),
            json!({ "sub": "" }),
            json!({ "sub": 7 }),
            json!({ "sub": "a\u{0}" }),
            json!({ "sub": "x".repeat(256) }),
        ] {
            assert_eq!(of(claims).unwrap_err().kind, OidcErrorKind::Provider);
        }
    }
}
