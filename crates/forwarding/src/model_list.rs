//! `GET /v1/models`: what a token may use, without asking an upstream.

use crate::dialect::Dialect;
use crate::forward_error::ForwardError;
use async_trait::async_trait;
use http::StatusCode;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashSet;
use waypost_routing::agent::Agent;
use waypost_routing::model_id::is_pattern;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, plan, split_scope};
use waypost_routing::routing_table::RoutingTable;

/// Models on a page in Anthropic's shape, unless `limit` says otherwise.
const PAGE: usize = 20;
/// The most models on such a page.
const MAX_PAGE: usize = 1000;

/// A model that its owner lists and that is enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedModel {
    /// The provider's name or the source's slug.
    pub owner: String,
    /// The id that the owner lists.
    pub id: String,
    /// When it was first listed, in Unix seconds.
    pub first_seen: i64,
}

/// The catalog could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogUnavailable;

/// Knows the listed, enabled models of every provider and source.
#[async_trait]
pub trait ModelCatalog: Send + Sync + 'static {
    /// The models, by owner and id.
    ///
    /// # Errors
    /// If the catalog cannot be read.
    async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable>;
}

impl From<CatalogUnavailable> for ForwardError {
    fn from(_: CatalogUnavailable) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "The list of models cannot be read. Try again in a few seconds.",
        )
        .after(5)
    }
}

/// A model that an agent may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    id: String,
    owner: String,
    created: i64,
}

/// The agent's own strings, then every listed model whose ref resolves for it.
pub(crate) fn entries(table: &RoutingTable, agent: &Agent, listed: &[ListedModel]) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    let mut add = |id: String, listed: Option<&ListedModel>| {
        if seen.contains(&id) {
            return;
        }
        let request = Request::new(&id, Operation::Chat).sent_by(agent, None);
        let plan = plan(table, &request);
        if plan.is_rejected() {
            return;
        }
        // The route of a source's model may lead through the managed gateway.
        let owner = match listed {
            Some(model) => &*model.owner,
            None => plan.provider().unwrap_or_default(),
        };
        let owner = owner.to_owned();
        drop(plan);
        seen.insert(id.clone());
        let created = listed.map_or(0, |model| model.first_seen);
        entries.push(Entry { id, owner, created });
    };
    for id in own_strings(table, agent) {
        let model_ref = split_scope(&id).map_or(&*id, |(model_ref, _)| model_ref);
        let found = listed.iter().find(|model| {
            let rest = model_ref.strip_prefix(&*model.owner);
            rest.and_then(|rest| rest.strip_prefix('/')) == Some(&*model.id)
        });
        add(id, found);
    }
    for model in listed.iter().filter(|model| !is_pattern(&model.id)) {
        add(format!("{}/{}", model.owner, model.id), Some(model));
    }
    entries
}

/// What the agent and its subagents send by their document, and the organisation's default model.
fn own_strings(table: &RoutingTable, agent: &Agent) -> Vec<String> {
    let mut strings = Vec::new();
    strings.extend(agent.model.primary_ref().map(String::from));
    strings.extend(agent.model.fallback_ref().map(String::from));
    for (alias, subagent) in &agent.subagents {
        let default = table.snapshot().default_model.as_deref();
        let primary = subagent.model.primary_ref().or(default.map(Cow::Borrowed));
        strings.extend(primary.map(|primary| format!("{primary}::subagent::{alias}")));
        strings.extend(subagent.model.fallback_ref().map(String::from));
    }
    strings.extend(table.snapshot().default_model.clone());
    strings
}

/// The list, or one page of it in Anthropic's shape.
pub(crate) fn list(
    entries: &[Entry],
    dialect: Dialect,
    query: Option<&str>,
) -> Result<Value, ForwardError> {
    if dialect != Dialect::Anthropic {
        let data: Vec<Value> = entries.iter().map(openai).collect();
        return Ok(json!({ "object": "list", "data": data }));
    }
    let page = Page::read(query, entries)?;
    let items = &entries[page.start..page.end];
    let id = |entry: Option<&Entry>| entry.map(|entry| entry.id.clone());
    Ok(json!({
        "data": items.iter().map(anthropic).collect::<Vec<Value>>(),
        "has_more": page.has_more,
        "first_id": id(items.first()),
        "last_id": id(items.last()),
    }))
}

/// One model of the list.
pub(crate) fn one(entries: &[Entry], dialect: Dialect, id: &str) -> Result<Value, ForwardError> {
    let found = entries.iter().find(|entry| entry.id == id);
    let found = found.ok_or_else(|| {
        ForwardError::new(
            StatusCode::NOT_FOUND,
            "unknown_model",
            "This agent has no such model. GET /v1/models lists the models it may use.",
        )
        .about_model()
    })?;
    Ok(match dialect {
        Dialect::Anthropic => anthropic(found),
        _ => openai(found),
    })
}

fn openai(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "object": "model",
        "created": entry.created,
        "owned_by": entry.owner,
    })
}

fn anthropic(entry: &Entry) -> Value {
    let created = jiff::Timestamp::from_second(entry.created).unwrap_or_default();
    json!({
        "type": "model",
        "id": entry.id,
        "display_name": entry.id,
        "created_at": created.to_string(),
    })
}

/// A part of the list.
struct Page {
    start: usize,
    end: usize,
    /// Whether there is more in the direction that was asked for.
    has_more: bool,
}

impl Page {
    fn read(query: Option<&str>, entries: &[Entry]) -> Result<Self, ForwardError> {
        let mut limit = PAGE;
        let (mut after, mut before) = (None, None);
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let position = || {
                let found = entries.iter().position(|entry| entry.id == value);
                found.ok_or_else(|| invalid(&name))
            };
            match &*name {
                "limit" => {
                    let number = value.parse().ok();
                    let number = number.filter(|number| (1..=MAX_PAGE).contains(number));
                    limit = number.ok_or_else(|| invalid(&name))?;
                }
                "after_id" => after = Some(position()?),
                "before_id" => before = Some(position()?),
                // A client may send parameters that are newer than this list.
                _ => {}
            }
        }
        Ok(match (after, before) {
            (None, Some(before)) => {
                let start = before.saturating_sub(limit);
                Self {
                    start,
                    end: before,
                    has_more: start > 0,
                }
            }
            (after, before) => {
                let start = after.map_or(0, |after| after + 1);
                let last = before.unwrap_or(entries.len()).max(start);
                let end = last.min(start + limit);
                Self {
                    start,
                    end,
                    has_more: end < last,
                }
            }
        })
    }
}

fn invalid(name: &str) -> ForwardError {
    let name: String = name.escape_default().take(32).collect();
    ForwardError::bad_request(
        "invalid_parameter",
        format!("The parameter `{name}` is not valid for this list."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fixture::snapshot;
    use waypost_routing::snapshot::ModelEntry;
    use waypost_routing::source::SourceEntry;

    const AGENT: &str = "name: a\nmodel: { primary: gw/x/one, fallback: gw/x/gone }\nsubagents: { s: { model: { primary: gw/x/two } } }\n";

    fn listed() -> Vec<ListedModel> {
        [
            "gw/x/one",
            "gw/x/three",
            "gw/x/off",
            "gw/y/*",
            "keyless/z/m",
        ]
        .into_iter()
        .zip(1_700_000_000..)
        .map(|(model_ref, first_seen)| {
            let (owner, id) = model_ref.split_once('/').unwrap();
            ListedModel {
                owner: owner.to_owned(),
                id: id.to_owned(),
                first_seen,
            }
        })
        .collect()
    }

    fn table(agent: &str) -> RoutingTable {
        let mut snapshot = snapshot(&[("gw", "127.0.0.1:9".parse().unwrap())], &[agent]);
        let keyless = crate::tests::fixture::gateway("keyless", "https://z.example/v1");
        snapshot.providers.push(keyless);
        snapshot.default_model = Some("gw/x/default".to_owned());
        for id in ["x/off", "x/gone"] {
            snapshot.models.push(ModelEntry {
                owner: "gw".to_owned(),
                id: id.to_owned(),
                enabled: false,
                absent: false,
            });
        }
        RoutingTable::new(snapshot)
    }

    fn ids(list: &Value) -> Vec<&str> {
        let data = list["data"].as_array().unwrap().iter();
        data.map(|model| model["id"].as_str().unwrap()).collect()
    }

    fn entries_for(yaml: &str) -> Vec<Entry> {
        let table = table(yaml);
        entries(&table, table.agent("a").unwrap(), &listed())
    }

    fn anthropics(query: &str) -> Result<Value, ForwardError> {
        list(&entries_for(AGENT), Dialect::Anthropic, Some(query))
    }

    #[test]
    fn the_agents_own_strings_come_first_and_what_is_rejected_is_left_out() {
        let found = list(&entries_for(AGENT), Dialect::OpenAi, Some("limit=1")).unwrap();
        assert_eq!(
            ids(&found),
            [
                "gw/x/one",
                "gw/x/two::subagent::s",
                "gw/x/default",
                "gw/x/three"
            ]
        );
        assert_eq!(
            found["data"][0],
            json!({"id": "gw/x/one", "object": "model", "created": 1_700_000_000, "owned_by": "gw"})
        );
        assert_eq!(found["object"], "list");
    }

    #[test]
    fn the_owner_and_the_time_are_those_of_the_listed_model() {
        let agent = "name: a\nsubagents: { s: { model: { primary: team/m } }, t: {} }\n";
        let mut snapshot = snapshot(&[("gw", "127.0.0.1:9".parse().unwrap())], &[agent]);
        snapshot.default_model = Some("gw/x/default".to_owned());
        snapshot.sources.push(SourceEntry {
            slug: "team".to_owned(),
            name: "Team".to_owned(),
            base_url: "https://team.example/v1".to_owned(),
            auth_header: None,
            headers: Vec::new(),
            pass_headers: Vec::new(),
            limits: Default::default(),
            passthrough: false,
        });
        let table = RoutingTable::new(snapshot);
        let listed = [ListedModel {
            owner: "team".to_owned(),
            id: "m".to_owned(),
            first_seen: 7,
        }];
        let entries = entries(&table, table.agent("a").unwrap(), &listed);
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (&*entry.id, &*entry.owner, entry.created))
            .collect();
        assert_eq!(
            found,
            [
                ("team/m::subagent::s", "team", 7),
                ("gw/x/default::subagent::t", "gw", 0),
                ("gw/x/default", "gw", 0),
                ("team/m", "team", 7),
            ]
        );
    }

    #[test]
    fn an_agent_that_may_send_few_refs_sees_those() {
        let entries = entries_for("name: a\nallow: [gw/x/three]\n");
        let found = list(&entries, Dialect::OpenAi, None).unwrap();
        assert_eq!(ids(&found), ["gw/x/three"]);
    }

    #[test]
    fn anthropics_shape_has_pages() {
        let all = anthropics("limit=1000&new=1").unwrap();
        assert_eq!(ids(&all).len(), 4);
        assert_eq!(
            (&all["has_more"], &all["last_id"]),
            (&json!(false), &json!("gw/x/three"))
        );
        assert_eq!(
            all["data"][0],
            json!({
                "type": "model", "id": "gw/x/one", "display_name": "gw/x/one",
                "created_at": "2023-11-14T22:13:20Z",
            })
        );
        for (query, expected, has_more) in [
            ("limit=2", &["gw/x/one", "gw/x/two::subagent::s"][..], true),
            (
                "limit=2&after_id=gw/x/two::subagent::s",
                &["gw/x/default", "gw/x/three"],
                false,
            ),
            (
                "limit=1&before_id=gw%2Fx%2Fdefault",
                &["gw/x/two::subagent::s"],
                true,
            ),
            ("before_id=gw/x/one", &[], false),
        ] {
            let page = anthropics(query).unwrap();
            assert_eq!(
                (ids(&page), &page["has_more"]),
                (expected.to_vec(), &json!(has_more)),
                "{query}"
            );
        }
        for query in ["limit=0", "limit=1001", "limit=x", "after_id=gone"] {
            assert_eq!(
                anthropics(query).unwrap_err().code,
                "invalid_parameter",
                "{query}"
            );
        }
    }

    #[test]
    fn one_model_is_found_by_its_id() {
        let entries = entries_for(AGENT);
        let one = |id| one(&entries, Dialect::OpenAi, id);
        assert_eq!(one("gw/x/three").unwrap()["owned_by"], "gw");
        assert_eq!(one("gw/x/off").unwrap_err().code, "unknown_model");
    }
}
