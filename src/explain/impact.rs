//! The impact of a change in words: which agents it affects, and what differs for them.

use super::{host, kind_word};
use std::collections::BTreeMap;
use waypost_routing::agent::{Agent, Expectation};
use waypost_routing::impact::{Change, ChangeKind, impact};
use waypost_routing::operation::Operation;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{Outcome, Resolution, RouteKind};
use waypost_routing::resolve::{Request, resolve, split_scope};
use waypost_routing::routing_table::RoutingTable;

/// The agents that a change affects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AffectedAgents {
    /// The agents and subagents whose route differs, most severe first.
    pub changes: Vec<Change>,
    /// How many agents they belong to.
    pub agents: usize,
    /// How many agents there are.
    pub of: usize,
    /// How many of the changes remove a route that was there.
    pub unroutable: usize,
    /// How many of the changes break an `expect`.
    pub broken: usize,
}

impl AffectedAgents {
    /// Compares two routing tables.
    #[must_use]
    pub fn between(before: &RoutingTable, after: &RoutingTable) -> Self {
        let changes = impact(before, after);
        let mut names: Vec<&str> = changes.iter().map(|change| &*change.agent).collect();
        // Each kind is sorted already, which makes this sort cheap.
        names.sort();
        names.dedup();
        let agents = names.len();
        // An agent or subagent that is new loses nothing.
        let was_there = |change: &&Change| {
            let agent = before.agent(&change.agent);
            agent.is_some_and(|agent| match &change.subagent {
                None => true,
                Some(alias) => agent.subagents.contains_key(alias),
            })
        };
        let unroutable = changes
            .iter()
            .filter(|change| change.kind == ChangeKind::Unroutable)
            .filter(was_there)
            .count();
        // Few agents have an `expect`, and only those need resolving.
        let expecting: BTreeMap<&str, &Agent> = after
            .agents()
            .iter()
            .filter(|agent| expects(agent))
            .map(|agent| (agent.name.as_str(), agent))
            .collect();
        let breaks = |change: &&Change| {
            let resolutions = || {
                let agent = expecting.get(change.agent.as_str())?;
                expectation(agent, change.subagent.as_deref())?;
                let request = Request::of_agent(agent, change.subagent.as_deref(), Operation::Chat);
                let request = request.without_trace();
                Some((resolve(before, &request), resolve(after, &request), *agent))
            };
            resolutions().is_some_and(|(was, is, agent)| {
                !broken(agent, change.subagent.as_deref(), Some(&was), &is).is_empty()
            })
        };
        Self {
            agents,
            of: after.agents().len(),
            unroutable,
            broken: changes.iter().filter(breaks).count(),
            changes,
        }
    }

    /// The first of the changes as rows.
    #[must_use]
    pub fn rows(
        &self,
        before: &RoutingTable,
        after: &RoutingTable,
        limit: usize,
    ) -> Vec<ImpactRow> {
        let changes = self.changes.iter().take(limit);
        changes.map(|change| row(change, before, after)).collect()
    }
}

/// An agent or subagent whose route differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpactRow {
    /// The most important difference.
    pub kind: ChangeKind,
    /// The same in a word or two.
    pub word: &'static str,
    /// The agent's name.
    pub agent: String,
    /// The alias of its subagent; `None` for the agent itself.
    pub subagent: Option<String>,
    /// Where it goes without the change.
    pub before: ImpactSide,
    /// Where it goes with it.
    pub after: ImpactSide,
    /// Details.
    pub note: String,
    /// The expectations it breaks, one sentence each.
    pub broken: Vec<String>,
}

/// One side of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImpactSide {
    /// Whether there is a route.
    pub routed: bool,
    /// Host and port, if known.
    pub place: String,
    /// The ref, if the other side has another one.
    pub model_ref: String,
    /// The wire model, if the other side has another one and there is a route.
    pub wire_model: String,
    /// What differs besides the destination.
    pub detail: String,
}

fn expects(agent: &Agent) -> bool {
    let mut subagents = agent.subagents.values();
    agent.expect.is_some() || subagents.any(|subagent| subagent.expect.is_some())
}

fn expectation<'a>(agent: &'a Agent, subagent: Option<&str>) -> Option<&'a Expectation> {
    match subagent {
        None => agent.expect.as_ref(),
        Some(alias) => agent.subagents.get(alias)?.expect.as_ref(),
    }
}

/// The expectations that held before and no longer do. One that failed before is not broken by the
/// change.
fn broken(
    agent: &Agent,
    subagent: Option<&str>,
    before: Option<&Resolution>,
    after: &Resolution,
) -> Vec<String> {
    let Some(expectation) = expectation(agent, subagent) else {
        return Vec::new();
    };
    let was_met = before.is_some_and(|before| expectation.unmet(before).is_empty());
    if !was_met {
        return Vec::new();
    }
    let unmet = expectation.unmet(after).into_iter();
    unmet
        .map(|unmet| {
            let field = unmet.field.replace('_', " ");
            let found = unmet.found.unwrap_or_else(|| "none".to_owned());
            [
                "expects the ",
                &field,
                " `",
                &unmet.expected,
                "`, and it is `",
                &found,
                "`",
            ]
            .concat()
        })
        .collect()
}

fn row(change: &Change, before: &RoutingTable, after: &RoutingTable) -> ImpactRow {
    let (was, is) = (change.resolution(before), change.resolution(after));
    let agent = after.agent(&change.agent);
    let broken = match (agent, &is) {
        (Some(agent), Some(is)) => broken(agent, change.subagent.as_deref(), was.as_ref(), is),
        _ => Vec::new(),
    };
    let mut row = ImpactRow {
        kind: change.kind,
        word: "",
        agent: change.agent.clone(),
        subagent: change.subagent.clone(),
        before: was.as_ref().map(side).unwrap_or_default(),
        after: is.as_ref().map(side).unwrap_or_default(),
        note: String::new(),
        broken,
    };
    let is_new = is.clone();
    let (Some(was), Some(is)) = (was, is) else {
        row.word = match (&is_new, row.after.routed) {
            (Some(_), true) => "new",
            (Some(_), false) => "new, no route",
            (None, _) => "gone",
        };
        if let Some(is) = is_new.filter(|_| !row.after.routed) {
            row.note = why_not(&is);
        }
        return row;
    };
    name_models(&mut row, &was, &is);
    match change.kind {
        ChangeKind::Unroutable => {
            row.word = "no route";
            row.note = why_not(&is);
        }
        ChangeKind::Origin => {
            row.word = "other host";
            if kind(&was) != kind(&is) {
                row.after.detail = kind(&is).map_or("", kind_word).to_owned();
            }
        }
        ChangeKind::Credential => {
            row.word = "other key";
            row.before.detail = credential(&was);
            row.after.detail = credential(&is);
        }
        ChangeKind::Other => describe_other(&mut row, &was, &is),
    }
    row
}

/// Names the models of both sides where they differ.
fn name_models(row: &mut ImpactRow, was: &Resolution, is: &Resolution) {
    if was.model_ref != is.model_ref {
        // The row names the subagent already.
        for (side, resolution) in [(&mut row.before, was), (&mut row.after, is)] {
            let text = &*resolution.model_ref;
            let model = split_scope(text).map_or(text, |(model, _)| model);
            model.clone_into(&mut side.model_ref);
        }
    }
    if wire_model(was) != wire_model(is) {
        for (side, resolution) in [(&mut row.before, was), (&mut row.after, is)] {
            if side.routed {
                wire_model(resolution).clone_into(&mut side.wire_model);
            }
        }
    }
}

fn wire_model(resolution: &Resolution) -> &str {
    let route = resolution.route.as_ref();
    route.map_or("", |route| &route.wire_model)
}

fn describe_other(row: &mut ImpactRow, was: &Resolution, is: &Resolution) {
    // With its ref: another model may have the same host.
    let fallback = |resolution: &Resolution| {
        let fallback = resolution.fallback.as_deref();
        fallback.map(|fallback| {
            let model = &fallback.model_ref;
            match side(fallback) {
                ImpactSide {
                    routed: true,
                    place,
                    ..
                } => ["fallback ", model, " at ", &place].concat(),
                _ => ["fallback ", model, " without a route"].concat(),
            }
        })
    };
    if !row.before.routed && row.after.routed {
        row.word = "route again";
    } else if !row.after.routed && was.error != is.error {
        row.word = "other reason";
        row.note = why_not(is);
    } else if was.model_ref != is.model_ref || wire_model(was) != wire_model(is) {
        row.word = "other model";
    } else if fallback(was) != fallback(is) {
        row.word = "other fallback";
        row.before.detail = fallback(was).unwrap_or_default();
        row.after.detail = fallback(is).unwrap_or_default();
    } else if kind(was) != kind(is) {
        row.word = "other rule";
        row.before.detail = kind(was).map_or("", kind_word).to_owned();
        row.after.detail = kind(is).map_or("", kind_word).to_owned();
    } else {
        row.word = "destination unchanged";
        let is_new = |warning: &&waypost_routing::resolution::Warning| {
            !was.warnings.iter().any(|known| known.code == warning.code)
        };
        row.note = match is.warnings.iter().find(is_new) {
            Some(warning) => warning.message.clone(),
            None => "Headers or warnings differ.".to_owned(),
        };
    }
}

fn side(resolution: &Resolution) -> ImpactSide {
    let base_url = resolution
        .route
        .as_ref()
        .and_then(|route| route.base_url.as_ref());
    ImpactSide {
        routed: resolution.outcome == Outcome::Routed,
        place: base_url.map_or_else(String::new, |base| host(&base.value).to_owned()),
        ..ImpactSide::default()
    }
}

fn kind(resolution: &Resolution) -> Option<RouteKind> {
    Some(resolution.route.as_ref()?.kind)
}

/// The source of the credential, without its prefix.
fn credential(resolution: &Resolution) -> String {
    let route = resolution.route.as_ref();
    let credential = route.and_then(|route| route.credential.as_ref());
    let Some(credential) = credential else {
        return "no key".to_owned();
    };
    match &credential.from {
        Provenance::Env(name) | Provenance::Secret(name) => name.clone(),
        other => other.to_string(),
    }
}

/// Why a request is rejected, and where its fallback would go.
fn why_not(resolution: &Resolution) -> String {
    let error = resolution.error.as_ref();
    let mut note = error.map_or_else(String::new, |error| error.message.clone());
    if let Some(fallback) = resolution.fallback.as_deref() {
        let side = side(fallback);
        note.push_str(match side.routed {
            true => " The fallback would go to `",
            false => " The fallback `",
        });
        note.push_str(match side.routed {
            true => &side.place,
            false => &fallback.model_ref,
        });
        note.push_str(match side.routed {
            true => "`.",
            false => "` has no route either.",
        });
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::read_agent;
    use waypost_routing::builtin_catalog::builtin;
    use waypost_routing::scenario::Scenario;
    use waypost_routing::snapshot::Snapshot;
    use waypost_routing::source::SourceEntry;

    fn table() -> RoutingTable {
        let source = SourceEntry {
            slug: "own".into(),
            name: "Own".into(),
            base_url: "https://own.example/v1".into(),
            auth_header: None,
            headers: Vec::new(),
            passthrough: true,
        };
        let mut snapshot = Snapshot {
            managed_gateway: "litellm".into(),
            providers: builtin(),
            sources: vec![source],
            ..Snapshot::default()
        };
        for variable in ["LITELLM_MASTER_KEY", "NVIDIA_API_KEY"] {
            snapshot.environment.set.insert(variable.into());
        }
        let agents = [
            "name: bot\nmodel: { primary: x, source: own, fallback: litellm/m }\nexpect: { host: own.example }\n",
            "name: writer\nmodel: { primary: nvidia/m }\nsubagents: { aide: { model: { primary: own/a }, expect: { wire_model: a } } }\n",
            "name: other\nmodel: { primary: alias, fallback: own/z }\n",
        ];
        let agents = agents.map(|text| read_agent(text).agent.unwrap());
        RoutingTable::new(snapshot).with_agents(agents.into_iter().collect())
    }

    fn after(draft: &str) -> (AffectedAgents, Vec<ImpactRow>) {
        let before = table();
        let (draft, faults) = Scenario::read([draft]);
        assert_eq!(faults, []);
        let after = before.changed(draft.apply(before.snapshot()));
        let affected = AffectedAgents::between(&before, &after);
        let rows = affected.rows(&before, &after, 10);
        (affected, rows)
    }

    #[test]
    fn what_is_down_leaves_its_agents_without_a_route() {
        let (affected, rows) = after("down:own");
        assert_eq!((affected.agents, affected.of), (3, 3));
        assert_eq!((affected.unroutable, affected.broken), (2, 2));
        let bot = &rows[0];
        assert_eq!((bot.agent.as_str(), bot.word), ("bot", "no route"));
        assert_eq!(bot.before.place, "own.example");
        assert!(!bot.after.routed);
        assert_eq!(
            bot.note,
            "In this scenario `own` cannot be reached. A passthrough request is never retried by \
             another route. The fallback would go to `localhost:4000`."
        );
        assert_eq!(
            bot.broken,
            ["expects the outcome `routed`, and it is `down`"]
        );
        assert_eq!(rows[1].subagent.as_deref(), Some("aide"));
        assert_eq!(rows[2].word, "other fallback");
        assert_eq!(rows[2].before.detail, "fallback own/z at own.example");
        assert_eq!(rows[2].after.detail, "fallback own/z without a route");
    }

    #[test]
    fn another_host_is_told_with_the_rule_that_leads_there() {
        let (affected, rows) = after("passthrough:own=off");
        assert_eq!((affected.agents, affected.unroutable), (3, 0));
        let bot = &rows[0];
        assert_eq!(
            (bot.word, bot.before.place.as_str()),
            ("other host", "own.example")
        );
        assert_eq!(bot.after.place, "localhost:4000");
        assert_eq!(bot.after.detail, "managed");
        assert_eq!(
            bot.broken,
            ["expects the host `own.example`, and it is `localhost`"]
        );
        assert_eq!(affected.broken, 1, "the wire model of the aide stays");
    }

    #[test]
    fn another_key_is_told_by_its_place() {
        let (affected, rows) = after("key:own=present");
        assert_eq!((affected.unroutable, affected.broken), (0, 0));
        assert_eq!(rows[0].word, "other key");
        assert_eq!(rows[0].before.detail, "no key");
        assert_eq!(rows[0].after.detail, "sources/own/auth-value");
    }

    #[test]
    fn a_new_agent_without_a_route_loses_none() {
        let before = table();
        let fresh = read_agent("name: fresh\nmodel: { primary: groq/m }\n").agent;
        let after = before.with_agent(fresh.unwrap());
        let affected = AffectedAgents::between(&before, &after);
        assert_eq!((affected.agents, affected.unroutable), (1, 0));
        let rows = affected.rows(&before, &after, 10);
        assert_eq!(rows[0].word, "new, no route");
        assert!(!rows[0].note.is_empty());
    }

    /// The rows of agents with other documents.
    fn rows_of(documents: &[&str]) -> Vec<ImpactRow> {
        let before = table();
        let mut after = before.clone();
        for document in documents {
            after = after.with_agent(read_agent(document).agent.unwrap());
        }
        AffectedAgents::between(&before, &after).rows(&before, &after, 10)
    }

    #[test]
    fn another_model_is_named_on_both_sides_wherever_it_goes() {
        let rows = rows_of(&[
            "name: writer\nmodel: { primary: nvidia/other }\nsubagents: { aide: { model: { primary: nvidia/m }, expect: { wire_model: a } } }\n",
        ]);
        let aide = rows.iter().find(|row| row.subagent.is_some()).unwrap();
        assert_eq!(aide.word, "other host");
        assert_eq!(
            (&*aide.before.model_ref, &*aide.after.model_ref),
            ("own/a", "nvidia/m")
        );
        assert_eq!(
            (&*aide.before.wire_model, &*aide.after.wire_model),
            ("a", "m")
        );
        let root = rows.iter().find(|row| row.subagent.is_none()).unwrap();
        assert_eq!(root.word, "other model");
        assert_eq!(
            (&*root.before.model_ref, &*root.after.model_ref),
            ("nvidia/m", "nvidia/other")
        );
    }

    #[test]
    fn another_fallback_at_the_same_host_is_named() {
        let rows = rows_of(&["name: other\nmodel: { primary: alias, fallback: own/y }\n"]);
        assert_eq!(rows[0].word, "other fallback");
        assert_eq!(rows[0].before.detail, "fallback own/z at own.example");
        assert_eq!(rows[0].after.detail, "fallback own/y at own.example");
    }

    #[test]
    fn nothing_differs_without_a_difference() {
        let (affected, rows) = after("down:groq");
        assert_eq!((affected.agents, affected.of), (0, 3));
        assert_eq!(rows, []);
    }
}
