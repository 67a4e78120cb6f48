//! The models that agents name. Pure: no state, no browser.

use std::collections::BTreeMap;
use waypost_routing::agent::Agent;
use waypost_routing::codes;

/// Whether an error or warning of a route is about its model, so that another model is a remedy.
pub(crate) fn concerns_model(code: &str) -> bool {
    matches!(
        code,
        codes::MODEL_ABSENT
            | codes::MODEL_DISABLED
            | codes::MODEL_IS_PATTERN
            | codes::MODEL_NOT_ALLOWED
            | codes::DID_YOU_MEAN
            | codes::EMPTY_SEGMENT
            | codes::INVALID_SEGMENT
            | codes::TOO_LONG
    )
}

/// The refs that agents name as primary or fallback, or allow, the ones that most agents name
/// first.
pub(crate) fn refs_of<'a>(agents: impl Iterator<Item = &'a Agent>) -> Vec<String> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for agent in agents {
        let mut refs = named(agent);
        refs.sort();
        refs.dedup();
        for model_ref in refs {
            *numbers.entry(model_ref).or_default() += 1;
        }
    }
    let mut refs: Vec<(String, usize)> = numbers.into_iter().collect();
    refs.sort_by(|(_, one), (_, other)| other.cmp(one));
    refs.into_iter().map(|(model_ref, _)| model_ref).collect()
}

/// Whether an agent names a ref.
pub(crate) fn names(agent: &Agent, model_ref: &str) -> bool {
    let subagents = agent.subagents.values().map(|subagent| &subagent.model);
    let mut models = std::iter::once(&agent.model).chain(subagents);
    let is_named = models.any(|model| {
        model.primary_ref().as_deref() == Some(model_ref)
            || model.fallback_ref().as_deref() == Some(model_ref)
    });
    is_named || agent.allow.entries().iter().any(|entry| entry == model_ref)
}

/// The refs by which agents reach a model that they do not name as it is called: the managed
/// gateway's `litellm/customer-alias` is reached by `customer-alias`.
pub(super) fn shorter_names<'a>(
    agents: impl Iterator<Item = &'a Agent>,
    model_ref: &str,
) -> Vec<String> {
    let names = refs_of(agents).into_iter();
    names
        .filter(|name| {
            let owner = model_ref.strip_suffix(name.as_str());
            owner.is_some_and(|owner| owner.ends_with('/'))
        })
        .collect()
}

fn named(agent: &Agent) -> Vec<String> {
    let subagents = agent.subagents.values().map(|subagent| &subagent.model);
    let models = std::iter::once(&agent.model).chain(subagents);
    let refs = models.flat_map(|model| [model.primary_ref(), model.fallback_ref()]);
    // A pattern in the list stays as it is, so only what is a ref can be replaced there.
    let allowed = agent
        .allow
        .entries()
        .iter()
        .filter(|entry| !entry.contains('*'));
    refs.flatten()
        .map(|text| text.into_owned())
        .chain(allowed.cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::read_agent;

    fn agents() -> Vec<Agent> {
        [
            "name: a\nmodel: { primary: x/one, fallback: x/two }\nallow: [x/three, y/*]\n",
            "name: b\nmodel: { primary: x/two }\nsubagents: { s: { model: { primary: x/two } } }\n",
            "name: c\nmodel: { primary: customer, gateway: litellm }\n",
            "name: d\nmodel: { primary: alias }\n",
        ]
        .map(|text| read_agent(text).agent.unwrap())
        .into()
    }

    #[test]
    fn refs_come_with_the_most_frequent_first() {
        let all = agents();
        assert_eq!(
            refs_of(all.iter()),
            ["x/two", "alias", "litellm/customer", "x/one", "x/three"]
        );
        assert!(refs_of([].into_iter()).is_empty());
    }

    #[test]
    fn an_agent_names_what_it_sends_falls_back_to_or_allows() {
        let all = agents();
        let of = |model_ref: &str| {
            let users = all.iter().filter(|agent| names(agent, model_ref));
            users.map(|agent| agent.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of("x/two"), ["a", "b"]);
        assert_eq!(of("x/three"), ["a"]);
        assert_eq!(of("litellm/customer"), ["c"]);
        assert!(of("y/any").is_empty());
    }

    #[test]
    fn what_the_managed_gateway_gets_has_a_shorter_name() {
        let all = agents();
        assert_eq!(shorter_names(all.iter(), "litellm/alias"), ["alias"]);
        assert!(shorter_names(all.iter(), "litellm/other-alias").is_empty());
    }
}
