use super::*;

#[test]
fn the_headers_that_pass_are_read_in_lower_case_each_once() {
    let read = |names: &[&str]| read_pass_headers(names.iter().copied(), Some("X-Team-Key"));
    assert_eq!(
        read(&[
            " OpenAI-Organization ",
            "x-max-retries",
            "openai-organization"
        ]),
        Ok(vec![
            "openai-organization".to_owned(),
            "x-max-retries".to_owned()
        ])
    );
    assert!(PASSED_CALLER_HEADERS.is_sorted());
    for name in PASSED_CALLER_HEADERS {
        assert_eq!(read(&[name]).is_ok(), !name.contains('*'), "{name}");
    }
}

#[test]
fn what_identifies_a_caller_never_passes() {
    for name in [
        "Authorization",
        "x-api-key",
        "api-key",
        "apikey",
        "x-goog-api-key",
        "ocp-apim-subscription-key",
        "x-auth-token",
        "x-litellm-key",
        "x-portkey-virtual-key",
        "x-rapidapi-key",
        "x-functions-key",
        "x-goog-iap-jwt-assertion",
        "x-session-id",
        "x-csrftoken",
        "accesstoken",
        "dpop",
        "x-amz-security-token",
        "Cookie",
        "cookie2",
        "set-cookie",
        "proxy-authorization",
        "x-team-key",
        "host",
        "content-length",
        "content-type",
        "content-encoding",
        "accept-encoding",
        "transfer-encoding",
        "te",
        "connection",
        "x-forwarded-for",
        "x-waypost-route",
        "x-stainless-*",
        "two words",
        "",
    ] {
        let read = read_pass_headers(["x-team", name], Some("x-team-key"));
        let (at, error) = read.unwrap_err();
        assert_eq!((&*at, error.code()), (name, "invalid_header"));
    }
    let many: Vec<String> = (0..33).map(|number| format!("x-{number:02}")).collect();
    let (at, error) = read_pass_headers(many.iter().map(String::as_str), None).unwrap_err();
    assert_eq!((&*at, error.code()), ("x-32", "invalid_headers"));
}

#[test]
fn names_are_tokens() {
    for good in [
        "x-api-key",
        "X-Tenant",
        "api-key",
        "Authorization",
        "cookie",
        "a!#$%&'*+.^_`|~",
    ] {
        assert_eq!(check_name(good), Ok(()), "{good}");
    }
    for bad in ["X Tenant", "x:y", ":authority", "é", "a\n", "a\0"] {
        let error = check_name(bad).unwrap_err();
        assert_eq!(error.code(), "invalid_header");
        assert_eq!(
            error.message(),
            "A header name consists of letters, digits and !#$%&'*+-.^_`|~ only."
        );
    }
    assert_eq!(
        check_name("").unwrap_err().message(),
        "The header has no name."
    );
}

#[test]
fn names_of_the_connection_and_of_metadata_services_are_forbidden() {
    for bad in [
        "Host",
        "Accept-Encoding",
        "content-encoding",
        "content-range",
        "content-length",
        "Transfer-Encoding",
        "connection",
        "Keep-Alive",
        "TE",
        "trailer",
        "upgrade",
        "proxy-authorization",
        "Proxy-Connection",
        "X-Forwarded-For",
        "forwarded",
        "expect",
        "Metadata",
        "Metadata-Flavor",
        "X-aws-ec2-metadata-token",
        "x-google-metadata-request",
    ] {
        let error = check_name(bad).unwrap_err();
        assert_eq!(
            error.message(),
            format!(
                "The header `{}` belongs to the connection and cannot be set.",
                bad.to_lowercase()
            )
        );
    }
}

#[test]
fn values_are_visible_ascii_and_inner_spaces() {
    for good in ["", "a", "a b", "Bearer x", "~!@#"] {
        assert_eq!(check_value(good), Ok(()), "{good}");
    }
    for bad in ["a\r\nX-Evil: 1", "a\nb", "a\0", "a\tb", "é", "\u{7f}"] {
        let error = check_value(bad).unwrap_err();
        assert_eq!(
            error.message(),
            "A header value consists of visible ASCII characters and inner spaces only."
        );
    }
    assert_eq!(
        check_value(" a").unwrap_err().message(),
        "A header value must not begin or end with a space."
    );
    assert_eq!(check_value(&"a".repeat(8192)), Ok(()));
    assert_eq!(
        check_value(&"a".repeat(8193)).unwrap_err().message(),
        "The header is longer than 8 KiB."
    );
}

#[test]
fn a_set_of_headers_has_each_name_once() {
    assert_eq!(
        check_static_headers([("A", "1"), ("B", "")], Some("a")),
        Ok(())
    );
    let (name, error) = check_static_headers([("A", "1"), ("a", "2")], None).unwrap_err();
    assert_eq!((name.as_str(), error.code()), ("a", "invalid_headers"));
    assert_eq!(
        error.message(),
        "The header `a` is given twice; names are compared without case."
    );
    let many: Vec<String> = (0..33).map(|number| format!("x-{number}")).collect();
    let headers = || many.iter().map(|name| (name.as_str(), ""));
    assert_eq!(check_static_headers(headers().take(32), None), Ok(()));
    let (name, error) = check_static_headers(headers(), None).unwrap_err();
    assert_eq!((name.as_str(), error.code()), ("x-32", "invalid_headers"));
}

#[test]
fn the_auth_headers_own_name_is_checked() {
    let (name, error) = check_static_headers([], Some(" Host ")).unwrap_err();
    assert_eq!((name.as_str(), error.code()), ("Host", "invalid_header"));
    assert_eq!(check_static_headers([], Some("  ")), Ok(()));
}

#[test]
fn a_blank_auth_header_means_bearer() {
    let bearer = ("authorization".to_owned(), "Bearer ");
    assert_eq!(credential_header(None), bearer);
    assert_eq!(credential_header(Some("")), bearer);
    assert_eq!(credential_header(Some("  ")), bearer);
    assert_eq!(
        credential_header(Some("Authorization")),
        ("authorization".to_owned(), "")
    );
    assert_eq!(
        credential_header(Some(" X-API-Key ")),
        ("x-api-key".to_owned(), "")
    );
}

#[test]
fn a_doubled_or_missing_scheme_is_noticed() {
    assert!(repeats_scheme(None, "Bearer sk-1"));
    assert!(repeats_scheme(Some(" "), " bearer sk-1"));
    assert!(!repeats_scheme(None, "sk-1"));
    assert!(!repeats_scheme(Some("authorization"), "Bearer sk-1"));
    assert!(!repeats_scheme(None, "Bearé r"));
    assert!(sends_without_scheme(Some("AUTHORIZATION")));
    assert!(!sends_without_scheme(None));
    assert!(!sends_without_scheme(Some("x-api-key")));
}

#[test]
fn credentials_are_trimmed_and_refused_when_a_header_cannot_carry_them() {
    assert_eq!(credential_value(" abc\n"), Ok("abc"));
    for (bad, message) in [
        ("", "The key is empty."),
        (" \n", "The key is empty."),
        (
            "a\nINJECTED=1",
            "The key contains a line break, a control character or a character that is not ASCII. \
             Paste it again, without anything around it.",
        ),
    ] {
        let error = credential_value(bad).unwrap_err();
        assert_eq!(
            (error.code(), error.message().as_str()),
            ("invalid_secret_value", message)
        );
    }
    assert!(credential_value("sk-é").is_err());
    assert!(credential_value(&"a".repeat(9000)).is_err());
}
