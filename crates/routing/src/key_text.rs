//! Keys as people paste them: what is removed because it cannot belong to the key, what is refused,
//! and what looks like something other than a key.
//!
//! The form shows the same while someone types as the API says when it is saved. Nothing here
//! repeats a key, and the type that holds one cannot be printed.

mod names;
mod suspicion;

pub use suspicion::Suspicion;

use crate::codes;
use crate::display_text::is_invisible;
use crate::header::{MAX_HEADER_BYTES, credential_header};
use std::borrow::Cow;
use std::fmt;

/// Marks that stand for a hidden part of a key.
const MASKS: [char; 9] = ['•', '●', '◦', '∙', '⋅', '·', '…', '＊', '█'];

/// Quotes that can surround a key: how each begins and ends.
const QUOTES: [(char, char); 10] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('„', '“'),
    ('„', '”'),
    ('‘', '’'),
    ('«', '»'),
    ('‹', '›'),
    ('´', '´'),
];

/// How many layers are removed, as in `-H "Authorization: Bearer sk-…"`.
const LAYERS: usize = 8;

/// How a key travels, which decides what may stand before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// After `Bearer ` in `Authorization`.
    Bearer,
    /// As it is, in the `Authorization` header or another that is given by name.
    Header,
    /// As it is, in a header whose values have names themselves.
    Cookie,
    /// As it is, in a static header that takes a key without a scheme, such as `x-api-key`.
    KeyHeader,
    /// In a static header that is probably no credential, so that it may be a URL or a document.
    Text,
}

impl Carrier {
    /// The carrier for an auth header as it is entered: blank means `Authorization: Bearer`.
    #[must_use]
    pub fn of(auth_header: Option<&str>) -> Self {
        match credential_header(auth_header) {
            (_, "Bearer ") => Self::Bearer,
            (name, _) if name == "cookie" => Self::Cookie,
            _ => Self::Header,
        }
    }

    /// The carrier for the value of a static header, which its name decides.
    #[must_use]
    pub fn of_static_header(name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase();
        if name == "cookie" {
            Self::Cookie
        } else if name.contains("authorization") {
            Self::Header
        } else if ["auth", "key", "secret", "token"]
            .iter()
            .any(|part| name.contains(part))
        {
            Self::KeyHeader
        } else {
            Self::Text
        }
    }

    /// What a text that it carries is called in a sentence.
    fn noun(self) -> &'static str {
        match self {
            Self::Text | Self::Cookie => "value",
            Self::Bearer | Self::Header | Self::KeyHeader => "key",
        }
    }
}

/// Something that was removed from around a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removed {
    /// Characters that are not shown, such as a byte order mark or a zero-width space.
    Invisible,
    /// Quotes around the key, with a comma after them.
    Quotes,
    /// The name of a header or a variable before the key.
    Name,
    /// `Bearer `, which Waypost adds itself.
    Bearer,
}

impl Removed {
    /// What it is called in a sentence.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Invisible => "invisible characters",
            Self::Quotes => "quotes",
            Self::Name => "the name before the key",
            Self::Bearer => "`Bearer`, which Waypost adds",
        }
    }
}

/// A key as it is stored and sent.
pub struct KeyText<'a> {
    /// The key itself.
    pub value: Cow<'a, str>,
    /// What was removed from around it, each kind once.
    pub removed: Vec<Removed>,
    /// Why it may not be a key, although a header can carry it.
    pub suspicion: Option<Suspicion>,
}

/// Why no header can carry a key. It never repeats the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTextError {
    /// There is nothing, or nothing but what surrounds a key.
    Empty,
    /// It is longer than [`MAX_HEADER_BYTES`].
    TooLong,
    /// It has more than one line.
    LineBreak,
    /// It has another control character.
    Control,
    /// It is a mask: a part of it is shown as dots.
    Mask,
    /// It has a character that is not ASCII.
    NotAscii(char),
}

impl KeyTextError {
    /// The stable code: `invalid_secret_value`.
    #[must_use]
    pub fn code(self) -> &'static str {
        codes::INVALID_SECRET_VALUE
    }

    /// What was found and what to do, in whole sentences.
    #[must_use]
    pub fn message(self) -> String {
        self.message_for(Carrier::Bearer)
    }

    /// The same about what a carrier takes: a static header has a value, which may be no key.
    #[must_use]
    pub fn message_for(self, carrier: Carrier) -> String {
        let noun = carrier.noun();
        match self {
            Self::Empty => format!("The {noun} is empty."),
            Self::TooLong => {
                format!("The {noun} is longer than {} KiB.", MAX_HEADER_BYTES / 1024)
            }
            Self::LineBreak => format!("The {noun} has a line break. Paste one line."),
            Self::Control => format!("The {noun} has a control character. Copy it again."),
            Self::Mask => format!(
                "This is a masked {noun}: the dots stand for the part that is not shown. \
                 Copy the whole {noun}, or create a new one."
            ),
            Self::NotAscii(character) => {
                let shown = match character.is_whitespace() || is_invisible(character) {
                    true => String::new(),
                    false => format!("`{character}`, "),
                };
                format!(
                    "The {noun} has a character that no {noun} has ({shown}U+{:04X}). Copy it again \
                     from where it was created.",
                    u32::from(character)
                )
            }
        }
    }
}

impl fmt::Display for KeyTextError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for KeyTextError {}

/// Reads a key as it was typed or pasted, or as a variable has it. What cannot belong to it is
/// removed.
///
/// # Errors
/// A text that no header can carry.
pub fn read(typed: &str, carrier: Carrier) -> Result<KeyText<'_>, KeyTextError> {
    let mut removed = Vec::new();
    let hidden = |character: char| {
        is_invisible(character) && !character.is_whitespace() && !character.is_control()
    };
    let visible: Cow<'_, str> = match typed.contains(hidden) {
        true => {
            removed.push(Removed::Invisible);
            // With room for all of it, so that no part stays behind where it grew.
            let mut visible = String::with_capacity(typed.len());
            visible.extend(typed.chars().filter(|character| !hidden(*character)));
            visible.into()
        }
        false => typed.into(),
    };
    let key = unwrapped(&visible, carrier, &mut removed);
    check(key)?;
    removed.sort_unstable();
    removed.dedup();
    let suspicion = suspicion::of(key, carrier);
    let start = key.as_ptr() as usize - visible.as_ptr() as usize;
    let range = start..start + key.len();
    let value = match visible {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(mut text) => {
            text.truncate(range.end);
            text.drain(..range.start);
            Cow::Owned(text)
        }
    };
    Ok(KeyText {
        value,
        removed,
        suspicion,
    })
}

/// What a typed text looks like instead of a key. A blank one, and one that cannot be sent, is not
/// suspicious.
#[must_use]
pub fn suspicion_of(typed: &str, carrier: Carrier) -> Option<Suspicion> {
    match typed.trim().is_empty() {
        true => None,
        false => read(typed, carrier).ok()?.suspicion,
    }
}

/// The key inside what surrounds it.
fn unwrapped<'a>(text: &'a str, carrier: Carrier, removed: &mut Vec<Removed>) -> &'a str {
    let mut text = text.trim();
    if matches!(carrier, Carrier::Cookie | Carrier::Text) {
        return text;
    }
    for _ in 0..LAYERS {
        let (inner, what) = if let Some(inner) = inside_quotes(text) {
            (inner, Removed::Quotes)
        } else if let Some(rest) = names::after_name(text) {
            (rest, Removed::Name)
        } else if let Some(rest) = after_bearer(text).filter(|_| carrier == Carrier::Bearer) {
            (rest, Removed::Bearer)
        } else {
            break;
        };
        removed.push(what);
        text = inner.trim();
    }
    text
}

/// What is in quotes that belong together, also with a comma after them, as in a line of JSON.
fn inside_quotes(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([',', ';']);
    QUOTES.iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(*open)?.strip_suffix(*close)?;
        (!inner.is_empty() && !inner.contains([*open, *close])).then_some(inner)
    })
}

fn after_bearer(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked("Bearer".len())?;
    let is_scheme = scheme.eq_ignore_ascii_case("bearer") && rest.starts_with(char::is_whitespace);
    is_scheme
        .then(|| rest.trim())
        .filter(|rest| !rest.is_empty())
}

/// Whether a header can carry the key.
fn check(key: &str) -> Result<(), KeyTextError> {
    if key.is_empty() {
        return Err(KeyTextError::Empty);
    }
    if key.len() > MAX_HEADER_BYTES {
        return Err(KeyTextError::TooLong);
    }
    if key.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return Err(KeyTextError::LineBreak);
    }
    if key.contains(MASKS) {
        return Err(KeyTextError::Mask);
    }
    match key
        .chars()
        .find(|character| !matches!(character, ' '..='~'))
    {
        None => Ok(()),
        Some(character) if character.is_control() => Err(KeyTextError::Control),
        Some(character) => Err(KeyTextError::NotAscii(character)),
    }
}

#[cfg(test)]
mod tests;
