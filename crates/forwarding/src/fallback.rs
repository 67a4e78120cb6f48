//! When the fallback is used.

use crate::forward_error::ForwardError;
use http::Response;
use std::borrow::Cow;
use waypost_egress::ResponseBody;
use waypost_routing::resolve::{Plan, PrimaryFailure};

/// The plan of the fallback and the reason for it, where it is to be used. A failure of Waypost's own
/// configuration or secrets does not lead to it, nor an answer that cannot be passed on.
pub(crate) fn after<'p>(
    primary: &'p Plan<'_>,
    first: &Result<Response<ResponseBody>, ForwardError>,
) -> Option<(Cow<'static, str>, Plan<'p>)> {
    let failure = match first {
        Err(error) if error.allows_fallback => PrimaryFailure::NotAnswered,
        Err(_) if primary.is_rejected() => PrimaryFailure::Rejected,
        Err(_) => return None,
        Ok(response) => PrimaryFailure::Status(response.status().as_u16()),
    };
    let fallback = primary.fallback_after(failure)?;
    let reason = match first {
        Err(error) => error.code.clone(),
        Ok(response) => format!("status_{}", response.status().as_u16()).into(),
    };
    Some((reason, fallback))
}
