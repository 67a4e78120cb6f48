//! The path of the public URL, below which a proxy passes requests on: `/a/b` of `https://host/a/b/`.
//!
//! Some proxies remove it, some pass it on. Both work, because no address of Waypost begins with it: the
//! start refuses a path that does.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use std::sync::Arc;
use url::Url;

/// In the dashboard's document, where its scripts and modules read the path.
const IN_DOCUMENT: &str = "data-base=\"\"";

/// In the document before the address of a file.
const LINK: &str = "href=\"/";

/// The path without a slash at its end; empty for a public URL without one. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct PublicPath(Arc<str>);

impl PublicPath {
    /// The path of a public URL.
    ///
    /// # Errors
    /// If the path has characters that a proxy may change.
    pub fn of(url: &Url) -> Result<Self, String> {
        let path = url.path().trim_end_matches('/');
        if path.is_empty() {
            return Ok(Self::default());
        }
        let is_plain = |segment: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            !segment.is_empty() && segment.bytes().all(plain)
        };
        if !path.split('/').skip(1).all(is_plain) {
            return Err(
                "expected a path of letters, digits, `-`, `.`, `_` and `~`, such as https://host.example/tools/waypost"
                    .to_owned(),
            );
        }
        Ok(Self(path.into()))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path that a cookie is sent below.
    pub(super) fn cookie_path(&self) -> &str {
        match self.as_str() {
            "" => "/",
            path => path,
        }
    }

    /// Removes the path from the address of a request that still has it.
    pub fn strip(&self, uri: &mut Uri) {
        if self.0.is_empty() {
            return;
        }
        let Some(rest) = uri
            .path_and_query()
            .and_then(|whole| whole.as_str().strip_prefix(self.as_str()))
        else {
            return;
        };
        let rest = match rest.as_bytes().first() {
            Some(b'/') => rest.to_owned(),
            None | Some(b'?') => format!("/{rest}"),
            Some(_) => return,
        };
        let Ok(rest) = PathAndQuery::try_from(rest) else {
            return;
        };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(rest);
        if let Ok(stripped) = Uri::from_parts(parts) {
            *uri = stripped;
        }
    }

    /// A document of the dashboard with this path before each of its addresses. The content security
    /// policy rules `<base>` out, and addresses that are relative would depend on the page.
    pub(super) fn written_into(&self, document: &str) -> String {
        let path = self.as_str();
        document
            .replacen(IN_DOCUMENT, &format!("data-base=\"{path}\""), 1)
            .replace(LINK, &format!("href=\"{path}/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> Result<PublicPath, String> {
        PublicPath::of(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_public_url_may_have_a_path() {
        for (url, expected) in [
            ("https://host.example", ""),
            ("https://host.example/", ""),
            ("https://host.example/a/b", "/a/b"),
            ("https://host.example/a/b/", "/a/b"),
            ("https://host.example/a/../way.post_1~", "/way.post_1~"),
        ] {
            assert_eq!(path(url).unwrap().as_str(), expected, "{url}");
        }
    }

    #[test]
    fn a_path_that_a_proxy_may_change_is_refused() {
        for url in [
            "https://host.example/a//b",
            "https://host.example/a%20b",
            "https://host.example/a%2Fb",
            "https://host.example/a\"b",
            "https://host.example/ü",
        ] {
            assert!(path(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_request_comes_with_the_path_or_without() {
        let public = path("https://host.example/a/b/").unwrap();
        for (given, expected) in [
            ("/a/b", "/"),
            ("/a/b/", "/"),
            ("/a/b?x=1", "/?x=1"),
            ("/a/b/v1/messages?beta=true", "/v1/messages?beta=true"),
            ("/v1/messages?beta=true", "/v1/messages?beta=true"),
            ("/a/bc/models", "/a/bc/models"),
            ("/A/B/models", "/A/B/models"),
            ("/a/b/a/b/models", "/a/b/models"),
            ("/a/b//models", "//models"),
            (
                "https://host.example/a/b/models",
                "https://host.example/models",
            ),
            ("*", "*"),
        ] {
            let mut uri: Uri = given.parse().unwrap();
            public.strip(&mut uri);
            assert_eq!(uri.to_string(), expected, "{given}");
        }
        let mut uri: Uri = "/a/b/models".parse().unwrap();
        PublicPath::default().strip(&mut uri);
        assert_eq!(uri.path(), "/a/b/models");
    }

    #[test]
    fn the_dashboards_document_has_a_place_for_it() {
        let source = include_str!("../../../../index.html");
        assert_eq!(source.matches(IN_DOCUMENT).count(), 1);
        let document = format!("{source}<link rel=\"preload\" href=\"/app.wasm\">");
        let written = path("https://host.example/a/b")
            .unwrap()
            .written_into(&document);
        assert!(written.contains("<html lang=\"en\" data-base=\"/a/b\">"));
        assert!(written.contains("href=\"/a/b/app.wasm\""));
        let links = written.matches(LINK).count();
        assert_eq!(links, written.matches("href=\"/a/b/").count());
        assert_eq!(PublicPath::default().written_into(&document), document);
    }
}
