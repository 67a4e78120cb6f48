//! One element of a list: its id and what else is said of the model.

use super::DiscoveredModel;
use super::json::{count, number, object, string};
use super::price;
use super::sent_secrets::SentSecrets;
use crate::sanitise;
use jiff::civil::Date;
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

/// Why an element is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skipped {
    /// It has no usable id.
    Unusable,
    /// It repeats a secret that was sent with the request.
    RepeatsSecret,
}

/// Reads one element.
pub(super) fn model(element: &RawValue, sent: &SentSecrets) -> Result<DiscoveredModel, Skipped> {
    let mut model = fields(element).ok_or(Skipped::Unusable)?;
    if model.texts().any(|text| sent.are_in(text)) {
        return Err(Skipped::RepeatsSecret);
    }
    // It is cut only now: the beginning of a secret would not be recognised.
    for (text, longest) in [
        (&mut model.name, LONGEST_NAME),
        (&mut model.mode, LONGEST_MODE),
    ] {
        *text = text.take().map(|text| sanitise::line(&text, longest));
    }
    Ok(model)
}

fn fields(element: &RawValue) -> Option<DiscoveredModel> {
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
        name: readable(&[outer.display_name, outer.name]).filter(|name| *name != id),
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
        mode: readable(&[outer.mode, inner.mode]),
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
    let usable = !id.is_empty() && id.len() <= LONGEST_ID && sanitise::is_plain(id);
    usable.then(|| id.to_owned())
}

fn readable(values: &[Option<&RawValue>]) -> Option<String> {
    values
        .iter()
        .filter_map(|value| string(*value))
        .map(|text| sanitise::one_line(&text))
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

/// The day of a date, with or without a time after it.
fn day(value: Option<&RawValue>) -> Option<String> {
    let text = string(value)?;
    let day = text.get(..10)?;
    let rest = &text[10..];
    let date: Date = day.parse().ok()?;
    // Other ways to write a date, such as `20260131`, are not shown as they are compared.
    let valid = date.year() >= 1970
        && date.to_string() == day
        && (rest.is_empty() || rest.starts_with(['T', ' ']));
    valid.then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<DiscoveredModel> {
        let sent = SentSecrets::default();
        model(&RawValue::from_string(json.to_owned()).unwrap(), &sent).ok()
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
            r#"{"id": "a "}"#,
            r#"{"id": " a"}"#,
            r#"{"id": "a  b"}"#,
            r#"{"model_name": "a\u00a0b"}"#,
            "\"a\u{fe0f}\"",
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
            "2026-02-31",
            "2026-02-29",
            "2026-04-31",
            "2100-02-29",
            "1969-12-31",
            "0000-00-00",
            "-026-01-01",
            "20260101T0",
            "",
        ] {
            let json = format!(r#"{{"id": "a", "deprecation_date": "{date}"}}"#);
            assert_eq!(read(&json).unwrap().retires_on, None, "{date}");
        }
        for date in ["2028-02-29", "2026-04-30", "1970-01-01", "9999-12-31"] {
            let json = format!(r#"{{"id": "a", "deprecation_date": "{date} 12:00"}}"#);
            assert_eq!(read(&json).unwrap().retires_on.as_deref(), Some(date));
        }
    }

    /// One of each kind, those that passed before among them.
    #[test]
    fn an_id_with_an_invisible_character_is_not_usable() {
        for character in [
            '\u{0}',
            '\u{7f}',
            '\u{85}',
            '\u{a0}',
            '\u{ad}',
            '\u{34f}',
            '\u{600}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{1680}',
            '\u{17b4}',
            '\u{17b5}',
            '\u{180b}',
            '\u{180e}',
            '\u{180f}',
            '\u{2000}',
            '\u{200b}',
            '\u{200d}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{202f}',
            '\u{205f}',
            '\u{2060}',
            '\u{2065}',
            '\u{2800}',
            '\u{3000}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{fff9}',
            '\u{13430}',
            '\u{1bca0}',
            '\u{1d159}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0020}',
            '\u{e0100}',
            '\u{e01ef}',
            '\u{e0fff}',
        ] {
            for id in [
                format!("a{character}b"),
                format!("ab{character}"),
                format!("{character}ab"),
            ] {
                assert_eq!(usable_id(&id), None, "{id:?}");
            }
        }
        for id in ["gpt-4o", "モデル", "modèle", "नमूना", "\u{1f600}", "a b"] {
            assert_eq!(usable_id(id).as_deref(), Some(id));
        }
    }
}
