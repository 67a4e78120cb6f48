//! What the documents promise is there.

use crate::source::{file, root};

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
