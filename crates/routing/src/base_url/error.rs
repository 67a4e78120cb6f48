//! Why a text is no base URL.

use std::fmt;

/// Why a text is no base URL. The message never repeats the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrlError {
    kind: ErrorKind,
    suggestion: Option<String>,
}

/// What is wrong. Kept private, so that a new kind is no breaking change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    Missing,
    TooLong,
    NoScheme,
    TextBefore,
    OtherScheme,
    Quotes(char),
    Invisible(char),
    Template,
    Page,
    NoHost,
    Credentials,
    Query,
    Fragment,
    WhiteSpace,
    Backslash,
    Character(char),
    NonAsciiHost,
    HostName,
    TrailingDot,
    Ipv4,
    Ipv6,
    Port,
    PercentEncoding,
    DotSegment,
    Endpoint(&'static str),
}

impl BaseUrlError {
    pub(super) fn new(kind: ErrorKind) -> Self {
        Self {
            kind,
            suggestion: None,
        }
    }

    pub(super) fn with_suggestion(kind: ErrorKind, suggestion: Option<String>) -> Self {
        Self { kind, suggestion }
    }

    pub(super) fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code: `missing_base_url`, `credentials_in_url`, `base_url_is_endpoint`,
    /// `base_url_is_page` or `invalid_base_url`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::Missing => crate::codes::MISSING_BASE_URL,
            ErrorKind::Credentials => crate::codes::CREDENTIALS_IN_URL,
            ErrorKind::Endpoint(_) => crate::codes::BASE_URL_IS_ENDPOINT,
            ErrorKind::Page => crate::codes::BASE_URL_IS_PAGE,
            _ => crate::codes::INVALID_BASE_URL,
        }
    }

    /// What is wrong and what to do, in whole sentences.
    #[must_use]
    pub fn message(&self) -> String {
        match self.kind {
            ErrorKind::Missing => {
                "Enter a base URL, for example https://gateway.example/v1.".into()
            }
            ErrorKind::TooLong => {
                format!("The base URL is longer than {} bytes.", super::MAX_LENGTH)
            }
            ErrorKind::NoScheme => "The base URL must begin with http:// or https://.".into(),
            ErrorKind::OtherScheme => {
                "The base URL must begin with http:// or https://; other schemes are not supported."
                    .into()
            }
            ErrorKind::TextBefore => "The base URL must begin with http:// or https://. Remove \
                 the text before it."
                .into(),
            ErrorKind::Quotes(quote) => {
                format!("The base URL is in quotes ({quote}). Enter it without them.")
            }
            ErrorKind::Invisible(character) => format!(
                "The base URL contains an invisible character (U+{:04X}), which copying from a \
                 web page or a chat can add. Enter it without that character.",
                u32::from(character)
            ),
            ErrorKind::Template => "The base URL contains a variable that nothing has expanded, \
                 such as ${HOST}. Enter the URL itself."
                .into(),
            ErrorKind::Page => "This is the address of a web page, such as documentation or a \
                 console, and not that of an API. Enter the base URL that the page names."
                .into(),
            ErrorKind::NoHost => "The base URL has no host.".into(),
            ErrorKind::Credentials => "The base URL must not carry a user name or password. \
                 Leave out everything up to the @ and enter the key in its own field."
                .into(),
            ErrorKind::Query => {
                "The base URL must not have a query: leave out everything from the question mark."
                    .into()
            }
            ErrorKind::Fragment => {
                "The base URL must not have a fragment: leave out everything from the #.".into()
            }
            ErrorKind::WhiteSpace => "The base URL must not contain white space.".into(),
            ErrorKind::Backslash => "The base URL must not contain a backslash; use /.".into(),
            ErrorKind::Character(character) if character.is_ascii_graphic() => format!(
                "The base URL must not contain the character {character}; write it percent-encoded."
            ),
            ErrorKind::Character(character) if character.is_control() => {
                "The base URL must not contain control characters.".into()
            }
            ErrorKind::Character(_) => {
                "The path of the base URL must be ASCII; write other characters percent-encoded."
                    .into()
            }
            ErrorKind::NonAsciiHost => {
                "The host must be ASCII. Write its xn-- form (Punycode).".into()
            }
            ErrorKind::HostName => "The host is not a valid name: labels of letters, digits, - \
                 and _, separated by single dots, at most 63 characters each."
                .into(),
            ErrorKind::TrailingDot => "Write the host without the trailing dot.".into(),
            ErrorKind::Ipv4 => "A host that ends in a number must be a whole IPv4 address, \
                 such as 127.0.0.1."
                .into(),
            ErrorKind::Ipv6 => "The host in brackets is not an IPv6 address.".into(),
            ErrorKind::Port => "The port must be a number from 1 to 65535.".into(),
            ErrorKind::PercentEncoding => {
                "A % in the base URL must be followed by two hexadecimal digits.".into()
            }
            ErrorKind::DotSegment => "The path must not contain the segments . and ..".into(),
            ErrorKind::Endpoint(path) => format!(
                "The base URL ends in {path}, which Waypost adds itself. Enter the part before it."
            ),
        }
    }

    /// A base URL that is probably meant, where it is clear.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for BaseUrlError {}
