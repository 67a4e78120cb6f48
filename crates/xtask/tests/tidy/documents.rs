//! What the documents promise is there.

use crate::code::Code;
use crate::source::{assert_none, file, files, root};

/// An invariant of the architecture page names the test that holds it, and the file it is in.
#[test]
fn every_invariant_is_held_by_a_test_that_exists() {
    let page = file("docs/architecture.md");
    let mut invariants = 0;
    for line in page
        .text
        .lines()
        .filter(|line| line.starts_with("* **Invariant:**"))
    {
        invariants += 1;
        let quoted: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        let [.., test, path] = quoted[..] else {
            panic!("this invariant names no test: {line}");
        };
        assert!(
            root().join(path).is_file(),
            "{path} is named, but not there: {line}"
        );
        assert!(
            file(path).text.contains(&format!("fn {test}(")),
            "{path} has no test {test}: {line}"
        );
    }
    assert!(invariants > 10, "the page has only {invariants} invariants");
}

/// A link of the documents to a file of the repository leads somewhere.
#[test]
fn links_lead_somewhere() {
    for (page, folder) in [
        ("README.md", ""),
        ("docs/architecture.md", "docs"),
        ("docs/catalog.md", "docs"),
        ("docs/command-line.md", "docs"),
        ("docs/operating.md", "docs"),
        ("docs/security.md", "docs"),
    ] {
        let text = file(page).text;
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let pictures = text
            .split(['"', '\n'])
            .filter(|word| word.starts_with("docs/screenshots/"));
        for link in links.chain(pictures).filter(|link| !link.contains("://")) {
            let path = link.split('#').next().unwrap_or_default();
            assert!(
                path.is_empty() || root().join(folder).join(path).exists(),
                "{page} leads to {link}, which is not there"
            );
        }
    }
}

/// The text of a string literal that is a code.
fn code_in(argument: &str) -> Option<&str> {
    let text = argument.strip_prefix('"')?.strip_suffix('"')?;
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    (!text.is_empty() && text.bytes().all(is_code)).then_some(text)
}

/// Which argument of the functions that make an error is its code.
const CODES: [(&str, usize); 8] = [
    ("new", 1),
    ("conflict", 0),
    ("gone", 0),
    ("unavailable", 0),
    ("unprocessable", 0),
    ("invalid", 1),
    ("bad_request", 0),
    ("bad_gateway", 0),
];

#[test]
fn every_code_of_the_api_is_documented() {
    let page = file("docs/codes.md").text;
    let mut sources = files("crates/control-plane/src", ".rs");
    sources.extend(files("crates/forwarding/src", ".rs"));
    sources.retain(|file| !file.path.contains("/tests/") && !file.path.contains("/cli/"));
    let mut codes = 0;
    let mut offences = Vec::new();
    for source in &sources {
        let code = Code::of(source);
        for (function, place) in CODES {
            for call in code.calls(function) {
                let Some(code) = call.get(place).and_then(|argument| code_in(argument)) else {
                    continue;
                };
                codes += 1;
                if !page.contains(&format!("| `{code}` |")) {
                    offences.push(format!("{}: {code}", source.path));
                }
            }
        }
    }
    assert!(codes > 40, "only {codes} codes were found");
    assert_none(
        "docs/codes.md lists every code that the API returns.",
        &offences,
    );
}
