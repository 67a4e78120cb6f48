//! The outcome of a test or refresh in words.

use super::{Tone, duration, thousands};
use waypost_api_types::{CheckOutcome, OutcomeRecord, OutcomeReport};

/// The word for an outcome, with the status where there is one: `Key refused (401)`.
#[must_use]
pub fn outcome_word(outcome: CheckOutcome, status: Option<u16>) -> String {
    let word = match outcome {
        // The status of a success says nothing more.
        CheckOutcome::Ok => return "Models listed".to_owned(),
        CheckOutcome::NoModels => return "No models listed".to_owned(),
        // LiteLLM refuses a key with this status, whose name says nothing of keys.
        // And a request without a key, or with one in another form, with this one.
        CheckOutcome::Unauthorized if status == Some(500) => "Key missing or refused",
        CheckOutcome::Unauthorized => "Key refused",
        CheckOutcome::NotFound => "Not found",
        CheckOutcome::Redirected => "Redirected",
        CheckOutcome::RateLimited => "Rate limited",
        CheckOutcome::ServerError => "Server error",
        CheckOutcome::Timeout => "No answer in time",
        CheckOutcome::ConnectFailed => "Connection failed",
        CheckOutcome::TlsFailed => "TLS failed",
        CheckOutcome::BadResponse => "Not a model list",
        CheckOutcome::TooLarge => "Answer too large",
        CheckOutcome::AddressNotAllowed => "Address not allowed",
        CheckOutcome::UnexpectedStatus => "Unexpected status",
        CheckOutcome::NotSent => "Not sent",
    };
    match status {
        Some(status) => format!("{word} ({status})"),
        None => word.to_owned(),
    }
}

/// What an outcome means for the reader.
#[must_use]
pub fn outcome_tone(outcome: CheckOutcome) -> Tone {
    match outcome {
        CheckOutcome::Ok => Tone::Ok,
        CheckOutcome::NoModels | CheckOutcome::RateLimited => Tone::Warn,
        _ => Tone::Bad,
    }
}

/// How long a check took: `182 ms`; `None` where Waypost rejected it, so that nothing was timed.
#[must_use]
pub fn time_taken(outcome: CheckOutcome, milliseconds: u64) -> Option<String> {
    (!outcome.was_rejected_here()).then(|| duration(milliseconds))
}

/// What a check says about a key: that it was used, or that it was not sent. `key` names it: `the
/// current key ••••9f2c`.
#[must_use]
pub fn tested_with(key: Option<&str>, outcome: CheckOutcome) -> String {
    match (outcome.was_sent(), key) {
        (Some(true), Some(key)) => format!("Tested with {key}."),
        (Some(true), None) => "Tested without a key.".to_owned(),
        (Some(false), Some(key)) => {
            format!("Nothing was sent, so this says nothing about {key}.")
        }
        (Some(false), None) => "Nothing was sent.".to_owned(),
        (None, Some(key)) => format!("There was no answer, so this says nothing about {key}."),
        (None, None) => "There was no answer.".to_owned(),
    }
}

/// What a recorded refresh changed: `6 added, 1 no longer listed`.
#[must_use]
pub fn changes(record: &OutcomeRecord) -> String {
    join([
        (record.added, "added"),
        // A record counts those with other metadata and those that are listed again alike.
        (record.changed, "updated"),
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
        (count(&report.listed_again), "listed again"),
        (count(&report.changed), "changed"),
        (count(&report.removed), "no longer listed"),
        (count(&report.unchanged), "unchanged"),
    ])
}

fn join<const N: usize>(parts: [(u64, &str); N]) -> String {
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
            outcome_word(CheckOutcome::Unauthorized, Some(401)),
            "Key refused (401)"
        );
        assert_eq!(
            outcome_word(CheckOutcome::Unauthorized, Some(400)),
            "Key refused (400)"
        );
        assert_eq!(
            outcome_word(CheckOutcome::Unauthorized, Some(500)),
            "Key missing or refused (500)"
        );
        assert_eq!(
            outcome_word(CheckOutcome::ConnectFailed, None),
            "Connection failed"
        );
        assert_eq!(outcome_word(CheckOutcome::Ok, Some(200)), "Models listed");
    }

    #[test]
    fn what_was_not_sent_is_neither_timed_nor_tested() {
        let key = Some("the key you entered");
        for outcome in [CheckOutcome::AddressNotAllowed, CheckOutcome::NotSent] {
            assert_eq!(time_taken(outcome, 0), None, "{outcome:?}");
            assert_eq!(
                tested_with(key, outcome),
                "Nothing was sent, so this says nothing about the key you entered."
            );
        }
        let refused = CheckOutcome::ConnectFailed;
        assert_eq!(time_taken(refused, 3).as_deref(), Some("3 ms"));
        assert!(tested_with(key, refused).starts_with("Nothing was sent"));
        assert!(tested_with(key, CheckOutcome::Timeout).starts_with("There was no answer"));
        for outcome in [CheckOutcome::Ok, CheckOutcome::Unauthorized] {
            assert_eq!(time_taken(outcome, 12).as_deref(), Some("12 ms"));
            assert_eq!(
                tested_with(key, outcome),
                "Tested with the key you entered."
            );
            assert_eq!(tested_with(None, outcome), "Tested without a key.");
        }
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
