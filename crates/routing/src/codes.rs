//! Every code and reason that this crate gives, with its meaning.
//!
//! Codes are a contract: scripts and pages compare them, people read the messages. The table is
//! what `docs/codes.md` shows; a test holds the two equal.

/// What a code stands for in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeKind {
    /// Something is refused: a ref, a document, an entry, a value.
    Error,
    /// Something is accepted that an administrator should know about.
    Warning,
    /// What a rule said in the trace of a resolution.
    Reason,
}

/// One code with its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The code itself.
    pub code: &'static str,
    /// What it stands for.
    pub kind: CodeKind,
    /// Its meaning in one sentence.
    pub meaning: &'static str,
}

/// Declares the constants and the table from one list, so that neither can miss a code.
macro_rules! codes {
    ($($kind:ident $name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*

        /// Every code, grouped by kind.
        pub const ALL: &[Code] = &[
            $(Code { code: $name, kind: CodeKind::$kind, meaning: $meaning },)*
        ];
    };
}

codes! {
    // Model refs.
    Error EMPTY = "empty": "The ref has no text.";
    Error EMPTY_SEGMENT = "empty_segment": "A part of the ref between two slashes, or at an end, is empty.";
    Error INVALID_SEGMENT = "invalid_segment": "A part of the ref begins or ends with white space or holds a control character.";
    Error TOO_LONG = "too_long": "The ref is longer than 512 bytes.";

    // Base URLs.
    Error MISSING_BASE_URL = "missing_base_url": "No base URL is given.";
    Error INVALID_BASE_URL = "invalid_base_url": "The base URL is not an http(s) URL that every reader takes the same way.";
    Error CREDENTIALS_IN_URL = "credentials_in_url": "The base URL carries a user name or password.";
    Error BASE_URL_IS_ENDPOINT = "base_url_is_endpoint": "The base URL ends in a path that an operation adds itself.";

    // Names and headers.
    Error INVALID_NAME = "invalid_name": "A provider name has characters or a length that refs cannot use.";
    Error INVALID_HEADER = "invalid_header": "A header has a forbidden name, or a name or value with characters that HTTP does not allow.";
    Error INVALID_HEADERS = "invalid_headers": "The headers as a whole are at fault: no mapping of strings, too many, or one name twice.";
    Error INVALID_SECRET_VALUE = "invalid_secret_value": "A key or auth value is empty, too long, or holds characters that a header cannot carry.";
}
