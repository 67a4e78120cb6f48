//! Mistakes in a base URL that a form can repair with one click.

use super::error::{BaseUrlError, ErrorKind};
use super::{BaseUrl, azure, is_version, known};

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
    /// Something was copied along with the base URL: quotes, an invisible character, the name of a
    /// variable.
    CopiedAlong {
        /// What is wrong, as the error says it.
        message: String,
        /// The base URL without it.
        suggestion: String,
    },
    /// The address of a provider's documentation, or of a gateway's own pages.
    WebPage {
        /// The base URL of the API that the page belongs to.
        suggestion: String,
    },
    /// A form of an Azure OpenAI address other than that of the API in OpenAI's form.
    AzureOpenAi {
        /// The base URL of that API.
        suggestion: String,
    },
    /// A well-known API has another path.
    KnownApi {
        /// Its base URL.
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
            Self::DoubledSlash { .. } => "The path has two consecutive slashes.".into(),
            Self::QueryOrFragment { .. } => {
                "A base URL has no query and no fragment: Waypost adds the path at its end.".into()
            }
            Self::UserInformation { .. } => {
                "Don't put a key in the URL. Enter it in its own field.".into()
            }
            Self::Backslash { .. } => "URLs are written with /, not with a backslash.".into(),
            Self::TrailingDot { .. } => "The host ends in a dot.".into(),
            Self::CopiedAlong { message, .. } => message.clone(),
            Self::WebPage { .. } => "This is the address of a web page, not of an API.".into(),
            Self::AzureOpenAi { .. } => "Azure OpenAI serves OpenAI's API below /openai/v1, and \
                 takes the key in the header `api-key`."
                .into(),
            Self::KnownApi { .. } => "The API at this host has another path.".into(),
            Self::NonAsciiHost => {
                "Write the host in its xn-- form (Punycode) to rule out look-alikes.".into()
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
            | Self::TrailingDot { suggestion }
            | Self::CopiedAlong { suggestion, .. }
            | Self::WebPage { suggestion }
            | Self::AzureOpenAi { suggestion }
            | Self::KnownApi { suggestion } => Some(suggestion),
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
                .and_then(|suggestion| of_error(&error, suggestion.to_owned()))
                .into_iter()
                .collect()
        }
    }
}

fn of_error(error: &BaseUrlError, suggestion: String) -> Option<BaseUrlHint> {
    // Whatever else is wrong with it, what Azure takes is its own form of address.
    if is_azure(&suggestion) {
        return Some(BaseUrlHint::AzureOpenAi { suggestion });
    }
    match error.kind() {
        ErrorKind::Quotes(_) | ErrorKind::Invisible(_) | ErrorKind::TextBefore => {
            Some(BaseUrlHint::CopiedAlong {
                message: error.message(),
                suggestion,
            })
        }
        ErrorKind::Page => Some(BaseUrlHint::WebPage { suggestion }),
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

fn is_azure(text: &str) -> bool {
    BaseUrl::parse(text).is_ok_and(|url| azure::is_azure(&url))
}

fn of_valid(url: &BaseUrl) -> Vec<BaseUrlHint> {
    if let Some(suggestion) = known::correction(url) {
        return vec![match azure::is_azure(url) {
            true => BaseUrlHint::AzureOpenAi { suggestion },
            false => BaseUrlHint::KnownApi { suggestion },
        }];
    }
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

/// Whether the path of a base URL has a version, such as `v1` or `v1beta`.
#[must_use]
pub fn has_version(url: &BaseUrl) -> bool {
    url.path().split('/').any(|segment| {
        let rest = segment.strip_prefix('v');
        rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    })
}
