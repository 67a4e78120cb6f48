//! The routes of the document in the editor, while you type.

use super::route_summary::Glance;
use crate::components::{Empty, Show};
use crate::features::replace_model::{
    ReplaceModel, ReplaceModelButton, ReplaceRequest, SharedReplaceDialog,
};
use crate::state::use_routing_table;
use leptos::prelude::*;
use waypost_routing::agent::{Agent, AgentReading};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;

/// How many subagents are written out.
const SHOWN: usize = 40;

/// The routes of an agent: its own, and those of its subagents.
#[component]
pub(super) fn LiveRoutes(
    /// The document as it was read.
    reading: Memo<AgentReading>,
    /// The private origins that may be called.
    allowed: Signal<Vec<String>>,
    /// The name of the agent that the document replaces.
    name: Signal<Option<String>>,
    /// The name of the stored agent, while the document is the stored one.
    stored: Signal<Option<String>>,
    /// Runs once a model was replaced.
    #[prop(into)]
    replaced: Callback<()>,
) -> impl IntoView {
    let table = use_routing_table();
    let dialog = SharedReplaceDialog::new();
    // The last valid document stays, so that a half-typed line does not make the page jump.
    let agent = Memo::new(move |before: Option<&Option<Agent>>| {
        let now = reading.with(|reading| reading.agent.clone());
        now.or_else(|| before.cloned().flatten())
    });
    let old = Memo::new(move |_| reading.with(|reading| reading.agent.is_none()));
    let routes = move || {
        let table = table.get()?;
        let agent = agent.get()?;
        let agent = match name.get() {
            Some(name) => table.in_place_of(agent, &name),
            None => agent,
        };
        let agent = Agent {
            allow_private: allowed.get(),
            ..agent
        };
        let aliases = agent.subagents.keys().take(SHOWN);
        let stored = stored.get();
        let part =
            |who: String, resolution: Resolution| part(who, resolution, stored.as_deref(), dialog);
        let mut parts = vec![part(
            "Main agent".to_owned(),
            table.resolve_agent(&agent, None, Operation::default()),
        )];
        parts.extend(aliases.map(|alias| {
            let resolution = table.resolve_agent(&agent, Some(alias), Operation::default());
            part(format!("Subagent {alias}"), resolution)
        }));
        let more = agent.subagents.len().saturating_sub(SHOWN);
        Some(view! {
            <div class="live-routes" data-old=move || old.get().then_some("true")>{parts}</div>
            {(more > 0).then(|| view! { <p class="small">{format!("And {more} more subagents.")}</p> })}
        })
    };
    view! {
        <section class="live" aria-label="Where it goes">
            <h2>"Where it goes"</h2>
            <Show
                when=move || agent.with(Option::is_some)
                fallback=|| {
                    view! {
                        <Empty title="No routes yet">
                            <p>"Shows the routes of the agent and its subagents as you type. Nothing is sent."</p>
                        </Empty>
                    }
                }
            >
                <p class="small">
                    {move || if old.get() {
                        "From the last version without errors."
                    } else {
                        "Based on the text in the editor. Nothing is sent."
                    }}
                </p>
                {routes}
            </Show>
        </section>
        <ReplaceModel open=dialog.open request=dialog.request done=replaced />
    }
}

fn part(
    who: String,
    mut primary: Resolution,
    stored: Option<&str>,
    dialog: SharedReplaceDialog,
) -> AnyView {
    let fallback = primary.fallback.take().map(|fallback| *fallback);
    let remedy = |resolution: &Resolution| {
        let request = ReplaceRequest::remedy(resolution, vec![stored?.to_owned()])?;
        Some(view! { <p><ReplaceModelButton dialog=dialog request=request /></p> })
    };
    let agent = stored.map(str::to_owned);
    let (of_primary, of_fallback) = (remedy(&primary), fallback.as_ref().and_then(remedy));
    view! {
        <div class="live-part">
            <h3>{who}</h3>
            <dl class="terms">
                <dt>"Primary"</dt>
                <dd>
                    <Glance resolution=Some(primary) whole=true agent=agent.clone() />
                    {of_primary}
                </dd>
                <dt>"Fallback"</dt>
                <dd>
                    <Glance resolution=fallback whole=true agent=agent />
                    {of_fallback}
                </dd>
            </dl>
        </div>
    }
    .into_any()
}
