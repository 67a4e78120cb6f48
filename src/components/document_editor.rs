//! An editor for a document: a plain text area with the numbers of its lines, and what is wrong
//! with them.
//!
//! The text area is as large as its text, and the frame around it scrolls, so that numbers, marks
//! and text move as one. Tab leaves it, as it leaves every other field.

use super::{FieldIds, Prose};
use crate::dom;
use leptos::html;
use leptos::prelude::*;
use std::ops::RangeInclusive;
use waypost_routing::agent::AgentProblem;
use waypost_routing::problem::Severity;

/// How many problems are listed at most.
const LISTED: usize = 50;

/// A problem at a line and column of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentProblem {
    /// Its severity.
    pub severity: Severity,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl From<AgentProblem> for DocumentProblem {
    fn from(problem: AgentProblem) -> Self {
        Self {
            severity: problem.severity,
            line: problem.line,
            column: problem.column,
            message: problem.message,
        }
    }
}

/// The word for a severity.
fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    }
}

/// The value of `data-tone` for a severity.
fn severity_tone(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "bad",
        Severity::Warning => "warn",
    }
}

/// A field for a whole document.
#[component]
pub fn DocumentEditor(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong with it, in the order of the document.
    #[prop(into)]
    problems: Signal<Vec<DocumentProblem>>,
    /// The lines, from 1, that the content beside the editor refers to.
    #[prop(optional, into)]
    shown: MaybeProp<RangeInclusive<u32>>,
    /// What helps to write it.
    #[prop(optional, into)]
    help: MaybeProp<String>,
    /// An error of the whole field, such as a name that is taken.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// The placeholder.
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let area = NodeRef::<html::Textarea>::new();
    let lines = Memo::new(move |_| value.with(|text| line_count(text)));
    let numbers = move || {
        (1..=lines.get()).fold(String::new(), |mut text, line| {
            text.push_str(&line.to_string());
            text.push('\n');
            text
        })
    };
    let grave = Memo::new(move |_| {
        let broken = |problem: &DocumentProblem| problem.severity == Severity::Error;
        error.with(Option::is_some) || problems.with(|problems| problems.iter().any(broken))
    });
    let any = Memo::new(move |_| problems.with(|problems| !problems.is_empty()));
    let problems_id = format!("{}-problems", ids.control);
    let described = {
        let (ids, problems_id) = (ids.clone(), problems_id.clone());
        move || {
            let frame = ids.described_by(
                help.with(Option::is_some),
                error.with(Option::is_some),
                false,
            );
            let list = any.get().then(|| problems_id.clone());
            let all: Vec<String> = list.into_iter().chain(frame).collect();
            (!all.is_empty()).then(|| all.join(" "))
        }
    };
    let jump = move |line: u32, column: u32| {
        if let Some(area) = area.get_untracked() {
            let at = value.with_untracked(|text| place_of(text, line, column));
            dom::place_caret(&area, at, lines.get_untracked(), line);
        }
    };
    view! {
        <super::FieldFrame ids=ids.clone() label=label help=help error=error>
            <div class="editor" data-invalid=move || grave.get().then_some("true")>
                <pre class="editor-numbers" aria-hidden="true">
                    {numbers}
                </pre>
                <div class="editor-text">
                    // Invisible; gives the text area its size.
                    <pre class="editor-size" aria-hidden="true">
                        {move || format!("{}\n", value.get())}
                    </pre>
                    <div class="editor-marks" aria-hidden="true">
                        {move || shown.get().map(shown_lines)}
                        {move || problems.with(|problems| value.with(|text| marks(text, problems)))}
                    </div>
                    <textarea
                        id=ids.control
                        wrap="off"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        node_ref=area
                        placeholder=move || placeholder.get()
                        aria-invalid=move || grave.get().then_some("true")
                        aria-describedby=described
                        prop:value=value
                        on:input:target=move |event| value.set(event.target().value())
                    ></textarea>
                </div>
            </div>
            <div class="editor-problems" id=problems_id>
                {move || any.get().then(|| {
                    view! {
                        <p class="editor-count">{problems.with(|problems| counted(problems))}</p>
                        <ol>
                            {problems
                                .get()
                                .into_iter()
                                .take(LISTED)
                                .map(|problem| view! { <ProblemLine problem=problem jump=jump /> })
                                .collect_view()}
                        </ol>
                    }
                })}
            </div>
        </super::FieldFrame>
    }
}

/// One problem in the list below the text, with a link to its position.
#[component]
fn ProblemLine(
    problem: DocumentProblem,
    /// Puts the caret on a line and column.
    jump: impl Fn(u32, u32) + 'static,
) -> impl IntoView {
    let DocumentProblem {
        severity,
        line,
        column,
        message,
    } = problem;
    view! {
        <li data-tone=severity_tone(severity)>
            <b class="editor-severity">{severity_word(severity)}</b>
            <button
                class="button"
                type="button"
                data-kind="quiet"
                data-size="small"
                on:click=move |_| jump(line, column)
            >
                {format!("Line {line}, column {column}")}
            </button>
            <span class="editor-message">
                <Prose text=message />
            </span>
        </li>
    }
}

/// The background of the highlighted lines.
fn shown_lines(lines: RangeInclusive<u32>) -> impl IntoView {
    let (above, end) = (lines.start().saturating_sub(1), *lines.end());
    view! {
        <div
            class="editor-shown"
            style:inset-block-start=format!("calc({above} * 1lh)")
            style:height=format!("calc({} * 1lh)", end - above)
        ></div>
    }
}

/// A mark for each line with a problem, with the first message of the line beside its text.
fn marks(text: &str, problems: &[DocumentProblem]) -> Vec<AnyView> {
    let mut shown: Vec<(u32, &DocumentProblem, usize)> = Vec::new();
    for problem in problems.iter().take(LISTED) {
        match shown.iter_mut().find(|(line, ..)| *line == problem.line) {
            Some((_, first, more)) => {
                *more += 1;
                if problem.severity < first.severity {
                    *first = problem;
                }
            }
            None => shown.push((problem.line, problem, 0)),
        }
    }
    shown
        .into_iter()
        .map(|(line, problem, more)| {
            let above = line.saturating_sub(1);
            let under = text
                .lines()
                .nth(above as usize)
                .unwrap_or_default()
                .to_owned();
            let message = problem.message.replace('`', "");
            view! {
                <div
                    class="editor-mark"
                    data-tone=severity_tone(problem.severity)
                    style:inset-block-start=format!("calc({above} * 1lh)")
                >
                    <span class="editor-under">{under}</span>
                    <span class="editor-beside">
                        {message}
                        {(more > 0).then(|| format!(" (and {more} more)"))}
                    </span>
                </div>
            }
            .into_any()
        })
        .collect()
}

/// `1 error`, `2 errors and 1 warning`.
fn counted(problems: &[DocumentProblem]) -> String {
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    let said = |number: usize, word: &str| {
        (number > 0).then(|| format!("{number} {word}{}", if number == 1 { "" } else { "s" }))
    };
    let parts = [
        said(errors, "error"),
        said(problems.len() - errors, "warning"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let listed = if problems.len() > LISTED {
        format!("; the first {LISTED} are listed")
    } else {
        String::new()
    };
    format!("{}{listed}", parts.join(" and "))
}

/// How many lines a text area shows for a text.
fn line_count(text: &str) -> u32 {
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX - 1) + 1
}

/// The place of a line and column as a text area counts it: in UTF-16 units, each line break as one.
fn place_of(text: &str, line: u32, column: u32) -> u32 {
    let units = |text: &str| text.chars().map(char::len_utf16).sum::<usize>();
    let mut at = 0;
    for (number, one) in (1..).zip(text.split('\n')) {
        let one = one.strip_suffix('\r').unwrap_or(one);
        if number == line {
            let before = column.saturating_sub(1) as usize;
            let end = one
                .char_indices()
                .nth(before)
                .map_or(one.len(), |(index, _)| index);
            at += units(&one[..end]);
            break;
        }
        at += units(one) + 1;
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(severity: Severity) -> DocumentProblem {
        DocumentProblem {
            severity,
            line: 1,
            column: 1,
            message: String::new(),
        }
    }

    #[test]
    fn a_place_is_counted_as_the_browser_counts() {
        let text = "name: é😀\r\nmodel: x\n";
        assert_eq!(place_of(text, 1, 1), 0);
        assert_eq!(place_of(text, 1, 9), 9, "an emoji is two units");
        assert_eq!(
            place_of(text, 2, 1),
            10,
            "a break is one, however it is written"
        );
        assert_eq!(
            place_of(text, 2, 99),
            18,
            "beyond the end of a line is its end"
        );
        assert_eq!(place_of(text, 9, 1), 20);
        assert_eq!(line_count(""), 1);
        assert_eq!(line_count("a\nb\n"), 3);
    }

    #[test]
    fn problems_are_counted_by_how_grave_they_are() {
        let (error, warning) = (problem(Severity::Error), problem(Severity::Warning));
        assert_eq!(counted(std::slice::from_ref(&error)), "1 error");
        assert_eq!(
            counted(&[error.clone(), warning.clone(), error.clone()]),
            "2 errors and 1 warning"
        );
        let many = vec![warning; LISTED + 1];
        assert_eq!(counted(&many), "51 warnings; the first 50 are listed");
    }
}
