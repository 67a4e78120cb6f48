//! Documents to import and their checks. Pure.

use super::editor::problem_of;
use crate::api::types::{AgentCheck, AgentIssue};
use crate::components::{DocumentProblem, Tone};
use crate::features::remedy::Failure;
use crate::format::{count, thousands};
use crate::state::SharedTable;
use std::collections::BTreeMap;
use waypost_routing::agent::{Agent, read_agent};
use waypost_routing::problem::Severity;

/// How many bytes a document may have.
pub(super) const MOST: usize = 1024 * 1024;

/// A document to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Its id.
    pub(super) id: u32,
    /// Where it comes from: the name of a file.
    pub(super) from: String,
    /// The document; an error where the file cannot be taken.
    pub(super) yaml: Result<String, String>,
    /// What the control plane says of it.
    pub(super) checked: ServerCheck,
    /// The outcome of importing it.
    pub(super) outcome: Option<Result<Imported, String>>,
}

impl Candidate {
    /// Whether it was imported.
    pub(super) fn is_imported(&self) -> bool {
        matches!(self.outcome, Some(Ok(_)))
    }

    /// Whether its document is still this text.
    pub(super) fn is_still(&self, yaml: &str) -> bool {
        self.yaml.as_deref() == Ok(yaml)
    }

    /// Records the outcome of importing a text, unless the document was edited meanwhile: what is
    /// edited is not imported yet.
    pub(super) fn record(&mut self, yaml: &str, outcome: Result<Imported, String>) {
        if self.is_still(yaml) {
            self.outcome = Some(outcome);
        }
    }
}

/// The control plane's check of a document, which is the one that saving it makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServerCheck {
    /// Not there yet.
    Waiting,
    /// It could not be made.
    Failed,
    /// It was made.
    Done(AgentCheck),
}

/// An agent that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Imported {
    /// Its name.
    pub(super) name: String,
    /// Whether it replaced an agent of the name.
    pub(super) replaced: bool,
}

impl Imported {
    /// What was done, in two words.
    pub(super) fn words(&self) -> String {
        match self.replaced {
            true => format!("Replaced {}", self.name),
            false => format!("Added {}", self.name),
        }
    }
}

/// What was imported, in a sentence: `Added 2 agents and replaced 1.`
pub(super) fn imported_words(added: u64, replaced: u64) -> String {
    match (added, replaced) {
        (added, 0) => format!("Added {}.", count(added, "agent", "agents")),
        (0, replaced) => format!("Replaced {}.", count(replaced, "agent", "agents")),
        _ => format!(
            "Added {} and replaced {}.",
            count(added, "agent", "agents"),
            thousands(replaced)
        ),
    }
}

/// The check of a document before its import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CandidateCheck {
    /// The name that the document gives.
    pub(super) name: Option<String>,
    /// Whether it can be imported.
    pub(super) valid: bool,
    /// The word for it, with what it means.
    pub(super) word: (Tone, String),
    /// Problems with their severity.
    pub(super) problems: Vec<(Severity, String)>,
    /// The same with their places, for an editor.
    pub(super) marks: Vec<DocumentProblem>,
    /// The agent that the document describes, if it is valid.
    pub(super) agent: Option<Agent>,
    /// Why its primary, or that of its first subagent that lacks one, has no route.
    pub(super) failure: Option<Failure>,
}

/// The documents of a text. A line with three dashes separates them; a text without one, or with
/// nothing before or after it, is one document.
pub(super) fn split_documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            documents.push(String::new());
        } else if let Some(last) = documents.last_mut() {
            last.push_str(line);
        }
    }
    documents.retain(|document| !document.trim().is_empty());
    match documents.len() {
        0 | 1 => vec![text.to_owned()],
        _ => documents,
    }
}

/// Checks all candidates against the stored agents' names and versions.
pub(super) fn checks(
    candidates: &[Candidate],
    stored: &BTreeMap<String, u64>,
    table: Option<&SharedTable>,
) -> Vec<CandidateCheck> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    candidates
        .iter()
        .map(|candidate| {
            let check = check(candidate, stored, table, &taken);
            if let (true, Some(name)) = (check.valid, &check.name) {
                taken.insert(name.clone(), candidate.from.clone());
            }
            check
        })
        .collect()
}

fn check(
    candidate: &Candidate,
    stored: &BTreeMap<String, u64>,
    table: Option<&SharedTable>,
    taken: &BTreeMap<String, String>,
) -> CandidateCheck {
    let invalid = |name, word: String, problems| CandidateCheck {
        name,
        valid: false,
        word: (Tone::Bad, word),
        problems,
        marks: Vec::new(),
        agent: None,
        failure: None,
    };
    let yaml = match &candidate.yaml {
        Ok(yaml) => yaml,
        Err(why) => {
            return invalid(
                None,
                "Not read".to_owned(),
                vec![(Severity::Error, why.clone())],
            );
        }
    };
    // As saving does.
    let mut reading = read_agent(yaml);
    if let Some(table) = table {
        reading = table.table().check_document(reading);
    }
    let (issues, agent) = match &candidate.checked {
        ServerCheck::Done(check) => {
            let agent = reading.agent.filter(|_| check.name.is_some());
            (check.problems.clone(), agent)
        }
        _ => {
            let issues = reading.problems.into_iter().map(AgentIssue::from);
            (issues.collect(), reading.agent)
        }
    };
    let errors = issues
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    let marks: Vec<DocumentProblem> = issues.iter().cloned().map(problem_of).collect();
    let problems: Vec<(Severity, String)> = issues
        .into_iter()
        .map(|problem| {
            let at = format!("Line {}, column {}: ", problem.line, problem.column);
            (problem.severity, at + &problem.message)
        })
        .collect();
    let Some(agent) = agent else {
        let word = count(errors as u64, "error", "errors");
        return CandidateCheck {
            marks,
            ..invalid(None, word, problems)
        };
    };
    let name = agent.name.clone();
    if let Some(other) = taken.get(&name) {
        let why = format!("{other} has the name `{name}` as well. Rename one of them.");
        return invalid(
            Some(name),
            "Duplicate name".to_owned(),
            vec![(Severity::Error, why)],
        );
    }
    let (tone, word) = if stored.contains_key(&name) {
        (Tone::Warn, format!("Replaces {name}"))
    } else {
        (Tone::Ok, format!("Adds {name}"))
    };
    let (word, failure) = match table.and_then(|table| lacking(table, &agent)) {
        None => ((tone, word), None),
        Some((lacking, failure)) => ((Tone::Bad, format!("{word} · {lacking}")), failure),
    };
    CandidateCheck {
        name: Some(name),
        valid: true,
        word,
        problems,
        marks,
        agent: Some(agent),
        failure,
    }
}

/// What of an agent has no route, in a word or two, and why; `None` if everything has one.
fn lacking(table: &SharedTable, agent: &Agent) -> Option<(String, Option<Failure>)> {
    let failure = |alias| Failure::of(&table.resolve_untraced(agent, alias), None);
    if let Some(failure) = failure(None) {
        return Some(("no route".to_owned(), Some(failure)));
    }
    let aliases = agent.subagents.keys();
    let mut failures: Vec<Failure> = aliases
        .filter_map(|alias| failure(Some(alias.as_str())))
        .collect();
    let text = count(failures.len() as u64, "subagent", "subagents");
    (!failures.is_empty()).then(|| {
        let text = format!("{text} without a route");
        (text, Some(failures.swap_remove(0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: u32, yaml: &str) -> Candidate {
        Candidate {
            id,
            from: format!("{id}.yaml"),
            yaml: Ok(yaml.to_owned()),
            checked: ServerCheck::Waiting,
            outcome: None,
        }
    }

    #[test]
    fn what_has_no_route_is_said_before_it_is_imported() {
        let table = SharedTable::new(waypost_routing::snapshot::Snapshot {
            managed_gateway: "litellm".to_owned(),
            ..Default::default()
        });
        let candidates = [candidate(
            1,
            "name: fresh\nmodel: { primary: groq/llama }\n",
        )];
        let check = checks(&candidates, &BTreeMap::new(), Some(&table)).remove(0);
        assert!(check.valid);
        assert_eq!(check.word, (Tone::Bad, "Adds fresh · no route".to_owned()));
        let failure = check.failure.expect("why it has none");
        assert_eq!(failure.model_ref, "groq/llama");
    }

    #[test]
    fn what_the_control_plane_refuses_cannot_be_imported() {
        let issue = AgentIssue {
            severity: Severity::Error,
            path: "model.primary".to_owned(),
            code: "unknown_to_this_tab".to_owned(),
            message: "The control plane knows better.".to_owned(),
            line: 2,
            column: 3,
        };
        let refused = Candidate {
            checked: ServerCheck::Done(AgentCheck {
                name: None,
                problems: vec![issue],
            }),
            ..candidate(1, "name: fresh")
        };
        let check = checks(&[refused], &BTreeMap::new(), None).remove(0);
        assert!(!check.valid);
        assert_eq!(check.word.1, "1 error");
        assert_eq!(
            check.problems[0].1,
            "Line 2, column 3: The control plane knows better."
        );
        assert_eq!(check.marks[0].line, 2);
    }

    #[test]
    fn a_pattern_is_warned_of_as_saving_does() {
        let table = SharedTable::new(waypost_routing::snapshot::Snapshot::default());
        let pattern = candidate(1, "name: fresh\nmodel: { primary: litellm/openai/* }\n");
        let check = checks(&[pattern], &BTreeMap::new(), Some(&table)).remove(0);
        assert!(
            check
                .problems
                .iter()
                .any(|(_, text)| text.contains("pattern")),
            "{check:?}"
        );
    }

    #[test]
    fn a_document_that_is_edited_while_it_is_imported_is_not_imported_yet() {
        let imported = || {
            Ok(Imported {
                name: "bot".to_owned(),
                replaced: false,
            })
        };
        let mut document = candidate(1, "name: bot\n");
        document.yaml = Ok("name: bot # edited\n".to_owned());
        document.record("name: bot\n", imported());
        assert!(!document.is_imported(), "the edit can still be imported");
        document.record("name: bot # edited\n", imported());
        assert!(document.is_imported());
    }

    #[test]
    fn an_import_says_what_it_did() {
        assert_eq!(imported_words(2, 0), "Added 2 agents.");
        assert_eq!(imported_words(0, 1), "Replaced 1 agent.");
        assert_eq!(imported_words(1, 2), "Added 1 agent and replaced 2.");
    }

    #[test]
    fn three_dashes_separate_documents() {
        assert_eq!(split_documents("name: a\n"), ["name: a\n"]);
        assert_eq!(split_documents("---\nname: a\n"), ["---\nname: a\n"]);
        assert_eq!(
            split_documents("---\nname: a\n---\nname: b"),
            ["name: a\n", "name: b"]
        );
        assert_eq!(split_documents(""), [""]);
    }

    #[test]
    fn each_document_says_what_would_result() {
        let stored = BTreeMap::from([("known".to_owned(), 3)]);
        let candidates = [
            candidate(1, "name: known"),
            candidate(2, "name: fresh"),
            candidate(3, "name: 7\nmodel: 7"),
            candidate(4, "name: fresh"),
            Candidate {
                yaml: Err("It is too large.".to_owned()),
                ..candidate(5, "")
            },
        ];
        let words: Vec<(bool, String)> = checks(&candidates, &stored, None)
            .into_iter()
            .map(|check| (check.valid, check.word.1))
            .collect();
        assert_eq!(
            words,
            [
                (true, "Replaces known".to_owned()),
                (true, "Adds fresh".to_owned()),
                (false, "2 errors".to_owned()),
                (false, "Duplicate name".to_owned()),
                (false, "Not read".to_owned()),
            ]
        );
    }
}
