//! The private addresses that an agent's document brings along, which an administrator has to allow.

use crate::components::{Show, Switch};
use crate::explain::{is_never_called, is_private, origin};
use crate::state::use_workspace;
use leptos::prelude::*;
use std::collections::BTreeSet;
use waypost_routing::agent::Agent;

/// The origins that are allowed, of those that the document has.
pub(super) fn allowed_of(agent: Option<&Agent>, allowed: &BTreeSet<String>) -> Vec<String> {
    let own: BTreeSet<String> = agent
        .into_iter()
        .flat_map(Agent::own_base_urls)
        .filter_map(origin)
        .collect();
    own.intersection(allowed).cloned().collect()
}

/// The origins of the document that have to be allowed, or were.
fn asked(agent: &Agent, allowed: &BTreeSet<String>, granted: &BTreeSet<String>) -> Vec<String> {
    let urls = agent.own_base_urls();
    let origins =
        urls.filter_map(|url| Some((origin(url)?, is_private(url) && !is_never_called(url))));
    let asked: BTreeSet<String> = origins
        .filter(|(origin, is_private)| {
            allowed.contains(origin) || (*is_private && !granted.contains(origin))
        })
        .map(|(origin, _)| origin)
        .collect();
    asked.into_iter().collect()
}

/// A switch for each of them.
#[component]
pub(super) fn OwnAddresses(
    /// The document as it was read.
    agent: Memo<Option<Agent>>,
    /// The origins that are allowed.
    allowed: RwSignal<BTreeSet<String>>,
) -> impl IntoView {
    let workspace = use_workspace();
    let origins = Memo::new(move |_| {
        let granted = workspace
            .snapshot()
            .with(|snapshot| snapshot.granted_origins.clone())
            .unwrap_or_default();
        agent.with(|agent| {
            let agent = agent.as_ref();
            allowed.with(|allowed| {
                agent
                    .map(|agent| asked(agent, allowed, &granted))
                    .unwrap_or_default()
            })
        })
    });
    view! {
        <Show when=move || origins.with(|origins| !origins.is_empty())>
            <For
                each=move || origins.get()
                key=|origin| origin.clone()
                children=move |origin: String| {
                    let (shown, set) = (origin.clone(), origin.clone());
                    view! {
                        <Switch
                            label=format!("Allow calls to {origin}")
                            on=Signal::derive(move || allowed.with(|allowed| allowed.contains(&shown)))
                            edits=true
                            change=move |on: bool| {
                                allowed.update(|allowed| {
                                    match on {
                                        true => allowed.insert(set.clone()),
                                        false => allowed.remove(&set),
                                    };
                                });
                            }
                            help="This address of the document is on this machine or in a private network. Waypost forwards to it only if you allow it, for this agent alone."
                        />
                    }
                }
            />
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::read_agent;

    const DOCUMENT: &str = "name: a
model: { primary: m, base_url: 'http://10.0.0.8/v1' }
gateways: { litellm: { url: 'http://litellm:4000' }, openrouter: { url: 'https://gw.example' } }
";

    fn set(origins: &[&str]) -> BTreeSet<String> {
        origins.iter().map(|origin| (*origin).to_owned()).collect()
    }

    #[test]
    fn private_addresses_are_asked_about_unless_they_are_granted_elsewhere() {
        let agent = read_agent(DOCUMENT).agent.unwrap();
        let nothing = set(&[]);
        let both = ["http://10.0.0.8", "http://litellm:4000"];
        assert_eq!(asked(&agent, &nothing, &nothing), both);
        assert_eq!(
            asked(&agent, &nothing, &set(&["http://litellm:4000"])),
            ["http://10.0.0.8"]
        );
        let named = set(&["https://gw.example", "http://10.9.9.9"]);
        assert_eq!(asked(&agent, &named, &nothing).len(), 3);
        assert_eq!(allowed_of(Some(&agent), &named), ["https://gw.example"]);
        assert!(allowed_of(None, &named).is_empty());
    }
}
