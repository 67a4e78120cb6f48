//! ID tokens: whether the provider signed one, and whether it is for this sign-in.

use super::error::OidcError;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation};
use serde_json::{Map, Value};

/// The claims of a token.
pub(super) type Claims = Map<String, Value>;

/// How far the clocks of the provider and of this server may be apart, in seconds.
pub(super) const CLOCK_SKEW: i64 = 60;

/// A key that the provider signs with.
pub(super) struct SigningKey {
    id: Option<String>,
    key: DecodingKey,
}

/// The usable keys of a JSON Web Key Set. Keys of another kind or use are left out, as a set may have
/// some that only other clients know.
pub(super) fn signing_keys(set: &Value) -> Vec<SigningKey> {
    let keys = set.get("keys").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(signing_key).collect()
}

fn signing_key(value: &Value) -> Option<SigningKey> {
    if value.get("use").is_some_and(|usage| usage != "sig") {
        return None;
    }
    let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    // A symmetric key in a public document is anyone's.
    (key.family() != AlgorithmFamily::Hmac).then_some(SigningKey {
        id: jwk.common.key_id,
        key,
    })
}

/// Why a token was not verified.
pub(super) enum Unverified {
    /// None of the keys signed it: the provider may have a new one.
    NoKey,
    /// It can never be.
    Refused(OidcError),
}

/// The claims of a token that one of the keys signed.
pub(super) fn verified(token: &str, keys: &[SigningKey]) -> Result<Claims, Unverified> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| {
        Unverified::Refused(OidcError::provider(
            "The identity provider returned an ID token that Waypost cannot read. Set its client to sign ID tokens with RS256, PS256, ES256 or EdDSA.",
        ))
    })?;
    let mut validation = Validation::new(header.alg);
    // `check` looks at every claim, by the clock of this server.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let may_have_signed = |key: &&SigningKey| {
        let same_id = header.kid.is_none() || key.id.is_none() || key.id == header.kid;
        same_id && signs_with(&key.key, header.alg)
    };
    if matches!(
        header.alg,
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
    ) {
        return Err(Unverified::Refused(OidcError::provider(
            "The identity provider signs ID tokens with the client secret, which Waypost does not accept. Set its client to RS256, PS256, ES256 or EdDSA.",
        )));
    }
    keys.iter()
        .filter(may_have_signed)
        .find_map(|key| jsonwebtoken::decode::<Claims>(token, &key.key, &validation).ok())
        .map(|data| data.claims)
        .ok_or(Unverified::NoKey)
}

fn signs_with(key: &DecodingKey, algorithm: Algorithm) -> bool {
    key.family().algorithms().contains(&algorithm)
}

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: i64,
}

/// Checks the claims of a verified token.
pub(super) fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), OidcError> {
    if text(claims, "iss") != Some(expected.issuer) {
        return Err(OidcError::setup(
            "The ID token names another issuer than the one it came from. Check --oidc-issuer.",
        ));
    }
    check_audience(claims, expected.client_id)?;
    if text(claims, "nonce") != Some(expected.nonce) {
        return Err(OidcError::sign_in(
            "The ID token belongs to another sign-in. Sign in again.",
        ));
    }
    let clocks = |what: &str| {
        OidcError::setup(format!(
            "{what} The clocks of the identity provider and of this server differ by more than {CLOCK_SKEW} seconds. Set both by NTP, then sign in again."
        ))
    };
    let (Some(issued), Some(expires)) = (time(claims, "iat"), time(claims, "exp")) else {
        return Err(OidcError::provider(
            "The ID token does not say when it was issued and when it expires. Check the identity provider.",
        ));
    };
    let starts = time(claims, "nbf").unwrap_or(issued).max(issued);
    if starts > expected.now + CLOCK_SKEW {
        return Err(clocks("The ID token is not valid yet."));
    }
    if expires <= expected.now - CLOCK_SKEW {
        return Err(clocks("The ID token has expired already."));
    }
    Ok(())
}

/// The token must be for this client; if it is for several, this one must have asked for it.
fn check_audience(claims: &Claims, client_id: &str) -> Result<(), OidcError> {
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let authorized = text(claims, "azp");
    let is_ours = audience.contains(&client_id)
        && match authorized {
            Some(party) => party == client_id,
            None => audience.len() == 1,
        };
    match is_ours {
        true => Ok(()),
        false => Err(OidcError::setup(
            "The ID token is for another client. Check --oidc-client-id.",
        )),
    }
}

/// A claim that is a text.
pub(super) fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// A claim that is a time, in Unix seconds. Some providers write fractions.
fn time(claims: &Claims, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn claims(changes: Value) -> Claims {
        let mut claims = json!({
            "iss": "https://login.example", "aud": "waypost", "sub": "u1", "nonce": "n",
            "iat": NOW, "exp": NOW + 300,
        });
        let all = claims.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => all.remove(name),
                value => all.insert(name.clone(), value.clone()),
            };
        }
        all.clone()
    }

    fn checked(changes: Value) -> Result<(), OidcError> {
        let expected = Expected {
            issuer: "https://login.example",
            client_id: "waypost",
            nonce: "n",
            now: NOW,
        };
        check(&claims(changes), &expected)
    }

    #[track_caller]
    fn refused(changes: Value, words: &str) {
        let error = checked(changes.clone()).unwrap_err();
        assert!(error.message.contains(words), "{changes}: {error}");
    }

    #[test]
    fn a_token_is_for_this_sign_in_or_refused_with_a_reason() {
        assert_eq!(checked(json!({})), Ok(()));
        for issuer in [
            json!(null),
            json!("https://login.example/"),
            json!("https://evil.example"),
            json!(["https://login.example"]),
        ] {
            refused(json!({ "iss": issuer }), "--oidc-issuer");
        }
        for nonce in [json!(null), json!(""), json!("m"), json!(7)] {
            refused(json!({ "nonce": nonce }), "another sign-in");
        }
    }

    #[test]
    fn the_audience_is_this_client() {
        for audience in [
            json!({ "aud": ["waypost"] }),
            json!({ "aud": ["waypost", "other"], "azp": "waypost" }),
            json!({ "azp": "waypost" }),
        ] {
            assert_eq!(checked(audience), Ok(()));
        }
        for audience in [
            json!({ "aud": null }),
            json!({ "aud": "other" }),
            json!({ "aud": [] }),
            json!({ "aud": ["waypost", "other"] }),
            json!({ "aud": ["waypost", "other"], "azp": "other" }),
            json!({ "azp": "other" }),
        ] {
            refused(audience, "--oidc-client-id");
        }
    }

    #[test]
    fn clocks_may_be_a_minute_apart() {
        for times in [
            json!({ "iat": NOW + CLOCK_SKEW, "exp": NOW + 400 }),
            json!({ "iat": NOW - 400, "exp": NOW - CLOCK_SKEW + 1 }),
            json!({ "iat": NOW as f64 + 0.5 }),
        ] {
            assert_eq!(checked(times), Ok(()));
        }
        refused(json!({ "iat": NOW + CLOCK_SKEW + 1 }), "not valid yet");
        refused(json!({ "nbf": NOW + CLOCK_SKEW + 1 }), "not valid yet");
        refused(json!({ "exp": NOW - CLOCK_SKEW }), "NTP");
        for missing in ["iat", "exp"] {
            refused(json!({ (missing): null }), "does not say when");
        }
    }

    #[test]
    fn keys_of_another_use_or_kind_are_left_out() {
        let set = json!({ "keys": [
            { "kty": "oct", "k": "c2VjcmV0" },
            { "kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB" },
            { "kty": "quantum" },
            "nonsense",
            { "kty": "RSA", "kid": "a", "use": "sig", "n": "AQAB", "e": "AQAB", "alg": "RS256" },
        ] });
        let ids: Vec<_> = signing_keys(&set).into_iter().map(|key| key.id).collect();
        assert_eq!(ids, [Some("a".to_owned())]);
        assert!(signing_keys(&json!({})).is_empty());
    }
}
