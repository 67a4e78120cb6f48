//! Traffic in words. Pure: no state, no browser.

use crate::api::types::TrafficItem;
use crate::format::{count, elapsed, thousands};

/// The last hour in a sentence: `312 requests in the last hour, 2 failed; first byte 210 ms median,
/// 1.20 s at 95%`.
pub(super) fn hour_words(item: Option<&TrafficItem>) -> String {
    let Some(item) = item else {
        return "No requests in the last hour".to_owned();
    };
    let mut words = format!(
        "{} in the last hour",
        count(item.requests, "request", "requests")
    );
    if item.failed > 0 {
        words += &format!(", {} failed", thousands(item.failed));
    }
    if let (Some(median), Some(slow)) = (item.first_byte_p50, item.first_byte_p95) {
        words += &format!(
            "; first byte {} median, {} at 95%",
            milliseconds(median),
            milliseconds(slow)
        );
    }
    words
}

/// A time of the API.
pub(super) fn milliseconds(time: u64) -> String {
    match time {
        0 => "< 1 ms".to_owned(),
        time => elapsed(time.saturating_mul(1_000)),
    }
}

/// Which share of the requests failed: `0.6%`; `None` without a failure.
pub(super) fn failed_share(item: &TrafficItem) -> Option<String> {
    let per_mille = (item.failed * 1_000).checked_div(item.requests)?;
    (item.failed > 0).then(|| match per_mille {
        0 => "< 0.1%".to_owned(),
        per_mille => format!("{}.{}%", per_mille / 10, per_mille % 10),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(requests: u64, failed: u64) -> TrafficItem {
        TrafficItem {
            key: "a".to_owned(),
            requests,
            failed,
            tokens_in: 0,
            tokens_out: 0,
            first_byte_p50: Some(210),
            first_byte_p95: Some(1_200),
            total_p50: None,
            total_p95: None,
        }
    }

    #[test]
    fn an_hour_is_said_in_a_sentence() {
        assert_eq!(
            hour_words(Some(&item(1_312, 2))),
            "1,312 requests in the last hour, 2 failed; first byte 210 ms median, 1.20 s at 95%"
        );
        let quiet = TrafficItem {
            first_byte_p50: None,
            ..item(1, 0)
        };
        assert_eq!(hour_words(Some(&quiet)), "1 request in the last hour");
        assert_eq!(hour_words(None), "No requests in the last hour");
    }

    #[test]
    fn a_failure_is_never_said_to_be_none() {
        assert_eq!(failed_share(&item(312, 2)).as_deref(), Some("0.6%"));
        assert_eq!(failed_share(&item(100_000, 1)).as_deref(), Some("< 0.1%"));
        assert_eq!(failed_share(&item(5, 5)).as_deref(), Some("100.0%"));
        assert_eq!(failed_share(&item(5, 0)), None);
        assert_eq!(failed_share(&item(0, 0)), None);
    }

    #[test]
    fn what_took_less_than_a_millisecond_is_not_zero() {
        assert_eq!(milliseconds(0), "< 1 ms");
        assert_eq!(milliseconds(182), "182 ms");
    }
}
