//! The audit log, read page by page or as a file for spreadsheets.

use super::paging::{self, invalid_cursor};
use super::{DomainError, Workspace};
use crate::store::{AuditFilter, AuditRow, ChangedValue};
use waypost_api_types::{AuditEvent, AuditOutcome, FieldChange, Page};

/// The most events in a file. A spreadsheet holds a million rows, a browser less.
const MOST_EXPORTED: usize = 100_000;

/// The headings of the file.
const HEADINGS: [&str; 8] = [
    "id", "at", "actor", "action", "target", "fields", "outcome", "changes",
];

impl Workspace {
    /// One page of the audit log, newest first. The cursor takes the place of `filter.before`.
    ///
    /// # Errors
    /// `invalid_limit` and `invalid_cursor`.
    pub async fn audit(
        &self,
        filter: AuditFilter,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Page<AuditEvent>, DomainError> {
        let limit = paging::AUDIT.rows(limit)?;
        let before = cursor
            .map(|cursor| cursor.parse().map_err(|_| invalid_cursor()))
            .transpose()?;
        let filter = AuditFilter { before, ..filter };
        let (rows, more) = self.store().audit(&filter, limit).await?;
        let last = rows.last().filter(|_| more);
        Ok(Page {
            next_cursor: last.map(|row| row.id.to_string()),
            items: rows.into_iter().map(event).collect(),
        })
    }

    /// The latest 100,000 events that match, as comma-separated values with a line of headings.
    ///
    /// # Errors
    /// Only if the database cannot be read.
    pub async fn audit_csv(&self, filter: AuditFilter) -> Result<String, DomainError> {
        let mut text = String::new();
        push_row(&mut text, &HEADINGS.map(ToOwned::to_owned));
        let mut filter = filter;
        let mut exported = 0;
        loop {
            let (rows, more) = self.store().audit(&filter, paging::AUDIT.max).await?;
            for row in &rows {
                push_row(&mut text, &cells(row));
            }
            exported += rows.len();
            filter.before = rows.last().map(|row| row.id);
            if !more || exported >= MOST_EXPORTED {
                return Ok(text);
            }
        }
    }
}

/// An event as the API shows it.
fn event(row: AuditRow) -> AuditEvent {
    AuditEvent {
        id: row.id,
        at: row.at,
        actor: row.actor,
        target: row.target,
        fields: row.fields,
        outcome: outcome(&row.action),
        action: row.action,
        changes: row
            .values
            .into_iter()
            .map(|value| FieldChange {
                field: value.field,
                before: value.before,
                after: value.after,
            })
            .collect(),
    }
}

/// The outcome is part of the action's name.
fn outcome(action: &str) -> AuditOutcome {
    match action.ends_with(".failed") {
        true => AuditOutcome::Failed,
        false => AuditOutcome::Ok,
    }
}

fn cells(row: &AuditRow) -> [String; HEADINGS.len()] {
    let at = jiff::Timestamp::from_second(row.at)
        .map_or_else(|_| row.at.to_string(), |at| at.to_string());
    [
        row.id.to_string(),
        at,
        row.actor.clone(),
        row.action.clone(),
        row.target.clone(),
        row.fields.join(" "),
        match outcome(&row.action) {
            AuditOutcome::Ok => "ok".to_owned(),
            AuditOutcome::Failed => "failed".to_owned(),
        },
        changes(&row.values),
    ]
}

/// `field: before → after` for each field.
fn changes(values: &[ChangedValue]) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let changes = values.iter().map(|value| {
        let (before, after) = (text(&value.before), text(&value.after));
        format!("{}: {before} → {after}", value.field)
    });
    changes.collect::<Vec<_>>().join("; ")
}

fn push_row(text: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        push_cell(text, cell);
    }
    text.push_str("\r\n");
}

/// Writes one cell. What a spreadsheet would take for a formula begins with an apostrophe.
fn push_cell(text: &mut String, cell: &str) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula || cell.contains([',', '"', '\n', '\r']) {
        text.push('"');
        if is_formula {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_needed_and_never_a_formula() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            ("@x", "\"'@x\""),
        ] {
            let mut text = String::new();
            push_cell(&mut text, cell);
            assert_eq!(text, written);
        }
    }
}
