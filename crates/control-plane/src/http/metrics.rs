//! The metrics, for Prometheus.

use crate::http::app::App;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};

/// Shows the metrics in Prometheus' text format.
pub(super) async fn show(State(app): State<App>) -> ([(HeaderName, HeaderValue); 1], String) {
    let kind = HeaderValue::from_static(crate::metrics::CONTENT_TYPE);
    ([(header::CONTENT_TYPE, kind)], app.metrics_text())
}
