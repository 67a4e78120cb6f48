//! The pages that end a sign-in with an identity provider. They stand alone: the dashboard needs the
//! session that they bring.

use super::content_policy;
use super::security::PagePolicy;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 Inter,system-ui,sans-serif}\
body{margin:0;min-height:100vh;display:grid;place-items:center;\
background:light-dark(#fafafa,#111318);color:light-dark(#1b1e25,#e6e8ee)}\
main{box-sizing:border-box;width:100%;max-width:34rem;padding:2rem;overflow-wrap:break-word}\
h1{font-size:1.375rem;line-height:1.3;margin:0 0 .75rem}p{margin:0 0 1.25rem}\
a{color:light-dark(#1f4fd8,#8fb0ff);font-weight:600}";

/// The person is signed in. The page links to where they wanted to go, and goes there unasked: only a
/// request that begins on a page of this server carries the `Strict` cookie.
pub(super) fn signed_in(name: &str, base: &str, address: &str) -> Response {
    let address = escaped(&format!("{base}{address}"));
    page(
        StatusCode::OK,
        "Signed in",
        &format!("You are signed in as {}.", escaped(name)),
        &format!("<a href=\"{address}\">Continue to Waypost</a>"),
        &format!("<meta http-equiv=\"refresh\" content=\"0;url={address}\">"),
    )
}

/// The sign-in failed, for this reason.
pub(super) fn not_signed_in(
    status: StatusCode,
    message: &str,
    base: &str,
    address: &str,
) -> Response {
    let base = escaped(base);
    let address: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
    page(
        status,
        "Not signed in",
        &escaped(message),
        &format!("<a href=\"{base}/oidc/sign-in?return={address}\">Sign in again</a>"),
        "",
    )
}

fn page(status: StatusCode, title: &str, text: &str, link: &str, head: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"referrer\" content=\"no-referrer\">{head}\
         <title>{title} · Waypost</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1><p>{text}</p><p>{link}</p></main></body></html>\n"
    );
    let policy = content_policy::for_plain_page(&html);
    let policy = HeaderValue::from_str(&policy).expect("a policy is visible ASCII");
    let content_type = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (status, content_type, html).into_response();
    response.extensions_mut().insert(PagePolicy(policy));
    response
}

/// A text as HTML, also between quotes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), 64 * 1024);
        String::from_utf8(body.await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_name_and_an_address_stay_text() {
        let html = text(signed_in("<img src=x>", "", "/a?b=\"><script>'&c")).await;
        assert!(html.contains("as &lt;img src=x&gt;."), "{html}");
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("href=\"/a?b=&quot;&gt;&lt;script&gt;&#39;&amp;c\""));
        let html = text(not_signed_in(
            StatusCode::FORBIDDEN,
            "No <b>.",
            "/w",
            "/a?b&c",
        ))
        .await;
        assert!(html.contains("No &lt;b&gt;."), "{html}");
        assert!(html.contains("href=\"/w/oidc/sign-in?return=%2Fa%3Fb%26c\""));
    }
}
