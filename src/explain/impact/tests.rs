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
        limits: Default::default(),
        pass_headers: Vec::new(),
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
fn another_primary_does_not_hide_another_fallback() {
    let before = table();
    let documents = [
        "name: bot\nmodel: { primary: nvidia/m, fallback: litellm/n }\nexpect: { host: own.example }\n",
        "name: other\nmodel: { primary: nvidia/m }\n",
    ];
    let agents = documents.map(|text| read_agent(text).agent.unwrap());
    let mut after = before.clone();
    for agent in agents {
        after = after.with_agent(agent);
    }
    let affected = AffectedAgents::between(&before, &after);
    let rows = affected.rows(&before, &after, 10);
    let note = |name: &str| {
        let row = rows.iter().find(|row| row.agent == name);
        row.map(|row| (row.word, row.note.as_str()))
    };
    assert_eq!(
        note("bot"),
        Some((
            "other host",
            "Also replaces fallback litellm/m at localhost:4000 with fallback litellm/n at \
             localhost:4000."
        ))
    );
    assert_eq!(
        note("other"),
        Some(("other host", "Also drops fallback own/z at own.example."))
    );
}

#[test]
fn another_host_is_shown_with_the_rule_that_leads_there() {
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
fn another_key_is_shown_by_its_place() {
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
