//! What must hold for every input, tried on many.

#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod strategies;
mod suggestions;

use proptest::prelude::*;
use std::collections::BTreeSet;
use strategies::{agents, ref_like, scenario, snapshot, url_like};
use waypost_routing::base_url::{BaseUrl, hints, raw_operation_url};
use waypost_routing::catalog::{Layer, base_url_variables, check_name, slug_from_label};
use waypost_routing::display_text::display_text;
use waypost_routing::header::{check_name as check_header_name, check_value};
use waypost_routing::impact::{ChangeKind, impact};
use waypost_routing::mask::masked;
use waypost_routing::model_ref::ModelRef;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution, Rule};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::{AgentSet, RoutingTable};
use waypost_routing::scenario::{Scenario, ScenarioChange};

/// A resolution without its trace, which no impact looks at.
fn without_trace(mut resolution: Resolution) -> Resolution {
    resolution.trace.clear();
    if let Some(fallback) = &mut resolution.fallback {
        fallback.trace.clear();
    }
    resolution
}

/// Whether a request goes another way. One that is rejected before and after for the same reason
/// does not, whatever it would have sent.
fn is_affected(was: &Resolution, is: &Resolution) -> bool {
    let rejected = |resolution: &Resolution| resolution.outcome == Outcome::Rejected;
    let primary = if rejected(was) && rejected(is) {
        let code = |resolution: &Resolution| resolution.error.clone().map(|error| error.code);
        code(was) != code(is)
    } else {
        let alone = |resolution: &Resolution| Resolution {
            fallback: None,
            ..without_trace(resolution.clone())
        };
        alone(was) != alone(is)
    };
    primary
        || match (was.fallback.as_deref(), is.fallback.as_deref()) {
            (None, None) => false,
            (Some(was), Some(is)) => is_affected(was, is),
            _ => true,
        }
}

/// What differs between two resolutions with a route.
fn kind_of(mut was: Resolution, mut is: Resolution) -> ChangeKind {
    was.fallback = None;
    is.fallback = None;
    let origin = |resolution: &Resolution| {
        let base_url = resolution.route.as_ref()?.base_url.as_ref()?;
        Some(BaseUrl::parse(&base_url.value).ok()?.origin())
    };
    let credential = |resolution: &Resolution| {
        let places = &resolution.route.as_ref()?.credential.as_ref()?.candidates;
        let chosen = places.iter().find(|place| place.chosen)?;
        Some(chosen.from.clone())
    };
    if origin(&was) != origin(&is) {
        ChangeKind::Origin
    } else if credential(&was) != credential(&is) {
        ChangeKind::Credential
    } else {
        ChangeKind::Other
    }
}

/// What holds of every resolution, whatever the routing table and the request.
fn check_shape(resolution: &Resolution) {
    let rules: Vec<Rule> = resolution.trace.iter().map(|entry| entry.rule).collect();
    assert_eq!(rules, Rule::ALL);
    assert!(resolution.trace.iter().filter(|entry| entry.held).count() <= 1);
    let rejected = resolution.outcome == Outcome::Rejected;
    assert_eq!(rejected, resolution.error.is_some());
    if let Some(held) = resolution.trace.iter().position(|entry| entry.held) {
        let after = &resolution.trace[held + 1..];
        assert!(after.iter().all(|entry| entry.reason == "not_reached"));
    }
    if let Some([start, end]) = resolution.error.as_ref().and_then(|error| error.span) {
        assert!(
            resolution.model_ref.get(start..end).is_some(),
            "a span cuts no character"
        );
    }
    let Some(route) = &resolution.route else {
        assert!(rejected, "without a route nothing is sent");
        return;
    };
    assert!(rejected || route.url.is_some());
    assert_eq!(route.url.is_some(), route.base_url.is_some());
    let names: Vec<&str> = route
        .headers
        .iter()
        .map(|header| header.name.as_str())
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted, "lower-case names, one value each, sorted");
    assert!(names.iter().all(|name| check_header_name(name).is_ok()));
    if let Some(credential) = &route.credential {
        let chosen: Vec<_> = credential
            .candidates
            .iter()
            .filter(|candidate| candidate.chosen)
            .collect();
        assert!(chosen.len() <= 1);
        assert!(
            rejected || chosen.len() == 1,
            "a credential that is needed is there"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// What this crate reads as a base URL, the `url` crate reads as the same one, and its normal
    /// form is a fixed point. Only whether an `xn--` label is a valid one is left to `url`.
    #[test]
    fn a_base_url_is_what_the_url_crate_takes_it_for(text in url_like()) {
        if let Ok(ours) = BaseUrl::parse(&text) {
            let again = BaseUrl::parse(ours.as_str()).unwrap();
            prop_assert_eq!(&again, &ours);
            for form in [ours.as_str(), text.as_str()] {
                match url::Url::parse(form) {
                    Err(error) => prop_assert!(ours.host().contains("xn--"), "{} {}", form, error),
                    Ok(theirs) => {
                        prop_assert_eq!(theirs.scheme(), ours.scheme());
                        prop_assert_eq!(theirs.host_str(), Some(ours.host()));
                        prop_assert_eq!(theirs.port_or_known_default(), Some(ours.port()));
                        prop_assert_eq!(theirs.path().trim_end_matches('/'), ours.path());
                        prop_assert_eq!(theirs.origin().ascii_serialization(), ours.origin());
                        prop_assert_eq!((theirs.query(), theirs.fragment()), (None, None));
                        prop_assert_eq!((theirs.username(), theirs.password()), ("", None));
                    }
                }
            }
        }
    }

    /// The URL that is sent stays below the base: same origin, and no segment is taken away but
    /// one version.
    #[test]
    fn an_operation_stays_on_the_origin(text in url_like(), index in 0..Operation::ALL.len()) {
        let operation = Operation::ALL[index];
        let _ = (raw_operation_url(&text, operation), hints(&text));
        if let Ok(base) = BaseUrl::parse(&text) {
            let joined = base.operation_url(operation);
            prop_assert!(joined.starts_with(base.origin_str()));
            prop_assert!(joined.ends_with(operation.path()));
            let suggestions = hints(&text);
            for suggestion in suggestions.iter().filter_map(|hint| hint.suggestion()) {
                prop_assert!(BaseUrl::parse(suggestion).is_ok(), "{}", suggestion);
            }
        }
    }

    /// A suggestion is itself a base URL, and a message never repeats user information.
    #[test]
    fn errors_of_base_urls_keep_passwords(host in "[a-z]{1,5}", tail in "[/?#\\\\a-z]{0,6}") {
        let text = format!("https://user:S3CRET@{host}{tail}");
        let error = BaseUrl::parse(&text).unwrap_err();
        let shown = [error.to_string(), format!("{error:?}"), format!("{:?}", hints(&text))].concat();
        prop_assert!(!shown.contains("S3CRET"));
        prop_assert!(!raw_operation_url(&text, Operation::Chat).contains("S3CRET"));
        if let Some(suggestion) = error.suggestion() {
            prop_assert!(BaseUrl::parse(suggestion).is_ok(), "{}", suggestion);
        }
    }

    #[test]
    fn display_gives_back_every_ref_that_parses(text in ref_like()) {
        match ModelRef::parse(&text) {
            Ok(parsed) => {
                prop_assert_eq!(parsed.to_string(), text.as_str());
                let owned: ModelRef<'static> = text.parse().unwrap();
                prop_assert_eq!(&owned, &parsed);
                if let (Some(name), Some(rest)) = (parsed.name(), parsed.rest()) {
                    prop_assert_eq!(format!("{name}/{rest}"), text.as_str());
                }
                if let (Some(upstream), Some(model)) = (parsed.upstream(), parsed.model()) {
                    let joined = [upstream, "/", model].concat();
                    prop_assert_eq!(parsed.rest(), Some(joined.as_str()));
                }
            }
            Err(error) => {
                prop_assert!(text.get(error.span()).is_some(), "a span cuts no character");
                prop_assert!(!error.message().is_empty());
            }
        }
    }

    /// Any text in any routing table has an answer of the right shape, and the same answer again.
    #[test]
    fn resolving_is_total(snapshot in snapshot(), text in ref_like(), index in 0..Operation::ALL.len()) {
        let table = RoutingTable::new(snapshot);
        let request = Request::new(&text, Operation::ALL[index]);
        let resolution = resolve(&table, &request);
        check_shape(&resolution);
        prop_assert_eq!(resolve(&table, &request), resolution.clone());
        let json = serde_json::to_string(&resolution).unwrap();
        prop_assert_eq!(serde_json::from_str::<Resolution>(&json).unwrap(), resolution);
    }

    /// A stored key is chosen only for the origin it was entered for.
    #[test]
    fn a_stored_key_is_sent_to_its_own_origin_only(snapshot in snapshot(), text in ref_like()) {
        let stored = snapshot.secrets.stored.clone();
        let unavailable = snapshot.secrets.unavailable;
        let resolution = resolve(&RoutingTable::new(snapshot), &Request::new(&text, Operation::Chat));
        let route = resolution.route.as_ref();
        let credential = route.and_then(|route| route.credential.as_ref());
        let chosen = credential.and_then(|credential| credential.candidates.iter().find(|candidate| candidate.chosen));
        if let Some(name) = chosen.and_then(|chosen| chosen.from.secret_name()) && !unavailable {
            let base = route.unwrap().base_url.as_ref().map(|base| base.value.clone());
            let origin = base.map(|base| BaseUrl::parse(&base).unwrap().origin());
            let bound = &stored[name];
            prop_assert!(bound.is_empty() || Some(bound) == origin.as_ref());
        }
    }

    /// Without a grant a variable goes only where the operator's own entry points, by its base URL
    /// or by its variable, whatever agents and the workspace say.
    #[test]
    fn a_variable_goes_only_where_the_operator_says(
        snapshot in snapshot(),
        agents in agents(),
        moved in "https://(own|else)\\.example",
        text in ref_like(),
    ) {
        let mut snapshot = snapshot;
        let mut own = snapshot.providers[usize::from(moved.contains("own"))].clone();
        own.layer = Layer::Workspace;
        own.base_url = moved;
        snapshot.providers.push(own);
        let table = RoutingTable::new(snapshot.clone());
        for agent in &agents {
            let request = Request::new(&text, Operation::Chat).sent_by(agent, None);
            let resolution = resolve(&table, &request);
            let Some(route) = resolution.route else { continue };
            let sent = route.headers.iter().find_map(|header| header.from.env_variable());
            let Some(variable) = sent else { continue };
            let origin = |url: &str| BaseUrl::parse(url).ok().map(|url| url.origin());
            let Some(base_url) = route.base_url else { continue };
            let to = origin(&base_url.value);
            let name = route.provider.unwrap();
            let entries = snapshot.providers.iter().filter(|entry| {
                entry.name == name
                    && entry.layer != Layer::Workspace
                    && entry.api_key_env.as_deref() == Some(variable)
            });
            let overrides = base_url_variables(&name);
            let overrides = overrides.iter().filter_map(|name| snapshot.environment.base_urls.get(name));
            let mut allowed = entries.map(|entry| &entry.base_url).chain(overrides);
            prop_assert!(allowed.any(|url| origin(url) == to), "{} to {:?}", variable, to);
        }
    }

    /// An agent's requests have an answer too, whatever the document says.
    #[test]
    fn resolving_an_agent_is_total(snapshot in snapshot(), agents in agents(), text in ref_like()) {
        let table = RoutingTable::new(snapshot);
        for agent in &agents {
            for subagent in [None, Some("sub"), Some("missing")] {
                check_shape(&resolve(&table, &Request::of_agent(agent, subagent, Operation::Chat)));
                let request = Request::new(&text, Operation::Messages).sent_by(agent, subagent);
                check_shape(&resolve(&table, &request));
            }
        }
    }

    /// A source's secrets go to its own origin only, whatever base URL an agent gives.
    #[test]
    fn an_agent_cannot_move_a_sources_secrets(snapshot in snapshot(), agents in agents()) {
        let sources = snapshot.sources.clone();
        let table = RoutingTable::new(snapshot);
        for agent in &agents {
            let resolution = resolve(&table, &Request::of_agent(agent, None, Operation::Chat));
            let Some(route) = resolution.route.filter(|route| route.url.is_some()) else { continue };
            for header in route.headers.iter().filter(|header| header.value.contains("{{secret:sources/")) {
                let slug = route.provider.as_deref().unwrap();
                let source = sources.iter().find(|source| source.slug == slug).unwrap();
                let home = BaseUrl::parse(&source.base_url).map(|url| url.origin());
                let sent = BaseUrl::parse(&route.base_url.as_ref().unwrap().value).unwrap().origin();
                // A source without a base URL has its secrets bound by themselves.
                prop_assert!(home.is_err() || home == Ok(sent), "{:?}", header);
            }
        }
    }

    /// A scenario survives a round trip through its text, and applies to any routing table.
    #[test]
    fn a_scenario_is_its_text_and_applies_to_any_table(
        scenario in scenario(),
        snapshot in snapshot(),
        agents in agents(),
        text in ref_like(),
    ) {
        let texts: Vec<String> = scenario.changes.iter().map(ScenarioChange::to_string).collect();
        let (read, faults) = Scenario::read(texts.iter().map(String::as_str));
        prop_assert_eq!(faults, []);
        prop_assert_eq!(&read, &scenario);
        let before = RoutingTable::new(snapshot).with_agents(agents.into());
        let after = before.changed(scenario.apply(before.snapshot()));
        check_shape(&resolve(&after, &Request::new(&text, Operation::Chat)));
        // Agents without an impact resolve as before.
        let changed: BTreeSet<_> = impact(&before, &after)
            .into_iter()
            .map(|change| (change.agent, change.subagent))
            .collect();
        for agent in before.agents().iter() {
            let request = Request::of_agent(agent, None, Operation::Chat);
            let (was, is) = (resolve(&before, &request), resolve(&after, &request));
            let differs = is_affected(&was, &is);
            prop_assert_eq!(changed.contains(&(agent.name.clone(), None)), differs);
        }
    }

    /// No secret goes to an origin that it was not entered for, whatever a scenario says, except
    /// where the scenario enters it again.
    #[test]
    fn a_scenario_moves_no_secret(scenario in scenario(), snapshot in snapshot(), text in ref_like()) {
        let mut scenario = scenario;
        scenario.changes.retain(|change| !matches!(change, ScenarioChange::Key { .. }));
        let stored = snapshot.secrets.stored.clone();
        let unavailable = snapshot.secrets.unavailable;
        let table = RoutingTable::new(scenario.apply(&snapshot));
        let resolution = resolve(&table, &Request::new(&text, Operation::Chat));
        let route = resolution.route.filter(|route| route.url.is_some() && !unavailable);
        let Some(route) = route else { return Ok(()) };
        let sent = BaseUrl::parse(&route.base_url.as_ref().unwrap().value).unwrap().origin();
        for name in route.headers.iter().filter_map(|header| header.from.secret_name()) {
            let bound = &stored[name];
            prop_assert!(bound.is_empty() || *bound == sent, "{} for {}", name, bound);
        }
    }

    /// A text that is a change is written as one that is read the same.
    #[test]
    fn any_text_is_a_change_or_says_why(text in "(base-url|key|down|model|env|env-base-url|default-model|x)?:?\\PC{0,20}") {
        match text.parse::<ScenarioChange>() {
            Ok(change) => prop_assert_eq!(change.to_string().parse(), Ok(change)),
            Err(error) => prop_assert!(error.message().ends_with('.'), "{}", error),
        }
    }

    /// The impact finds exactly the agents that resolving everything finds.
    #[test]
    fn the_impact_misses_no_agent(
        before in snapshot(),
        after in snapshot(),
        keep in any::<[bool; 8]>(),
        default_model in prop::option::of("nvidia/m(::subagent::(sub|other))?"),
        agents in agents(),
    ) {
        // Two states that differ in a few things only, as a scenario does.
        let mut scenario = before.clone();
        if keep[0] { scenario.environment = after.environment }
        if keep[1] { scenario.secrets.stored = after.secrets.stored }
        if keep[2] { scenario.models = after.models }
        if keep[3] { scenario.sources = after.sources }
        if keep[4] { scenario.managed_gateway = after.managed_gateway }
        if keep[5] { scenario.default_model = default_model; scenario.blocked.clear() }
        if keep[6] {
            for entry in &mut scenario.providers {
                entry.default_headers.insert("X-Team".into(), "new".into());
            }
        }
        if keep[7] {
            for entry in &mut scenario.providers {
                entry.pass_headers = vec!["x-tenant".to_owned()];
            }
        }
        let shared: AgentSet = agents.into();
        let before = RoutingTable::new(before).with_agents(shared.clone());
        let after = RoutingTable::new(scenario).with_agents(shared.clone());
        let mut expected = BTreeSet::new();
        for agent in shared.iter() {
            let aliases = agent.subagents.keys().map(|alias| Some(alias.as_str()));
            for member in std::iter::once(None).chain(aliases) {
                let request = Request::of_agent(agent, member, Operation::Chat);
                let (was, is) = (resolve(&before, &request), resolve(&after, &request));
                if is_affected(&was, &is) {
                    expected.insert((agent.name.clone(), member.map(str::to_owned)));
                }
            }
        }
        let changes = impact(&before, &after);
        let found: BTreeSet<_> = changes
            .iter()
            .map(|change| (change.agent.clone(), change.subagent.clone()))
            .collect();
        prop_assert_eq!(found.len(), changes.len());
        prop_assert_eq!(found, expected);
        for change in &changes {
            let (was, is) = (change.resolution(&before).unwrap(), change.resolution(&after).unwrap());
            let newly = was.outcome == Outcome::Routed && is.outcome == Outcome::Rejected;
            prop_assert_eq!(newly, change.kind == ChangeKind::Unroutable);
            if was.outcome == Outcome::Routed && is.outcome == Outcome::Routed {
                prop_assert_eq!(change.kind, kind_of(was, is));
            }
        }
        let places: Vec<_> = changes
            .iter()
            .map(|change| (change.kind, &change.agent, &change.subagent))
            .collect();
        prop_assert!(places.is_sorted());
    }

    #[test]
    fn every_label_gives_a_slug_that_can_be_created(label in any::<String>()) {
        prop_assert_eq!(check_name(&slug_from_label(&label)), Ok(()));
    }

    #[test]
    fn shown_text_is_short_and_plain(text in any::<String>(), max in 0_usize..40) {
        let shown = display_text(&text, max);
        prop_assert!(shown.chars().count() <= max);
        prop_assert!(!shown.chars().any(char::is_control));
        prop_assert_eq!(display_text(&shown, max), shown.as_ref());
    }

    #[test]
    fn a_mask_shows_four_characters_at_most(key in "[ -~]{0,60}") {
        let shown = masked(&key);
        prop_assert!(shown.chars().count() <= 8);
        prop_assert!(key.len() >= 12 || shown == "••••");
    }

    #[test]
    fn a_value_that_passes_has_no_line_break(value in any::<String>()) {
        if check_value(&value).is_ok() {
            prop_assert!(value.is_ascii() && !value.contains(['\r', '\n', '\0', '\t']));
        }
    }
}
