use super::text::DEPTH;
use super::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Debug;
use waypost_api_types::{Page, TokenView};
use waypost_routing::snapshot::Snapshot;

#[derive(Debug, PartialEq, Deserialize)]
struct Row {
    name: String,
    #[serde(default)]
    count: Option<i32>,
    #[serde(default)]
    tags: Vec<(String, u64)>,
    #[serde(default)]
    labels: BTreeMap<String, bool>,
    #[serde(default)]
    kind: Kind,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Plain,
    Named(String),
    Pair(u8, u8),
    Struct {
        at: u8,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
struct Flat {
    own: bool,
    #[serde(flatten)]
    row: Row,
}

/// Reads a text as serde_json reads it.
fn same<T: DeserializeOwned + PartialEq + Debug>(text: &str) -> T {
    let value: T = read(text).unwrap_or_else(|Invalid| panic!("{text}"));
    assert_eq!(
        value,
        serde_json::from_str(text).expect("it is JSON"),
        "{text}"
    );
    value
}

#[test]
fn values_are_read_as_serde_json_reads_them() {
    let kinds = [
        r#""plain""#,
        r#"{"named":"x"}"#,
        r#"{"pair":[1,2]}"#,
        r#"{ "struct" : { "at" : 7 } }"#,
    ];
    for kind in kinds {
        let text = format!(
            r#" {{"name":"a","count":-3,"tags":[["x",1],["y",18446744073709551615]],
                 "labels":{{"on":true,"off":false}},"kind":{kind},
                 "later":[{{"any":[1.5e-7,null,"\u0041",{{}}]}},-0.25,[]]}} "#
        );
        same::<Row>(&text);
    }
    for text in [
        r#"{"name":""}"#,
        r#"{"name":"n","count":null,"tags":[],"labels":{}}"#,
    ] {
        same::<Row>(text);
    }
    same::<Flat>(r#"{"own":true,"name":"n","count":-2,"tags":[["x",1]],"kind":{"named":"y"}}"#);
    same::<BTreeMap<Key, u8>>(r#"{"one":1,"two":2}"#);
    same::<Page<TokenView>>(r#"{"items":[],"total":0}"#);
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    One,
    Two,
}

#[test]
fn a_snapshot_is_read_as_serde_json_reads_it() {
    let text = include_str!("../../../crates/routing/tests/fixtures/passthrough/snapshot.json");
    let read: Snapshot = read(text).expect("a snapshot");
    let expected: Snapshot = serde_json::from_str(text).expect("a snapshot");
    assert_eq!(format!("{read:?}"), format!("{expected:?}"));
}

#[test]
fn texts_are_read_with_their_escapes() {
    for text in [
        r#""plain""#,
        r#""é 漢 🚏""#,
        r#""\"\\\/\b\f\n\r\t""#,
        r#""before \u00e9 between \ud83d\ude8f after""#,
        r#""\u0000""#,
    ] {
        same::<String>(text);
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "\"",
        "\"a",
        "\"\n\"",
        r#""\x""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\ud83d""#,
        r#""\ud83d\u0041""#,
        r#""\ude8f""#,
        r#""a" "b""#,
        "<!doctype html>",
        "nul",
        "{\"a\":}",
    ] {
        assert_eq!(read::<String>(text), Err(Invalid), "{text}");
    }
    for text in [
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "[01]",
        "[-]",
        "[1}",
        "[1],",
        "[256]",
        "[-1]",
        "[1.0]",
        "[1e2]",
        "[99999999999999999999]",
        "[\"1\"]",
        "[null]",
        "{}",
    ] {
        assert_eq!(read::<Vec<u8>>(text), Err(Invalid), "{text}");
    }
    for text in [
        r#"{"name":"a",}"#,
        r#"{"name" "a"}"#,
        r#"{name:"a"}"#,
        r#"{1:2,"name":"a"}"#,
        r#"{}"#,
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","kind":"none"}"#,
        r#"{"name":"a","kind":"named"}"#,
        r#"{"name":"a","kind":{"plain":1}}"#,
        r#"{"name":"a","kind":{"named":"b","pair":[1,2]}}"#,
        r#"{"name":"a","tags":[["x"]]}"#,
        r#"{"name":"a","tags":[["x",1,2]]}"#,
        r#"["a"]"#,
        r#"{"name":"a","later":[}"#,
    ] {
        assert_eq!(read::<Row>(text).err(), Some(Invalid), "{text}");
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| {
        format!(
            r#"{{"name":"a","later":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let limit = usize::from(DEPTH);
    assert!(read::<Row>(&nested(limit - 1)).is_ok());
    assert_eq!(read::<Row>(&nested(limit)).err(), Some(Invalid));
    assert_eq!(read::<Row>(&nested(100_000)).err(), Some(Invalid));
    // A value that has ended does not count.
    let many = format!(r#"{{"name":"a","later":[{}[]]}}"#, "[],{},".repeat(1_000));
    assert!(read::<Row>(&many).is_ok());
}

#[test]
fn a_value_can_be_kept_as_its_text() {
    let fields: BTreeMap<String, Raw> =
        read(r#"{ "a" : { "b": [1, 2.5] } , "c" : "\n" }"#).expect("it is JSON");
    assert_eq!(fields["a"].0, r#"{ "b": [1, 2.5] }"#);
    assert_eq!(fields["c"].0, r#""\n""#);
}
