//! The requests of a batch.

use super::{MOST, Row};
use crate::explain::{ROOT, RouteOutcome, model_of};
use std::sync::Arc;
use waypost_routing::agent::{Agent, read_agent};
use waypost_routing::operation::Operation;
use waypost_routing::problem::Severity;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;

/// One request, or a document that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A model ref.
    Ref(String),
    /// The primary of an agent, or of one of its subagents.
    Member {
        /// The agent.
        agent: Arc<Agent>,
        /// The alias; none for the agent itself.
        subagent: Option<String>,
    },
    /// A document with an error.
    Faulty {
        /// The name of its file.
        file: String,
        /// The code of the first error.
        code: &'static str,
    },
}

/// The requests, and how many were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// The requests in their original order.
    pub list: Vec<Question>,
    /// How many lines or files beyond the limit were left out.
    pub left_out: usize,
}

/// One ref a line. Blank lines are skipped, and the white space around a ref does not count.
#[must_use]
pub fn of_lines(text: &str) -> Questions {
    let mut refs = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let list = refs
        .by_ref()
        .take(MOST)
        .map(|line| Question::Ref(line.to_owned()))
        .collect();
    Questions {
        list,
        left_out: refs.count(),
    }
}

/// The members of each agent, from files of a name and a text each.
#[must_use]
pub fn of_documents(files: &[(String, String)]) -> Questions {
    let mut questions = Questions::default();
    for (name, text) in files.iter().take(MOST) {
        let reading = read_agent(text);
        let Some(agent) = reading.agent else {
            let errors = reading.problems.iter();
            let mut errors = errors.filter(|problem| problem.severity == Severity::Error);
            questions.list.push(Question::Faulty {
                file: name.clone(),
                code: errors.next().map_or("invalid", |problem| problem.code),
            });
            continue;
        };
        let agent = Arc::new(agent);
        let aliases = agent.subagents.keys().cloned().map(Some);
        for subagent in std::iter::once(None).chain(aliases) {
            let agent = agent.clone();
            questions.list.push(Question::Member { agent, subagent });
        }
    }
    questions.left_out = files.len().saturating_sub(MOST);
    questions
}

impl Question {
    /// Resolves it and adds its rows: an agent's member with a fallback has two.
    pub fn answer(&self, table: &RoutingTable, operation: Operation, rows: &mut Vec<Row>) {
        match self {
            Self::Ref(text) => {
                let resolution = resolve(table, &Request::new(text, operation).without_trace());
                rows.push(Row {
                    sent: text.clone(),
                    outcome: RouteOutcome::of(&resolution),
                    ..Row::default()
                });
            }
            Self::Member { agent, subagent } => {
                let alias = subagent.as_deref();
                let request = Request::of_agent(agent, alias, operation).without_trace();
                let resolution = resolve(table, &request);
                let member = alias.unwrap_or(ROOT);
                let row = |member: String, sent: &str, outcome| Row {
                    agent: agent.name.clone(),
                    member,
                    sent: sent.to_owned(),
                    outcome,
                };
                let outcome = RouteOutcome::of(&resolution);
                rows.push(row(member.to_owned(), &resolution.model_ref, outcome));
                if let Some(fallback) = &resolution.fallback {
                    let own = model_of(agent, alias).fallback_ref();
                    let sent = own.as_deref().unwrap_or(&fallback.model_ref);
                    let member = [member, " fallback"].concat();
                    rows.push(row(member, sent, RouteOutcome::of(fallback)));
                }
            }
            Self::Faulty { file, code } => rows.push(Row {
                agent: file.clone(),
                outcome: RouteOutcome {
                    code: (*code).to_owned(),
                    ..RouteOutcome::default()
                },
                ..Row::default()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::sample::{self, AGENT};

    #[test]
    fn lines_are_refs_and_what_is_too_much_is_counted() {
        let questions = of_lines(" a/b \r\n\n\tc\n");
        assert_eq!(
            questions.list,
            [
                Question::Ref("a/b".to_owned()),
                Question::Ref("c".to_owned())
            ]
        );
        let many = "a/b\n".repeat(MOST + 7);
        let questions = of_lines(&many);
        assert_eq!((questions.list.len(), questions.left_out), (MOST, 7));
    }

    #[test]
    fn a_document_is_asked_about_member_by_member() {
        let files = [
            ("bot.yaml".to_owned(), AGENT.to_owned()),
            ("broken.yaml".to_owned(), "model: {}".to_owned()),
        ];
        let mut rows = Vec::new();
        for question in of_documents(&files).list {
            question.answer(&sample::table(), Operation::Chat, &mut rows);
        }
        let outcomes: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.agent.as_str(),
                    row.member.as_str(),
                    row.outcome.code.as_str(),
                )
            })
            .collect();
        assert_eq!(
            outcomes,
            [
                ("support-bot", "main agent", ""),
                ("support-bot", "main agent fallback", "missing_api_key"),
                ("support-bot", "analyst", ""),
                ("support-bot", "loner", ""),
                ("support-bot", "writer", "missing_api_key"),
                ("broken.yaml", "", "missing_name"),
            ]
        );
    }
}
