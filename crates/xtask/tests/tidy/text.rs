//! How files are written.

use crate::source::{assert_none, file, files, has_word, rust};

/// The most lines of a file with one subject.
const LONGEST: usize = 500;

/// The most lines of a file that holds nothing but one module's tests, one case after the other.
const LONGEST_TESTS: usize = 900;

#[test]
fn files_stay_short() {
    let offences: Vec<String> = rust()
        .iter()
        .chain(&files("tests", ".mjs"))
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let is_tests = file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
            let longest = if is_tests { LONGEST_TESTS } else { LONGEST };
            (lines > longest).then(|| format!("{} has {lines} lines", file.path))
        })
        .collect();
    assert_none(
        "A file has one subject and can be read in one go.",
        &offences,
    );
}

#[test]
fn nothing_is_left_for_later() {
    // Put together, so that this file does not offend.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    let macros = [
        concat!("dbg", "!("),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    let mut offences = Vec::new();
    for file in rust()
        .iter()
        .chain(&files("style", ".css"))
        .chain(&files("tests", ".mjs"))
        .chain(&files("docs", ".md"))
    {
        for word in words {
            if has_word(&file.text, word) {
                offences.push(format!("{} says {word}", file.path));
            }
        }
        for name in macros {
            if file.text.contains(name) {
                offences.push(format!("{} has {name}", file.path));
            }
        }
    }
    assert_none(
        "What is not done yet is in the issues, not in the sources.",
        &offences,
    );
}

#[test]
fn views_carry_no_inline_style_and_no_raw_html() {
    let mut offences = Vec::new();
    for file in files("src", ".rs") {
        for forbidden in [" style=\"", " style=(", "inner_html", "set_inner_html"] {
            if file.text.contains(forbidden) {
                offences.push(format!("{} has {}", file.path, forbidden.trim()));
            }
        }
    }
    assert_none(
        "The content security policy blocks inline styles, and HTML is never put together from text.",
        &offences,
    );
}

#[test]
fn raw_colours_are_tokens() {
    let mut offences = Vec::new();
    for file in files("style", ".css") {
        if file.path.ends_with("/tokens.css") {
            continue;
        }
        for (number, line) in without_comments(&file.text).lines().enumerate() {
            if has_raw_colour(line) {
                offences.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert_none(
        "Every colour is a token of style/tokens.css, where light and dark stand side by side.",
        &offences,
    );
}

#[test]
fn the_layers_of_style_are_linked_in_order() {
    const LINK: &str = "href=\"style/";
    let html = file("index.html").text;
    let tokens = file("style/tokens.css").text;
    let order = tokens
        .lines()
        .find_map(|line| line.strip_prefix("@layer ")?.strip_suffix(';'))
        .expect("style/tokens.css begins with the order of the layers");
    let layers: Vec<&str> = order.split(", ").collect();
    let mut last = 0;
    for (_, rest) in html
        .match_indices(LINK)
        .map(|(at, _)| html[at..].split_at(LINK.len()))
    {
        let name = rest.split('"').next().unwrap_or_default();
        let text = file(&format!("style/{name}")).text;
        let layer = text
            .lines()
            .find_map(|line| line.strip_prefix("@layer ")?.strip_suffix(" {"))
            .unwrap_or_else(|| panic!("style/{name} is in no layer"));
        let place = layers
            .iter()
            .position(|known| *known == layer)
            .unwrap_or_else(|| panic!("style/{name}: the layer {layer} has no place"));
        assert!(place >= last, "index.html links style/{name} too late");
        last = place;
    }
}

#[test]
fn browser_tests_never_wait_for_a_fixed_time() {
    let offences: Vec<String> = files("tests/e2e", ".test.mjs")
        .iter()
        .filter(|file| {
            ["waitForTimeout", "setTimeout"]
                .iter()
                .any(|name| file.text.contains(name))
        })
        .map(|file| format!("{} waits for a fixed time", file.path))
        .collect();
    assert_none("A test waits for what it wants to see.", &offences);
}

/// Whether a line of CSS writes a colour itself, other than by a token.
fn has_raw_colour(line: &str) -> bool {
    let functions = [
        "rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch(", "hwb(",
    ];
    let names = [
        " white", " black", " red", " green", " blue", " gray", " grey",
    ];
    let value = line.split_once(':').map_or("", |(_, value)| value);
    let is_hex = value.match_indices('#').any(|(at, _)| {
        let digits = value[at + 1..]
            .chars()
            .take_while(char::is_ascii_hexdigit)
            .count();
        matches!(digits, 3 | 4 | 6 | 8)
    });
    is_hex
        || functions.iter().any(|function| value.contains(function))
        || names.iter().any(|name| {
            value.match_indices(name).any(|(at, _)| {
                let after = value[at + name.len()..].chars().next();
                matches!(after, None | Some(';' | ' ' | ','))
            })
        })
}

/// CSS without its comments; line breaks stay.
fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        let (inside, after) = comment.split_once("*/").unwrap_or((comment, ""));
        code.extend(inside.chars().filter(|letter| *letter == '\n'));
        rest = after;
    }
    code.push_str(rest);
    code
}

#[test]
fn raw_colours_are_seen() {
    for raw in [
        "color: #fff;",
        "border: 1px solid rgb(0 0 0 / 50%);",
        "color: white;",
    ] {
        assert!(has_raw_colour(raw), "{raw}");
    }
    for fine in [
        "color: var(--ink);",
        "a:hover {",
        "white-space: nowrap;",
        "inset: auto;",
    ] {
        assert!(!has_raw_colour(fine), "{fine}");
    }
    assert_eq!(without_comments("a /* #fff\n */ b"), "a \n b");
}
