//! Problems of the providers file: above the list, and beside the entry.

use super::labels::place;
use crate::api::types::{FileProblem, FileSeverity, ProvidersFileState};
use crate::components::{Notice, Prose, Tone};
use crate::format::file_name;
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
                    let place = place(&problem).map(|place| format!("{place}: "));
                    let rest = if error { rest() } else { "" };
                    format!("{}{} {rest}", place.unwrap_or_default(), problem.message)
                };
                view! { <Notice tone=tone title=Signal::derive(title) text=Signal::derive(text) /> }
            })
            .collect_view()
    }
}
