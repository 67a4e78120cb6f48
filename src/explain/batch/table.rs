//! The table of outcomes: its fields, its filter and its order.

use crate::dom::lower_case;
use crate::explain::{RouteOutcome, kind_word};
use crate::format::code_label;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A row of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The agent, or the file of a document that could not be read; empty for a ref.
    pub agent: String,
    /// The agent's member: `main agent`, `main agent fallback`, an alias.
    pub member: String,
    /// The ref, or the model string that the member sends.
    pub sent: String,
    /// Its outcome.
    pub outcome: RouteOutcome,
}

/// A field of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Who sends it, and what.
    Sent,
    /// `routed`, or the code of the error.
    Outcome,
    /// The kind of the route.
    Kind,
    /// The provider or source.
    Provider,
    /// The host of the upstream.
    Host,
    /// The wire model.
    WireModel,
    /// The state of the credential.
    Credential,
    /// How many warnings there are.
    Warnings,
}

impl Field {
    /// Every field, in the order of the columns.
    pub const ALL: [Self; 8] = [
        Self::Sent,
        Self::Outcome,
        Self::Kind,
        Self::Provider,
        Self::Host,
        Self::WireModel,
        Self::Credential,
        Self::Warnings,
    ];

    /// The heading of its column.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Sent => "Ref or agent",
            Self::Outcome => "Result",
            Self::Kind => "Kind",
            Self::Provider => "Provider",
            Self::Host => "Host",
            Self::WireModel => "Wire model",
            Self::Credential => "Credential",
            Self::Warnings => "Warnings",
        }
    }

    /// Its name for the stylesheet.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Outcome => "outcome",
            Self::Kind => "kind",
            Self::Provider => "provider",
            Self::Host => "host",
            Self::WireModel => "wire-model",
            Self::Credential => "credential",
            Self::Warnings => "warnings",
        }
    }

    /// Its value in a row.
    #[must_use]
    pub fn of(self, row: &Row) -> Cow<'_, str> {
        let outcome = &row.outcome;
        match self {
            Self::Sent if row.agent.is_empty() => row.sent.as_str().into(),
            Self::Sent => {
                let parts = [&row.agent, &row.member, &row.sent].map(String::as_str);
                let filled = parts.into_iter().filter(|part| !part.is_empty());
                filled.collect::<Vec<_>>().join(" ").into()
            }
            Self::Outcome if outcome.is_routed() => "routed".into(),
            // As it is shown, and as files have it.
            Self::Outcome => [&code_label(&outcome.code), " ", &outcome.code]
                .concat()
                .into(),
            Self::Kind => outcome.kind.map_or("", kind_word).into(),
            Self::Provider => outcome.provider.as_str().into(),
            Self::Host => outcome.host.as_str().into(),
            Self::WireModel => outcome.wire_model.as_str().into(),
            Self::Credential => outcome.credential.into(),
            Self::Warnings => outcome.warnings.to_string().into(),
        }
    }
}

/// Which field the table is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting {
    /// The field.
    pub field: Field,
    /// Whether the last come first.
    pub descending: bool,
}

/// Which rows are shown, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableView {
    /// A part of any field, whatever its case; empty for all.
    pub filter: String,
    /// Only those that are routed, or only those that are not.
    pub routed: Option<bool>,
    /// The order; none for the one in which they were given.
    pub sorting: Option<Sorting>,
}

/// The indices of the rows that are shown, in their order. Rows that are equal in the field keep
/// the order in which they were given.
#[must_use]
pub fn order(rows: &[Row], shown: &TableView) -> Vec<usize> {
    let wanted = lower_case(shown.filter.trim());
    let holds = |row: &Row| {
        wanted.is_empty()
            || Field::ALL
                .iter()
                .any(|field| lower_case(&field.of(row)).contains(&wanted))
    };
    let mut order: Vec<usize> = (0..rows.len())
        .filter(|at| {
            let row = &rows[*at];
            shown
                .routed
                .is_none_or(|routed| routed == row.outcome.is_routed())
                && holds(row)
        })
        .collect();
    if let Some(Sorting { field, descending }) = shown.sorting {
        order.sort_by(|one, other| {
            let by = compare(field, &rows[*one], &rows[*other]);
            if descending { by.reverse() } else { by }
        });
    }
    order
}

fn compare(field: Field, one: &Row, other: &Row) -> Ordering {
    match field {
        Field::Warnings => one.outcome.warnings.cmp(&other.outcome.warnings),
        _ => field.of(one).cmp(&field.of(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sent: &str, code: &str, warnings: usize) -> Row {
        Row {
            sent: sent.to_owned(),
            outcome: RouteOutcome {
                code: code.to_owned(),
                warnings,
                ..RouteOutcome::default()
            },
            ..Row::default()
        }
    }

    #[test]
    fn rows_are_filtered_and_sorted_and_equals_keep_their_order() {
        let rows = [
            row("b", "", 10),
            row("a", "missing_api_key", 9),
            row("c", "", 9),
        ];
        let by = |field, descending| TableView {
            sorting: Some(Sorting { field, descending }),
            ..TableView::default()
        };
        assert_eq!(order(&rows, &TableView::default()), [0, 1, 2]);
        assert_eq!(order(&rows, &by(Field::Sent, false)), [1, 0, 2]);
        assert_eq!(order(&rows, &by(Field::Warnings, false)), [1, 2, 0]);
        assert_eq!(order(&rows, &by(Field::Warnings, true)), [0, 1, 2]);
        let only = |filter: &str, routed| TableView {
            filter: filter.to_owned(),
            routed,
            sorting: None,
        };
        assert_eq!(order(&rows, &only(" MISSING ", None)), [1]);
        assert_eq!(order(&rows, &only("missing API key", None)), [1]);
        assert_eq!(order(&rows, &only("", Some(true))), [0, 2]);
    }
}
