//! What of a request can be fixed, and where. Pure: no state, no browser.

use crate::api::types::{RequestDetail, RequestOutcome, RouteComparison};
use crate::features::remedy::{Failure, KEY_REFUSED};
use waypost_routing::credential::agent_key_of;

/// Why a request failed, as far as a page of the dashboard could help.
pub(super) fn failure_of(detail: &RequestDetail) -> Option<Failure> {
    let request = &detail.request;
    let last = detail.attempts.last();
    let code = match (request.outcome, request.status) {
        (RequestOutcome::UpstreamError, Some(401 | 403)) => KEY_REFUSED.to_owned(),
        (RequestOutcome::Refused | RequestOutcome::Failed, _) => request.code.clone()?,
        _ => return None,
    };
    let sent_to = last.and_then(|attempt| attempt.provider.clone());
    let credential = last.and_then(|attempt| attempt.credential.as_deref());
    let agent = detail.now.agent.clone().or(request.agent.clone());
    let exists = detail.now.comparison != RouteComparison::AgentDeleted;
    Some(Failure {
        code,
        model_ref: request.model.clone().unwrap_or_default(),
        owner: sent_to.or(request.provider.clone()),
        agent: agent.filter(|_| exists),
        is_agents_key: credential
            .and_then(|from| from.strip_prefix("secret:"))
            .is_some_and(|name| agent_key_of(name).is_some()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::sample;
    use super::*;

    #[test]
    fn a_refused_key_is_that_of_the_last_attempt() {
        let mut detail = sample::detail();
        assert_eq!(failure_of(&detail), None, "it was answered");
        detail.request.outcome = RequestOutcome::UpstreamError;
        detail.request.status = Some(401);
        detail.attempts = vec![sample::attempt("litellm"), sample::attempt("openrouter")];
        let failure = failure_of(&detail).expect("a refused key");
        assert_eq!(failure.code, KEY_REFUSED);
        assert_eq!(failure.owner.as_deref(), Some("openrouter"));
        assert!(!failure.is_agents_key);
        detail.attempts[1].credential =
            Some("secret:agents/0123456789abcdef/openrouter/api-key".to_owned());
        assert!(failure_of(&detail).expect("a refused key").is_agents_key);
        detail.request.status = Some(429);
        assert_eq!(failure_of(&detail), None);
    }

    #[test]
    fn an_agent_that_was_deleted_cannot_be_edited() {
        let mut detail = sample::detail();
        detail.request.outcome = RequestOutcome::Refused;
        detail.request.code = Some("model_not_allowed".to_owned());
        let failure = failure_of(&detail).expect("a refused request");
        assert_eq!(failure.agent.as_deref(), Some("bot"));
        detail.now.comparison = RouteComparison::AgentDeleted;
        assert_eq!(failure_of(&detail).expect("a refused request").agent, None);
    }
}
