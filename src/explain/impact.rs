//! The impact of a change in words: which agents it affects, and what differs for them.

#[cfg(test)]
mod tests;

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
    // Where nothing else differs, the row is about the fallback already.
    if row.before.routed && row.after.routed && row.word != OTHER_FALLBACK {
        note_fallback(&mut row, &was, &is);
    }
    row
}

/// The word of a change that is about the fallback alone.
const OTHER_FALLBACK: &str = "other fallback";

/// Takes the notes off rows that several share, and counts them.
#[must_use]
pub fn fold_notes(mut rows: Vec<ImpactRow>) -> (Vec<ImpactRow>, Vec<(u64, String)>) {
    let mut notes: Vec<(u64, String)> = Vec::new();
    for row in rows.iter().filter(|row| !row.note.is_empty()) {
        match notes.iter_mut().find(|(_, note)| *note == row.note) {
            Some((number, _)) => *number += 1,
            None => notes.push((1, row.note.clone())),
        }
    }
    notes.retain(|(number, _)| *number > 1);
    for row in &mut rows {
        if notes.iter().any(|(_, note)| *note == row.note) {
            row.note.clear();
        }
    }
    (rows, notes)
}

/// Adds to the note that the fallback differs too.
fn note_fallback(row: &mut ImpactRow, was: &Resolution, is: &Resolution) {
    let (before, after) = (fallback(was), fallback(is));
    if before == after {
        return;
    }
    let text = match (before, after) {
        (Some(before), Some(after)) => ["Also replaces ", &*before, " with ", &after, "."].concat(),
        (Some(before), None) => ["Also drops ", &*before, "."].concat(),
        (None, Some(after)) => ["Also adds ", &*after, "."].concat(),
        (None, None) => return,
    };
    if !row.note.is_empty() {
        row.note.push(' ');
    }
    row.note.push_str(&text);
}

/// The fallback with its ref, since another model may have the same host.
fn fallback(resolution: &Resolution) -> Option<String> {
    let fallback = resolution.fallback.as_deref()?;
    let model = &fallback.model_ref;
    Some(match side(fallback) {
        ImpactSide {
            routed: true,
            place,
            ..
        } => ["fallback ", model, " at ", &place].concat(),
        _ => ["fallback ", model, " without a route"].concat(),
    })
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
    if !row.before.routed && row.after.routed {
        row.word = "route again";
    } else if !row.after.routed && was.error != is.error {
        row.word = "other reason";
        row.note = why_not(is);
    } else if was.model_ref != is.model_ref || wire_model(was) != wire_model(is) {
        row.word = "other model";
    } else if fallback(was) != fallback(is) {
        row.word = OTHER_FALLBACK;
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
