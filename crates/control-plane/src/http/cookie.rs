//! The cookies: of a session, and of a sign-in that is under way.

use super::public_path::PublicPath;
use crate::oidc::LOGIN_SECONDS;
use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use zeroize::Zeroizing;

/// The session cookie's name and attributes.
#[derive(Clone, Debug)]
pub struct SessionCookie {
    name: String,
    secure: bool,
    path: PublicPath,
}

impl SessionCookie {
    /// Cookies are shared by all ports of a host, so the name carries the workspace's id: two
    /// workspaces on one machine do not sign each other out. Over https it also takes the prefix
    /// that makes browsers hold it to this very host. That prefix asks for the path `/`: where the public
    /// URL has another, the cookie is sent below it alone, so that what else the host serves does not
    /// receive it.
    #[must_use]
    pub fn new(workspace_id: &str, secure: bool, path: &PublicPath) -> Self {
        let prefix = match (secure, path.as_str()) {
            (false, _) => "",
            (true, "") => "__Host-",
            (true, _) => "__Secure-",
        };
        Self {
            name: format!("{prefix}waypost-{workspace_id}"),
            secure,
            path: path.clone(),
        }
    }

    /// The cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `Set-Cookie` that gives the cookie this value for so many seconds.
    pub(super) fn set(&self, value: &str, seconds: i64) -> HeaderValue {
        set(self, value, seconds, SameSite::Strict)
    }

    /// The value that a request carries.
    pub(super) fn read(&self, headers: &HeaderMap) -> Option<Zeroizing<String>> {
        read(&self.name, headers)
    }
}

/// The cookie of a sign-in with an identity provider that is under way. It is `Lax`, since the provider's
/// page sends the browser back; the session's would stay behind then.
#[derive(Clone, Debug)]
pub struct LoginCookie(SessionCookie);

impl LoginCookie {
    /// Named as the session's cookie is, and sent where it is.
    #[must_use]
    pub fn new(workspace_id: &str, secure: bool, path: &PublicPath) -> Self {
        let session = SessionCookie::new(workspace_id, secure, path);
        Self(SessionCookie {
            name: format!("{}-login", session.name),
            ..session
        })
    }

    /// The `Set-Cookie` that gives the cookie this value for as long as a sign-in may take.
    pub(super) fn set(&self, value: &str) -> HeaderValue {
        set(&self.0, value, LOGIN_SECONDS, SameSite::Lax)
    }

    /// The `Set-Cookie` that removes it.
    pub(super) fn remove(&self) -> HeaderValue {
        set(&self.0, "", 0, SameSite::Lax)
    }

    /// The value that a request carries.
    pub(super) fn read(&self, headers: &HeaderMap) -> Option<Zeroizing<String>> {
        read(&self.0.name, headers)
    }
}

fn set(rules: &SessionCookie, value: &str, seconds: i64, same_site: SameSite) -> HeaderValue {
    let mut cookie = Cookie::build((rules.name.as_str(), value))
        .http_only(true)
        .same_site(same_site)
        .path(rules.path.cookie_path())
        .max_age(cookie::time::Duration::seconds(seconds));
    if rules.secure {
        cookie = cookie.secure(true);
    }
    let text = Zeroizing::new(cookie.build().to_string());
    let mut header = HeaderValue::from_str(&text).expect("a token is visible ASCII");
    header.set_sensitive(true);
    header
}

fn read(name: &str, headers: &HeaderMap) -> Option<Zeroizing<String>> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| Zeroizing::new(cookie.value().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let rules = SessionCookie::new("ab12", false, &PublicPath::default());
        let mut headers = HeaderMap::new();
        let read = |headers: &HeaderMap| rules.read(headers).map(|value| value.to_string());
        assert_eq!(read(&headers), None);
        headers.append(header::COOKIE, HeaderValue::from_static("broken; =; x"));
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("waypost-ffff=no; waypost-ab12=yes; x=waypost-ab12"),
        );
        assert_eq!(read(&headers).as_deref(), Some("yes"));
    }

    #[test]
    fn over_https_the_cookie_is_held_to_its_host_and_path() {
        for (url, name, path) in [
            ("https://host.example/", "__Host-waypost-ab12=t", "Path=/"),
            (
                "https://host.example/a/b/",
                "__Secure-waypost-ab12=t",
                "Path=/a/b",
            ),
        ] {
            let below = PublicPath::of(&url.parse().unwrap()).unwrap();
            let cookie = SessionCookie::new("ab12", true, &below).set("t", 5);
            let text = cookie.to_str().unwrap();
            let mut parts: Vec<&str> = text.split("; ").collect();
            assert_eq!(parts.remove(0), name);
            parts.sort_unstable();
            let expected = ["HttpOnly", "Max-Age=5", path, "SameSite=Strict", "Secure"];
            assert_eq!(parts, expected);
            assert!(cookie.is_sensitive());
        }
    }

    #[test]
    fn the_cookie_of_a_sign_in_is_lax_and_held_to_its_host() {
        let cookie = LoginCookie::new("ab12", true, &PublicPath::default()).set("t");
        let text = cookie.to_str().unwrap();
        let mut parts: Vec<&str> = text.split("; ").collect();
        assert_eq!(parts.remove(0), "__Host-waypost-ab12-login=t");
        parts.sort_unstable();
        let expected = [
            "HttpOnly",
            "Max-Age=600",
            "Path=/",
            "SameSite=Lax",
            "Secure",
        ];
        assert_eq!(parts, expected);
        assert!(cookie.is_sensitive());
    }
}
