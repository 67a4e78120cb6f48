//! Documents to import and their checks. Pure.

use crate::components::Tone;
use std::collections::BTreeMap;
use waypost_routing::agent::read_agent;
use waypost_routing::catalog::Catalog;
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
}

/// Checks all candidates against the stored agents' names and versions.
pub(super) fn checks(
    candidates: &[Candidate],
    stored: &BTreeMap<String, u64>,
    catalog: Option<&Catalog>,
) -> Vec<CandidateCheck> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    candidates
        .iter()
        .map(|candidate| {
            let check = check(candidate, stored, catalog, &taken);
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
    catalog: Option<&Catalog>,
    taken: &BTreeMap<String, String>,
) -> CandidateCheck {
    let invalid = |name, word: String, problems| CandidateCheck {
        name,
        valid: false,
        word: (Tone::Bad, word),
        problems,
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
    if let Some(catalog) = catalog {
        reading = reading.checked_against(catalog);
    }
    let errors = reading
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
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
        return invalid(None, word, problems);
    };
    let name = agent.name;
    if let Some(other) = taken.get(&name) {
        let why = format!("{other} has the name `{name}` as well. Rename one of them.");
        return invalid(
            Some(name),
            "Duplicate name".to_owned(),
            vec![(Severity::Error, why)],
        );
    }
    let word = if stored.contains_key(&name) {
        (Tone::Warn, format!("Replaces {name}"))
    } else {
        (Tone::Ok, format!("Adds {name}"))
    };
    CandidateCheck {
        name: Some(name),
        valid: true,
        word,
        problems,
    }
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
