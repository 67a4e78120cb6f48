use super::*;

fn at(line: u32, column: u32) -> Position {
    Position { line, column }
}

fn error(text: &str) -> (String, Position) {
    let error = parse(text).expect_err(text);
    assert_eq!(error.code(), "yaml_syntax");
    (error.message().to_owned(), error.position())
}

#[test]
fn every_node_has_its_place() {
    let document = parse("a: 1\nlist:\n  - x\n  - {k: 'v'}\n").unwrap();
    assert_eq!(document.position(), at(1, 1));
    let top = document.as_mapping().unwrap();
    assert_eq!(top.get("a").unwrap().position(), at(1, 4));
    let Value::Sequence(items) = top.get("list").unwrap().value() else {
        panic!("a list");
    };
    assert_eq!(items[0].position(), at(3, 5));
    let inner = items[1].as_mapping().unwrap();
    assert_eq!(inner.get("k").unwrap().position(), at(4, 9));
}

#[test]
fn a_missing_value_is_placed_beside_its_key() {
    let document = parse("a:\n  b:\n\n\nc: 1\n").unwrap();
    let inner = document.as_mapping().unwrap().get("a").unwrap().clone();
    let value = inner.as_mapping().unwrap().get("b").unwrap();
    assert!(value.is_null());
    assert_eq!(value.position(), at(2, 3));
}

#[test]
fn columns_count_characters() {
    let document = parse("é: ü\r\nx: y").unwrap();
    let top = document.as_mapping().unwrap();
    assert_eq!(top.get("é").unwrap().position(), at(1, 4));
    assert_eq!(top.get("x").unwrap().position(), at(2, 4));
}

#[test]
fn a_byte_order_mark_takes_no_room() {
    let document = parse("\u{feff}a: x\n").unwrap();
    let top = document.as_mapping().unwrap();
    assert_eq!(top.get("a").unwrap().position(), at(1, 4));
}

#[test]
fn nothing_is_null() {
    for text in ["", "\u{feff}", "# only a comment\n", "---\n", "~", "\n\n"] {
        assert!(parse(text).unwrap().is_null(), "{text:?}");
    }
}

#[test]
fn quotes_and_tags_decide_what_a_scalar_is() {
    for (text, value) in [
        ("123", Value::Integer("123".into())),
        ("'123'", Value::Text("123".into())),
        ("\"true\"", Value::Text("true".into())),
        ("true", Value::Bool(true)),
        ("1.5", Value::Float("1.5".into())),
        ("yes", Value::Text("yes".into())),
        ("|\n  12\n", Value::Text("12\n".into())),
        ("!!str 12", Value::Text("12".into())),
        ("!<tag:yaml.org,2002:str> 12", Value::Text("12".into())),
        ("! 12", Value::Text("12".into())),
        ("!!int '12'", Value::Integer("12".into())),
        ("!!float 12", Value::Float("12".into())),
        ("!!null ''", Value::Null),
        ("!!map {}", Value::Mapping(Mapping::default())),
        ("!!seq []", Value::Sequence(Vec::new())),
    ] {
        assert_eq!(*parse(text).unwrap().value(), value, "{text:?}");
    }
}

fn pairs(text: &str) -> Vec<String> {
    let document = parse(text).expect(text);
    let mapping = document.as_mapping().unwrap();
    let merged = mapping.get("merged").unwrap().as_mapping().unwrap();
    merged
        .iter()
        .map(|(key, value)| {
            let Position { line, column } = value.position();
            format!("{}={} {line}:{column}", key.label(), value.label())
        })
        .collect()
}

#[test]
fn a_merge_key_brings_the_pairs_that_are_not_written_out() {
    let base = "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\n";
    for (merged, expected) in [
        ("{<<: *b}", vec!["x=1 3:14", "y=2 3:14"]),
        ("{y: 9, <<: *b}", vec!["y=9 3:13", "x=1 3:20"]),
        ("{<<: *b, y: 9}", vec!["x=1 3:14", "y=9 3:21"]),
        ("{<<: [*o, *b]}", vec!["y=3 3:15", "z=4 3:15", "x=1 3:19"]),
        ("{<<: {k: v}}", vec!["k=v 3:14"]),
        ("{<<: []}", vec![]),
        ("{<<: *b, <<: *o}", vec!["x=1 3:14", "y=2 3:14", "z=4 3:22"]),
        // Quoted, it is a key like any other.
        ("{'<<': v}", vec!["<<=v 3:16"]),
    ] {
        let text = format!("{base}merged: {merged}\n");
        assert_eq!(pairs(&text), expected, "{merged}");
    }
}

#[test]
fn a_merged_mapping_can_be_merged_again() {
    let text = "a: &a {x: 1}\nb: &b\n  <<: *a\n  y: 2\nmerged:\n  <<: *b\n  z: 3\n";
    assert_eq!(pairs(text), ["x=1 6:7", "y=2 6:7", "z=3 7:6"]);
}

#[test]
fn a_merge_key_takes_mappings_only() {
    for (text, place) in [
        ("a: 1\n<<: 5\n", at(2, 5)),
        ("<<: [{a: 1}, x]\n", at(1, 14)),
        ("<<:\n", at(1, 1)),
    ] {
        let message =
            "The merge key `<<` takes a mapping or a list of mappings, such as `<<: *base`.";
        assert_eq!(error(text), (message.to_owned(), place), "{text}");
    }
}

#[test]
fn a_value_that_begins_with_a_reserved_character_belongs_in_quotes() {
    for (text, character, place) in [
        ("primary: @openai-prod/gpt-4o\n", '@', at(1, 10)),
        ("primary: `gpt-4o`\n", '`', at(1, 10)),
        ("api_key_env: %OPENAI_KEY%\n", '%', at(1, 14)),
        ("primary: *\n", '*', at(1, 10)),
        ("primary: */gpt-4o\n", '*', at(1, 10)),
        ("allow:\n  - *\n", '*', at(2, 5)),
        ("allow: [a/b, @c/d]\n", '@', at(1, 14)),
        ("allow: [a/b, *]\n", '*', at(1, 14)),
    ] {
        let (message, position) = error(text);
        let begin = format!("A value that begins with {character} ");
        assert!(message.starts_with(&begin), "{text}: {message}");
        assert!(
            message.to_lowercase().ends_with("put it in quotes."),
            "{message}"
        );
        assert_eq!(position.line, place.line, "{text}");
        assert!(
            position.column.abs_diff(place.column) <= 1,
            "{text}: {position:?}"
        );
        let quoted = text.replace("*\n", "'*'\n");
        assert!(quoted == text || parse(&quoted).is_ok(), "{quoted}");
    }
}

#[test]
fn repeated_keys_are_kept_and_found() {
    let document = parse("a: 1\nb: 2\n'a': 3\n1: x\n1: y\n").unwrap();
    let top = document.as_mapping().unwrap();
    assert_eq!(top.iter().count(), 5);
    assert_eq!(*top.get("a").unwrap().value(), Value::Integer("1".into()));
    let repeated: Vec<_> = top
        .repeated_keys()
        .iter()
        .map(|key| key.position())
        .collect();
    assert_eq!(repeated, [at(3, 1)]);
}

#[test]
fn an_alias_stands_where_it_is_used() {
    let document = parse("a: &x {k: v}\nb: *x\n").unwrap();
    let top = document.as_mapping().unwrap();
    let (a, b) = (top.get("a").unwrap(), top.get("b").unwrap());
    assert_eq!(a.value(), b.value());
    assert_eq!((a.position(), b.position()), (at(1, 4), at(2, 4)));
}

/// What reads a document visits the nodes of an alias at each place where it is used.
#[test]
fn the_nodes_of_an_alias_count_wherever_it_is_used() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    let level = |level: usize| {
        let alias = format!("*a{}", level - 1);
        format!(
            "a{level}: &a{level} [{}]\n",
            [alias.as_str(); 10].join(", ")
        )
    };
    for number in 1..4 {
        text.push_str(&level(number));
    }
    assert!(parse(&text).is_ok(), "12,000 values are fine");
    for number in 4..40 {
        text.push_str(&level(number));
    }
    let (message, _) = error(&text);
    assert_eq!(
        message,
        "The document has more than 200,000 values, aliases expanded."
    );
    let merges = "- {<<: *b}\n".repeat(20_000);
    let keys = (0..20)
        .map(|key| format!("k{key}: v, "))
        .collect::<String>();
    let (message, _) = error(&format!("- &b {{{keys}}}\n{merges}"));
    assert_eq!(
        message,
        "The document has more than 200,000 values, aliases expanded."
    );
    let deep = (1..80).fold("a0: &a0 x\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} [*a{}]\n", level - 1)
    });
    let (message, _) = error(&deep);
    assert_eq!(
        message,
        "Lists and mappings are nested more than 64 levels deep."
    );
}

#[test]
fn what_is_refused_says_so_and_where() {
    let deep = format!("{}1", "- ".repeat(65));
    let many = format!("[{}]", "1,".repeat(MAX_NODES + 1));
    let long = format!("# {}", "x".repeat(MAX_BYTES));
    for (text, message, place) in [
        (
            "a: [\n",
            "This is not valid YAML: while parsing a node, did not find expected node content.",
            at(2, 1),
        ),
        (
            "a: 1\n  b: 2\n",
            "This is not valid YAML: mapping values are not allowed in this context.",
            at(2, 4),
        ),
        (
            "a: 1\n---\nb: 2\n",
            "A second document begins here. Only one is read: remove the line `---`.",
            at(2, 1),
        ),
        (
            "a: 1\r\nb: \u{0}\n",
            "The document contains a control character. Write it as an escape in double quotes.",
            at(2, 4),
        ),
        (
            "a: &x [*x]\n",
            "The alias refers to a node that contains it.",
            at(1, 8),
        ),
        (
            "a: *x\n",
            "A value that begins with * refers to an anchor, and there is none of that name. If it \
             is text, put it in quotes.",
            at(1, 4),
        ),
        (
            "a: !vault x\n",
            "The tag (`!…`) is not supported; only those of YAML's core schema are.",
            at(1, 4),
        ),
        (
            "a: !!int x\n",
            "The tag (`!!…`) does not match the value.",
            at(1, 4),
        ),
        (
            "a: !!str [x]\n",
            "The tag (`!!…`) does not match the value.",
            at(1, 4),
        ),
        (
            &deep,
            "Lists and mappings are nested more than 64 levels deep.",
            at(1, 129),
        ),
        (
            &many,
            "The document has more than 200,000 values, aliases expanded.",
            at(1, 400_002),
        ),
        (&long, "The document is longer than 1 MiB.", at(1, 1)),
    ] {
        let short: String = text.chars().take(40).collect();
        assert_eq!(error(text), (message.to_owned(), place), "{short:?}");
    }
}

#[test]
fn sixty_four_levels_are_read() {
    let text = format!("{}1", "- ".repeat(64));
    assert!(parse(&text).is_ok());
}

#[test]
fn an_error_prints_with_its_place() {
    assert_eq!(
        parse("a: \u{1}").unwrap_err().to_string(),
        "line 1, column 4: The document contains a control character. Write it as an escape in \
         double quotes."
    );
}

#[cfg(not(target_family = "wasm"))]
mod total {
    use super::*;
    use proptest::prelude::*;

    /// Text that is dense in what YAML gives a meaning to.
    fn yaml_like() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "a",
            "b",
            ": ",
            ":",
            "- ",
            "-",
            "\n",
            "\n  ",
            "\n    ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            ",",
            "? ",
            "&a ",
            "*a",
            "!",
            "!!str ",
            "!x!y ",
            "|",
            ">",
            "|2-\n",
            "'",
            "\"",
            "#",
            " #",
            "%",
            "%TAG ! x\n",
            "---\n",
            "...\n",
            "\t",
            "\r",
            "\u{feff}",
            "\\",
            "é",
            "1",
            "~",
            "@",
            "`",
            "<<",
            "\u{85}",
            "\u{2028}",
            "0x",
            "\\x41",
            "\\u",
            "=",
        ]);
        prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
    }

    fn check(text: &str) -> Result<(), TestCaseError> {
        if let Err(error) = parse(text) {
            let lines = u32::try_from(text.len()).unwrap() + 1;
            prop_assert!((1..=lines).contains(&error.position().line));
            prop_assert!(error.position().column >= 1);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_text_panics(text in any::<String>()) {
            check(&text)?;
        }

        #[test]
        fn no_yaml_panics(text in yaml_like()) {
            check(&text)?;
        }

        #[test]
        fn a_quoted_text_comes_back(text in "[ -~é\n]{0,40}") {
            let quoted = format!("k: {}", serde_json::to_string(&text).unwrap());
            let document = parse(&quoted).unwrap();
            let value = document.as_mapping().unwrap().get("k").unwrap();
            prop_assert_eq!(value.as_text(), Some(text.as_str()));
        }
    }
}
