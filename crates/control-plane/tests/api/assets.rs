//! Which address answers with which file: a matrix that needs no built dashboard.

use crate::support::{Answer, HOST, Options, Server};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

const PAGE: &str = "<!doctype html><title>the page</title><script type=\"module\">start()</script>";
const SCRIPT: &str = "waypost-dashboard-0123456789abcdef.js";
const MODULE: &str = "waypost-dashboard-0123456789abcdef_bg.wasm";

async fn server() -> Server {
    Server::with_files(vec![
        ("index.html", PAGE.into()),
        ("index.html.br", b"brotli page".to_vec()),
        (SCRIPT, b"export {}".to_vec()),
        (
            "waypost-dashboard-0123456789abcdef.js.br",
            b"brotli script".to_vec(),
        ),
        (MODULE, b"\0asm".to_vec()),
        ("favicon.svg", b"<svg/>".to_vec()),
        ("snippets/dom-0123456789abcdef/inline0.js", b"1".to_vec()),
    ])
    .await
}

async fn fetch(server: &Server, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, HOST);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_page_comes_at_the_dashboards_addresses_and_is_never_kept() {
    let server = server().await;
    for path in [
        "/",
        "/models",
        "/models/gateways",
        "/models/sources/my-gateway",
        "/preview",
        "/preview?ref=litellm%2Fgpt-4o",
        "/settings",
        "/sign-in",
    ] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, PAGE),
            "{path}"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn files_come_with_their_type_and_how_long_they_may_be_kept() {
    let server = server().await;
    let forever = "public, max-age=31536000, immutable";
    for (name, media_type, keep) in [
        (SCRIPT, "text/javascript; charset=utf-8", forever),
        (MODULE, "application/wasm", forever),
        ("favicon.svg", "image/svg+xml", "no-cache"),
        (
            "snippets/dom-0123456789abcdef/inline0.js",
            "text/javascript; charset=utf-8",
            "no-cache",
        ),
    ] {
        let answer = server.get(&format!("/{name}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.header("content-type"), Some(media_type), "{name}");
        assert_eq!(answer.header("cache-control"), Some(keep), "{name}");
        assert!(answer.header("etag").is_some(), "{name}");
    }
}

#[tokio::test]
async fn what_is_missing_is_a_plain_404_and_never_the_page() {
    let server = server().await;
    for path in [
        "/waypost-dashboard-fedcba9876543210.js",
        "/models/waypost-dashboard-0123456789abcdef.js",
        "/nothing",
        "/index.html",
        "/index.html.br",
        "/waypost-dashboard-0123456789abcdef.js.br",
        "/favicon.ico",
        "/snippets",
        "/snippets/",
        "/models/x.css",
        "/.env",
        "//",
        "/settings/",
        "/%2e%2e/Cargo.toml",
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/snippets/../favicon.svg",
        "/favicon.svg%00",
        "/FAVICON.svg",
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = fetch(&server, method, path, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(
                answer.header("content-type"),
                Some("text/plain; charset=utf-8"),
                "{path}"
            );
            assert!(!answer.text().contains("<"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_person_at_an_unknown_address_gets_the_page_with_status_404() {
    let server = server().await;
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for path in ["/nothing", "/settings/", "/agents/bot/history"] {
        let answer = fetch(&server, Method::GET, path, &browser).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::NOT_FOUND, PAGE),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src"), "{path}: {policy}");
        let tag = answer.header("etag").unwrap();
        let known = [browser[0], ("if-none-match", tag)];
        let again = fetch(&server, Method::GET, path, &known).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND, "{path}");
        let head = fetch(&server, Method::HEAD, path, &browser).await;
        assert_eq!(head.status, StatusCode::NOT_FOUND, "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
    for path in [
        "/missing.js",
        "/models/missing.css",
        "/..%2fCargo.toml",
        "/v1/nothing",
        "/v1",
        "/api/nothing",
    ] {
        let answer = fetch(&server, Method::GET, path, &browser).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.text().contains('<'), "{path}");
    }
    let post = fetch(&server, Method::POST, "/nothing", &browser).await;
    assert_eq!(post.status, StatusCode::NOT_FOUND);
    assert!(!post.text().contains('<'));
}

#[tokio::test]
async fn brotli_is_sent_to_those_who_take_it() {
    let server = server().await;
    let path = format!("/{SCRIPT}");
    let brotli = fetch(
        &server,
        Method::GET,
        &path,
        &[("accept-encoding", "gzip, br")],
    )
    .await;
    assert_eq!(brotli.text(), "brotli script");
    assert_eq!(brotli.header("content-encoding"), Some("br"));
    assert_eq!(
        brotli.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(brotli.header("vary"), Some("accept-encoding"));
    let plain = fetch(
        &server,
        Method::GET,
        &path,
        &[("accept-encoding", "gzip, br;q=0")],
    )
    .await;
    assert_eq!(plain.text(), "export {}");
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("vary"), Some("accept-encoding"));
    assert_ne!(plain.header("etag"), brotli.header("etag"));
    let alone = fetch(
        &server,
        Method::GET,
        "/favicon.svg",
        &[("accept-encoding", "br")],
    )
    .await;
    assert_eq!(
        (alone.header("content-encoding"), alone.header("vary")),
        (None, None)
    );
}

#[tokio::test]
async fn what_a_browser_has_already_is_not_sent_again() {
    let server = server().await;
    for path in ["/favicon.svg", "/"] {
        let first = server.get(path).await;
        let tag = first.header("etag").unwrap();
        for known in [tag.to_owned(), format!("\"other\", W/{tag}")] {
            let again = fetch(&server, Method::GET, path, &[("if-none-match", &known)]).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), Some(tag));
            assert_eq!(again.header("cache-control"), first.header("cache-control"));
        }
        let other = fetch(
            &server,
            Method::GET,
            path,
            &[("if-none-match", "\"other\"")],
        )
        .await;
        assert_eq!(other.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn head_tells_what_get_would_send() {
    let server = server().await;
    for path in ["/", "/favicon.svg", "/models/gateways"] {
        let get = server.get(path).await;
        let head = fetch(&server, Method::HEAD, path, &[]).await;
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn files_are_not_written_to() {
    let server = server().await;
    for path in ["/", "/favicon.svg"] {
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let answer = fetch(&server, method, path, &[]).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
        }
    }
}

#[tokio::test]
async fn without_the_dashboard_its_addresses_say_how_to_build_it() {
    let server = Server::start().await;
    let answer = server.get("/models").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.text().contains("cargo xtask build"),
        "{}",
        answer.text()
    );
    assert_eq!(
        server.get("/favicon.svg").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn below_a_path_the_page_names_it_and_the_policy_names_the_scripts_of_that_page() {
    let page = "<html lang=\"en\" data-base=\"\"><link rel=\"preload\" href=\"/app-0123456789abcdef.wasm\">\
                <script>start()</script></html>";
    let server = Server::start_with(Options {
        files: vec![
            ("index.html", page.into()),
            ("index.html.br", b"the page at the root".to_vec()),
        ],
        public_url: Some("https://host.example/a/b/"),
        ..Options::default()
    })
    .await;
    let written = page.replace("data-base=\"\"", "data-base=\"/a/b\"");
    let written = written.replace("href=\"/", "href=\"/a/b/");
    let answer = server.get("/models").await;
    assert_eq!(answer.text(), written);
    let policy = answer.header("content-security-policy").unwrap();
    // Of `start()`.
    let digest = "'sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00='";
    assert!(policy.contains("; base-uri 'none'; "), "{policy}");
    assert!(policy.contains(digest), "{policy}");
    let compressed = fetch(&server, Method::GET, "/", &[("accept-encoding", "br")]).await;
    assert_eq!(compressed.header("content-encoding"), Some("br"));
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut &compressed.body[..], &mut plain).unwrap();
    assert_eq!(plain, written.as_bytes());
}
