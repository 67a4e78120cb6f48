//! The calls themselves, page after page.

use super::classify::Classifier;
use super::error_body::error_of_body;
use super::failure::CallFailure;
use super::listing::{Fault, LONGEST_LINK, Listing, Next};
use super::sent_secrets::SentSecrets;
use super::{AuthSent, Discovery, ModelListTarget};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use url::Url;
use waypost_api_types::CheckOutcome;
use waypost_egress::{Egress, OriginClient};
use waypost_routing::numbers::thousands;
use waypost_routing::operation::Operation;

/// How long all calls of one discovery may take together.
const WHOLE: Duration = Duration::from_secs(60);
/// How many pages are read.
const MOST_PAGES: u64 = 200;

/// Lists the models of an endpoint. Calls `progress` with the number of models and pages after
/// each page.
///
/// If one page of several fails, the whole list fails.
pub async fn discover(
    egress: &Egress,
    endpoint: &ModelListTarget,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Discovery {
    let begun = Instant::now();
    let mut run = Run {
        endpoint,
        progress,
        listing: Listing::new(SentSecrets::new(&endpoint.headers)),
        status: None,
    };
    let ended = match tokio::time::timeout(WHOLE, run.all(egress)).await {
        Ok(ended) => ended,
        Err(_) => Err(CallFailure::new(
            CheckOutcome::Timeout,
            format!(
                "{} did not finish listing its models within {} seconds.",
                endpoint.base_url.origin(),
                WHOLE.as_secs()
            ),
        )),
    };
    let ended = match ended {
        Ok(()) => {
            let (outcome, message) = run.success();
            CallFailure::new(outcome, message)
        }
        Err(failure) => failure,
    };
    let CallFailure {
        outcome,
        message,
        missing_headers,
        may_be_allowed,
    } = ended;
    let Run {
        listing, status, ..
    } = run;
    let models = match outcome {
        CheckOutcome::Ok => listing.models,
        _ => Vec::new(),
    };
    Discovery {
        outcome,
        message,
        status,
        duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        request: request_line(endpoint),
        models,
        skipped: listing.unusable + listing.repeats_secret,
        missing_headers,
        may_be_allowed,
    }
}

/// What is asked, for a person.
fn request_line(endpoint: &ModelListTarget) -> String {
    let list = endpoint.base_url.operation_url(Operation::Models);
    match endpoint.check_key_path {
        Some(path) => format!("GET {}{path}, then GET {list}", endpoint.base_url),
        None => format!("GET {list}"),
    }
}

struct Run<'a> {
    endpoint: &'a ModelListTarget,
    progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    listing: Listing,
    status: Option<u16>,
}

impl Run<'_> {
    async fn all(&mut self, egress: &Egress) -> Result<(), CallFailure> {
        let base = &self.endpoint.base_url;
        let headers: Vec<_> = self
            .endpoint
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose()))
            .collect();
        let session = egress.origin(base, self.endpoint.granted, &headers)?;
        if let Some(path) = self.endpoint.check_key_path {
            let url = self.url(&session, path)?;
            self.check_key(&session, &url).await?;
        }
        let first = self.url(&session, Operation::Models.path())?;
        self.pages(&session, first).await
    }

    /// A URL below the base.
    fn url(&self, session: &OriginClient, path: &str) -> Result<Url, CallFailure> {
        session
            .base()
            .join(path.trim_start_matches('/'))
            .map_err(|_| self.fail(format!("The base URL takes no path {path}.")))
    }

    /// Asks for something that only a valid key opens.
    async fn check_key(&mut self, session: &OriginClient, url: &Url) -> Result<(), CallFailure> {
        let answer = session.get(url).await?;
        self.status = Some(answer.status);
        let classifier = Classifier::new(self.endpoint, url);
        if let Some(failure) = classifier.status(&answer) {
            return Err(failure);
        }
        match error_of_body(&answer.body) {
            Some(error) => Err(classifier.fault(&Fault::Error(error.status))),
            None => Ok(()),
        }
    }

    async fn pages(&mut self, session: &OriginClient, first: Url) -> Result<(), CallFailure> {
        let mut visited = HashSet::new();
        let mut url = first.clone();
        for page in 1..=MOST_PAGES {
            if !visited.insert(url.as_str().to_owned()) {
                return Err(self.goes_in_a_circle());
            }
            let before = self.listing.models.len();
            let next = self.page(session, &url).await?;
            (self.progress)(self.listing.models.len() as u64, page);
            url = match next {
                Next::End => return Ok(()),
                // More without anything new is a circle that writes its links anew each time.
                _ if self.listing.models.len() == before => return Err(self.goes_in_a_circle()),
                Next::After(id) => {
                    // Only a query is added, whatever the id is.
                    let mut url = first.clone();
                    url.query_pairs_mut().append_pair("after_id", &id);
                    url
                }
                Next::Link(link) => self.follow(&first, &url, &link)?,
            };
        }
        Err(CallFailure::new(
            CheckOutcome::TooLarge,
            format!(
                "{} has more than {MOST_PAGES} pages of models, the most that Waypost reads.",
                self.endpoint.base_url.origin()
            ),
        ))
    }

    async fn page(&mut self, session: &OriginClient, url: &Url) -> Result<Next, CallFailure> {
        let answer = session.get(url).await?;
        self.status = Some(answer.status);
        let classifier = Classifier::new(self.endpoint, url);
        if let Some(failure) = classifier.status(&answer) {
            return Err(failure);
        }
        self.listing
            .add(&answer.body)
            .map_err(|fault| classifier.fault(&fault))
    }

    /// The address of the next page, which the upstream wrote. Only its query may differ from that
    /// of the first page: any other path would be called with the credential too.
    fn follow(&self, first: &Url, from: &Url, link: &str) -> Result<Url, CallFailure> {
        let next = Some(link)
            .filter(|link| link.len() <= LONGEST_LINK)
            .and_then(|link| from.join(link).ok())
            .filter(|next| next.username().is_empty() && next.password().is_none())
            .ok_or_else(|| {
                self.fail(format!(
                    "{} gives a next page that cannot be read. Waypost does not use an incomplete list.",
                    self.endpoint.base_url.origin()
                ))
            })?;
        if next.origin() != first.origin() {
            return Err(self.fail(format!(
                "{} gives a next page on another host. Waypost does not follow it, because that would send the key there, and does not use an incomplete list.",
                self.endpoint.base_url.origin()
            )));
        }
        if next.path() != first.path() {
            return Err(self.fail(format!(
                "{} gives a next page outside its model list. Waypost does not follow it, because that would send the key there, and does not use an incomplete list.",
                self.endpoint.base_url.origin()
            )));
        }
        let mut next = next;
        next.set_fragment(None);
        Ok(next)
    }

    fn goes_in_a_circle(&self) -> CallFailure {
        self.fail(format!(
            "The pages of {} repeat. Waypost does not use an incomplete list. Ask its operator.",
            self.endpoint.base_url.origin()
        ))
    }

    fn fail(&self, message: String) -> CallFailure {
        CallFailure::new(CheckOutcome::BadResponse, message)
    }

    fn success(&self) -> (CheckOutcome, String) {
        let unusable = match self.listing.unusable {
            0 => String::new(),
            1 => " 1 entry had no usable id and was skipped.".to_owned(),
            many => format!(" {many} entries had no usable id and were skipped."),
        };
        let repeats_secret = match self.listing.repeats_secret {
            0 => String::new(),
            1 => " 1 entry contained the key or a header that was sent and was skipped.".to_owned(),
            many => format!(
                " {many} entries contained the key or a header that was sent and were skipped."
            ),
        };
        let skipped = format!("{unusable}{repeats_secret}");
        let verified = match self.endpoint.check_key_path {
            Some(_) => "The key works. ",
            None => "",
        };
        let keyless = match (self.endpoint.check_key_path, self.endpoint.auth) {
            (None, AuthSent::None) => " without a key",
            _ => "",
        };
        let (outcome, models) = match self.listing.models.len() {
            0 => (CheckOutcome::NoModels, "no models".to_owned()),
            1 => (CheckOutcome::Ok, "1 model".to_owned()),
            many => (
                CheckOutcome::Ok,
                format!("{} models", thousands(many as u64)),
            ),
        };
        let hint = match outcome {
            CheckOutcome::NoModels => " Check which models the key may use.",
            _ => "",
        };
        let message = format!("{verified}The endpoint lists {models}{keyless}.{hint}{skipped}");
        (outcome, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::json::DEEPEST;
    use crate::discovery::listing::MOST_ELEMENTS;
    use crate::discovery::metadata::LONGEST_ID;

    #[test]
    fn the_page_on_security_tells_these_limits() {
        let page = include_str!("../../../../docs/security.md");
        for line in [
            format!(
                "| all pages of one list | {} seconds, {MOST_PAGES} pages |",
                WHOLE.as_secs()
            ),
            format!("| JSON | {DEEPEST} levels deep |"),
            format!("| models | {MOST_ELEMENTS} elements in the list |"),
            format!("| id | {LONGEST_ID} bytes |"),
        ] {
            assert!(page.contains(&line), "docs/security.md lacks: {line}");
        }
    }
}
