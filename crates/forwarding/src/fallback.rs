//! When the fallback is used.

use crate::forward_error::ForwardError;
use http::Response;
use std::borrow::Cow;
use waypost_egress::ResponseBody;
use waypost_routing::codes;
use waypost_routing::resolution::RouteKind;
use waypost_routing::resolve::Plan;

/// Statuses of an upstream after which the fallback is used.
const FALLBACK_STATUSES: [u16; 6] = [429, 500, 502, 503, 504, 529];

/// The plan of the fallback and the reason for it, where it is to be used. A fallback that is itself
/// rejected is not: the primary's answer says more. A failure of Waypost's own configuration or secrets
/// does not lead to it, nor an answer that cannot be passed on.
pub(crate) fn after<'p>(
    primary: &'p Plan<'_>,
    first: &Result<Response<ResponseBody>, ForwardError>,
) -> Option<(Cow<'static, str>, Plan<'p>)> {
    let reason = match first {
        Err(error) if error.allows_fallback => error.code.clone(),
        Err(error) if primary.is_rejected() && error.code != codes::MODEL_DISABLED => {
            error.code.clone()
        }
        Ok(response) if FALLBACK_STATUSES.contains(&response.status().as_u16()) => {
            format!("status_{}", response.status().as_u16()).into()
        }
        _ => return None,
    };
    if primary.kind() == Some(RouteKind::Passthrough) {
        return None;
    }
    let fallback = primary.fallback()?;
    (!fallback.is_rejected()).then_some((reason, fallback))
}
