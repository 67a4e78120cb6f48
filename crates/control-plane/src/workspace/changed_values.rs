//! Which fields an edit gives, and what they were before and after it, as the audit log has them. Secrets have no value here,
//! and of headers only the names are given.

use crate::store::{ChangedValue, StoredProvider, StoredSource};
use std::collections::BTreeSet;
use waypost_api_types::audit_words::subagent_field;
use waypost_routing::agent::{Agent, AgentModel};
use waypost_routing::time_limits::TimeLimits;

/// The most values of one event. What is beyond is named in its fields or counted in its target.
const MOST_VALUES: usize = 20;

/// The names of the fields that were given.
pub(super) fn given_fields(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields
        .iter()
        .filter(|(_, is_given)| *is_given)
        .map(|(name, _)| *name)
        .collect()
}

/// The values of the changed fields that are no secret.
pub(super) fn changed_values<T>(
    fields: &[&str],
    (before, after): (&T, &T),
    value: fn(&T, &str) -> Option<Option<String>>,
) -> Vec<ChangedValue> {
    fields
        .iter()
        .filter_map(|field| {
            Some(ChangedValue {
                field: (*field).to_owned(),
                before: value(before, field)?,
                after: value(after, field)?,
            })
        })
        .collect()
}

/// The values that something new has, where they are no secret.
pub(super) fn added_values<T>(
    fields: &[&str],
    added: &T,
    value: fn(&T, &str) -> Option<Option<String>>,
) -> Vec<ChangedValue> {
    let values = fields.iter().filter_map(|field| {
        let after = value(added, field)??;
        Some(changed_value(field, None, Some(after)))
    });
    values.collect()
}

/// What differs in the models of an agent and its subagents. An agent that is not there has none.
pub(super) fn agent_values(before: Option<&Agent>, after: Option<&Agent>) -> Vec<ChangedValue> {
    let none = AgentModel::default();
    let root =
        |agent: Option<&Agent>| agent.map_or_else(AgentModel::default, |agent| agent.model.clone());
    let mut values = Vec::new();
    model_values(&root(before), &root(after), str::to_owned, &mut values);
    let aliases = |agent: Option<&Agent>| {
        let keys = agent.map(|agent| agent.subagents.keys().cloned());
        keys.into_iter().flatten().collect::<Vec<String>>()
    };
    let all: BTreeSet<String> = aliases(before).into_iter().chain(aliases(after)).collect();
    for alias in all {
        let model = |agent: Option<&Agent>| {
            let subagent = agent.and_then(|agent| agent.subagents.get(&alias));
            subagent.map_or_else(|| none.clone(), |subagent| subagent.model.clone())
        };
        let named = |field: &str| subagent_field(&alias, field);
        model_values(&model(before), &model(after), named, &mut values);
    }
    values.truncate(MOST_VALUES);
    values
}

fn model_values(
    before: &AgentModel,
    after: &AgentModel,
    named: impl Fn(&str) -> String,
    values: &mut Vec<ChangedValue>,
) {
    let of = |model: &AgentModel| {
        let text = |text: Option<std::borrow::Cow<'_, str>>| text.map(|text| text.into_owned());
        [
            ("primary", text(model.primary_ref())),
            ("fallback", text(model.fallback_ref())),
            ("passthrough", model.passthrough.map(|on| on.to_string())),
            ("source", model.source.clone()),
            ("base_url", model.base_url.clone()),
        ]
    };
    let pairs = of(before).into_iter().zip(of(after));
    values.extend(
        pairs
            .filter(|((_, before), (_, after))| before != after)
            .map(|((field, before), (_, after))| changed_value(&named(field), before, after)),
    );
}

/// The states of models that were switched: of one model as its state, of several by their refs.
pub(super) fn switched_models(switched: &[(String, String)], enabled: bool) -> Vec<ChangedValue> {
    let state = |enabled: bool| Some(if enabled { "enabled" } else { "disabled" }.to_owned());
    let value = |field: &str| changed_value(field, state(!enabled), state(enabled));
    match switched {
        [_] => vec![value("state")],
        all => all
            .iter()
            .take(MOST_VALUES)
            .map(|(owner, id)| value(&format!("{owner}/{id}")))
            .collect(),
    }
}

/// One field that changed.
pub(super) fn changed_value(
    field: &str,
    before: Option<String>,
    after: Option<String>,
) -> ChangedValue {
    ChangedValue {
        field: field.to_owned(),
        before,
        after,
    }
}

/// A field of a provider; `None` if the log has no value for it.
pub(super) fn provider_value(provider: &StoredProvider, field: &str) -> Option<Option<String>> {
    let entry = &provider.entry;
    Some(match field {
        "kind" => Some(entry.kind.name().to_owned()),
        "base_url" => Some(entry.base_url.clone()),
        "api_key_env" => entry.api_key_env.clone(),
        "default_headers" => names(entry.default_headers.keys()),
        "pass_headers" => names(entry.pass_headers.iter()),
        "limits" => limits(&entry.limits),
        "docs" => entry.docs.clone(),
        "allow_private" => Some(provider.allow_private.to_string()),
        _ => return None,
    })
}

/// A field of a source; `None` if the log has no value for it.
pub(super) fn source_value(source: &StoredSource, field: &str) -> Option<Option<String>> {
    Some(match field {
        "name" => Some(source.name.clone()),
        "base_url" => Some(source.base_url.clone()),
        "auth_header" => source.auth_header.clone(),
        "headers" => names(source.header_names.iter()),
        "pass_headers" => names(source.pass_headers.iter()),
        "limits" => limits(&source.limits),
        "passthrough" => Some(source.passthrough.to_string()),
        "allow_private" => Some(source.allow_private.to_string()),
        _ => return None,
    })
}

fn limits(limits: &TimeLimits) -> Option<String> {
    let set = limits.set();
    let set: Vec<String> = set
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    (!set.is_empty()).then(|| set.join(", "))
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Option<String> {
    let names: Vec<&str> = names.map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::read_agent;

    fn lines(before: &str, after: &str) -> Vec<String> {
        let read = |text: &str| read_agent(text).agent;
        agent_values(read(before).as_ref(), read(after).as_ref())
            .into_iter()
            .map(|value| format!("{}: {:?} {:?}", value.field, value.before, value.after))
            .collect()
    }

    #[test]
    fn only_what_differs_in_the_models_of_an_agent_is_a_value() {
        let before = "name: a\nmodel: { primary: x/a, fallback: x/b }\nsubagents: { w: { model: { primary: x/c } } }\n";
        let after = "name: a # other\nmodel: { primary: x/a, fallback: x/d }\nsubagents: { v: { model: { source: s } } }\n";
        assert_eq!(
            lines(before, after),
            [
                "fallback: Some(\"x/b\") Some(\"x/d\")",
                "subagents.v.source: None Some(\"s\")",
                "subagents.w.primary: Some(\"x/c\") None",
            ]
        );
        assert!(lines(before, before).is_empty());
        assert_eq!(
            lines("", "name: b\nmodel: { primary: x/a }\n"),
            ["primary: None Some(\"x/a\")"]
        );
    }

    #[test]
    fn an_event_has_a_limited_number_of_values() {
        let switched: Vec<(String, String)> = (0..MOST_VALUES + 5)
            .map(|at| ("gw".to_owned(), at.to_string()))
            .collect();
        let values = switched_models(&switched, false);
        assert_eq!(values.len(), MOST_VALUES);
        assert_eq!(
            values[0],
            changed_value("gw/0", Some("enabled".into()), Some("disabled".into()))
        );
    }
}
