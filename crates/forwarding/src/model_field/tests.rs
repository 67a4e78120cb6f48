//! Tests of finding the model.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn found(body: &str) -> (String, String) {
    let field = find(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error:?}"));
    (body[field.span].to_owned(), field.model)
}

fn code(body: &[u8]) -> String {
    find(body).unwrap_err().code.into_owned()
}

#[test]
fn the_top_level_model_is_found_wherever_it_is() {
    for (body, raw, model) in [
        (r#"{"model":"a/b"}"#, r#""a/b""#, "a/b"),
        (" {\n\t\"model\" :\r \"a\" , \"x\": 1 } \n", r#""a""#, "a"),
        (
            r#"{"messages":[{"model":"no","content":"\"model\":\"no\""}],"model":"yes"}"#,
            r#""yes""#,
            "yes",
        ),
        (r#"{"\u006dodel":"a"}"#, r#""a""#, "a"),
        (
            r#"{"model":"\u0061\/\"b\""}"#,
            r#""\u0061\/\"b\"""#,
            "a/\"b\"",
        ),
        (r#"{"model":"","models":["x"],"mode":1}"#, r#""""#, ""),
        (
            r#"{"a":-0.5e+10,"b":[true,false,null,{}],"model":"ä"}"#,
            "\"ä\"",
            "ä",
        ),
        (r#"{"a":"\ud800","model":"x"}"#, r#""x""#, "x"),
    ] {
        assert_eq!(found(body), (raw.to_owned(), model.to_owned()), "{body}");
    }
}

#[test]
fn two_models_are_refused_however_they_are_written() {
    for body in [
        r#"{"model":"a","model":"a"}"#,
        r#"{"model":"a","Model":"b"}"#,
        r#"{"MODEL":"a"}"#,
        r#"{"model":"a","\u006d\u006fdel":"b"}"#,
        r#"{"model":"a","model":1}"#,
        r#"{"modeL":null,"model":"a"}"#,
    ] {
        assert_eq!(code(body.as_bytes()), "duplicate_model", "{body}");
    }
}

#[test]
fn a_body_without_a_model_is_refused() {
    for body in [
        "{}",
        r#"{"x":{"model":"a"}}"#,
        r#"{"model":null}"#,
        r#"{"model":["a"]}"#,
        r#"{"model ":"a"}"#,
    ] {
        assert_eq!(code(body.as_bytes()), "missing_model", "{body}");
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    let model = r#""model":"a""#;
    for body in [
        String::new(),
        " ".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "\"model\"".to_owned(),
        format!("\u{feff}{{{model}}}"),
        format!("{{{model}}} x"),
        format!("{{{model}}}{{{model}}}"),
        format!("{{{model},}}"),
        format!("{{,{model}}}"),
        format!("{{{model}"),
        format!("{{{model} \"x\":1}}"),
        format!("{{'x':1,{model}}}"),
        format!("{{{model},\"x\":01}}"),
        format!("{{{model},\"x\":1.}}"),
        format!("{{{model},\"x\":.5}}"),
        format!("{{{model},\"x\":+1}}"),
        format!("{{{model},\"x\":1e}}"),
        format!("{{{model},\"x\":NaN}}"),
        format!("{{{model},\"x\":tru}}"),
        format!("{{{model},\"x\":[1,]}}"),
        format!("{{{model},\"x\":[1}}}}"),
        format!("{{{model},\"x\":\"\\x\"}}"),
        format!("{{{model},\"x\":\"\\u12g4\"}}"),
        format!("{{{model},\"x\":\"a\nb\"}}"),
        format!("{{{model},\"x\":\"\u{1}\"}}"),
        format!("{{{model},\"x\":\"open}}"),
        format!("{{{model},/* */\"x\":1}}"),
        r#"{"model":"\ud800"}"#.to_owned(),
    ] {
        assert_eq!(code(body.as_bytes()), "invalid_json", "{body}");
    }
    assert_eq!(code(b"{\"model\":\"\xff\"}"), "invalid_json");
    assert_eq!(
        code(b"{\"model\":\"a\",\"x\":\"\xed\xa0\x80\"}"),
        "invalid_json"
    );
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| {
        let inner = "[".repeat(depth - 1) + &"]".repeat(depth - 1);
        format!(
            r#"{{"model":"a","x":{}}}"#,
            if depth > 1 { inner } else { "1".into() }
        )
    };
    assert_eq!(found(&nested(MAX_DEPTH)).1, "a");
    assert_eq!(code(nested(MAX_DEPTH + 1).as_bytes()), "invalid_json");
    // A reader that called itself for each level would overflow its stack here.
    assert_eq!(code(&[b'['; 1 << 20]), "invalid_json");
    let deep = [br#"{"model":"a","x":"#.as_slice(), &[b'['; 1 << 20]].concat();
    assert_eq!(code(&deep), "invalid_json");
}

/// JSON texts, and texts that are nearly JSON.
fn body_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => Just("\"model\":\"a\"".to_owned()),
        1 => Just("\"Model\":1".to_owned()),
        1 => Just("\"\\u006dodel\":\"b\"".to_owned()),
        3 => "\"[a-z\\\\\"/u0-9]{0,6}\":(-?[0-9.eE+-]{1,6}|true|null|\"[^\"]{0,5}\"|\\[\\]|\\{\\})",
        1 => "[\\[\\]{},:\" a-z0-9\\\\]{0,8}",
    ];
    let separator = prop_oneof![6 => Just(","), 1 => Just(" , "), 1 => Just("")];
    prop::collection::vec((piece, separator), 0..5).prop_map(|pieces| {
        let mut body = "{".to_owned();
        let last = pieces.len();
        for (index, (piece, separator)) in pieces.into_iter().enumerate() {
            body += &piece;
            if index + 1 < last {
                body += separator;
            }
        }
        body + "}"
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// A second reader agrees on what is JSON, and on what the model says.
    #[test]
    fn serde_json_reads_the_same(body in body_like()) {
        let other: Result<serde_json::Map<String, Value>, _> = serde_json::from_str(&body);
        match find(body.as_bytes()) {
            Ok(field) => {
                match other {
                    Ok(other) => prop_assert_eq!(other["model"].as_str(), Some(&*field.model)),
                    // Numbers beyond the range of a float, and half surrogates, are JSON still.
                    Err(error) => {
                        let why = error.to_string();
                        prop_assert!(
                            ["out of range", "surrogate", "hex escape"]
                                .iter()
                                .any(|reason| why.contains(reason)),
                            "{}", why
                        );
                    }
                }
                let span = &body[field.span.clone()];
                prop_assert_eq!(serde_json::from_str::<String>(span).unwrap(), field.model);
                // The splice leaves every other byte, and the body is JSON again.
                let spliced = [&body[..field.span.start], "\"new\"", &body[field.span.end..]];
                let again = find(spliced.concat().as_bytes()).unwrap();
                prop_assert_eq!(again.model, "new");
            }
            Err(error) if error.code == "invalid_json" => {
                prop_assert!(other.is_err(), "{:?}", error);
            }
            Err(error) => {
                let keys: Vec<String> = other.map(|map| map.keys().cloned().collect()).unwrap_or_default();
                let models = keys.iter().filter(|key| key.eq_ignore_ascii_case("model")).count();
                match &*error.code {
                    "missing_model" => prop_assert!(models <= 1),
                    _ => prop_assert!(models >= 1 || keys.is_empty()),
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = find(&body);
    }
}
