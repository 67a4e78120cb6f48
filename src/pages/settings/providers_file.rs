//! The providers file: its path, its state and its problems.

use crate::api::types::{FileProblem, FileSeverity, ProvidersFileState};
use crate::components::{Badge, Cell, Column, RelativeTime, Row, Table, Tone};
use crate::format::count;
use crate::state::{use_clock, use_workspace};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::new("Where", "place"),
    Column::new("Entry", "name"),
    Column::new("Problem", "problem"),
];

/// The file.
#[component]
pub(super) fn ProvidersFile() -> impl IntoView {
    let settings = use_workspace().settings;
    let now = use_clock().now();
    let file = Memo::new(move |_| settings.with(|settings| settings.providers_file.clone()));
    let shown = move || {
        let file = file.get()?;
        let (tone, word, meaning) = words(file.state);
        let entries = count(file.entry_count, "entry is loaded", "entries are loaded");
        let loaded = file.state != ProvidersFileState::Missing;
        let read = file.read_at.filter(|_| loaded).map(|at| {
            view! { <span class="small">"read " <RelativeTime at=at now=now /></span> }
        });
        Some(view! {
            <p class="report-line">
                <code>{file.path}</code>
                <Badge tone=tone text=word />
                {read}
            </p>
            <p>{loaded.then(|| format!("{entries}. "))} {meaning}</p>
            {(!file.problems.is_empty()).then(|| view! { <Problems problems=file.problems /> })}
        })
    };
    view! {
        <section class="setting" aria-labelledby="file">
            <h2 id="file">"Providers file"</h2>
            {shown}
        </section>
    }
}

#[component]
fn Problems(problems: Vec<FileProblem>) -> impl IntoView {
    let rows = problems
        .into_iter()
        .map(|problem| {
            let place = match (problem.line, problem.column) {
                (Some(line), Some(column)) => format!("line {line}, column {column}"),
                (Some(line), None) => format!("line {line}"),
                (None, _) => "whole file".to_owned(),
            };
            let (tone, word) = match problem.severity {
                FileSeverity::Error => (Tone::Bad, "Error"),
                FileSeverity::Warning => (Tone::Warn, "Warning"),
            };
            view! {
                <Row>
                    <Cell>
                        <Badge tone=tone text=word />
                        " "
                        <span class="nowrap">{place}</span>
                    </Cell>
                    <Cell>
                        <code>{problem.entry}</code>
                    </Cell>
                    <Cell>
                        {problem.message}
                        " "
                        <code class="faint">{problem.code}</code>
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table label="Problems of the providers file" columns=COLUMNS>
            {rows}
        </Table>
    }
}

fn words(state: ProvidersFileState) -> (Tone, &'static str, &'static str) {
    match state {
        ProvidersFileState::Missing => (
            Tone::None,
            "No such file",
            "Optional. Waypost loads this file as soon as it exists.",
        ),
        ProvidersFileState::Loaded => (
            Tone::Ok,
            "Loaded",
            "Waypost loads changes without a restart.",
        ),
        ProvidersFileState::Failed => (
            Tone::Bad,
            "Cannot be read",
            "The file is invalid, so nothing from it is loaded.",
        ),
        ProvidersFileState::KeptLastGood => (
            Tone::Warn,
            "Last valid version in use",
            "The file is invalid. The last valid version stays in effect until you fix it.",
        ),
    }
}
