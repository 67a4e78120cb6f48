//! The trace of a resolution: the five rules, including those that did not match.

use super::Prose;
use crate::explain::rule_word;
use leptos::prelude::*;
use waypost_routing::resolution::TraceEntry;

/// The rules in the order in which they were tried.
#[component]
pub fn Trace(
    /// Five entries, one a rule.
    entries: Vec<TraceEntry>,
) -> impl IntoView {
    view! {
        <ol class="trace" aria-label="Rules in the order they are tried">
            {entries
                .into_iter()
                .map(|entry| {
                    let state = match (entry.held, entry.reason.as_str()) {
                        (true, _) => "held",
                        (false, "not_reached") => "not-reached",
                        (false, _) => "failed",
                    };
                    let spoken = match state {
                        "held" => "matched: ",
                        "not-reached" => "",
                        _ => "did not match: ",
                    };
                    view! {
                        <li class="trace-entry" data-state=state>
                            <span class="trace-rule">{rule_word(entry.rule)}</span>
                            <span class="trace-reason">
                                <span class="visually-hidden">{spoken}</span>
                                <Prose text=entry.message />
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
