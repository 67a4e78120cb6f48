//! Forwarding: the part of Waypost that inference requests pass through.
//!
//! A request carries an agent's token and names a model. [`waypost_routing::resolve::plan`] decides
//! where it goes, exactly as Route preview shows it; the body is passed on byte for byte, except for
//! the value of its top-level `model`, and the answer streams back as it arrives.
//!
//! The crate knows neither the database nor the workspace. It is given a
//! [`RoutingHandle`](waypost_routing::handle::RoutingHandle), a [`CredentialSource`], a [`TokenCheck`]
//! and a [`RecordSink`], and calls upstreams through `waypost_egress` alone.
//!
//! Invariant: on the wire goes what the resolution says, and nothing else of the caller's than the
//! body, the query and the headers that the resolution lists.

mod address;
mod answer_body;
mod answer_headers;
mod body;
mod caller_headers;
mod content_coding;
mod credentials;
mod decided_route;
mod dialect;
mod exchange;
mod fallback;
mod forward_error;
mod forwarding;
mod freshness;
mod limits;
mod load;
mod model_field;
mod model_list;
mod model_lists;
mod panics;
mod record;
mod request_id;
mod token_check;
mod token_usage;
mod trace_context;

#[cfg(test)]
mod tests;

pub use answer_body::{AnswerAborted, AnswerBody};
pub use credentials::{
    CredentialAnswer, CredentialError, CredentialPlace, CredentialSource, CredentialText,
};
pub use decided_route::{DecidedRoute, hide_header_values};
pub use forwarding::{Forwarding, Parts};
pub use freshness::Freshness;
pub use limits::{ForwardingLimits, TOO_MANY_REQUESTS};
pub use load::Load;
pub use model_list::{CatalogUnavailable, ListedModel, ModelCatalog};
pub use record::{Attempt, Outcome, RecordSink, RequestRecord};
pub use token_check::{TokenCheck, TokenOwner, TokenRefusal, too_many_invalid_tokens};
pub use token_usage::TokenUsage;
pub use trace_context::TraceContext;
