//! One request: how it ended, where it went, how long that took, and what would differ today.

use super::attempts::Attempts;
use super::comparison::Comparison;
use super::decided_route::DecidedRoute;
use super::facts::Facts;
use super::failure::failure_of;
use super::words::outcome_words;
use crate::api::types::{RequestDetail, RequestOutcome, RouteComparison};
use crate::components::{Badge, COPY_BLOCKED, CopyButton, Prose};
use crate::dom;
use crate::features::remedy::Remedy;
use crate::format::{request_status, request_tone};
use crate::paths::{Path, PreviewAddress, PreviewMode, RequestsFilter};
use crate::state::use_announcer;
use leptos::prelude::*;

/// The request.
#[component]
pub(super) fn Detail(detail: RequestDetail, filter: Memo<RequestsFilter>) -> impl IntoView {
    let announcer = use_announcer();
    let request = detail.request.clone();
    let time = dom::local_time(request.at);
    let id = request.id.clone();
    let link = {
        let id = id.clone();
        Signal::derive(move || {
            let path = Path::Request(id.clone(), filter.get());
            dom::location_origin() + &path.to_string()
        })
    };
    let copied = move |done: bool| {
        announcer.say(match done {
            true => "Link copied.",
            false => COPY_BLOCKED,
        });
    };
    view! {
        <div class="request-about">
            <Badge tone=request_tone(&request) text=request_status(&request) />
            <time datetime=dom::iso_time(request.at)>{time.date_time()}</time>
            <code>{id}</code>
            <CopyButton text=link label="Copy link" copied=Callback::new(copied) />
        </div>
        <p class="request-outcome">
            <Prose text=outcome_words(&detail) />
            " "
            <Remedy failure=failure_of(&detail) />
        </p>
        <section class="part">
            <h3>"Route as it was decided"</h3>
            <DecidedRoute detail=detail.clone() />
        </section>
        <section class="part">
            <h3>"Attempts"</h3>
            <Attempts attempts=detail.attempts.clone() total=request.total_us />
        </section>
        <section class="part">
            <h3>"The same request today"</h3>
            <Comparison
                now=detail.now.clone()
                refused={request.outcome == RequestOutcome::Refused}
            />
            <Links detail=detail.clone() />
        </section>
        <section class="part">
            <h3>"Details"</h3>
            <Facts detail=detail />
        </section>
    }
}

/// Where to go on.
#[component]
fn Links(detail: RequestDetail) -> impl IntoView {
    let exists = detail.now.comparison != RouteComparison::AgentDeleted;
    let agent = detail.now.agent.clone().or(detail.request.agent.clone());
    let agent = agent.filter(|_| exists);
    let preview = preview_of(&detail, agent.as_deref());
    let links = agent.map(|agent| {
        let page = Path::Agent(agent.clone()).to_string();
        let others = Path::Requests(RequestsFilter::of_agent(&agent)).to_string();
        view! {
            <a href=page>"Open the agent"</a>
            <a href=others>"Requests of this agent"</a>
        }
    });
    view! {
        <p class="request-links">
            {preview.map(|preview| view! { <a href=preview>"Open in Route preview"</a> })}
            {links}
        </p>
    }
}

/// Route preview of the same agent, model and operation; `None` without a model.
fn preview_of(detail: &RequestDetail, agent: Option<&str>) -> Option<String> {
    let request = &detail.request;
    let address = PreviewAddress {
        mode: match agent {
            Some(_) => PreviewMode::Agent,
            None => PreviewMode::Ref,
        },
        model_ref: request.model.clone()?,
        agent: agent.unwrap_or_default().to_owned(),
        subagent: agent.and(request.subagent.clone()).unwrap_or_default(),
        operation: request.operation.unwrap_or_default(),
        scenario: Vec::new(),
    };
    Some(Path::Preview(address).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::requests::words::sample;

    #[test]
    fn route_preview_gets_the_agent_and_what_it_sent() {
        let mut detail = sample::detail();
        detail.request.subagent = Some("coder".to_owned());
        assert_eq!(
            preview_of(&detail, Some("bot")).as_deref(),
            Some("/preview?ref=openrouter%2Fmoonshotai%2Fkimi-k2&agent=bot&subagent=coder")
        );
        // A deleted agent has no preview; what it sent has.
        assert_eq!(
            preview_of(&detail, None).as_deref(),
            Some("/preview?ref=openrouter%2Fmoonshotai%2Fkimi-k2")
        );
        detail.request.model = None;
        assert_eq!(preview_of(&detail, Some("bot")), None);
    }
}
