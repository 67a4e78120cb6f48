//! Which lines of a document say what an agent or a subagent sends, so that an editor can mark them.

use crate::yaml::{Mapping, Node};
use std::ops::RangeInclusive;

/// The lines of one member of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MemberLines {
    /// The alias of a subagent; `None` for the agent itself.
    pub(super) alias: Option<String>,
    /// Its lines, from 1.
    pub(super) lines: RangeInclusive<u32>,
}

/// The lines of the agent's own model, and those of each subagent.
///
/// A block ends where the next one begins. Only the keys say where that is: the parts of an aliased
/// value are elsewhere in the document.
pub(super) fn read(text: &str, top: &Mapping) -> Vec<MemberLines> {
    let text: Vec<&str> = text.lines().collect();
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut members = Vec::new();
    for (key, value, end) in blocks(top, end) {
        match key.as_text() {
            Some("model") if !value.is_null() => {
                let first = value.position().line;
                members.push(MemberLines {
                    alias: None,
                    lines: first..=last_line(&text, first, end),
                });
            }
            Some("subagents") => {
                let subagents = value.as_mapping().map(|subagents| blocks(subagents, end));
                for (key, _, end) in subagents.into_iter().flatten() {
                    let first = key.position().line;
                    members.push(MemberLines {
                        alias: Some(key.label()),
                        lines: first..=last_line(&text, first, end),
                    });
                }
            }
            _ => {}
        }
    }
    members
}

/// The pairs of a mapping, each with the line before the next pair; the last one with `end`.
fn blocks(mapping: &Mapping, end: u32) -> Vec<(&Node, &Node, u32)> {
    let next = mapping.iter().skip(1);
    let ends = next.map(|(key, _)| key.position().line.saturating_sub(1));
    let ends = ends.chain(std::iter::once(end));
    let pairs = mapping.iter().zip(ends);
    pairs.map(|((key, value), end)| (key, value, end)).collect()
}

/// The last line of a block, without the comments and empty lines that lead on to the next one.
fn last_line(text: &[&str], first: u32, end: u32) -> u32 {
    let says_nothing = |line: u32| {
        let line = text.get(line as usize - 1).map_or("", |line| line.trim());
        line.is_empty() || line.starts_with('#')
    };
    let mut last = end.max(first);
    while last > first && says_nothing(last) {
        last -= 1;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::super::read_agent;

    const TEXT: &str = "\
# An agent.
name: bot
model:
  primary: a/b

  fallback: c/d
# Of the subagents.
subagents:
  analyst:
    model:
      primary: e/f

  writer: { model: { primary: g/h } }
  aide:
gateways: {}
";

    #[test]
    fn each_member_has_its_lines() {
        let reading = read_agent(TEXT);
        assert_eq!(reading.lines_of(None), Some(4..=6));
        assert_eq!(reading.lines_of(Some("analyst")), Some(9..=11));
        assert_eq!(reading.lines_of(Some("writer")), Some(13..=13));
        assert_eq!(reading.lines_of(Some("aide")), Some(14..=14));
        assert_eq!(reading.lines_of(Some("unknown")), None);
    }

    #[test]
    fn a_flow_mapping_is_one_line_and_a_model_that_is_left_out_has_none() {
        let reading = read_agent("{ name: bot, model: { primary: a/b }, subagents: { x: {} } }");
        assert_eq!(reading.lines_of(None), Some(1..=1));
        assert_eq!(reading.lines_of(Some("x")), Some(1..=1));
        assert_eq!(read_agent("name: bot\nmodel:\n").lines_of(None), None);
    }

    #[test]
    fn the_parts_of_an_alias_are_not_followed() {
        let text = "name: bot\nmodel: &m\n  primary: a/b\nsubagents:\n  x:\n    model: *m\n\n";
        let reading = read_agent(text);
        assert_eq!(reading.lines_of(None), Some(2..=3), "from its anchor on");
        assert_eq!(reading.lines_of(Some("x")), Some(5..=6));
    }
}
