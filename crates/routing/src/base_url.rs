//! Base URLs: what an administrator types, the one normal form that is compared and sent, and the
//! URL of each operation below it.
//!
//! Only a strict ASCII subset of URLs is read, so that every reader of the same text (this crate,
//! a browser, an HTTP client) sees the same host. What another reader might take differently, such
//! as a backslash, a dot segment or `127.1`, is refused with a message instead of being repaired.

mod azure;
mod error;
mod hint;
mod host;
mod known;
mod page;
mod private;
mod validate;

pub use error::BaseUrlError;
pub use hint::{BaseUrlHint, doubled_version, has_version, hints};

use crate::operation::Operation;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// The longest base URL that is read, in bytes.
pub const MAX_LENGTH: usize = 2048;

/// A valid base URL in its normal form: lower-case scheme and host, no default port, no trailing
/// slash. Two base URLs are equal exactly when they are written the same in this form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseUrl {
    text: String,
    host: Range32,
    /// Where the path begins, which is also where the origin ends.
    path_start: u32,
    port: u16,
}

/// A byte range as a pair, because [`Range`] has no order.
type Range32 = (u32, u32);

impl BaseUrl {
    /// Reads what someone typed. Outer white space and trailing slashes are cut.
    ///
    /// # Errors
    /// Anything that is not plainly an http(s) URL with a host, without user information, query
    /// and fragment, and anything that ends in an operation's own path. The error never repeats
    /// what was typed, because that may hold a password.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        validate::validate(text)
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        if self.text.starts_with("https:") {
            "https"
        } else {
            "http"
        }
    }

    /// The host: a lower-case name, an IPv4 address, or an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.text[self.host.0 as usize..self.host.1 as usize]
    }

    /// The port, the scheme's default where none was written.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Scheme, host and port: what a secret is bound to. A default port is left out.
    #[must_use]
    pub fn origin(&self) -> String {
        self.origin_str().to_owned()
    }

    /// [`BaseUrl::origin`], borrowed.
    #[must_use]
    pub fn origin_str(&self) -> &str {
        &self.text[..self.path_start as usize]
    }

    /// The path, empty or beginning with `/`, never ending with one.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.text[self.path_start as usize..]
    }

    /// Whether the host is a private or loopback address, or a name that always means this machine.
    /// Another name may lead there too, which only a call shows.
    #[must_use]
    pub fn is_private(&self) -> bool {
        private::is_private(self.host())
    }

    /// Whether the host is an address that Waypost never calls, whatever an administrator allows:
    /// link-local, or the metadata service of a cloud. Another name may lead there too.
    #[must_use]
    pub fn is_never_called(&self) -> bool {
        private::is_never_called(self.host())
    }

    /// The header in which a well-known API at this address takes its key, where that is not
    /// `Authorization`: `api-key` for Azure OpenAI.
    #[must_use]
    pub fn usual_auth_header(&self) -> Option<&'static str> {
        known::auth_header(self)
    }

    /// The complete URL of an operation.
    ///
    /// An OpenAI operation is appended as it is. Before an Anthropic one, one trailing
    /// `/v<digits>` is cut, so that `…/v1` never becomes `…/v1/v1/messages`.
    #[must_use]
    pub fn operation_url(&self, operation: Operation) -> String {
        let base = if operation.is_anthropic() {
            without_version(&self.text)
        } else {
            &self.text
        };
        [base, operation.path()].concat()
    }

    /// The complete URL of a request that a client sends to `path`, which may carry a query.
    ///
    /// Clients put their own version first: `/v1/chat/completions` means the operation
    /// `/chat/completions`. Anthropic Messages keep theirs, as in [`BaseUrl::operation_url`].
    #[must_use]
    pub fn client_url(&self, path: &str) -> String {
        let end = path.find('?').unwrap_or(path.len());
        let is_messages = path[..end] == *Operation::Messages.path()
            || path[..end] == *Operation::CountTokens.path();
        if is_messages {
            return [without_version(&self.text), path].concat();
        }
        let own = match path.strip_prefix("/v1") {
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        };
        [self.text.as_str(), own].concat()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// What plain joining makes of the typed text, mistakes included, for a form that shows the
/// request while it is typed. User information is masked, nothing else is repaired.
#[must_use]
pub fn raw_operation_url(typed: &str, operation: Operation) -> String {
    let trimmed = typed.trim().trim_end_matches('/');
    let shown = match user_info(trimmed) {
        Some(range) => [&trimmed[..range.start], "•••@", &trimmed[range.end..]].concat(),
        None => trimmed.to_owned(),
    };
    let base = if operation.is_anthropic() {
        without_version(&shown)
    } else {
        &shown
    };
    [base, operation.path()].concat()
}

/// Where the user information of a URL-like text stands, its `@` included.
fn user_info(text: &str) -> Option<Range<usize>> {
    let start = text.find("://").map_or(0, |at| at + 3);
    let length = text[start..]
        .find(['/', '?', '#', '\\'])
        .unwrap_or(text.len() - start);
    let at = text[start..start + length].rfind('@')?;
    Some(start..start + at + 1)
}

/// The text without one trailing `/v<digits>`.
fn without_version(text: &str) -> &str {
    match text.rsplit_once('/') {
        Some((before, last)) if is_version(last) && !before.ends_with('/') => before,
        _ => text,
    }
}

/// Whether a path segment is `v` and digits.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests;
