//! What an answer means: its class, and words that say what happened, why, and what to do next.
//!
//! Of the upstream's own words only codes made of plain letters are repeated, and where it leads
//! one to. Error texts of real services echo the key that they refuse.

use super::error_body::{ErrorInfo, error_of_body};
use super::failure::CallFailure;
use super::json;
use super::listing::{Fault, MOST_ELEMENTS};
use super::sent_secrets::SentSecrets;
use super::{AuthSent, ModelListTarget, missing_header};
use crate::sanitise;
use http::header::{LOCATION, RETRY_AFTER};
use percent_encoding::percent_decode_str;
use url::Url;
use waypost_api_types::CheckOutcome;
use waypost_egress::Answer;
use waypost_routing::base_url::{BaseUrlHint, has_version, hints};
use waypost_routing::numbers::thousands;

/// The words for answers to one URL of an endpoint.
pub(super) struct Classifier<'a> {
    endpoint: &'a ModelListTarget,
    url: &'a Url,
    origin: String,
    sent: SentSecrets,
}

impl<'a> Classifier<'a> {
    pub(super) fn new(endpoint: &'a ModelListTarget, url: &'a Url) -> Self {
        Self {
            endpoint,
            url,
            origin: endpoint.base_url.origin(),
            sent: SentSecrets::new(&endpoint.headers),
        }
    }

    /// What an answer means that is no success; `None` for one that is.
    pub(super) fn status(&self, answer: &Answer) -> Option<CallFailure> {
        if (200..300).contains(&answer.status) {
            return None;
        }
        let error = error_of_body(&answer.body).unwrap_or_default();
        let retry_after = answer
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
        if (300..400).contains(&answer.status) && answer.status != 304 {
            let location = answer.headers.get(LOCATION);
            return Some(self.redirect(answer.status, location.and_then(|to| to.to_str().ok())));
        }
        let mut failure = self.error(answer.status, &error, retry_after);
        if matches!(answer.status, 400 | 401 | 422) {
            let names = missing_header::named_in(&answer.body, &self.sent);
            let names: Vec<String> = names.into_iter().filter(|name| !self.sends(name)).collect();
            if !names.is_empty() {
                failure.message = self.lacks(answer.status, &names);
                failure.missing_headers = names;
            }
        }
        Some(failure)
    }

    /// Whether the request had a header of this name.
    fn sends(&self, name: &str) -> bool {
        let mut headers = self.endpoint.headers.iter();
        headers.any(|(sent, _)| sent.eq_ignore_ascii_case(name))
    }

    /// The message for a request without headers that the upstream asks for by name.
    fn lacks(&self, status: u16, names: &[String]) -> String {
        let origin = &self.origin;
        let is_credential = |name: &String| {
            ["auth", "key", "token"]
                .iter()
                .any(|part| name.contains(part))
        };
        match names {
            [name] if is_credential(name) => format!(
                "{origin} requires a key in the header `{name}` ({status}). Set the auth header to \
                 `{name}` and enter the key."
            ),
            _ => format!(
                "{origin} requires a header that was not sent ({status}). {}",
                missing_header::advice(names)
            ),
        }
    }

    fn error(&self, status: u16, error: &ErrorInfo, retry_after: Option<u32>) -> CallFailure {
        let origin = &self.origin;
        let word = self.quoted(error);
        let fail = CallFailure::new;
        match status {
            401 | 403 => fail(CheckOutcome::Unauthorized, self.refused(status, &word)),
            // What LiteLLM without a database says of a key that is not its own.
            400 if error.word.as_deref() == Some("no_db_connection") => {
                fail(CheckOutcome::Unauthorized, self.refused(status, &word))
            }
            // And of a request whose credential it cannot find.
            500 if self.endpoint.auth != AuthSent::Scheme => fail(
                CheckOutcome::Unauthorized,
                format!(
                    "{} LiteLLM returns this if the credential is missing or has no scheme.",
                    self.refused(status, &word)
                ),
            ),
            404 => fail(
                CheckOutcome::NotFound,
                format!(
                    "{} was not found (404{word}). {}",
                    self.shown_url(),
                    self.path_hint()
                ),
            ),
            429 => {
                let wait = match retry_after {
                    Some(seconds @ 1..=86_400) => format!("Try again in {seconds} seconds"),
                    _ => "Try again later".to_owned(),
                };
                fail(
                    CheckOutcome::RateLimited,
                    format!("{origin} is limiting requests (429{word}). {wait}."),
                )
            }
            500..=599 => fail(
                CheckOutcome::ServerError,
                format!("{origin} failed ({status}{word}). Check its log, or try again later."),
            ),
            _ => fail(
                CheckOutcome::UnexpectedStatus,
                format!(
                    "{origin} responded with the unexpected status {status}{word}. Check that the base URL is that of its API."
                ),
            ),
        }
    }

    fn refused(&self, status: u16, word: &str) -> String {
        let origin = &self.origin;
        match self.endpoint.auth {
            AuthSent::None => {
                format!("{origin} requires a key, and none was sent ({status}{word}). Enter a key.")
            }
            AuthSent::Scheme => format!(
                "{origin} refused the key ({status}{word}). Check that the key is correct, still valid and allowed to list models."
            ),
            AuthSent::NoScheme => format!(
                "{origin} refused the key ({status}{word}), which was sent in Authorization without a scheme. \
                 Leave the auth header empty to send it as Bearer, or check the key."
            ),
        }
    }

    fn redirect(&self, status: u16, location: Option<&str>) -> CallFailure {
        let target = location
            .and_then(|location| self.url.join(location).ok())
            .filter(|target| matches!(target.scheme(), "http" | "https"))
            .map(|target| {
                // Neither user name nor query: either may hold what was sent.
                let plain = format!("{}{}", target.origin().ascii_serialization(), target.path());
                sanitise::line(&plain, 200)
            })
            .filter(|target| {
                let decoded = percent_decode_str(target).decode_utf8_lossy();
                !self.sent.overlap(target) && !self.sent.overlap(&decoded)
            });
        let to = target.map_or_else(String::new, |target| format!(" to {target}"));
        CallFailure::new(
            CheckOutcome::Redirected,
            format!(
                "{} redirects{to} ({status}). Waypost does not follow redirects, because that would send the key along. If the API is there, enter that address as the base URL.",
                self.shown_url()
            ),
        )
    }

    /// What a success means that holds no list.
    pub(super) fn fault(&self, fault: &Fault) -> CallFailure {
        let origin = &self.origin;
        let bad = |what: String| CallFailure::new(CheckOutcome::BadResponse, what);
        match fault {
            Fault::NotJson { is_markup: true } => bad(format!(
                "{origin} returned a web page instead of a model list. {}",
                self.path_hint()
            )),
            Fault::NotJson { is_markup: false } => bad(format!(
                "{origin} returned something other than JSON. {}",
                self.api_hint()
            )),
            Fault::TooDeep => bad(format!(
                "{origin} returned JSON nested more than {} levels deep, which is not a model list.",
                json::DEEPEST
            )),
            Fault::NoList { has_models: true } => bad(format!(
                "{origin} returned `models` instead of `data`, so its API is not OpenAI-compatible. {}",
                self.path_hint()
            )),
            Fault::NoList { has_models: false } => bad(format!(
                "{origin} returned JSON without a list of models. {}",
                self.api_hint()
            )),
            Fault::Error(status) => match status {
                Some(status @ 400..=599) => self.error(*status, &ErrorInfo::default(), None),
                _ if self.correction().is_some() => bad(format!(
                    "{origin} returned an error with a success status. {}",
                    self.path_hint()
                )),
                _ => bad(format!(
                    "{origin} returned an error with a success status. Check its log, or try again later."
                )),
            },
            Fault::TooMany => CallFailure::new(
                CheckOutcome::TooLarge,
                format!(
                    "{origin} lists more than {} models, the most that Waypost reads.",
                    thousands(MOST_ELEMENTS)
                ),
            ),
            Fault::NoCursor => bad(format!(
                "{origin} reports more models without a link to them. Waypost does not use an incomplete list."
            )),
        }
    }

    /// The URL for a message, without its query.
    fn shown_url(&self) -> String {
        format!("{}{}", self.origin, self.url.path())
    }

    /// What is probably wrong with the path of the base URL, and the base URL to try.
    fn correction(&self) -> Option<String> {
        let base = &self.endpoint.base_url;
        let hint = hints(base.as_str()).into_iter().find_map(|hint| {
            let suggestion = hint.suggestion()?;
            Some(match hint {
                BaseUrlHint::DoubledVersion { .. } => {
                    format!("The base URL has its version twice. Try {suggestion}.")
                }
                BaseUrlHint::AzureOpenAi { .. } | BaseUrlHint::KnownApi { .. } => {
                    format!("{} Try {suggestion}.", hint.message())
                }
                _ => return None,
            })
        });
        hint.or_else(|| {
            (!has_version(base)).then(|| format!("The base URL has no version. Try {base}/v1."))
        })
    }

    /// What is probably wrong with the path of the base URL.
    fn path_hint(&self) -> String {
        let correction = self.correction();
        correction.unwrap_or_else(|| "Check the path of the base URL.".to_owned())
    }

    /// The same where the answer may come from something that is no such API at all.
    fn api_hint(&self) -> String {
        self.correction().unwrap_or_else(|| {
            "Check that the base URL is that of an OpenAI-compatible API.".to_owned()
        })
    }

    /// The error's word, for the end of a status in parentheses.
    fn quoted(&self, error: &ErrorInfo) -> String {
        match &error.word {
            Some(word) if !self.sent.overlap(word) => format!(", {word}"),
            _ => String::new(),
        }
    }
}
