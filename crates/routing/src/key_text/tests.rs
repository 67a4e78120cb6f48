use super::*;

/// The key that is read, and what was removed.
fn cleaned(typed: &str, carrier: Carrier) -> (String, Vec<Removed>) {
    match read(typed, carrier) {
        Ok(key) => {
            assert_eq!(key.suspicion, None, "{typed}");
            (key.value.into_owned(), key.removed)
        }
        Err(error) => panic!("{typed}: {error}"),
    }
}

fn suspicion(typed: &str) -> Option<Suspicion> {
    suspicion_of(typed, Carrier::Bearer)
}

fn refused(typed: &str) -> KeyTextError {
    match read(typed, Carrier::Bearer) {
        Ok(_) => panic!("{typed} is read"),
        Err(error) => error,
    }
}

#[test]
fn keys_of_all_kinds_are_left_as_they_are() {
    for key in [
        "sk-proj-Ab_12-34",
        "sk-1234",
        "gsk_abcdef",
        "AIzaSyA-bc_de",
        "a1b2c3d4-0000-1111-2222-333344445555:0123456789abcdef",
        "bedrock-api-key-YmVkcm9jaw==",
        "AB_CD==",
        "QUJD_x=",
        "eyJhbGciOi.JIUzI1.NiJ9",
        "EMPTY",
        "none",
        "not-needed",
        "lm-studio",
        "ollama",
        "dummy",
        "hf_xxABC",
        "pk:live:abc",
        "correct-horse",
        "id:key",
        "sk-your",
        "k",
    ] {
        assert_eq!(cleaned(key, Carrier::Bearer), (key.into(), vec![]), "{key}");
        assert_eq!(cleaned(key, Carrier::Header), (key.into(), vec![]), "{key}");
    }
}

#[test]
fn what_cannot_belong_to_a_key_is_removed() {
    use Removed::{Bearer, Invisible, Name, Quotes};
    for (typed, removed) in [
        ("  sk-key\r\n", vec![]),
        ("\"sk-key\"", vec![Quotes]),
        ("'sk-key'", vec![Quotes]),
        ("`sk-key`", vec![Quotes]),
        ("“sk-key”", vec![Quotes]),
        ("„sk-key“", vec![Quotes]),
        ("«sk-key»", vec![Quotes]),
        ("\"sk-key\",", vec![Quotes]),
        ("Bearer sk-key", vec![Bearer]),
        ("bearer   sk-key", vec![Bearer]),
        ("Authorization: Bearer sk-key", vec![Name, Bearer]),
        (
            "-H \"Authorization: Bearer sk-key\"",
            vec![Quotes, Name, Bearer],
        ),
        ("x-api-key: sk-key", vec![Name]),
        ("api-key:sk-key", vec![Name]),
        ("OPENAI_API_KEY=sk-key", vec![Name]),
        ("export OPENAI_API_KEY=\"sk-key\"", vec![Quotes, Name]),
        ("$env:OPENAI_API_KEY = 'sk-key'", vec![Quotes, Name]),
        ("set TOKEN=sk-key", vec![Name]),
        ("OPENAI_API_KEY: sk-key", vec![Name]),
        ("api_key: sk-key", vec![Name]),
        ("\"api_key\": \"sk-key\",", vec![Quotes, Name]),
        ("\u{feff}sk-key", vec![Invisible]),
        ("sk-\u{200b}key\u{200e}", vec![Invisible]),
        ("\u{feff}\"Bearer sk-key\"", vec![Invisible, Quotes, Bearer]),
    ] {
        assert_eq!(
            cleaned(typed, Carrier::Bearer),
            ("sk-key".into(), removed),
            "{typed:?}"
        );
    }
}

#[test]
fn a_header_that_is_given_takes_its_value_with_the_scheme() {
    for (typed, value) in [
        ("Bearer sk-key", "Bearer sk-key"),
        ("Authorization: Basic dXNlcjpwdw==", "Basic dXNlcjpwdw=="),
        ("\"Token token=abc\"", "Token token=abc"),
    ] {
        assert_eq!(cleaned(typed, Carrier::Header).0, value, "{typed}");
    }
    let cookies = "SESSION_ID=\"abc\"; theme=dark";
    assert_eq!(cleaned(cookies, Carrier::Cookie), (cookies.into(), vec![]));
    for (header, carrier) in [
        (None, Carrier::Bearer),
        (Some(" "), Carrier::Bearer),
        (Some("Authorization"), Carrier::Header),
        (Some("X-Api-Key"), Carrier::Header),
        (Some("Cookie"), Carrier::Cookie),
    ] {
        assert_eq!(Carrier::of(header), carrier, "{header:?}");
    }
}

#[test]
fn what_no_header_can_carry_is_refused_with_what_was_found() {
    for (typed, error) in [
        ("", KeyTextError::Empty),
        (" \u{feff} ", KeyTextError::Empty),
        ("sk-…", KeyTextError::Mask),
        ("sk-…•••", KeyTextError::Mask),
        ("••••41d7", KeyTextError::Mask),
        ("sk-a\nsk-b", KeyTextError::LineBreak),
        ("sk-a\u{7}", KeyTextError::Control),
        ("sk–key", KeyTextError::NotAscii('–')),
        ("sk-key”", KeyTextError::NotAscii('”')),
        ("sk-a\u{a0}b", KeyTextError::NotAscii('\u{a0}')),
        ("sk-ключ", KeyTextError::NotAscii('к')),
    ] {
        assert_eq!(refused(typed), error, "{typed:?}");
        assert_eq!(error.code(), "invalid_secret_value");
    }
    let long = "a".repeat(MAX_HEADER_BYTES + 1);
    assert_eq!(refused(&long), KeyTextError::TooLong);
    let message = KeyTextError::NotAscii('–').message();
    assert!(message.contains("(`–`, U+2013)"), "{message}");
    let message = KeyTextError::NotAscii('\u{a0}').message();
    assert!(message.contains("(U+00A0)"), "{message}");
}

#[test]
fn what_is_hardly_a_key_is_suspicious() {
    use Suspicion::{
        Document, Mask, Placeholder, Punctuation, Quote, Reference, Scheme, Space, Url,
    };
    for quiet in ["", " ", "sk-key", "sk-…"] {
        assert_eq!(suspicion(quiet), None, "{quiet}");
    }
    for (typed, expected) in [
        ("sk-***", Mask),
        ("sk-...41d7", Mask),
        ("sk-xxxxxxxxxxxx", Mask),
        ("****************", Mask),
        ("<your-key>", Placeholder),
        ("YOUR_API_KEY_HERE", Placeholder),
        ("sk-your-api-key", Placeholder),
        ("changeme", Placeholder),
        ("undefined", Placeholder),
        ("$OPENAI_API_KEY", Reference),
        ("${OPENAI_API_KEY}", Reference),
        ("{{ openai_key }}", Reference),
        ("%OPENAI_API_KEY%", Reference),
        ("OPENAI_API_KEY", Reference),
        ("OPENAI_API_KEY=$OTHER", Reference),
        ("os.environ/OPENAI_API_KEY", Reference),
        ("op://vault/openai/key", Reference),
        ("https://platform.openai.com/api-keys", Url),
        ("{\"type\": \"service_account\"}", Document),
        ("-----BEGIN PRIVATE KEY-----", Document),
        ("\"sk-key", Quote),
        ("sk-key'", Quote),
        ("sk-key,", Punctuation),
        ("Basic dXNlcjpwdw==", Scheme),
        ("Token abc", Scheme),
        ("my openai key", Space),
    ] {
        assert_eq!(suspicion(typed), Some(expected), "{typed}");
        assert_eq!(expected.code(), "suspicious_secret_value");
        assert!(expected.message().ends_with('.'), "{typed}");
    }
}

#[test]
fn a_static_header_is_checked_by_what_its_name_says_it_carries() {
    for (name, carrier) in [
        ("X-Api-Key", Carrier::KeyHeader),
        (" x-auth-token ", Carrier::KeyHeader),
        ("cf-aig-authorization", Carrier::Header),
        ("Cookie", Carrier::Cookie),
        ("http-referer", Carrier::Text),
    ] {
        assert_eq!(Carrier::of_static_header(name), carrier, "{name}");
    }
    let found = |typed: &str, carrier| match read(typed, carrier) {
        Ok(key) => (key.value.into_owned(), key.suspicion),
        Err(error) => panic!("{typed}: {error}"),
    };
    for text in [
        "https://waypost.example",
        "{\"retry\": {\"attempts\": 3}}",
        "a, b,",
        "Bearer of news",
        "OPENAI_API=x",
        "two words",
    ] {
        assert_eq!(found(text, Carrier::Text), (text.into(), None), "{text}");
    }
    for (text, suspicion) in [
        ("tenant-***", Suspicion::Mask),
        ("<your tenant>", Suspicion::Placeholder),
        ("${TENANT}", Suspicion::Reference),
        ("\"blue\"", Suspicion::Quote),
    ] {
        let expected = (text.to_owned(), Some(suspicion));
        assert_eq!(found(text, Carrier::Text), expected, "{text}");
        let message = suspicion.message_for(Carrier::Text);
        assert!(!message.contains("key"), "{message}");
    }
    let bearer = ("Bearer sk-key".to_owned(), Some(Suspicion::Bearer));
    assert_eq!(found("Bearer sk-key", Carrier::KeyHeader), bearer);
    assert_eq!(found("\"sk-key\"", Carrier::KeyHeader).0, "sk-key");
    let mask = KeyTextError::Mask.message_for(Carrier::Text);
    assert!(mask.starts_with("This is a masked value"), "{mask}");
}

#[cfg(not(target_family = "wasm"))]
mod total {
    use super::*;
    use proptest::prelude::*;

    fn pasted() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "Bearer ", "sk-a", "\"", "'", "“", "”", "=", ":", " ", "\n", "\u{feff}", "\u{200b}",
            "KEY_A", "api_key", "export ", "-H ", "$", "…", "é", ",", ";", "$env:", "Bearer",
        ]);
        prop::collection::vec(pieces, 0..10).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// A key that is read can be sent, and reading it again changes nothing.
        #[test]
        fn a_key_that_is_read_can_be_sent(typed in pasted()) {
            for carrier in [
                Carrier::Bearer,
                Carrier::Header,
                Carrier::Cookie,
                Carrier::KeyHeader,
                Carrier::Text,
            ] {
                let Ok(key) = read(&typed, carrier) else { continue };
                prop_assert!(crate::header::credential_value(&key.value).is_ok());
                prop_assert!(key.value.len() <= typed.len());
                if key.removed.len() < LAYERS / 2 {
                    let again = read(&key.value, carrier).ok().unwrap();
                    prop_assert_eq!(&again.value, &key.value);
                }
            }
        }
    }
}
