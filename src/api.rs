//! The one HTTP seam: a method of [`Api`] for each endpoint of the control plane.
//!
//! Every answer is a value or an [`ApiError`]. A request ends with the future that waits for it, so
//! that work which belongs to a component is cancelled with it (see `task`).

mod agents;
mod audit;
mod error;
mod json;
mod models;
mod providers;
mod query;
mod requests;
mod secret_body;
mod session;
mod sources;
mod staged_keys;
mod tokens;
mod traffic;
mod transport;
mod workspace;

pub(crate) use transport::{CallOrigin, in_background};

pub use audit::AuditQuery;
pub use error::{ApiError, Problem, Stored};
pub use providers::provider_path;
pub use requests::{LiveEvent, LiveRequests, RequestQuery};
pub use secret_body::SecretBody;
pub use sources::source_path;
pub use staged_keys::KeyChange;
pub use tokens::CreatedToken;
pub use waypost_api_types as types;

use leptos::prelude::{Callable, Callback, use_context};
use std::future::Future;
use std::pin::Pin;

/// The future of a call. Boxed, so that callers stay small and share one type.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// The control plane, as the dashboard calls it.
#[derive(Clone, Copy)]
pub struct Api {
    /// Runs when an answer says that the session has ended.
    signed_out: Callback<()>,
    /// Runs after each request, with whether the control plane answered it.
    answered: Callback<bool>,
}

impl Api {
    /// An API client that runs `signed_out` when the session ends, and `answered` after each
    /// request with whether the control plane answered.
    #[must_use]
    pub fn new(signed_out: Callback<()>, answered: Callback<bool>) -> Self {
        Self {
            signed_out,
            answered,
        }
    }

    /// Reports that the session has ended.
    fn note_end(self) {
        self.signed_out.try_run(());
    }

    /// Reports whether a request was answered.
    fn note_answer(self, answered: bool) {
        self.answered.try_run(answered);
    }
}

/// The API client of this dashboard.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_api() -> Api {
    use_context().expect("the app provides the API")
}
