//! The refs that an agent's document allows it to send.

use super::Context;
use crate::codes;
use crate::display_text::display_text;
use crate::resolution::Rejection;

/// The rejection of a ref that the agent's `allow` does not list. A subagent's scope is not part
/// of the ref.
pub(super) fn not_allowed(context: &Context<'_>) -> Option<Rejection> {
    let agent = context.agent?;
    if agent.allow.allow(context.unscoped) || agent.allow.allow(context.text) {
        return None;
    }
    Some(Rejection {
        code: codes::MODEL_NOT_ALLOWED.to_owned(),
        message: format!(
            "The agent `{}` may not send `{}`: its `allow` list has no entry for this ref. Add \
             the ref to the list, or send one that it has.",
            display_text(&agent.name, 80),
            display_text(context.unscoped, 120)
        ),
        span: Some([0, context.unscoped.len()]),
    })
}
