use super::*;

#[test]
fn a_source_without_a_key_is_keyless() {
    let mut keyless = snapshot();
    keyless.secrets.stored.clear();
    let resolution = resolve_in(keyless, "customer/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
    let route = resolution.route.unwrap();
    assert_eq!(route.credential, None);
    assert!(
        route
            .headers
            .iter()
            .all(|header| header.name != "x-api-key")
    );
}

#[test]
fn a_sources_secrets_stay_with_their_origin() {
    for secret in ["sources/customer/auth-value", "sources/customer/headers"] {
        let mut moved = snapshot();
        moved
            .secrets
            .stored
            .insert(secret.into(), "https://old.example".into());
        let resolution = resolve_in(moved, "customer/m");
        assert_eq!(
            refusal(&resolution),
            (
                "credential_origin_mismatch",
                "The secrets of the source `customer` were entered for https://old.example and \
                 are not sent to https://customer.example. Enter them again for the new address."
            )
        );
        let route = resolution.route.unwrap();
        let withheld = if secret.ends_with("headers") {
            "x-team"
        } else {
            "x-api-key"
        };
        assert!(route.headers.iter().all(|header| header.name != withheld));
    }
}

#[test]
fn a_source_without_a_usable_base_url_is_refused() {
    let mut broken = snapshot();
    broken.sources[0].base_url = String::new();
    assert_eq!(
        refusal(&resolve_in(broken, "customer/m")),
        (
            "passthrough_needs_base_url",
            "The source `customer` has no base URL, so nothing can be sent to it. Enter one."
        )
    );
}

#[test]
fn the_credentials_header_wins_over_a_static_one_with_a_warning() {
    let mut shadowed = snapshot();
    shadowed.sources[0].headers = vec![SourceHeader {
        name: "x-API-key".into(),
        value: Some("other".into()),
    }];
    let resolution = resolve_in(shadowed, "customer/m");
    assert_eq!(
        warning(&resolution, "header_shadowed").message,
        "The header `x-api-key` from `source:customer` is not sent: the credential's header of \
         the same name replaces it."
    );
    let headers = resolution.route.unwrap().headers;
    let sent: Vec<_> = headers
        .iter()
        .filter(|header| header.name == "x-api-key")
        .collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].from.to_string(),
        "secret:sources/customer/auth-value"
    );
}

#[test]
fn a_default_header_may_replace_the_content_type() {
    let mut own = snapshot();
    let mut file = entry("litellm", Layer::UserLocal, "http://localhost:4000");
    file.default_headers
        .insert("Content-Type".into(), "text/plain".into());
    own.providers.push(file);
    let headers = resolve_in(own, "litellm/m").route.unwrap().headers;
    let sent: Vec<_> = headers
        .iter()
        .filter(|header| header.name == "content-type")
        .collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].value.as_str(), sent[0].from.to_string().as_str()),
        ("text/plain", "user-local")
    );
}
