//! The table as a file.

use super::Row;
use serde::Serialize;
use waypost_routing::resolution::RouteKind;

/// The columns of both files.
const COLUMNS: [&str; 11] = [
    "agent",
    "member",
    "ref",
    "outcome",
    "code",
    "kind",
    "provider",
    "host",
    "wire_model",
    "credential",
    "warnings",
];

/// A row by the names of the columns.
#[derive(Serialize)]
struct Record<'a> {
    agent: &'a str,
    member: &'a str,
    #[serde(rename = "ref")]
    sent: &'a str,
    outcome: &'a str,
    code: &'a str,
    kind: &'a str,
    provider: &'a str,
    host: &'a str,
    wire_model: &'a str,
    credential: &'a str,
    warnings: usize,
}

impl<'a> Record<'a> {
    fn of(row: &'a Row) -> Self {
        let outcome = &row.outcome;
        Self {
            agent: &row.agent,
            member: &row.member,
            sent: &row.sent,
            outcome: if outcome.is_routed() {
                "routed"
            } else {
                "rejected"
            },
            code: &outcome.code,
            kind: outcome.kind.map_or("", RouteKind::name),
            provider: &outcome.provider,
            host: &outcome.host,
            wire_model: &outcome.wire_model,
            credential: outcome.credential,
            warnings: outcome.warnings,
        }
    }

    fn cells(&self) -> [&str; 10] {
        [
            self.agent,
            self.member,
            self.sent,
            self.outcome,
            self.code,
            self.kind,
            self.provider,
            self.host,
            self.wire_model,
            self.credential,
        ]
    }
}

/// The rows as a JSON array.
#[must_use]
pub fn json<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let records: Vec<Record<'_>> = rows.map(Record::of).collect();
    // Texts and numbers are always JSON.
    serde_json::to_string_pretty(&records).unwrap_or_default()
}

/// The rows as comma-separated values, with a line of headings. A cell that a spreadsheet would
/// take for a formula begins with an apostrophe.
#[must_use]
pub fn csv<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut text = COLUMNS.join(",");
    text.push_str("\r\n");
    for row in rows {
        let record = Record::of(row);
        for cell in record.cells() {
            push_cell(&mut text, cell);
            text.push(',');
        }
        text.push_str(&record.warnings.to_string());
        text.push_str("\r\n");
    }
    text
}

fn push_cell(text: &mut String, cell: &str) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    if is_formula || cell.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(guard);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::RouteOutcome;

    fn row(sent: &str) -> Row {
        Row {
            sent: sent.to_owned(),
            outcome: RouteOutcome {
                kind: Some(RouteKind::Managed),
                wire_model: sent.to_owned(),
                credential: "present",
                warnings: 1,
                ..RouteOutcome::default()
            },
            ..Row::default()
        }
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        for sent in ["=1+1", "+1", "-1", "@a", "\t=1"] {
            let text = csv([row(sent)].iter());
            let line = text.lines().nth(1).expect("a row");
            assert_eq!(
                line,
                format!(",,\"'{sent}\",routed,,managed,,,\"'{sent}\",present,1")
            );
        }
        let text = csv([row("a,\"b\"")].iter());
        assert!(
            text.ends_with(",,\"a,\"\"b\"\"\",routed,,managed,,,\"a,\"\"b\"\"\",present,1\r\n")
        );
    }

    #[test]
    fn json_has_the_columns_of_the_other_file() {
        let text = json([row("a/b")].iter());
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let mut names: Vec<&str> = value[0]
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        let mut columns = COLUMNS.to_vec();
        names.sort_unstable();
        columns.sort_unstable();
        assert_eq!(names, columns);
        assert_eq!(value[0]["outcome"], "routed");
    }
}
