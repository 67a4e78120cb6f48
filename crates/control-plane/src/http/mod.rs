//! The outer half: HTTP, and nothing that decides anything about the workspace.
//!
//! [`api_routes`] is the one table. What no row of it answers is the dashboard's, except below
//! `/api`, where every answer is JSON, and below `/v1`, where requests are forwarded: never a page.

mod access_log;
mod agent_tokens;
mod agents;
pub mod api_route;
mod api_routes;
pub mod app;
pub mod assets;
mod audit;
mod authenticate;
pub mod body;
pub mod caller;
pub mod client_address;
mod compression;
mod content_policy;
pub mod cookie;
mod current_session;
mod database_probe;
pub mod drain;
pub mod failures;
mod health;
mod if_match;
mod inference;
mod json_tree;
mod live_requests;
mod main_runtime;
mod metrics;
mod models;
mod oidc;
mod oidc_page;
pub mod openapi;
pub mod own_addresses;
mod path;
pub mod problem;
mod providers;
pub mod public_path;
pub mod query;
mod requests;
mod route;
mod sample;
pub mod security;
pub mod session;
pub mod session_cache;
mod sessions;
mod settings;
mod snapshot;
mod sources;
mod staged_keys;
mod token_header;
mod tokens;
mod trusted_proxies;
mod undo;
mod usage;
mod user_agent;
mod workspace;

pub use api_routes::api_routes;

use crate::http::app::App;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use problem::ApiError;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// The whole server: forwarding, unless it has its own listener, and beside it endpoints,
/// dashboard, and what every request passes on its way to them.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for endpoint in api_routes() {
        let (path, handler) = endpoint.route(app);
        router = router.route(path, handler);
    }
    let router = router
        .fallback(anything_else)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed());
    let others = main_runtime::on_this_runtime(guarded(router, app));
    match app.has_inference_listener() {
        true => others,
        false => inference::beside(others, app),
    }
}

/// What a listener for forwarding alone serves: everything below `/v1`, and the probes.
pub fn inference_router(app: &App) -> Router {
    let probes = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || ApiError::no_such_address())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed());
    inference::beside(main_runtime::on_this_runtime(guarded(probes, app)), app)
}

/// What a listener for metrics serves: the metrics without a token, and the probes.
pub fn metrics_router(app: &App) -> Router {
    let router = Router::new()
        .route("/metrics", get(metrics::show))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || ApiError::no_such_address())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(
            app.headers().clone(),
            security::set_headers,
        ))
        .layer(from_fn(access_log::log))
        .with_state(app.clone());
    main_runtime::on_this_runtime(router)
}

/// What every request passes, from the outside in: log, security headers, panics, Host
/// allow-list, cross-site guard.
pub fn guarded(router: Router<App>, app: &App) -> Router {
    router
        .layer(security::cross_site_guard())
        .layer(from_fn(security::exempt_tokens))
        .layer(from_fn_with_state(
            app.hosts().clone(),
            security::check_host,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(
            app.headers().clone(),
            security::set_headers,
        ))
        .layer(from_fn(access_log::log))
        .with_state(app.clone())
}

/// Answers in the place of a handler that panicked. What the panic says stays unread.
fn panicked(_payload: Box<dyn Any + Send>) -> Response {
    ApiError::fault().into_response()
}

/// The dashboard's files, or a problem below `/api` and `/v1`.
async fn anything_else(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path();
    let is_below = |prefix: &str| {
        let rest = path.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if is_below("/api") || is_below("/v1") {
        return ApiError::no_such_address().into_response();
    }
    app.assets().answer(&method, path, &headers)
}
