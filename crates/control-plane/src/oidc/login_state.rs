//! What ties a callback to the browser that began the sign-in.
//!
//! One random secret is in a cookie of that browser. The `state`, the `nonce` and the PKCE verifier
//! are digests of it, so that the two that the address shows tell nothing about the third, and any
//! replica can finish what another one began.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use waypost_system::random;
use zeroize::Zeroizing;

/// How long a sign-in may take, in seconds.
pub const LOGIN_SECONDS: i64 = 10 * 60;

/// The longest address that is returned to. With the secret it fits into a cookie.
const LONGEST_RETURN: usize = 2_000;

/// A sign-in that was begun.
pub struct LoginState {
    secret: Zeroizing<String>,
    return_to: String,
}

impl LoginState {
    /// Begins a sign-in that ends at an address of the dashboard, or at its first page if the address is
    /// another one.
    #[must_use]
    pub fn begin(return_to: &str) -> Self {
        Self {
            secret: random::token(),
            return_to: own_address(return_to).to_owned(),
        }
    }

    /// Reads a cookie's value.
    #[must_use]
    pub fn read(cookie: &str) -> Option<Self> {
        let (secret, return_to) = cookie.split_once('.')?;
        let return_to = URL_SAFE_NO_PAD.decode(return_to).ok()?;
        let return_to = String::from_utf8(return_to).ok()?;
        (secret.len() == 43).then(|| Self {
            secret: Zeroizing::new(secret.to_owned()),
            return_to: own_address(&return_to).to_owned(),
        })
    }

    /// The value for the cookie.
    #[must_use]
    pub fn cookie_value(&self) -> Zeroizing<String> {
        let return_to = URL_SAFE_NO_PAD.encode(&self.return_to);
        Zeroizing::new(format!("{}.{return_to}", *self.secret))
    }

    /// The `state` parameter.
    #[must_use]
    pub fn state(&self) -> String {
        self.derive("state")
    }

    /// Whether a callback's `state` is this one's.
    #[must_use]
    pub fn matches(&self, state: &str) -> bool {
        self.state().as_bytes().ct_eq(state.as_bytes()).into()
    }

    /// The `nonce` that the ID token must repeat.
    #[must_use]
    pub fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// The PKCE verifier, which proves to the provider that the code is redeemed by who began.
    #[must_use]
    pub fn verifier(&self) -> Zeroizing<String> {
        Zeroizing::new(self.derive("verifier"))
    }

    /// The PKCE challenge, of the method `S256`.
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier().as_bytes()))
    }

    /// Where the person wanted to go: an address of the dashboard.
    #[must_use]
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    fn derive(&self, purpose: &str) -> String {
        let digest = Sha256::new()
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(self.secret.as_bytes());
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }
}

/// The address if it is a page of this server, else the first page. A second slash, or a backslash that
/// browsers take for one, would name another host.
#[must_use]
pub fn own_address(text: &str) -> &str {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_page = !["/oidc", "/api", "/v1", "/sign-in"]
        .iter()
        .any(|other| text.strip_prefix(other).is_some_and(ends_segment));
    let is_own = text.starts_with('/') && !text.starts_with("//") && text.len() <= LONGEST_RETURN;
    match is_plain && is_page && is_own {
        true => text,
        false => "/",
    }
}

fn ends_segment(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['/', '?', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_dashboard_are_returned_to() {
        for own in [
            "/",
            "/models/gateways?q=a%20b#top",
            "/apiary",
            "/preview?ref=a%2Fb",
        ] {
            assert_eq!(own_address(own), own);
        }
        let long = format!("/{}", "a".repeat(LONGEST_RETURN));
        for other in [
            "",
            "models",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\n",
            "/ä",
            "/api/v1/session",
            "/oidc/sign-in?return=/",
            "/sign-in",
            "/v1",
            long.as_str(),
        ] {
            assert_eq!(own_address(other), "/", "{other}");
        }
    }

    #[test]
    fn a_cookie_brings_back_the_sign_in_that_was_begun() {
        let begun = LoginState::begin("/agents?q=a");
        let read = LoginState::read(&begun.cookie_value()).unwrap();
        assert_eq!(read.return_to(), "/agents?q=a");
        assert!(read.matches(&begun.state()));
        assert_eq!(read.nonce(), begun.nonce());
        assert_eq!(read.verifier(), begun.verifier());
        // A cookie is not signed: its address is checked whenever it is read.
        let forged = URL_SAFE_NO_PAD.encode("//evil.example");
        let forged = format!("{}.{forged}", "a".repeat(43));
        assert_eq!(LoginState::read(&forged).unwrap().return_to(), "/");
        for value in ["", ".", "short.Lw", "no dot"] {
            assert!(LoginState::read(value).is_none(), "{value}");
        }
    }

    #[test]
    fn what_the_address_shows_tells_nothing_about_the_verifier() {
        let (one, other) = (LoginState::begin("/"), LoginState::begin("/"));
        assert!(!one.matches(&other.state()));
        assert!(!one.matches(""));
        let texts = [
            one.state(),
            one.nonce(),
            one.verifier().to_string(),
            one.challenge(),
            other.state(),
            other.nonce(),
        ];
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(text.len(), 43, "PKCE asks for 43 characters at least");
            assert!(!texts[at + 1..].contains(text));
        }
    }
}
