//! Query strings.

use crate::paths::Encoded;
use std::fmt::Write as _;

/// The parameters that have a value, after a question mark; empty where none has one.
pub(super) fn query_string<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        if !value.is_empty() {
            let separator = if query.is_empty() { '?' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(query, "{separator}{name}={}", Encoded(value));
        }
    }
    query
}
