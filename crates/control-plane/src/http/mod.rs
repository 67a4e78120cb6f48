//! The outer half: HTTP, and nothing that decides anything about the workspace.
//!
//! [`endpoints`] is the one table. What no row of it answers is the dashboard's, except below
//! `/api`, where every answer is JSON: never a page.

pub mod assets;
pub mod body;
pub mod failures;
mod health;
pub mod openapi;
mod policy;
pub mod problem;
pub mod query;
pub mod security;
pub mod session;
pub mod table;

use crate::app::App;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use problem::Refusal;
use std::time::Instant;
use table::Endpoint;
use waypost_api_types::SessionView;

/// Every endpoint.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    const DELETE: Method = Method::DELETE;
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    vec![
        Endpoint::new(
            GET,
            "/healthz",
            "health",
            "Whether the control plane lives.",
            health::alive,
        )
        .for_anyone()
        .answers_text(),
        Endpoint::new(
            GET,
            "/readyz",
            "readiness",
            "Whether the control plane can work.",
            health::ready,
        )
        .for_anyone()
        .answers_text(),
        Endpoint::new(
            GET,
            "/api/openapi.json",
            "openapi",
            "This document.",
            health::document,
        )
        .for_anyone()
        .answers_document(),
        Endpoint::new(
            POST,
            "/api/v1/session",
            "signIn",
            "Trades a sign-in link's token for a session.",
            session::sign_in,
        )
        .for_anyone()
        .takes::<session::SignIn>()
        .answers::<SessionView>(200),
        Endpoint::new(
            GET,
            "/api/v1/session",
            "session",
            "Who is signed in.",
            session::show,
        )
        .answers::<SessionView>(200),
        Endpoint::new(
            DELETE,
            "/api/v1/session",
            "signOut",
            "Signs out.",
            session::sign_out,
        ),
    ]
}

/// The whole server, from the outside in: log, security headers, Host allow-list, cross-site
/// guard, endpoints, dashboard.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for endpoint in endpoints() {
        let (path, handler) = endpoint.route(app);
        router = router.route(path, handler);
    }
    router
        .fallback(anything_else)
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(security::cross_site_guard())
        .layer(from_fn_with_state(
            app.hosts().clone(),
            security::check_host,
        ))
        .layer(from_fn_with_state(
            app.headers().clone(),
            security::set_headers,
        ))
        .layer(from_fn(log))
        .with_state(app.clone())
}

/// The dashboard's files, or a problem below `/api`.
async fn anything_else(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return Refusal::no_such_address().into_response();
    }
    app.assets().answer(&method, path, &headers)
}

/// One line for each request: never a body, a query or a header, which may hold what nobody
/// should read.
async fn log(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let milliseconds = begun.elapsed().as_millis();
    tracing::debug!(%method, path, status, milliseconds, "request");
    response
}
