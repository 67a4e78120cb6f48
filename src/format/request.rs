//! Forwarded requests in words and numbers.

use super::{Tone, thousands};
use waypost_api_types::{RequestItem, RequestOutcome, TokenUsage};

/// A time in microseconds, with three digits at most where that is exact enough: `340 µs`, `4.2 ms`,
/// `182 ms`, `1.84 s`, `75.3 s`, `12 min 30 s`.
#[must_use]
pub fn elapsed(microseconds: u64) -> String {
    let tenths_of_ms = microseconds / 100;
    match microseconds {
        ..1_000 => format!("{microseconds} µs"),
        1_000..10_000 => format!("{}.{} ms", tenths_of_ms / 10, tenths_of_ms % 10),
        10_000..1_000_000 => format!("{} ms", microseconds / 1_000),
        1_000_000..10_000_000 => {
            let hundredths = microseconds / 10_000;
            format!("{}.{:02} s", hundredths / 100, hundredths % 100)
        }
        10_000_000..100_000_000 => {
            let tenths = microseconds / 100_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => {
            let seconds = microseconds / 1_000_000;
            match seconds {
                ..600 => format!("{seconds} s"),
                _ => format!("{} min {} s", seconds / 60, seconds % 60),
            }
        }
    }
}

/// A number of bytes: `812 B`, `14.2 KB`, `3.0 MB`. A kilobyte is 1,000 bytes.
#[must_use]
pub fn bytes(number: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", number / unit, number % unit / (unit / 10));
    match number {
        ..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{} KB", tenths(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// What an answer says about tokens: `8,120 in (6,400 cached), 902 out`; `None` if it says nothing.
#[must_use]
pub fn tokens(usage: &TokenUsage) -> Option<String> {
    let input = usage.input.map(|input| {
        let cached = usage.cached.filter(|cached| *cached > 0);
        let cached = cached.map(|cached| format!(" ({} cached)", thousands(cached)));
        format!("{} in{}", thousands(input), cached.unwrap_or_default())
    });
    let output = usage
        .output
        .map(|output| format!("{} out", thousands(output)));
    match (input, output) {
        (Some(input), Some(output)) => Some(format!("{input}, {output}")),
        (input, output) => input.or(output),
    }
}

/// The words for an outcome in a chooser.
#[must_use]
pub fn request_outcome_label(outcome: RequestOutcome) -> &'static str {
    match outcome {
        RequestOutcome::Ok => "Answered",
        RequestOutcome::UpstreamError => "Upstream error",
        RequestOutcome::Refused => "Refused by Waypost",
        RequestOutcome::Failed => "Failed",
        RequestOutcome::Cancelled => "Cancelled by the caller",
    }
}

/// The outcome of a request in one or two short words, with the status where there is one: `200`,
/// `429`, `422 refused`, `502 failed`, `Cancelled`.
#[must_use]
pub fn request_status(request: &RequestItem) -> String {
    let word = match (request.outcome, request.status) {
        (RequestOutcome::Ok, Some(_)) => "",
        (RequestOutcome::Ok, None) => "Answered",
        // The error is inside of an answer that says it is none.
        (RequestOutcome::UpstreamError, Some(..400)) => "error",
        (RequestOutcome::UpstreamError, Some(_)) => "",
        (RequestOutcome::UpstreamError, None) => "Error",
        (RequestOutcome::Refused, Some(_)) => "refused",
        (RequestOutcome::Refused, None) => "Refused",
        (RequestOutcome::Failed, Some(_)) => "failed",
        (RequestOutcome::Failed, None) => "Failed",
        (RequestOutcome::Cancelled, _) => return "Cancelled".to_owned(),
    };
    match (request.status, word) {
        (Some(status), "") => status.to_string(),
        (Some(status), word) => format!("{status} {word}"),
        (None, word) => word.to_owned(),
    }
}

/// What the outcome of a request means for the reader.
#[must_use]
pub fn request_tone(request: &RequestItem) -> Tone {
    match (request.outcome, request.status) {
        (RequestOutcome::Ok, _) => Tone::Ok,
        (RequestOutcome::UpstreamError | RequestOutcome::Refused, Some(429)) => Tone::Warn,
        (RequestOutcome::UpstreamError | RequestOutcome::Refused | RequestOutcome::Failed, _) => {
            Tone::Bad
        }
        (RequestOutcome::Cancelled, _) => Tone::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(outcome: RequestOutcome, status: Option<u16>) -> RequestItem {
        RequestItem {
            number: 1,
            id: "7f3c".to_owned(),
            at: 0,
            agent: None,
            subagent: None,
            operation: None,
            model: None,
            kind: None,
            provider: None,
            origin: None,
            wire_model: None,
            outcome,
            status,
            code: None,
            fallback: None,
            attempts: 0,
            first_byte_us: None,
            total_us: 0,
            tokens: TokenUsage::default(),
            bytes_in: 0,
            bytes_out: 0,
            flags: Vec::new(),
        }
    }

    #[test]
    fn times_have_three_digits_at_most() {
        for (microseconds, words) in [
            (0, "0 µs"),
            (340, "340 µs"),
            (4_249, "4.2 ms"),
            (182_900, "182 ms"),
            (1_849_000, "1.84 s"),
            (9_999_999, "9.99 s"),
            (75_390_000, "75.3 s"),
            (125_000_000, "125 s"),
            (750_000_000, "12 min 30 s"),
        ] {
            assert_eq!(elapsed(microseconds), words);
        }
    }

    #[test]
    fn bytes_take_the_largest_unit_that_fits() {
        for (number, words) in [
            (0, "0 B"),
            (999, "999 B"),
            (14_299, "14.2 KB"),
            (3_000_000, "3.0 MB"),
            (12_345_678_901, "12.3 GB"),
        ] {
            assert_eq!(bytes(number), words);
        }
    }

    #[test]
    fn tokens_that_are_not_known_are_not_zero() {
        let usage = |input, output, cached| TokenUsage {
            input,
            output,
            cached,
        };
        assert_eq!(tokens(&usage(None, None, None)), None);
        assert_eq!(
            tokens(&usage(Some(8_120), Some(902), Some(6_400))).as_deref(),
            Some("8,120 in (6,400 cached), 902 out")
        );
        assert_eq!(
            tokens(&usage(Some(0), None, Some(0))).as_deref(),
            Some("0 in")
        );
        assert_eq!(
            tokens(&usage(None, Some(3), None)).as_deref(),
            Some("3 out")
        );
    }

    #[test]
    fn an_outcome_is_said_with_its_status() {
        use RequestOutcome::{Cancelled, Failed, Ok, Refused, UpstreamError};
        for (outcome, status, words, tone) in [
            (Ok, Some(200), "200", Tone::Ok),
            (UpstreamError, Some(429), "429", Tone::Warn),
            (UpstreamError, Some(500), "500", Tone::Bad),
            (UpstreamError, Some(200), "200 error", Tone::Bad),
            (Refused, Some(422), "422 refused", Tone::Bad),
            (Refused, Some(429), "429 refused", Tone::Warn),
            (Failed, Some(502), "502 failed", Tone::Bad),
            (Failed, None, "Failed", Tone::Bad),
            (Cancelled, Some(200), "Cancelled", Tone::None),
            (Cancelled, None, "Cancelled", Tone::None),
        ] {
            let request = request(outcome, status);
            assert_eq!(request_status(&request), words, "{outcome:?} {status:?}");
            assert_eq!(request_tone(&request), tone, "{outcome:?} {status:?}");
        }
    }
}
