//! Lists the models of an upstream.
//!
//! The answer is untrusted: it is read with bounds on depth, number and length, and none of its
//! prose is shown.

mod classify;
mod error_body;
mod failure;
mod fetch;
mod json;
mod listing;
mod metadata;
mod missing_header;
mod price;
mod sent_secrets;

#[cfg(test)]
mod tests;

pub use fetch::discover;

use waypost_api_types::CheckOutcome;
use waypost_routing::base_url::BaseUrl;
use waypost_secrets::SecretText;

/// Where to ask, and with what.
pub struct ModelListTarget {
    /// The effective base URL.
    pub base_url: BaseUrl,
    /// Every effective header, the credential's included.
    pub headers: Vec<(String, SecretText)>,
    /// Whether an administrator granted this origin although it is private.
    pub granted: bool,
    /// How the credential goes out. Some upstreams answer a missing one with an error of theirs.
    pub auth: AuthSent,
    /// A path that only a valid key can open, where the list itself is open to anyone.
    pub check_key_path: Option<&'static str>,
}

/// How a credential goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthSent {
    /// There is none.
    None,
    /// As its header wants it: `Authorization` with a scheme, or a header such as `x-api-key`.
    Scheme,
    /// In `Authorization`, without a scheme such as `Bearer`.
    NoScheme,
}

/// A model that an upstream listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoveredModel {
    /// The id, exactly as listed.
    pub id: String,
    /// A readable name, where it says more than the id.
    pub name: Option<String>,
    /// The context window in tokens.
    pub context: Option<u64>,
    /// US dollars per million input tokens, as an exact decimal. Absent is unknown, not free.
    pub input_price: Option<String>,
    /// US dollars per million output tokens, as an exact decimal. Absent is unknown, not free.
    pub output_price: Option<String>,
    /// `chat`, `embedding`, …
    pub mode: Option<String>,
    /// The day it retires, `YYYY-MM-DD`.
    pub retires_on: Option<String>,
}

impl DiscoveredModel {
    /// Every text that the upstream wrote.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let optional = [
            &self.name,
            &self.input_price,
            &self.output_price,
            &self.mode,
            &self.retires_on,
        ];
        let optional = optional.into_iter().filter_map(Option::as_deref);
        std::iter::once(self.id.as_str()).chain(optional)
    }
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The class. `models` holds something only where it is [`CheckOutcome::Ok`].
    pub outcome: CheckOutcome,
    /// What happened, what it proves, and what to do next, for a person.
    pub message: String,
    /// The upstream's status, where it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// What was asked: method and URL.
    pub request: String,
    /// The models, each id once, in the upstream's order.
    pub models: Vec<DiscoveredModel>,
    /// How many elements of the list were left out: without a usable id, or repeating a secret that
    /// was sent.
    pub skipped: u64,
    /// Headers that the upstream says are missing, by their lower-case names.
    pub missing_headers: Vec<String>,
    /// Whether an administrator can allow the address, where it was not called.
    pub may_be_allowed: bool,
}
