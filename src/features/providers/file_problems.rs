//! Problems of the providers file: above the list, and beside the entry.

use super::labels::place;
use crate::api::types::{FileProblem, FileSeverity, ProvidersFileState};
use crate::components::{Notice, Prose, Tone};
use crate::format::file_name;
use crate::paths::Path;
use crate::state::use_workspace;
use leptos::prelude::*;

/// A problem beside the entry that has it.
#[component]
pub(super) fn ProblemLine(problem: FileProblem) -> impl IntoView {
    let class = match problem.severity {
        FileSeverity::Error => "small bad",
        FileSeverity::Warning => "small warn",
    };
    let place = place(&problem)
        .map(|place| format!("{place}: "))
        .unwrap_or_default();
    view! { <p class=class>"Providers file, " {place} <Prose text=problem.message /></p> }
}

/// The entry and the position of a problem: ``Entry `edge`, line 9, column 15: ``.
fn whereabouts(problem: &FileProblem) -> String {
    let entry = problem.entry.as_ref().map(|name| format!("Entry `{name}`"));
    let place = place(problem).map(|place| match entry {
        Some(_) => place,
        None => ["Line", place.strip_prefix("line").unwrap_or(&place)].concat(),
    });
    match entry.into_iter().chain(place).collect::<Vec<_>>() {
        parts if parts.is_empty() => String::new(),
        parts => format!("{}: ", parts.join(", ")),
    }
}

/// Every problem of the file, above the list.
#[component]
pub(super) fn FileProblems() -> impl IntoView {
    let workspace = use_workspace();
    let problems = Memo::new(move |_| {
        workspace
            .providers
            .with(|page| page.problems.clone())
            .unwrap_or_default()
    });
    let file = Memo::new(move |_| {
        workspace.settings.with(|settings| {
            let file = &settings.providers_file;
            (file_name(&file.path).to_owned(), file.state)
        })
    });
    let rest = move || match file.get().map(|(_, state)| state) {
        Some(ProvidersFileState::Failed) => "Nothing from the file is loaded.",
        Some(ProvidersFileState::KeptLastGood) => {
            "The last valid version stays in effect until you fix the file."
        }
        _ => "The other entries are loaded.",
    };
    move || {
        problems
            .get()
            .into_iter()
            .map(|problem| {
                let error = problem.severity == FileSeverity::Error;
                let tone = if error { Tone::Bad } else { Tone::Warn };
                let title = move || {
                    file.get()
                        .map_or_else(|| "Providers file".to_owned(), |(name, _)| name)
                };
                let text = move || {
                    let rest = if error { rest() } else { "" };
                    format!("{}{} {rest}", whereabouts(&problem), problem.message)
                };
                view! {
                    <Notice tone=tone title=Signal::derive(title) text=Signal::derive(text)>
                        <a
                            href=Path::Settings.to_string()
                            class="button"
                            data-kind="plain"
                            data-size="small"
                        >
                            "Show providers file"
                        </a>
                    </Notice>
                }
            })
            .collect_view()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_entry_and_its_position() {
        let mut problem = FileProblem {
            severity: FileSeverity::Error,
            entry: Some("edge".to_owned()),
            code: "invalid_base_url".to_owned(),
            message: String::new(),
            line: Some(9),
            column: Some(15),
        };
        assert_eq!(whereabouts(&problem), "Entry `edge`, line 9, column 15: ");
        problem.entry = None;
        assert_eq!(whereabouts(&problem), "Line 9, column 15: ");
        problem.line = None;
        assert_eq!(whereabouts(&problem), "");
    }
}
