//! The dashboard, embedded: which address answers with which file, how long a browser may keep
//! it, and in which encoding it travels.
//!
//! The contract, which the tests hold with files of their own: the page itself comes at the
//! dashboard's addresses, and with status 404 where a person opens an address that does not exist,
//! so that they see where they can go. A missing file is a plain 404 and never a page;
//! files with a digest in their name are cached forever, the page never; a `.br` file is sent to
//! clients that accept brotli, and has no address itself.

use super::content_policy;
use super::public_path::PublicPath;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

#[derive(Embed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Dashboard;

/// What a browser sees where the binary was built without the dashboard.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Waypost</title>\
<h1>The dashboard is not built in</h1>\
<p>This control plane was built without it. <code>cargo xtask build</code> builds both, \
<code>cargo xtask dev</code> serves the dashboard beside a running control plane.</p>\
<p>The API works: see <a href=\"/api/openapi.json\">/api/openapi.json</a>.</p></html>\n";

/// The answer where there is neither a file nor a page.
const NOTHING_HERE: &str = "Not found.\n";

/// The dashboard's addresses. A test holds them against its own table of routes.
pub(super) const PAGES: [&str; 16] = [
    "/",
    "/sign-in",
    "/models",
    "/models/gateways",
    "/models/direct",
    "/models/catalog",
    "/models/sources",
    "/models/sources/:slug",
    "/agents",
    "/agents/new",
    "/agents/named/:name",
    "/requests",
    "/requests/:id",
    "/preview",
    "/activity",
    "/settings",
];

/// The files of the dashboard, ready to be sent.
#[derive(Clone)]
pub struct Assets {
    files: Arc<BTreeMap<String, File>>,
    path: PublicPath,
}

#[derive(Clone)]
struct File {
    plain: Content,
    brotli: Option<Content>,
    media_type: &'static str,
    immutable: bool,
}

#[derive(Clone)]
struct Content {
    bytes: Cow<'static, [u8]>,
    tag: HeaderValue,
}

impl Content {
    fn new(bytes: Cow<'static, [u8]>, hash: [u8; 32]) -> Self {
        let digits: String = hash[..12]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let tag = HeaderValue::from_str(&format!("\"{digits}\"")).expect("digits are a header");
        Self { bytes, tag }
    }
}

impl Assets {
    /// What was embedded when the binary was built.
    #[must_use]
    pub fn embedded() -> Self {
        Self::new(Dashboard::iter().filter_map(|name| {
            let file = Dashboard::get(&name)?;
            let hash = file.metadata.sha256_hash();
            Some((name.into_owned(), Content::new(file.data, hash)))
        }))
    }

    /// Any other files, by their path without a leading slash.
    #[must_use]
    pub fn from_files(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self::new(files.into_iter().map(|(name, bytes)| {
            let hash = Sha256::digest(&bytes).into();
            (name, Content::new(Cow::Owned(bytes), hash))
        }))
    }

    fn new(contents: impl Iterator<Item = (String, Content)>) -> Self {
        let mut contents: BTreeMap<String, Content> = contents.collect();
        let names: Vec<String> = contents
            .keys()
            .filter(|name| !name.ends_with(".br"))
            .cloned()
            .collect();
        let files = names
            .into_iter()
            .filter_map(|name| {
                let plain = contents.remove(&name)?;
                let brotli = contents.remove(&format!("{name}.br"));
                let file = File {
                    plain,
                    brotli,
                    media_type: media_type(&name),
                    immutable: carries_digest(&name),
                };
                Some((name, file))
            })
            .collect();
        Self {
            files: Arc::new(files),
            path: PublicPath::default(),
        }
    }

    /// The same files with a page whose addresses are below the path of the public URL.
    #[must_use]
    pub fn below(mut self, path: &PublicPath) -> Self {
        self.path = path.clone();
        let page = self.files.get("index.html");
        if path.as_str().is_empty() || page.is_none() {
            return self;
        }
        let page = page.map(|file| String::from_utf8_lossy(&file.plain.bytes));
        let page = path.written_into(&page.unwrap_or_default()).into_bytes();
        let content = |bytes: Vec<u8>| {
            let hash = Sha256::digest(&bytes).into();
            Content::new(Cow::Owned(bytes), hash)
        };
        let file = File {
            brotli: compressed(&page).map(content),
            plain: content(page),
            media_type: media_type("index.html"),
            immutable: false,
        };
        Arc::make_mut(&mut self.files).insert("index.html".to_owned(), file);
        self
    }

    /// The policy of the page.
    #[must_use]
    pub fn page_policy(&self) -> HeaderValue {
        let page = self.files.get("index.html");
        let html = page.map(|file| String::from_utf8_lossy(&file.plain.bytes));
        let policy = content_policy::for_page(html.as_deref().unwrap_or_default());
        HeaderValue::from_str(&policy).expect("a policy is visible ASCII")
    }

    /// Answers a request for anything that is not the API.
    #[must_use]
    pub fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        let name = path.strip_prefix('/').unwrap_or(path);
        let unknown = !is_page(path)
            && !self.files.contains_key(name)
            && is_read(method)
            && is_navigation(path, headers);
        let is_page = is_page(path) || unknown;
        let file = if is_page {
            self.files.get("index.html")
        } else {
            self.files.get(name).filter(|_| name != "index.html")
        };
        if file.is_none() && !is_page {
            return (StatusCode::NOT_FOUND, NOTHING_HERE).into_response();
        }
        if !is_read(method) {
            return (
                StatusCode::METHOD_NOT_ALLOWED,
                [(header::ALLOW, "GET, HEAD")],
                "Method not allowed. Use GET or HEAD.\n",
            )
                .into_response();
        }
        let mut response = match file {
            // Not even a 304: an address that does not exist has no unchanged page.
            Some(file) if unknown => {
                let mut known = headers.clone();
                known.remove(header::IF_NONE_MATCH);
                let mut response = file.answer(&known);
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
            Some(file) => file.answer(headers),
            None if unknown => (StatusCode::NOT_FOUND, NOTHING_HERE).into_response(),
            None => (
                StatusCode::SERVICE_UNAVAILABLE,
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                self.path.written_into(NOT_BUILT),
            )
                .into_response(),
        };
        if is_page {
            let no_store = HeaderValue::from_static("no-store");
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, no_store);
        }
        if *method == Method::HEAD {
            *response.body_mut() = axum::body::Body::empty();
        }
        response
    }
}

impl File {
    fn answer(&self, request: &HeaderMap) -> Response {
        let brotli = self.brotli.as_ref().filter(|_| takes_brotli(request));
        let content = brotli.unwrap_or(&self.plain);
        let mut response = if has_tag(request, &content.tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let body = match &content.bytes {
                Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
                Cow::Owned(bytes) => axum::body::Bytes::copy_from_slice(bytes),
            };
            let mut response = body.into_response();
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.media_type),
            );
            headers.insert(header::CONTENT_LENGTH, content.bytes.len().into());
            if brotli.is_some() {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, content.tag.clone());
        if self.brotli.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        let keep = if self.immutable {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        response
    }
}

/// Whether the dashboard has a page at this address. A segment that begins with a colon stands
/// for any one segment.
fn is_page(path: &str) -> bool {
    PAGES.iter().any(|page| {
        let mut given = path.split('/');
        let matches = page.split('/').all(|wanted| match given.next() {
            Some(segment) if wanted.starts_with(':') => !segment.is_empty(),
            Some(segment) => segment == wanted,
            None => false,
        });
        matches && given.next().is_none()
    })
}

/// The bytes in brotli, as the build compresses the other files.
fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
    writer.write_all(bytes).ok()?;
    Some(writer.into_inner())
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a person opens this address in a browser: the request asks for HTML, and the address
/// neither looks like a file's nor belongs to an API.
fn is_navigation(path: &str, request: &HeaderMap) -> bool {
    let asks_for_html = request
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|media| {
            media
                .split(';')
                .next()
                .is_some_and(|name| name.trim() == "text/html")
        });
    let of_an_api = ["api", "v1"].contains(&path.split('/').nth(1).unwrap_or_default());
    asks_for_html && !of_an_api && !path.contains(['.', '%', '\\'])
}

/// Whether the name carries a digest of the contents, as the build gives it: `app-0123456789abcdef.js`
/// or, for the module, `app-0123456789abcdef_bg.wasm`.
fn carries_digest(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    stem.rsplit_once('-').is_some_and(|(_, digits)| {
        digits.len() >= 12
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether the request takes brotli by name and does not weigh it zero.
fn takes_brotli(request: &HeaderMap) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("br"));
            let refused = parts.any(|part| {
                part.strip_prefix("q=")
                    .and_then(|weight| weight.parse::<f32>().ok())
                    .is_some_and(|weight| weight <= 0.0)
            });
            named && !refused
        })
}

fn has_tag(request: &HeaderMap, tag: &HeaderValue) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|value| value.trim())
        .any(|value| value.strip_prefix("W/").unwrap_or(value).as_bytes() == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_recognised_in_names() {
        for name in [
            "waypost-dashboard-0123456789abcdef.js",
            "a/tokens-89abcdef01234567.css",
            "app-0123456789abcdef_bg.wasm",
        ] {
            assert!(carries_digest(name), "{name}");
        }
        for name in [
            "favicon.svg",
            "robots.txt",
            "app-latest.js",
            "index.html",
            "apple-touch-icon.png",
        ] {
            assert!(!carries_digest(name), "{name}");
        }
    }

    #[test]
    fn pages_are_the_dashboards_addresses_and_nothing_else() {
        for path in [
            "/",
            "/models",
            "/models/gateways",
            "/models/sources/my.gateway",
        ] {
            assert!(is_page(path), "{path}");
        }
        for path in [
            "",
            "//",
            "/index.html",
            "/models/",
            "/models/app.js",
            "/models/sources/",
            "/models/sources/a/b",
            "/settings/",
            "/nothing",
            "/api",
            "/../models",
        ] {
            assert!(!is_page(path), "{path}");
        }
    }

    /// Every address in the dashboard's table of routes, read from its source; `:` for a segment
    /// that may be anything.
    fn routes_of_the_dashboard() -> Vec<String> {
        let source = include_str!("../../../../src/app/page.rs");
        let table = source.split("#[cfg(test)]").next().unwrap();
        let arms = table
            .lines()
            .filter_map(|line| line.split_once(" => Self::"));
        let mut routes = Vec::new();
        for (patterns, page) in arms {
            if page.starts_with("Unknown") {
                continue;
            }
            for pattern in patterns.split('[').skip(1) {
                let (pattern, _) = pattern.split_once(']').unwrap();
                let segments: Vec<&str> = pattern.split(", ").filter(|it| !it.is_empty()).collect();
                let alternatives = match segments.as_slice() {
                    [one] => one.split(" | ").map(|segment| vec![segment]).collect(),
                    several => vec![several.to_vec()],
                };
                routes.extend(alternatives.iter().map(|segments| {
                    let segment = |text: &&str| match *text {
                        "_" => ":".to_owned(),
                        quoted => quoted.trim_matches('"').to_owned(),
                    };
                    let segments: Vec<String> = segments.iter().map(segment).collect();
                    format!("/{}", segments.join("/"))
                }));
            }
        }
        routes
    }

    #[test]
    fn every_route_of_the_dashboard_has_a_page_and_every_page_a_route() {
        let routes = routes_of_the_dashboard();
        for route in ["/", "/sign-in", "/models/sources/:", "/settings"] {
            assert!(routes.iter().any(|it| it == route), "{route}: {routes:?}");
        }
        for route in &routes {
            assert!(is_page(route), "{route} has no page");
        }
        for page in PAGES {
            let segments = page.split('/').map(|segment| match segment {
                any if any.starts_with(':') => ":",
                segment => segment,
            });
            let page = segments.collect::<Vec<_>>().join("/");
            assert!(routes.contains(&page), "{page} has no route");
        }
    }

    #[test]
    fn brotli_is_sent_to_those_who_name_it() {
        for (value, takes) in [
            ("br", true),
            ("gzip, br", true),
            ("gzip, BR;q=0.5", true),
            ("br;q=0", false),
            ("br; q=0.0", false),
            ("gzip", false),
            ("*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::ACCEPT_ENCODING,
                HeaderValue::from_str(value).unwrap(),
            );
            assert_eq!(takes_brotli(&headers), takes, "{value}");
        }
    }
}
