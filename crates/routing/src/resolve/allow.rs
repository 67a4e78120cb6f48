//! The refs that an agent's document allows it to send.

use super::context::Context;

/// Whether the agent's `allow` lists the ref. A subagent's scope is not part of the ref.
pub(super) fn is_allowed(context: &Context<'_, '_>) -> bool {
    context
        .agent
        .is_none_or(|agent| agent.allow.allow(context.unscoped) || agent.allow.allow(context.text))
}
