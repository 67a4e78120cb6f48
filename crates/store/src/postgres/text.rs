//! Texts as PostgreSQL takes them.

use std::borrow::Cow;

/// The text without NUL, which PostgreSQL stores in no text: U+FFFD takes its place.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

/// [`storable`], of a text that may be absent.
pub(super) fn storable_option(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(storable)
}
