//! The content security policy of the dashboard's page.
//!
//! Invariant: it never holds `unsafe-inline` or `unsafe-eval`. The build writes a start script and the
//! stylesheet into the page; the policy names that very script and stylesheet by their digests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The policy for a page with these contents.
#[must_use]
pub(super) fn for_page(html: &str) -> String {
    let scripts = digests(html, "script");
    let styles = digests(html, "style");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; \
         style-src 'self'{styles}; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'; form-action 'none'"
    )
}

/// The policy for a page that is not the dashboard's, without scripts: nothing but its inline styles.
#[must_use]
pub(super) fn for_plain_page(html: &str) -> String {
    let styles = digests(html, "style");
    format!(
        "default-src 'none'; style-src{styles}; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    )
}

/// The sources that allow each inline element of a name, and nothing else.
fn digests(html: &str, element: &str) -> String {
    let mut sources = String::new();
    for content in inline(html, element) {
        let digest = STANDARD.encode(Sha256::digest(content.as_bytes()));
        sources.push_str(&format!(" 'sha256-{digest}'"));
    }
    sources
}

/// What stands between `<script …>` and `</script>`, for each element of this name without a `src`.
fn inline<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    // ASCII alone changes its case here, so that positions stay the same.
    let lower = html.to_ascii_lowercase();
    let (opening, closing) = (format!("<{element}"), format!("</{element}"));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = lower[from..].find(&opening).map(|at| at + from) {
        let Some(open_end) = lower[start..].find('>').map(|at| at + start + 1) else {
            break;
        };
        let Some(close) = lower[open_end..].find(&closing).map(|at| at + open_end) else {
            break;
        };
        let attributes = &lower[start..open_end];
        if !attributes.contains(" src=") && close > open_end {
            found.push(&html[open_end..close]);
        }
        from = close;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_found_and_linked_ones_left_out() {
        let html = r#"<html><SCRIPT type="module">import a from '/a.js';</SCRIPT>
            <script src="/b.js"></script><script>
let two = 2;
</script></html>"#;
        assert_eq!(
            inline(html, "script"),
            ["import a from '/a.js';", "\nlet two = 2;\n"]
        );
    }

    #[test]
    fn the_policy_names_each_script_and_style_by_its_digest_and_allows_nothing_else() {
        let policy = for_page("<script>alert('Hello, world.');</script>");
        assert!(
            policy.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"),
            "{policy}"
        );
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval' "));
        assert!(policy.contains("; style-src 'self'; "));
        let policy = for_page("<style>a{color:red}</style><script>1</script>");
        assert!(
            policy.contains(
                "; style-src 'self' 'sha256-6hWWMOcF+mJesSJGYhmK2lkIIEw9Xc5XKGLPVzh8yxs='; "
            ),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"));
        assert!(!policy.contains("'unsafe-eval'"));
    }

    #[test]
    fn a_page_that_breaks_off_is_no_trouble() {
        for html in [
            "<script",
            "<script>",
            "<script>a",
            "",
            "<script src=x></script><script",
        ] {
            assert_eq!(inline(html, "script"), Vec::<&str>::new(), "{html}");
        }
    }
}
