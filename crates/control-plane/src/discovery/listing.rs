//! One page of a list, added to those before it.

use super::DiscoveredModel;
use super::error_body::error_in;
use super::json::{self, object, string};
use super::metadata::{self, Skipped};
use super::sent_secrets::SentSecrets;
use serde::Deserialize;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

/// The most elements that all pages together may have.
pub(super) const MOST_ELEMENTS: u64 = 50_000;

/// The longest address of a next page, and the longest id that one begins after, in bytes.
pub(super) const LONGEST_LINK: usize = 2048;

/// What has been listed so far.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) models: Vec<DiscoveredModel>,
    seen: HashSet<String>,
    /// Elements without a usable id.
    pub(super) unusable: u64,
    /// Elements that repeat a secret of the request.
    pub(super) repeats_secret: u64,
    elements: u64,
    sent: SentSecrets,
}

/// Where the next page is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is none.
    End,
    /// Anthropic: the same list after this id.
    After(String),
    /// OpenRouter: at this address.
    Link(String),
}

/// Why a page cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not JSON; where it begins like a web page, that is said.
    NotJson {
        /// It begins with `<`.
        is_markup: bool,
    },
    /// It nests too deeply.
    TooDeep,
    /// It is JSON without a list.
    NoList {
        /// It has `models`, as Ollama's own API does.
        has_models: bool,
    },
    /// It is an error in the clothes of a success; the status that it names, where it does.
    Error(Option<u16>),
    /// It has too many elements.
    TooMany,
    /// It says that there is more and not where.
    NoCursor,
}

/// What surrounds the list. Each field may be of any type.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow, deserialize_with = "json::present")]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    has_more: Option<&'a RawValue>,
    #[serde(borrow)]
    last_id: Option<&'a RawValue>,
    #[serde(borrow)]
    links: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    models: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Links<'a> {
    #[serde(borrow)]
    next: Option<&'a RawValue>,
}

impl Listing {
    /// An empty one of a request that was sent with these secrets.
    pub(super) fn new(sent: SentSecrets) -> Self {
        Self {
            sent,
            ..Self::default()
        }
    }

    /// Reads a page and adds its models.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<Next, Fault> {
        if json::is_too_deep(bytes) {
            return Err(Fault::TooDeep);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotJson { is_markup: false })?;
        let text = text.trim_start_matches('\u{feff}').trim();
        let not_json = |_| Fault::NotJson {
            is_markup: text.starts_with('<'),
        };
        let whole: &RawValue = serde_json::from_str(text).map_err(not_json)?;
        if whole.get().starts_with('[') {
            self.add_elements(whole)?;
            return Ok(Next::End);
        }
        let envelope: Envelope<'_> =
            serde_json::from_str(whole.get()).map_err(|_| Fault::NoList { has_models: false })?;
        match envelope.data {
            Some(data) if data.get().starts_with('[') => self.add_elements(data)?,
            // What a server in Go writes for a list that was never filled.
            Some(data) if data.get() == "null" && error_in(envelope.error).is_none() => {}
            _ => return Err(without_list(&envelope)),
        }
        next(&envelope)
    }

    fn add_elements(&mut self, list: &RawValue) -> Result<(), Fault> {
        serde_json::Deserializer::from_str(list.get())
            .deserialize_seq(Elements(self))
            // The text was read as JSON before, so that the only error is the visitor's own.
            .map_err(|_| Fault::TooMany)
    }

    fn add_element(&mut self, element: &RawValue) {
        match metadata::model(element, &self.sent) {
            Ok(model) => {
                if !self.seen.contains(&model.id) {
                    self.seen.insert(model.id.clone());
                    self.models.push(model);
                }
            }
            Err(Skipped::Unusable) => self.unusable += 1,
            Err(Skipped::RepeatsSecret) => self.repeats_secret += 1,
        }
    }
}

/// Takes the elements one by one, so that a list of millions is left at the limit and never held.
struct Elements<'a>(&'a mut Listing);

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&'de RawValue>()? {
            self.0.elements += 1;
            if self.0.elements > MOST_ELEMENTS {
                return Err(serde::de::Error::custom("too many"));
            }
            self.0.add_element(element);
        }
        Ok(())
    }
}

fn without_list(envelope: &Envelope<'_>) -> Fault {
    match error_in(envelope.error) {
        Some(error) => Fault::Error(error.status),
        None => Fault::NoList {
            has_models: envelope.models.is_some(),
        },
    }
}

fn next(envelope: &Envelope<'_>) -> Result<Next, Fault> {
    let links: Links<'_> = object(envelope.links);
    if let Some(link) = string(links.next).filter(|link| !link.is_empty()) {
        return Ok(Next::Link(link.into_owned()));
    }
    if envelope.has_more.is_some_and(|more| more.get() == "true") {
        return string(envelope.last_id)
            .filter(|id| !id.is_empty() && id.len() <= LONGEST_LINK)
            .map(|id| Next::After(id.into_owned()))
            .ok_or(Fault::NoCursor);
    }
    Ok(Next::End)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn add(text: &str) -> (Result<Next, Fault>, Listing) {
        let mut listing = Listing::default();
        let next = listing.add(text.as_bytes());
        (next, listing)
    }

    fn ids(listing: &Listing) -> Vec<&str> {
        listing
            .models
            .iter()
            .map(|model| model.id.as_str())
            .collect()
    }

    #[test]
    fn duplicates_count_once_and_the_unusable_is_counted() {
        let (next, listing) = add(r#" [{"id":"a"}, "b", {"id":"a","name":"second"}, 5, {}] "#);
        assert_eq!(next, Ok(Next::End));
        assert_eq!(ids(&listing), ["a", "b"]);
        assert_eq!(listing.models[0].name, None, "the first of them counts");
        assert_eq!(listing.unusable, 2);
    }

    #[test]
    fn the_next_page_is_read_from_either_form() {
        let page = |rest: &str| add(&format!(r#"{{"data":[{{"id":"a"}}]{rest}}}"#)).0;
        assert_eq!(page(""), Ok(Next::End));
        assert_eq!(page(r#","has_more":false,"last_id":"a""#), Ok(Next::End));
        let after = Next::After("a".to_owned());
        assert_eq!(page(r#","has_more":true,"last_id":"a""#), Ok(after));
        assert_eq!(page(r#","has_more":true"#), Err(Fault::NoCursor));
        let endless = "a".repeat(LONGEST_LINK + 1);
        let endless = format!(r#","has_more":true,"last_id":"{endless}""#);
        assert_eq!(page(&endless), Err(Fault::NoCursor));
        let link = Next::Link("/v1/models?p=2".to_owned());
        assert_eq!(page(r#","links":{"next":"/v1/models?p=2"}"#), Ok(link));
        assert_eq!(page(r#","links":{"next":null}"#), Ok(Next::End));
        assert_eq!(page(r#","links":"none""#), Ok(Next::End));
    }

    #[test]
    fn what_is_no_list_says_what_it_is() {
        for (text, fault) in [
            ("", Fault::NotJson { is_markup: false }),
            ("<!doctype html>", Fault::NotJson { is_markup: true }),
            ("[1,", Fault::NotJson { is_markup: false }),
            (
                r#"{"data":[{"id":"a"},]}"#,
                Fault::NotJson { is_markup: false },
            ),
            (
                r#"{"data":{"id":"a"}}"#,
                Fault::NoList { has_models: false },
            ),
            (
                r#"{"data":[],"data":[]}"#,
                Fault::NoList { has_models: false },
            ),
            ("5", Fault::NoList { has_models: false }),
            ("null", Fault::NoList { has_models: false }),
            (r#"{"models":[]}"#, Fault::NoList { has_models: true }),
            (r#"{"error":{"code":502}}"#, Fault::Error(Some(502))),
            (r#"{"error":{"code":"401"}}"#, Fault::Error(Some(401))),
            (r#"{"error":"no"}"#, Fault::Error(None)),
        ] {
            assert_eq!(add(text).0, Err(fault), "{text}");
        }
        let mut listing = Listing::default();
        assert_eq!(
            listing.add(b"[\"\xff\"]"),
            Err(Fault::NotJson { is_markup: false })
        );
    }

    #[test]
    fn a_list_that_is_null_is_empty() {
        for text in [
            r#"{"data":null}"#,
            r#"{"object":"list","data":null}"#,
            r#"{"data":null,"error":null,"has_more":false}"#,
        ] {
            let (next, listing) = add(text);
            assert_eq!((next, ids(&listing)), (Ok(Next::End), vec![]), "{text}");
        }
        let (next, _) = add(r#"{"data":null,"error":{"code":500}}"#);
        assert_eq!(next, Err(Fault::Error(Some(500))));
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = format!(
            "[{}1{}]",
            "[".repeat(json::DEEPEST),
            "]".repeat(json::DEEPEST)
        );
        assert_eq!(add(&deep).0, Err(Fault::TooDeep));
        let most = usize::try_from(MOST_ELEMENTS).unwrap();
        let list = |length: usize| format!("[{}]", vec!["0"; length].join(","));
        let (next, listing) = add(&list(most));
        assert_eq!((next, listing.unusable), (Ok(Next::End), MOST_ELEMENTS));
        assert_eq!(add(&list(most + 1)).0, Err(Fault::TooMany));
    }

    proptest! {
        /// Nothing that an upstream can write makes it panic, take an unusable id, or take one twice.
        #[test]
        fn no_bytes_break_it(pieces in proptest::collection::vec(piece(), 0..40)) {
            let text = pieces.concat();
            let mut listing = Listing::default();
            let _ = listing.add(text.as_bytes());
            let found = ids(&listing);
            let distinct: HashSet<&str> = found.iter().copied().collect();
            prop_assert_eq!(distinct.len(), found.len());
            prop_assert!(found.iter().all(|id| !id.is_empty() && !id.chars().any(char::is_control)));
        }
    }

    /// A piece of a list, so that what is put together is often almost one.
    fn piece() -> impl Strategy<Value = String> {
        let known = [
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "\"data\"",
            "\"id\"",
            "\"a\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "null",
            "1e999",
            "-0",
            "\"has_more\"",
            "true",
            "\"last_id\"",
            "\"links\"",
            "\"next\"",
            "\"pricing\"",
            "\"model_info\"",
            "{\"data\":[",
            "{\"id\":",
            "]}",
        ];
        prop_oneof![
            9 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
            1 => ".{0,4}",
        ]
    }

    #[test]
    fn pages_add_up() {
        let mut listing = Listing::default();
        listing.add(br#"{"data":["a","b"]}"#).unwrap();
        listing.add(br#"{"data":["b","c"]}"#).unwrap();
        assert_eq!(ids(&listing), ["a", "b", "c"]);
    }
}
