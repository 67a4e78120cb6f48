//! What asynchronous code of the dashboard may touch. A component that is gone takes its signals
//! with it, and reading one of them stops the whole dashboard.
//!
//! Brackets are matched in the text: most of this code is in the arguments of macros such as `view!`,
//! of which `syn` gives tokens and no expressions. Comments and strings are blank there, so that
//! every bracket has its other half.

use crate::code;
use crate::source::{assert_none, files, has_word};

/// What reads a signal or a stored value and panics where it is gone. Each has a `try_` form.
const READS: [&str; 14] = [
    ".get()",
    ".get_untracked()",
    ".get_value()",
    ".with(",
    ".with_untracked(",
    ".with_value(",
    ".read()",
    ".read_untracked()",
    ".read_value()",
    ".write()",
    ".write_untracked()",
    ".write_value()",
    ".run(",
    "untrack(",
];

#[test]
fn only_task_starts_asynchronous_work() {
    let mut offences = Vec::new();
    for file in files("src", ".rs") {
        let code = code::text(&file);
        for name in ["spawn_local", "spawn_local_scoped_with_cancellation"] {
            if file.path != "src/task.rs" && has_word(&code, name) {
                offences.push(format!("{} names {name}", file.path));
            }
        }
        let outlives_pages = ["src/task.rs", "src/state/", "src/app.rs", "src/lazy.rs"];
        if !outlives_pages
            .iter()
            .any(|allowed| file.path.starts_with(allowed))
            && has_word(&code, "spawn_detached")
        {
            offences.push(format!("{} names spawn_detached", file.path));
        }
    }
    assert_none(
        "Work of a component ends with it (`spawn_scoped`, `Scope`), or is a write that `Writes` \
         finishes and reports.",
        &offences,
    );
}

#[test]
fn nothing_is_read_after_an_await_without_try() {
    let mut offences = Vec::new();
    for file in files("src", ".rs") {
        let code = code::text(&file);
        for (line, read) in reads_after_await(&code) {
            offences.push(format!("{}:{line} {read}", file.path));
        }
    }
    assert_none(
        "After an await the component may be gone: read before it, or with `try_`.",
        &offences,
    );
}

#[test]
fn what_a_write_does_without_its_component_reads_no_signal() {
    let mut offences = Vec::new();
    for file in files("src", ".rs") {
        let code = code::text(&file);
        for (line, read) in reads_in_writes(&code) {
            offences.push(format!("{}:{line} {read}", file.path));
        }
    }
    assert_none(
        "The request of `Writes::send` and its `done` run although the component is gone.",
        &offences,
    );
}

/// The reads that stand behind the first await of an async block or function, with their lines.
fn reads_after_await(code: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("async ") {
        let rest = &code[at + "async ".len()..];
        let begins_here = ["move", "{", "fn"]
            .iter()
            .any(|next| rest.starts_with(next));
        let Some(open) = code[at..].find('{').filter(|_| begins_here) else {
            continue;
        };
        let block = block(&code[at + open..], '{', '}');
        if let Some(awaited) = block.find(".await") {
            let from = at + open + awaited;
            found.extend(reads(code, from, from + block.len() - awaited));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The reads in the closures and blocks that a write is sent with, all but the last closure, which
/// shows the outcome in the component.
fn reads_in_writes(code: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (call, shows) in [(".send(", true), (".send_with_toast(", false)] {
        for (at, _) in code.match_indices(call) {
            let open = at + call.len() - 1;
            let arguments = block(&code[open..], '(', ')');
            let deferred = deferred(arguments);
            let kept = deferred.len() - usize::from(shows && !deferred.is_empty());
            for (from, to) in deferred.into_iter().take(kept) {
                found.extend(reads(code, open + from, open + to));
            }
        }
    }
    found
}

/// Where the arguments that run later stand: those that begin with `move` or `async`.
fn deferred(arguments: &str) -> Vec<(usize, usize)> {
    let mut depth = 0_i32;
    let mut from = 1;
    let mut found = Vec::new();
    for (at, letter) in arguments.char_indices() {
        match letter {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            _ => {}
        }
        let ends = (letter == ',' && depth == 1) || depth == 0;
        if ends {
            let argument = arguments[from..at].trim_start();
            if argument.starts_with("move") || argument.starts_with("async") {
                found.push((from, at));
            }
            from = at + 1;
        }
    }
    found
}

/// The reads between two places, with their lines from 1.
fn reads(code: &str, from: usize, to: usize) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for read in READS {
        for (at, _) in code[from..to].match_indices(read) {
            let before = code[..from + at].chars().next_back();
            let is_part = read.starts_with("untrack")
                && before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
            if !is_part {
                found.push((code[..from + at].lines().count(), read));
            }
        }
    }
    found
}

/// The text from an opening sign to the one that closes it.
fn block(text: &str, open: char, close: char) -> &str {
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        if letter == open {
            depth += 1;
        } else if letter == close {
            depth -= 1;
            if depth == 0 {
                return &text[..=at];
            }
        }
    }
    text
}

#[test]
fn reads_are_found_where_they_may_panic() {
    let code = "async fn save(a: A) {\n a.get_value();\n b.await;\n a.get_value();\n a.try_get_value();\n}\n\
                spawn_scoped(async move {\n c.await;\n if d.get() { e.set(1) }\n});\n f.get();";
    assert_eq!(
        reads_after_await(code),
        [(4, ".get_value()"), (9, ".get()")]
    );
    let code = "writes.send(\n a.get(),\n async move { b.get() },\n move |t| c.set(t),\n move |o| d.get());\n\
                writes.send_with_toast(e, f, move |()| g.run(()));";
    assert_eq!(reads_in_writes(code), [(3, ".get()"), (6, ".run(")]);
}
