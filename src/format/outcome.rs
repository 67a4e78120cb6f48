//! The outcome of a test or refresh in words.

use super::{Tone, thousands};
use waypost_api_types::{CallOutcome, OutcomeRecord, OutcomeReport};

/// The word for an outcome, with the status where there is one: `Unauthorized (401)`.
#[must_use]
pub fn outcome_word(outcome: CallOutcome, status: Option<u16>) -> String {
    let word = match outcome {
        // The status of a success says nothing more.
        CallOutcome::Ok => return "Models listed".to_owned(),
        CallOutcome::NoModels => return "No models listed".to_owned(),
        CallOutcome::Unauthorized => "Unauthorized",
        CallOutcome::NotFound => "Not found",
        CallOutcome::Redirected => "Redirected",
        CallOutcome::RateLimited => "Rate limited",
        CallOutcome::ServerError => "Server error",
        CallOutcome::Timeout => "No answer in time",
        CallOutcome::ConnectFailed => "Connection failed",
        CallOutcome::TlsFailed => "TLS failed",
        CallOutcome::BadResponse => "Not a model list",
        CallOutcome::TooLarge => "Answer too large",
        CallOutcome::AddressNotAllowed => "Address not allowed",
        CallOutcome::UnexpectedStatus => "Unexpected status",
        CallOutcome::NotSent => "Not sent",
    };
    match status {
        Some(status) => format!("{word} ({status})"),
        None => word.to_owned(),
    }
}

/// What an outcome means for the reader.
#[must_use]
pub fn outcome_tone(outcome: CallOutcome) -> Tone {
    match outcome {
        CallOutcome::Ok => Tone::Ok,
        CallOutcome::NoModels | CallOutcome::RateLimited => Tone::Warn,
        _ => Tone::Bad,
    }
}

/// What a recorded refresh changed: `6 added, 1 no longer listed`.
#[must_use]
pub fn changes(record: &OutcomeRecord) -> String {
    join([
        (record.added, "added"),
        (record.changed, "changed"),
        (record.removed, "no longer listed"),
        (record.unchanged, "unchanged"),
    ])
}

/// What a refresh changed, as [`changes`] says it.
#[must_use]
pub fn changes_of(report: &OutcomeReport) -> String {
    let count = |ids: &[String]| u64::try_from(ids.len()).unwrap_or(u64::MAX);
    join([
        (count(&report.added), "added"),
        (count(&report.changed), "changed"),
        (count(&report.removed), "no longer listed"),
        (count(&report.unchanged), "unchanged"),
    ])
}

fn join(parts: [(u64, &str); 4]) -> String {
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", thousands(number)))
        .collect();
    if said.is_empty() {
        "nothing changed".to_owned()
    } else {
        said.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_their_status() {
        assert_eq!(
            outcome_word(CallOutcome::Unauthorized, Some(401)),
            "Unauthorized (401)"
        );
        assert_eq!(
            outcome_word(CallOutcome::ConnectFailed, None),
            "Connection failed"
        );
        assert_eq!(outcome_word(CallOutcome::Ok, Some(200)), "Models listed");
    }

    #[test]
    fn changes_leave_out_what_did_not_happen() {
        assert_eq!(
            join([
                (6, "added"),
                (0, "changed"),
                (1, "no longer listed"),
                (0, "unchanged")
            ]),
            "6 added, 1 no longer listed"
        );
        assert_eq!(join([(0, "added"); 4]), "nothing changed");
    }
}
