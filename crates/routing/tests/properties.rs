//! What must hold for every input, tried on many.

#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use waypost_routing::base_url::{BaseUrl, hints, raw_operation_url};
use waypost_routing::catalog::{BlockedName, builtin, check_name, slug_from_label};
use waypost_routing::display_text::display_text;
use waypost_routing::header::{check_name as check_header_name, check_value};
use waypost_routing::mask::masked;
use waypost_routing::model_ref::ModelRef;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution, Rule};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::source::SourceFacts;
use waypost_routing::world::{ModelFact, Snapshot, World};

/// Text that comes near a base URL, so that many of the tries get past the first check.
fn url_like() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![
        Just("http://"),
        Just("https://"),
        Just("HTTPS://"),
        Just("http:/"),
        Just("ftp://"),
        Just(""),
    ];
    let host = prop_oneof![
        4 => "[a-zA-Z0-9._-]{1,12}",
        2 => "[0-9]{1,3}(\\.[0-9]{1,3}){0,4}",
        1 => "(0[xX])?[0-9a-f]{1,8}(\\.(0[xX])?[0-9a-f]{0,3}){0,3}",
        2 => "\\[[0-9a-f:.]{1,20}\\]",
        1 => "\\PC{1,6}",
        1 => "[a-z]{1,4}(:[a-z]{0,3})?@[a-z.]{1,6}",
    ];
    let port = prop_oneof![3 => Just(String::new()), 2 => "(:[0-9]{0,6})"];
    let path = prop_oneof![
        4 => "(/[a-zA-Z0-9._~%@:+-]{0,6}){0,4}/{0,2}",
        1 => "(/[\\PC]{0,5}){0,2}",
        1 => "(/(\\.|%2[eE]|a){1,3}){1,3}",
        1 => Just("/v1/models".to_owned()),
    ];
    let tail = prop_oneof![6 => Just(String::new()), 1 => "[?#\\\\ ][a-z@]{0,4}"];
    (scheme, host, port, path, tail)
        .prop_map(|(scheme, host, port, path, tail)| [scheme, &host, &port, &path, &tail].concat())
}

/// Names that the world knows, names near them, and anything else.
fn ref_like() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("openrouter".to_owned()),
        Just("litellm".to_owned()),
        Just("nvidia".to_owned()),
        Just("own".to_owned()),
        Just("quiet".to_owned()),
        Just("blocked".to_owned()),
        "[a-zA-Z]{1,10}",
        "\\PC{0,6}",
    ];
    prop_oneof![
        3 => (name, "(/[a-z0-9:.~ -]{0,6}){0,4}").prop_map(|(name, rest)| name + &rest),
        1 => any::<String>(),
        1 => "[a/ \u{1}\u{85}ä]{0,12}",
    ]
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let managed = prop_oneof![3 => Just("litellm"), 1 => Just("nvidia"), 1 => Just("gone"), 1 => Just("blocked")];
    let override_url = prop::option::of(url_like());
    let source_url = prop_oneof![url_like(), Just("https://own.example/v1".to_owned())];
    let stored = prop::collection::btree_map(
        prop_oneof![
            Just("litellm/api-key".to_owned()),
            Just("openrouter/api-key".to_owned()),
            Just("sources/own/auth-value".to_owned()),
            Just("sources/own/headers".to_owned()),
        ],
        prop_oneof![
            Just(String::new()),
            Just("https://own.example".to_owned()),
            "[a-z:/.]{0,12}"
        ],
        0..4,
    );
    let models = prop::collection::vec(
        (
            "(litellm|own|quiet|nvidia)",
            "[a-z/]{1,4}",
            any::<bool>(),
            any::<bool>(),
        ),
        0..6,
    );
    (
        managed,
        override_url,
        source_url,
        stored,
        models,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(managed, override_url, source_url, stored, models, unavailable, keys)| {
                let source = |slug: &str, passthrough| SourceFacts {
                    slug: slug.into(),
                    name: slug.into(),
                    base_url: source_url.clone(),
                    auth_header: Some("x-api-key".into()),
                    headers: Vec::new(),
                    passthrough,
                };
                let mut snapshot = Snapshot {
                    managed_gateway: managed.into(),
                    default_model: None,
                    providers: builtin(),
                    blocked: vec![BlockedName {
                        name: "blocked".into(),
                        code: "invalid_type".into(),
                        message: "No.".into(),
                    }],
                    sources: vec![source("own", true), source("quiet", false)],
                    ..Snapshot::default()
                };
                if keys {
                    snapshot.environment.set = ["LITELLM_MASTER_KEY", "NVIDIA_API_KEY"]
                        .map(str::to_owned)
                        .into();
                }
                snapshot.environment.base_urls = override_url
                    .map(|url| BTreeMap::from([("LITELLM_BASE_URL".to_owned(), url)]))
                    .unwrap_or_default();
                snapshot.secrets.stored = stored;
                snapshot.secrets.unavailable = unavailable;
                snapshot.models = models
                    .into_iter()
                    .map(|(owner, id, enabled, absent)| ModelFact {
                        owner,
                        id,
                        enabled,
                        absent,
                    })
                    .collect();
                snapshot
            },
        )
}

/// What holds of every resolution, whatever the world and the request.
fn check_shape(resolution: &Resolution) {
    let rules: Vec<Rule> = resolution.trace.iter().map(|entry| entry.rule).collect();
    assert_eq!(rules, Rule::ALL);
    assert!(resolution.trace.iter().filter(|entry| entry.held).count() <= 1);
    let rejected = resolution.outcome == Outcome::Rejected;
    assert_eq!(rejected, resolution.error.is_some());
    if let Some(held) = resolution.trace.iter().position(|entry| entry.held) {
        let after = &resolution.trace[held + 1..];
        assert!(after.iter().all(|entry| entry.reason == "not_reached"));
    }
    if let Some([start, end]) = resolution.error.as_ref().and_then(|error| error.span) {
        assert!(
            resolution.model_ref.get(start..end).is_some(),
            "a span cuts no character"
        );
    }
    let Some(route) = &resolution.route else {
        assert!(rejected, "without a route nothing is sent");
        return;
    };
    assert!(rejected || route.url.is_some());
    assert_eq!(route.url.is_some(), route.base_url.is_some());
    let names: Vec<&str> = route
        .headers
        .iter()
        .map(|header| header.name.as_str())
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted, "lower-case names, one value each, sorted");
    assert!(names.iter().all(|name| check_header_name(name).is_ok()));
    if let Some(credential) = &route.credential {
        let chosen: Vec<_> = credential
            .candidates
            .iter()
            .filter(|candidate| candidate.chosen)
            .collect();
        assert!(chosen.len() <= 1);
        assert!(
            rejected || chosen.len() == 1,
            "a credential that is needed is there"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    /// What this crate reads as a base URL, the `url` crate reads as the same one, and its normal
    /// form is a fixed point. Only whether an `xn--` label is a valid one is left to `url`.
    #[test]
    fn a_base_url_is_what_the_url_crate_takes_it_for(text in url_like()) {
        if let Ok(ours) = BaseUrl::parse(&text) {
            let again = BaseUrl::parse(ours.as_str()).unwrap();
            prop_assert_eq!(&again, &ours);
            for form in [ours.as_str(), text.as_str()] {
                match url::Url::parse(form) {
                    Err(error) => prop_assert!(ours.host().contains("xn--"), "{} {}", form, error),
                    Ok(theirs) => {
                        prop_assert_eq!(theirs.scheme(), ours.scheme());
                        prop_assert_eq!(theirs.host_str(), Some(ours.host()));
                        prop_assert_eq!(theirs.port_or_known_default(), Some(ours.port()));
                        prop_assert_eq!(theirs.path().trim_end_matches('/'), ours.path());
                        prop_assert_eq!(theirs.origin().ascii_serialization(), ours.origin());
                        prop_assert_eq!((theirs.query(), theirs.fragment()), (None, None));
                        prop_assert_eq!((theirs.username(), theirs.password()), ("", None));
                    }
                }
            }
        }
    }

    /// The URL that is sent stays below the base: same origin, and no segment is taken away but
    /// one version.
    #[test]
    fn an_operation_stays_on_the_origin(text in url_like(), index in 0..Operation::ALL.len()) {
        let operation = Operation::ALL[index];
        let _ = (raw_operation_url(&text, operation), hints(&text));
        if let Ok(base) = BaseUrl::parse(&text) {
            let joined = base.operation_url(operation);
            prop_assert!(joined.starts_with(base.origin_str()));
            prop_assert!(joined.ends_with(operation.path()));
            let suggestions = hints(&text);
            for suggestion in suggestions.iter().filter_map(|hint| hint.suggestion()) {
                prop_assert!(BaseUrl::parse(suggestion).is_ok(), "{}", suggestion);
            }
        }
    }

    /// A suggestion is itself a base URL, and a message never repeats user information.
    #[test]
    fn errors_of_base_urls_keep_passwords(host in "[a-z]{1,5}", tail in "[/?#\\\\a-z]{0,6}") {
        let text = format!("https://user:S3CRET@{host}{tail}");
        let error = BaseUrl::parse(&text).unwrap_err();
        let told = [error.to_string(), format!("{error:?}"), format!("{:?}", hints(&text))].concat();
        prop_assert!(!told.contains("S3CRET"));
        prop_assert!(!raw_operation_url(&text, Operation::Chat).contains("S3CRET"));
        if let Some(suggestion) = error.suggestion() {
            prop_assert!(BaseUrl::parse(suggestion).is_ok(), "{}", suggestion);
        }
    }

    #[test]
    fn display_gives_back_every_ref_that_parses(text in ref_like()) {
        match ModelRef::parse(&text) {
            Ok(parsed) => {
                prop_assert_eq!(parsed.to_string(), text.as_str());
                let owned: ModelRef<'static> = text.parse().unwrap();
                prop_assert_eq!(&owned, &parsed);
                if let (Some(name), Some(rest)) = (parsed.name(), parsed.rest()) {
                    prop_assert_eq!(format!("{name}/{rest}"), text.as_str());
                }
                if let (Some(upstream), Some(model)) = (parsed.upstream(), parsed.model()) {
                    let joined = [upstream, "/", model].concat();
                    prop_assert_eq!(parsed.rest(), Some(joined.as_str()));
                }
            }
            Err(error) => {
                prop_assert!(text.get(error.span()).is_some(), "a span cuts no character");
                prop_assert!(!error.message().is_empty());
            }
        }
    }

    /// Any text in any world has an answer of the right shape, and the same answer again.
    #[test]
    fn resolving_is_total(snapshot in snapshot(), text in ref_like(), index in 0..Operation::ALL.len()) {
        let world = World::new(snapshot);
        let request = Request::new(&text, Operation::ALL[index]);
        let resolution = resolve(&world, &request);
        check_shape(&resolution);
        prop_assert_eq!(resolve(&world, &request), resolution.clone());
        let json = serde_json::to_string(&resolution).unwrap();
        prop_assert_eq!(serde_json::from_str::<Resolution>(&json).unwrap(), resolution);
    }

    /// A stored key is chosen only for the origin it was entered for.
    #[test]
    fn a_stored_key_is_sent_to_its_own_origin_only(snapshot in snapshot(), text in ref_like()) {
        let stored = snapshot.secrets.stored.clone();
        let unavailable = snapshot.secrets.unavailable;
        let resolution = resolve(&World::new(snapshot), &Request::new(&text, Operation::Chat));
        let route = resolution.route.as_ref();
        let credential = route.and_then(|route| route.credential.as_ref());
        let chosen = credential.and_then(|credential| credential.candidates.iter().find(|candidate| candidate.chosen));
        if let Some(name) = chosen.and_then(|chosen| chosen.from.strip_prefix("secret:")) && !unavailable {
            let base = route.unwrap().base_url.as_ref().map(|base| base.value.clone());
            let origin = base.map(|base| BaseUrl::parse(&base).unwrap().origin());
            let bound = &stored[name];
            prop_assert!(bound.is_empty() || Some(bound) == origin.as_ref());
        }
    }

    #[test]
    fn every_label_gives_a_slug_that_can_be_created(label in any::<String>()) {
        prop_assert_eq!(check_name(&slug_from_label(&label)), Ok(()));
    }

    #[test]
    fn shown_text_is_short_and_plain(text in any::<String>(), max in 0_usize..40) {
        let shown = display_text(&text, max);
        prop_assert!(shown.chars().count() <= max);
        prop_assert!(!shown.chars().any(char::is_control));
        prop_assert_eq!(display_text(&shown, max), shown.as_ref());
    }

    #[test]
    fn a_mask_shows_four_characters_at_most(key in "[ -~]{0,60}") {
        let shown = masked(&key);
        prop_assert!(shown.chars().count() <= 8);
        prop_assert!(key.len() >= 12 || shown == "••••");
    }

    #[test]
    fn a_value_that_passes_has_no_line_break(value in any::<String>()) {
        if check_value(&value).is_ok() {
            prop_assert!(value.is_ascii() && !value.contains(['\r', '\n', '\0', '\t']));
        }
    }
}
