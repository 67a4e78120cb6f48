//! Lists of routes with what each must be, for scripts and CI.

use super::reader::{Fields, Reader, join};
use super::{AgentProblem, Expectation, expectation};
use crate::codes;
use crate::operation::Operation;
use crate::problem::Severity;
use crate::yaml::{self, Mapping, Node, Value};

/// One route that is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The line of the list that it begins on.
    pub line: u32,
    /// The model string; `None` for an agent's primary.
    pub model_ref: Option<String>,
    /// The file of the agent that sends it, as written.
    pub agent: Option<String>,
    /// The alias of the subagent that sends it.
    pub subagent: Option<String>,
    /// What the request asks for.
    pub operation: Operation,
    /// What the route must be, beside what the agent itself expects.
    pub expect: Option<Expectation>,
}

const FIELDS: Fields = Fields {
    known: &["ref", "agent", "subagent", "operation", "expect"],
    unknown: Severity::Error,
    secret: None,
};

/// Reads a list of checks.
///
/// # Errors
/// Every problem of the list.
pub fn read_checks(text: &str) -> Result<Vec<Check>, Vec<AgentProblem>> {
    let mut reader = Reader::default();
    let mut checks = Vec::new();
    match yaml::parse(text) {
        Err(error) => reader.error("", error.code(), error.message(), error.position()),
        Ok(document) => match document.value() {
            Value::Sequence(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    let path = format!("[{index}]");
                    let wanted = "a mapping with `ref` or `agent`";
                    if let Some(fields) = reader.mapping(&path, wanted, entry) {
                        checks.push(read_one(&mut reader, &path, entry, fields));
                    }
                }
                if entries.is_empty() {
                    let message = "The list is empty, so it checks nothing.";
                    reader.error("", codes::INVALID_FIELD, message, document.position());
                }
            }
            _ => {
                let wanted = "a list of checks, each with `ref` or `agent`";
                reader.wrong_kind("", codes::INVALID_FIELD, wanted, &document);
            }
        },
    }
    let problems = reader.finish(None).problems;
    let is_error = |problem: &AgentProblem| problem.severity == Severity::Error;
    match problems.iter().any(is_error) {
        false => Ok(checks),
        true => Err(problems),
    }
}

fn read_one(reader: &mut Reader, path: &str, entry: &Node, fields: &Mapping) -> Check {
    reader.check_fields(path, fields, &FIELDS);
    let mut text = |name: &str| {
        let value = fields.get(name)?;
        let text = reader.text(&join(path, name), codes::INVALID_FIELD, value)?;
        Some(text.to_owned())
    };
    let (model_ref, agent, subagent) = (text("ref"), text("agent"), text("subagent"));
    if fields.get("ref").is_none() && fields.get("agent").is_none() {
        let message = "A check needs a `ref` or the file of an `agent`.";
        reader.error(path, codes::INVALID_FIELD, message, entry.position());
    }
    let operation = fields.get("operation").map(|value| {
        let found = value.as_text().and_then(Operation::from_name);
        if found.is_none() {
            let names = Operation::ALL.map(Operation::name).join(", ");
            let message = format!("This must be one of {names}.");
            let path = join(path, "operation");
            reader.error(&path, codes::INVALID_FIELD, message, value.position());
        }
        found.unwrap_or_default()
    });
    Check {
        line: entry.position().line,
        model_ref,
        agent,
        subagent,
        operation: operation.unwrap_or_default(),
        expect: expectation::read(reader, &join(path, "expect"), fields.get("expect")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_with_the_line_of_each_check() {
        let checks = read_checks(
            "- ref: litellm/gpt-4o\n  operation: messages\n  expect: { host: localhost }\n- { agent: bot.yaml, subagent: s }\n",
        )
        .unwrap();
        assert_eq!(
            checks,
            [
                Check {
                    line: 1,
                    model_ref: Some("litellm/gpt-4o".into()),
                    agent: None,
                    subagent: None,
                    operation: Operation::Messages,
                    expect: Some(Expectation {
                        host: Some("localhost".into()),
                        ..Expectation::default()
                    }),
                },
                Check {
                    line: 4,
                    model_ref: None,
                    agent: Some("bot.yaml".into()),
                    subagent: Some("s".into()),
                    operation: Operation::Chat,
                    expect: None,
                },
            ]
        );
    }

    #[test]
    fn every_fault_of_a_list_is_reported_with_its_place() {
        let issue_lines = |text: &str| -> Vec<String> {
            read_checks(text)
                .unwrap_err()
                .into_iter()
                .map(|problem| format!("{}:{} {}", problem.line, problem.path, problem.code))
                .collect()
        };
        assert_eq!(
            issue_lines(
                "- ref: 1\n- { operation: sing, ref: a/b }\n- { expect: { hots: a } }\n- text\n- { agents: a, ref: a }\n"
            ),
            [
                "1:[0].ref invalid_field",
                "2:[1].operation invalid_field",
                "3:[2] invalid_field",
                "3:[2].expect unknown_field",
                "4:[3] invalid_field",
                "5:[4] unknown_field",
            ]
        );
        assert_eq!(issue_lines("ref: a/b"), ["1: invalid_field"]);
        assert_eq!(issue_lines("[]"), ["1: invalid_field"]);
        assert_eq!(issue_lines("- ["), ["2: yaml_syntax"]);
    }
}
