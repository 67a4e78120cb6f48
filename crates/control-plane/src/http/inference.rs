//! What is below `/v1`: requests that are forwarded.
//!
//! They come from runtimes and not from browsers, so that none of the dashboard's layers applies: no
//! cookie, no allow-list of hosts, no guard against other sites. The token decides alone.

use super::client_address::ClientAddress;
use crate::http::app::App;
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use waypost_forwarding::Forwarding;

/// The router of everything else with forwarding beside it, unless that is turned off.
pub(super) fn beside(others: Router, app: &App) -> Router {
    let Some(forwarding) = app.forwarding().cloned() else {
        return others;
    };
    let app = app.clone();
    Router::new().fallback(move |request: Request| {
        let (app, forwarding, others) = (app.clone(), forwarding.clone(), others.clone());
        async move {
            match Forwarding::serves(request.uri().path()) {
                true => forward(&app, &forwarding, request).await,
                false => others.oneshot(request).await.into_response(),
            }
        }
    })
}

async fn forward(app: &App, forwarding: &Forwarding, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let Ok(ClientAddress(client)) = ClientAddress::from_request_parts(&mut head, app).await;
    let answer = forwarding.answer(Request::from_parts(head, body), client);
    answer.await.map(Body::new)
}
