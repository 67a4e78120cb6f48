//! One element of a list: its id and what else is said of the model.

use super::DiscoveredModel;
use super::json::{count, number, object, string};
use super::price;
use crate::sanitise;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The longest id, in bytes.
pub(super) const LONGEST_ID: usize = 256;
/// The longest readable name and mode, in characters.
const LONGEST_NAME: usize = 120;
const LONGEST_MODE: usize = 40;

/// The fields that are read. Each may be of any type: a wrong one makes that field absent, not the
/// model. Unknown fields are passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Element<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    model_name: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    display_name: Option<&'a RawValue>,
    /// OpenRouter.
    #[serde(borrow)]
    context_length: Option<&'a RawValue>,
    /// Groq and others.
    #[serde(borrow)]
    context_window: Option<&'a RawValue>,
    /// LiteLLM and Anthropic.
    #[serde(borrow)]
    max_input_tokens: Option<&'a RawValue>,
    /// vLLM.
    #[serde(borrow)]
    max_model_len: Option<&'a RawValue>,
    #[serde(borrow)]
    pricing: Option<&'a RawValue>,
    #[serde(borrow)]
    input_cost_per_token: Option<&'a RawValue>,
    #[serde(borrow)]
    output_cost_per_token: Option<&'a RawValue>,
    #[serde(borrow)]
    mode: Option<&'a RawValue>,
    #[serde(borrow)]
    expiration_date: Option<&'a RawValue>,
    #[serde(borrow)]
    deprecation_date: Option<&'a RawValue>,
    /// LiteLLM's own list puts the same fields one level down.
    #[serde(borrow)]
    model_info: Option<&'a RawValue>,
}

/// OpenRouter's prices.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Pricing<'a> {
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    completion: Option<&'a RawValue>,
}

/// Reads one element; `None` where it has no usable id.
pub(super) fn model(element: &RawValue) -> Option<DiscoveredModel> {
    if let Some(id) = string(Some(element)) {
        return Some(DiscoveredModel {
            id: usable_id(&id)?,
            ..DiscoveredModel::default()
        });
    }
    let outer: Element<'_> = object(Some(element));
    let id = string(outer.id)
        .filter(|id| !id.is_empty())
        .or_else(|| string(outer.model_name))?;
    let id = usable_id(&id)?;
    let inner: Element<'_> = object(outer.model_info);
    let pricing: Pricing<'_> = object(outer.pricing);
    let first_count = |values: &[Option<&RawValue>]| values.iter().find_map(|value| count(*value));
    Some(DiscoveredModel {
        name: readable(&[outer.display_name, outer.name], LONGEST_NAME).filter(|name| *name != id),
        context: first_count(&[
            outer.context_length,
            outer.context_window,
            outer.max_input_tokens,
            outer.max_model_len,
            inner.max_input_tokens,
        ]),
        input_price: listed_price(pricing.prompt)
            .or_else(|| cost(outer.input_cost_per_token))
            .or_else(|| cost(inner.input_cost_per_token)),
        output_price: listed_price(pricing.completion)
            .or_else(|| cost(outer.output_cost_per_token))
            .or_else(|| cost(inner.output_cost_per_token)),
        mode: readable(&[outer.mode, inner.mode], LONGEST_MODE),
        retires_on: [
            outer.expiration_date,
            outer.deprecation_date,
            inner.deprecation_date,
        ]
        .into_iter()
        .find_map(day),
        id,
    })
}

/// An id goes into refs, onto the wire and into the catalog exactly as it is, or not at all: one
/// that is too long or hides characters is not shortened to the id of another model.
fn usable_id(id: &str) -> Option<String> {
    let usable = !id.is_empty() && id.len() <= LONGEST_ID && !id.chars().any(sanitise::is_hidden);
    usable.then(|| id.to_owned())
}

fn readable(values: &[Option<&RawValue>], longest: usize) -> Option<String> {
    values
        .iter()
        .filter_map(|value| string(*value))
        .map(|text| sanitise::line(&text, longest))
        .find(|text| !text.is_empty())
}

/// OpenRouter's decimal string per token. Zero is what it says: free.
fn listed_price(value: Option<&RawValue>) -> Option<String> {
    price::per_million(&string(value)?)
}

/// LiteLLM's number per token. It writes zero where no price is known, so that zero says nothing.
fn cost(value: Option<&RawValue>) -> Option<String> {
    price::per_million(number(value)?).filter(|price| price != "0")
}

/// The day of a date, with or without a time behind it.
fn day(value: Option<&RawValue>) -> Option<String> {
    let text = string(value)?;
    let day = text.get(..10)?;
    let rest = &text[10..];
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, date] = parts.as_slice() else {
        return None;
    };
    let in_range = |part: &str, length: usize, range: std::ops::RangeInclusive<u16>| {
        part.len() == length
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|number| range.contains(&number))
    };
    let valid = in_range(year, 4, 1970..=9999)
        && in_range(month, 2, 1..=12)
        && in_range(date, 2, 1..=31)
        && (rest.is_empty() || rest.starts_with(['T', ' ']));
    valid.then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<DiscoveredModel> {
        model(&RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn an_openrouter_model() {
        let read = read(
            r#"{"id": "x-ai/grok", "name": "xAI: Grok", "context_length": 131072, "expiration_date": "2027-01-31",
                "pricing": {"prompt": "0.000003", "completion": "0.000015", "request": "0"},
                "architecture": {"modality": "text->text"}, "top_provider": {"context_length": 1}}"#,
        );
        assert_eq!(
            read.unwrap(),
            DiscoveredModel {
                id: "x-ai/grok".to_owned(),
                name: Some("xAI: Grok".to_owned()),
                context: Some(131_072),
                input_price: Some("3".to_owned()),
                output_price: Some("15".to_owned()),
                mode: None,
                retires_on: Some("2027-01-31".to_owned()),
            }
        );
    }

    #[test]
    fn a_litellm_model_flat_and_nested() {
        let fields = r#""mode": "chat", "max_input_tokens": 8192, "input_cost_per_token": 2.5e-06,
                        "output_cost_per_token": 1e-05, "deprecation_date": "2026-12-01T00:00:00Z""#;
        let expected = DiscoveredModel {
            id: "gpt-4o".to_owned(),
            context: Some(8192),
            input_price: Some("2.5".to_owned()),
            output_price: Some("10".to_owned()),
            mode: Some("chat".to_owned()),
            retires_on: Some("2026-12-01".to_owned()),
            ..DiscoveredModel::default()
        };
        assert_eq!(
            read(&format!(r#"{{"id": "gpt-4o", {fields}}}"#)).unwrap(),
            expected
        );
        let nested =
            format!(r#"{{"model_name": "gpt-4o", "model_info": {{"id": "x", {fields}}}}}"#);
        assert_eq!(read(&nested).unwrap(), expected);
    }

    #[test]
    fn a_price_that_is_not_set_is_not_free() {
        let unknown = [
            r#"{"id": "a", "pricing": {"prompt": "-1", "completion": "-1"}}"#,
            r#"{"id": "a", "pricing": {}}"#,
            r#"{"id": "a", "pricing": {"prompt": null, "completion": ""}}"#,
            r#"{"id": "a", "pricing": "free"}"#,
            r#"{"id": "a", "pricing": ["0.1", "0.2"]}"#,
            r#"{"id": "a", "input_cost_per_token": null}"#,
            r#"{"id": "a", "input_cost_per_token": 0, "output_cost_per_token": 0.0}"#,
        ];
        for json in unknown {
            let model = read(json).unwrap();
            assert_eq!(
                (model.input_price, model.output_price),
                (None, None),
                "{json}"
            );
        }
        let free = read(r#"{"id": "a", "pricing": {"prompt": "0", "completion": "0"}}"#).unwrap();
        assert_eq!(free.input_price.as_deref(), Some("0"));
    }

    #[test]
    fn an_id_is_taken_as_it_is_or_not_at_all() {
        let longest = "a".repeat(LONGEST_ID);
        assert_eq!(read(&format!(r#""{longest}""#)).unwrap().id, longest);
        assert_eq!(read(&format!(r#"{{"id": "{longest}b"}}"#)), None);
        for json in [
            r#"{"id": "a\u0000b"}"#,
            r#"{"id": "a\nb"}"#,
            r#"{"id": "a\u202eb"}"#,
            r#"{"id": "a\u200bb"}"#,
            r#"{"id": "", "model_name": ""}"#,
            r#"{"name": "only-name"}"#,
            r#"{"id": 5}"#,
            r#""""#,
            "5",
            "null",
            "[]",
            r#"["a"]"#,
            "{}",
            r#"{"id": "a", "id": "b"}"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!(
            read(r#"{"id": "/a//b ü:free"}"#).unwrap().id,
            "/a//b ü:free"
        );
    }

    #[test]
    fn what_is_readable_is_cleaned_and_odd_types_are_absent() {
        let model = read(
            r#"{"id": "a", "name": "A\u202e\u0007 <b>", "mode": 5, "context_length": "many", "expiration_date": "soon"}"#,
        );
        assert_eq!(
            model.unwrap(),
            DiscoveredModel {
                id: "a".to_owned(),
                name: Some("A <b>".to_owned()),
                ..DiscoveredModel::default()
            }
        );
        for date in [
            "2026-13-01",
            "2026-1-1",
            "2026-01-01x",
            "20260101",
            "2026-01-0é",
            "",
        ] {
            let json = format!(r#"{{"id": "a", "deprecation_date": "{date}"}}"#);
            assert_eq!(read(&json).unwrap().retires_on, None, "{date}");
        }
    }
}
