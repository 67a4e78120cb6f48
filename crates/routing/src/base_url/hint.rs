//! Mistakes in a base URL that a form can repair with one click.

use super::error::ErrorKind;
use super::{BaseUrl, is_version};

/// A probable mistake in what someone typed, with its repair. A hint that also makes the text
/// invalid accompanies the error; the others accompany a valid base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseUrlHint {
    /// `gateway.example/v1` without `https://`.
    MissingScheme {
        /// The base URL that is probably meant.
        suggestion: String,
    },
    /// A whole endpoint was pasted, such as `…/v1/chat/completions`.
    PastedEndpoint {
        /// The end that Waypost adds itself.
        endpoint: &'static str,
        /// The base URL before it.
        suggestion: String,
    },
    /// The version is there twice, as in `…/v1/v1`.
    DoubledVersion {
        /// The base URL with the version once.
        suggestion: String,
    },
    /// Two slashes follow each other inside the path.
    DoubledSlash {
        /// The base URL with single slashes.
        suggestion: String,
    },
    /// A query or a fragment follows the base URL.
    QueryOrFragment {
        /// The base URL without it.
        suggestion: String,
    },
    /// A user name or password stands before the host.
    UserInformation {
        /// The base URL without it.
        suggestion: String,
    },
    /// Backslashes stand where slashes belong.
    Backslash {
        /// The base URL with slashes.
        suggestion: String,
    },
    /// The host ends in a dot.
    TrailingDot {
        /// The base URL without that dot.
        suggestion: String,
    },
    /// The host has characters that are not ASCII; only its owner knows the right `xn--` form.
    NonAsciiHost,
}

impl BaseUrlHint {
    /// What is probably wrong, in whole sentences.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::MissingScheme { .. } => "The scheme is missing.".into(),
            Self::PastedEndpoint { endpoint, .. } => format!(
                "This is a whole endpoint. Waypost adds {endpoint} itself; enter the part before it."
            ),
            Self::DoubledVersion { .. } => "The version is in the path twice.".into(),
            Self::DoubledSlash { .. } => "Two slashes follow each other in the path.".into(),
            Self::QueryOrFragment { .. } => {
                "A base URL has no query and no fragment: Waypost adds the path at its end.".into()
            }
            Self::UserInformation { .. } => {
                "Don't put a key in the URL. Enter it in its own field.".into()
            }
            Self::Backslash { .. } => "URLs are written with /, not with a backslash.".into(),
            Self::TrailingDot { .. } => "The host ends in a dot.".into(),
            Self::NonAsciiHost => {
                "Write the host in its xn-- form (Punycode), so that no look-alike passes.".into()
            }
        }
    }

    /// The repaired base URL, where there is one.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        match self {
            Self::MissingScheme { suggestion }
            | Self::PastedEndpoint { suggestion, .. }
            | Self::DoubledVersion { suggestion }
            | Self::DoubledSlash { suggestion }
            | Self::QueryOrFragment { suggestion }
            | Self::UserInformation { suggestion }
            | Self::Backslash { suggestion }
            | Self::TrailingDot { suggestion } => Some(suggestion),
            Self::NonAsciiHost => None,
        }
    }
}

/// The probable mistakes in what someone typed; empty for a base URL that looks right and for a
/// text that nothing sensible can be made of.
#[must_use]
pub fn hints(typed: &str) -> Vec<BaseUrlHint> {
    match BaseUrl::parse(typed) {
        Ok(url) => of_valid(&url),
        Err(error) => {
            if error.kind() == ErrorKind::NonAsciiHost {
                return vec![BaseUrlHint::NonAsciiHost];
            }
            error
                .suggestion()
                .and_then(|suggestion| of_error(error.kind(), suggestion.to_owned()))
                .into_iter()
                .collect()
        }
    }
}

fn of_error(kind: ErrorKind, suggestion: String) -> Option<BaseUrlHint> {
    match kind {
        ErrorKind::NoScheme => Some(BaseUrlHint::MissingScheme { suggestion }),
        ErrorKind::Endpoint(endpoint) => Some(BaseUrlHint::PastedEndpoint {
            endpoint,
            suggestion,
        }),
        ErrorKind::Query | ErrorKind::Fragment => Some(BaseUrlHint::QueryOrFragment { suggestion }),
        ErrorKind::Credentials => Some(BaseUrlHint::UserInformation { suggestion }),
        ErrorKind::Backslash => Some(BaseUrlHint::Backslash { suggestion }),
        ErrorKind::TrailingDot => Some(BaseUrlHint::TrailingDot { suggestion }),
        _ => None,
    }
}

fn of_valid(url: &BaseUrl) -> Vec<BaseUrlHint> {
    let segments: Vec<&str> = url.path().split('/').skip(1).collect();
    let rebuild = |kept: Vec<&str>| {
        let mut text = url.origin();
        for segment in kept {
            text.push('/');
            text.push_str(segment);
        }
        text
    };
    let mut found = Vec::new();
    if doubled_version(url) {
        let mut once = segments.clone();
        once.dedup_by(|next, previous| is_version(next) && next == previous);
        found.push(BaseUrlHint::DoubledVersion {
            suggestion: rebuild(once),
        });
    }
    if segments.iter().any(|segment| segment.is_empty()) {
        let filled = segments.iter().copied().filter(|part| !part.is_empty());
        found.push(BaseUrlHint::DoubledSlash {
            suggestion: rebuild(filled.collect()),
        });
    }
    found
}

/// Whether a version occurs twice in a row in the path, as in `/v1/v1`.
#[must_use]
pub fn doubled_version(url: &BaseUrl) -> bool {
    let mut previous = "";
    url.path().split('/').skip(1).any(|segment| {
        let doubled = is_version(segment) && segment == previous;
        previous = segment;
        doubled
    })
}
