//! Documents to import and their checks. Pure.

use crate::components::{DocumentProblem, Tone};
use crate::format::count;
use crate::state::SharedTable;
use std::collections::BTreeMap;
use waypost_routing::agent::{Agent, read_agent};
use waypost_routing::problem::Severity;
use waypost_routing::resolution::Outcome;

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
    /// The outcome of importing it.
    pub(super) outcome: Option<Result<String, String>>,
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
    let mut reading = read_agent(yaml);
    if let Some(table) = table {
        reading = reading.checked_against(table.table().catalog());
    }
    let errors = reading
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    let marks: Vec<DocumentProblem> = reading
        .problems
        .iter()
        .cloned()
        .map(DocumentProblem::from)
        .collect();
    let problems: Vec<(Severity, String)> = reading
        .problems
        .into_iter()
        .map(|problem| {
            let at = format!("Line {}, column {}: ", problem.line, problem.column);
            (problem.severity, at + &problem.message)
        })
        .collect();
    let Some(agent) = reading.agent else {
        let word = if errors == 1 {
            "1 error".to_owned()
        } else {
            format!("{errors} errors")
        };
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
    let word = match table.and_then(|table| lacking(table, &agent)) {
        None => (tone, word),
        Some(lacking) => (Tone::Bad, format!("{word} · {lacking}")),
    };
    CandidateCheck {
        name: Some(name),
        valid: true,
        word,
        problems,
        marks,
        agent: Some(agent),
    }
}

/// What of an agent has no route, in a word or two; `None` if everything has one.
fn lacking(table: &SharedTable, agent: &Agent) -> Option<String> {
    let fails = |alias| {
        let resolution = table.resolve_untraced(agent, alias);
        resolution.outcome == Outcome::Rejected
    };
    if fails(None) {
        return Some("no route".to_owned());
    }
    let aliases = agent.subagents.keys();
    let lacking = aliases.filter(|alias| fails(Some(alias.as_str()))).count();
    let text = count(lacking as u64, "subagent", "subagents");
    (lacking > 0).then(|| format!("{text} without a route"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: u32, yaml: &str) -> Candidate {
        Candidate {
            id,
            from: format!("{id}.yaml"),
            yaml: Ok(yaml.to_owned()),
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
    fn each_document_says_what_would_come_of_it() {
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
