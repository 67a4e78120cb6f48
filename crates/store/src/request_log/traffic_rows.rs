//! Limits and sums of traffic, the same on every database.

use super::{Histogram, SLOT_WIDTHS, TrafficRow};
use waypost_routing::vocabulary::TrafficWindow;

/// The key of the models beyond [`MOST_MODELS`].
pub(crate) const OTHERS: &str = "…";

/// How many models one slot counts apart. An agent may send any model string.
pub(crate) const MOST_MODELS: i64 = 200;

/// How many rows an answer has, beside that of all others.
pub(crate) const MOST_KEYS: usize = 500;

/// The most tokens that are counted, which leaves room for sums. An answer may say any number.
pub(crate) const MOST_TOKENS: i64 = 4_000_000_000_000_000;

/// How many slots a window has, of which width.
pub(crate) fn slots(window: TrafficWindow) -> (i64, i64) {
    match window {
        TrafficWindow::Hour => (SLOT_WIDTHS[0], 60),
        TrafficWindow::Day => (SLOT_WIDTHS[1], 96),
    }
}

/// The rows of sums that are sorted, the busiest first: key, requests, failures and tokens in and out. Those
/// beyond the limit are one row. Histograms are empty.
pub(crate) fn busiest(sums: Vec<(String, i64, i64, i64, i64)>) -> Vec<TrafficRow> {
    let mut rows: Vec<TrafficRow> = Vec::with_capacity(sums.len().min(MOST_KEYS + 1));
    for (key, requests, failed, tokens_in, tokens_out) in sums {
        let row = TrafficRow {
            key,
            requests: requests.unsigned_abs(),
            failed: failed.unsigned_abs(),
            tokens_in: tokens_in.unsigned_abs(),
            tokens_out: tokens_out.unsigned_abs(),
            first_byte: Histogram::default(),
            total: Histogram::default(),
        };
        if rows.len() < MOST_KEYS {
            rows.push(row);
        } else if let Some(others) = rows.get_mut(MOST_KEYS) {
            others.requests += row.requests;
            others.failed += row.failed;
            others.tokens_in = others.tokens_in.saturating_add(row.tokens_in);
            others.tokens_out = others.tokens_out.saturating_add(row.tokens_out);
        } else {
            let key = OTHERS.to_owned();
            rows.push(TrafficRow { key, ..row });
        }
    }
    rows
}

/// A number as columns have it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number of tokens as columns have it.
pub(crate) fn tokens(number: u64) -> i64 {
    signed(number).min(MOST_TOKENS)
}
