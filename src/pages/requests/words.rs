//! A request in sentences. Pure: no state, no browser.

use crate::api::types::{
    RequestAttempt, RequestDetail, RequestOutcome, RouteComparison, RouteDifference,
};
use crate::format::elapsed;
use waypost_routing::resolution::Outcome;

/// How a request ended, why, and what to do about it.
pub(super) fn outcome_words(detail: &RequestDetail) -> String {
    let request = &detail.request;
    let total = elapsed(request.total_us);
    match request.outcome {
        RequestOutcome::Ok => answered(detail),
        RequestOutcome::UpstreamError => upstream_error(detail),
        RequestOutcome::Refused => match refusal(detail) {
            Some(message) => format!("Not sent. {message}"),
            None => code_words(request.code.as_deref()),
        },
        RequestOutcome::Failed => {
            let place = match detail.attempts.last().and_then(place_of) {
                Some(place) if detail.attempts.len() > 1 => {
                    format!(" The fallback went to {place}.")
                }
                Some(place) => format!(" It went to {place}."),
                None => String::new(),
            };
            code_words(request.code.as_deref()) + &place
        }
        RequestOutcome::Cancelled => match request.first_byte_us {
            Some(_) => format!("The caller left after {total}, before the answer was complete."),
            None => format!("The caller left after {total}, before the answer began."),
        },
    }
}

fn answered(detail: &RequestDetail) -> String {
    let request = &detail.request;
    let total = elapsed(request.total_us);
    let first = match request.first_byte_us {
        Some(first) => format!(", the first byte after {}", elapsed(first)),
        None => String::new(),
    };
    match (&request.fallback, detail.attempts.first()) {
        (Some(reason), Some(primary)) => format!(
            "Answered by the fallback in {total}{first}, because {}.",
            fallback_reason(reason, place_of(primary).as_deref())
        ),
        _ => format!("Answered in {total}{first}."),
    }
}

fn upstream_error(detail: &RequestDetail) -> String {
    let request = &detail.request;
    let last = detail.attempts.last();
    let place = last.and_then(place_of);
    let place = place.as_deref().unwrap_or("The upstream");
    let status = request.status.unwrap_or_default();
    let said = match status {
        ..400 => format!("{place} answered {status} with an error inside. Waypost passed it on."),
        _ => format!("{place} answered {status}. Waypost passed the answer on."),
    };
    let advice = match status {
        401 | 403 => " Check the key that is configured for it.",
        404 => " Check that it has the model, under this name.",
        429 => " It is rate limiting: wait, or name a fallback.",
        500.. => " The failure is at the upstream.",
        _ => "",
    };
    said + advice
}

/// Why the fallback was used, after "because".
pub(super) fn fallback_reason(reason: &str, primary: Option<&str>) -> String {
    let primary = primary.unwrap_or("the primary");
    match reason.strip_prefix("status_") {
        Some(status) => format!("{primary} answered {status}"),
        None => match reason {
            "connect_failed" => format!("{primary} could not be reached"),
            "tls_failed" => format!("no secure connection to {primary} was possible"),
            "upstream_closed" => {
                format!("{primary} closed the connection or did not answer in HTTP")
            }
            "upstream_timeout" => format!("{primary} did not answer in time"),
            code => format!("{primary} could not be used (`{code}`)"),
        },
    }
}

/// What the resolver said of a request that was not sent.
fn refusal(detail: &RequestDetail) -> Option<String> {
    let route = detail.route.as_ref()?;
    let error = route.error.as_ref()?;
    let is_why = detail.request.code.as_deref() == Some(&*error.code);
    (route.outcome == Outcome::Rejected && is_why).then(|| error.message.clone())
}

/// Where an attempt went, as people call it.
pub(super) fn place_of(attempt: &RequestAttempt) -> Option<String> {
    attempt.provider.clone().or_else(|| attempt.origin.clone())
}

/// A code in a sentence that says what to do.
pub(super) fn code_words(code: Option<&str>) -> String {
    let words = match code {
        Some("connect_failed") => {
            "Waypost could not connect to the upstream. Check that it is running and that its base URL is right."
        }
        Some("tls_failed") => {
            "Waypost could not make a secure connection to the upstream. Check its certificate."
        }
        Some("upstream_closed") => {
            "The upstream closed the connection before its answer was complete, or did not answer in HTTP."
        }
        Some("upstream_timeout") => "The upstream did not answer in time.",
        Some("address_not_allowed") => {
            "Waypost did not call the upstream's address. If it is a private one, allow it where the provider or source is configured. Link-local, metadata and Waypost's own addresses are never called."
        }
        Some("secrets_unavailable") => {
            "The secrets backend was not responding, so there was no key to send."
        }
        Some("overloaded") => "Waypost was at its limit of requests or buffered bodies.",
        Some("agent_busy") => "The agent was at its limit of concurrent requests.",
        Some("too_many_failures") => "Too many invalid tokens came from this address.",
        Some("shutting_down") => "Waypost was stopping.",
        Some("stale_configuration") => {
            "Waypost had not reached its database for too long, so that its configuration might have been outdated."
        }
        Some("invalid_token") => {
            "The token was missing, mistyped, expired or revoked, or belongs to no agent. Create one on the agent's page."
        }
        Some("unknown_path") => "Waypost does not forward this address.",
        Some("invalid_json") => "The request's body was not a JSON object.",
        Some("missing_model") => "The request's body named no model.",
        Some("duplicate_model") => "The request's body named its model twice.",
        Some("credential_in_url") => {
            "The address contained a credential. It belongs in a header; replace the one that was sent."
        }
        Some("body_timeout") => "The request's body did not arrive in time.",
        Some("body_too_large") => "The request's body was larger than the limit.",
        Some("unsupported_encoding") => {
            "The request's body was compressed in a way that Waypost does not decode."
        }
        Some("model_not_allowed") => {
            "The agent's `allow` list does not contain the model. Add it to the agent's document."
        }
        Some("body_routing_refused") => {
            "The request's body contained fields that choose another route inside the gateway."
        }
        Some("no_route") => "The model had no route.",
        Some("unknown_model") => "The agent has no such model.",
        Some("internal") => {
            "A bug in Waypost ended the request. The log has its place in the code."
        }
        Some(code) => return format!("Waypost ended the request with the code `{code}`."),
        None => "The request failed. The reason was not recorded.",
    };
    words.to_owned()
}

/// A flag in words.
pub(super) fn flag_words(flag: &str) -> String {
    match flag {
        "body_may_reroute" => {
            "The body has fields that can choose another route inside the gateway.".to_owned()
        }
        "upstream_credential_rejected" => "The upstream refused the key.".to_owned(),
        flag => format!("`{flag}`"),
    }
}

/// Whether the same request would take the same route now: the verdict, and a sentence. `refused` says
/// that Waypost refused it then.
pub(super) fn comparison_words(
    comparison: RouteComparison,
    refused: bool,
) -> (&'static str, &'static str) {
    match (comparison, refused) {
        (RouteComparison::Same, true) => (
            "Same today",
            "The configuration that decided about it has not changed.",
        ),
        (RouteComparison::Same, false) => (
            "Same route today",
            "The same request would be sent exactly as this one was.",
        ),
        (RouteComparison::Differs, _) => (
            "Today it would differ",
            "The configuration has changed since:",
        ),
        (RouteComparison::AgentDeleted, _) => (
            "Today it would be refused",
            "Its agent was deleted since, and the agent's tokens with it.",
        ),
        (RouteComparison::NotKnown, _) => (
            "Nothing to compare",
            "No route was decided for this request, or it is no longer stored.",
        ),
    }
}

/// What differs, in words: `Wire model`, `Fallback: URL`.
pub(super) fn field_name(difference: &RouteDifference) -> String {
    let (of_fallback, field) = match difference.field.strip_prefix("fallback.") {
        Some(field) => (true, field),
        None => (false, difference.field.as_str()),
    };
    let name = match field {
        "outcome" => "Outcome",
        "error" => "Error",
        "model" => "Model",
        "kind" => "Route",
        "provider" => "Provider",
        "url" => "URL",
        "wire_model" => "Wire model",
        "credential" => "Credential",
        "headers" => "Headers",
        "caller_headers" => "Caller's headers",
        "warnings" => "Warnings",
        "fallback" => "Fallback",
        other => other,
    };
    match of_fallback {
        true => format!("Fallback: {name}"),
        false => name.to_owned(),
    }
}

#[cfg(test)]
pub(super) mod sample {
    use crate::api::types::{
        RequestAttempt, RequestDetail, RequestItem, RequestOutcome, RouteComparison, RouteNow,
        TokenUsage,
    };
    use waypost_routing::operation::Operation;
    use waypost_routing::resolution::{RouteKind, Rule};

    /// A request that was answered.
    pub(in crate::pages::requests) fn request() -> RequestItem {
        RequestItem {
            number: 7,
            id: "7f3c9a".to_owned(),
            at: 0,
            agent: Some("bot".to_owned()),
            subagent: None,
            operation: Some(Operation::Chat),
            model: Some("openrouter/moonshotai/kimi-k2".to_owned()),
            kind: Some(RouteKind::Gateway),
            provider: Some("openrouter".to_owned()),
            origin: Some("https://openrouter.ai".to_owned()),
            wire_model: Some("moonshotai/kimi-k2".to_owned()),
            outcome: RequestOutcome::Ok,
            status: Some(200),
            code: None,
            fallback: None,
            attempts: 1,
            first_byte_us: Some(320_000),
            total_us: 1_840_000,
            tokens: TokenUsage::default(),
            bytes_in: 14_200,
            bytes_out: 900,
            flags: Vec::new(),
        }
    }

    /// An attempt that took two seconds.
    pub(in crate::pages::requests) fn attempt(provider: &str) -> RequestAttempt {
        RequestAttempt {
            kind: Some(RouteKind::Gateway),
            rule: Some(Rule::Gateway),
            provider: Some(provider.to_owned()),
            origin: Some("https://a.example".to_owned()),
            wire_model: Some("b".to_owned()),
            credential: Some("secret:a/api-key".to_owned()),
            status: Some(200),
            code: None,
            sent: true,
            begun_us: 0,
            connect_us: Some(200_000),
            first_byte_us: Some(1_000_000),
            total_us: 2_000_000,
        }
    }

    /// That request with its route not stored.
    pub(in crate::pages::requests) fn detail() -> RequestDetail {
        RequestDetail {
            request: request(),
            agent_id: None,
            token: None,
            generation: 1,
            attempts: vec![attempt("openrouter")],
            route: None,
            now: RouteNow {
                comparison: RouteComparison::NotKnown,
                differences: Vec::new(),
                agent: None,
                route: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::RequestItem;

    fn ended(outcome: RequestOutcome, status: Option<u16>, code: Option<&str>) -> RequestDetail {
        RequestDetail {
            request: RequestItem {
                outcome,
                status,
                code: code.map(str::to_owned),
                ..sample::request()
            },
            ..sample::detail()
        }
    }

    #[test]
    fn an_answer_is_said_with_its_times() {
        assert_eq!(
            outcome_words(&sample::detail()),
            "Answered in 1.84 s, the first byte after 320 ms."
        );
    }

    #[test]
    fn a_fallback_is_said_with_what_the_primary_did() {
        let mut detail = sample::detail();
        detail.request.fallback = Some("status_503".to_owned());
        detail.attempts = vec![sample::attempt("litellm"), sample::attempt("openrouter")];
        assert_eq!(
            outcome_words(&detail),
            "Answered by the fallback in 1.84 s, the first byte after 320 ms, because litellm answered 503."
        );
        for code in [
            "connect_failed",
            "tls_failed",
            "upstream_closed",
            "upstream_timeout",
        ] {
            let reason = fallback_reason(code, Some("litellm"));
            assert!(
                reason.contains("litellm") && !reason.contains('_'),
                "{reason}"
            );
        }
        assert!(fallback_reason("missing_api_key", None).contains("`missing_api_key`"));
    }

    #[test]
    fn an_error_of_the_upstream_says_where_to_look() {
        let words = |status| outcome_words(&ended(RequestOutcome::UpstreamError, status, None));
        assert!(words(Some(401)).starts_with("openrouter answered 401."));
        assert!(words(Some(401)).ends_with("Check the key that is configured for it."));
        assert!(words(Some(200)).contains("with an error inside"));
    }

    #[test]
    fn a_request_that_was_not_sent_says_why() {
        let text = include_str!("../../../crates/routing/tests/golden/resolutions.json");
        let routes: Vec<waypost_routing::resolution::Resolution> =
            serde_json::from_str(text).expect("routes");
        let route = routes
            .into_iter()
            .find(|route| route.outcome == Outcome::Rejected)
            .expect("a rejected one");
        let error = route.error.clone().expect("why it is rejected");
        let mut detail = ended(RequestOutcome::Refused, Some(422), Some(&error.code));
        detail.route = Some(route);
        assert_eq!(
            outcome_words(&detail),
            format!("Not sent. {}", error.message)
        );
        detail.request.code = Some("model_not_allowed".to_owned());
        assert!(outcome_words(&detail).contains("`allow` list"));
    }

    #[test]
    fn every_other_end_is_a_sentence() {
        let failed = ended(RequestOutcome::Failed, Some(502), Some("connect_failed"));
        assert!(outcome_words(&failed).ends_with("It went to openrouter."));
        let left = outcome_words(&ended(RequestOutcome::Cancelled, None, None));
        assert_eq!(
            left,
            "The caller left after 1.84 s, before the answer was complete."
        );
        let unknown = ended(RequestOutcome::Failed, None, Some("new_code"));
        assert!(outcome_words(&unknown).contains("`new_code`"));
    }

    #[test]
    fn differences_are_named_as_the_page_names_them() {
        let name = |field: &str| {
            field_name(&RouteDifference {
                field: field.to_owned(),
                then: None,
                now: None,
            })
        };
        assert_eq!(name("wire_model"), "Wire model");
        assert_eq!(name("fallback.url"), "Fallback: URL");
    }
}
