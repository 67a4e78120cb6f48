//! Signing in with an identity provider.

use crate::oidc_provider::TestProvider;
use crate::support::{Answer, Options, Server, request};
use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use url::Url;
use waypost_control_plane::oidc::Oidc;
use waypost_store::AuditFilter;
use waypost_system::clock;

async fn server_with(oidc: Oidc) -> Server {
    Server::start_with(Options {
        oidc: Some(oidc),
        no_sign_in_links: true,
        ..Options::default()
    })
    .await
}

/// A browser: what it has of the sign-in that it began.
struct Begun {
    cookie: String,
    authorization: Url,
}

/// The cookies that an answer sets, by the end of their names.
fn cookie(answer: &Answer, is_login: bool) -> Option<String> {
    let set = answer.headers.get_all("set-cookie").iter();
    set.map(|value| value.to_str().unwrap().to_owned())
        .find(|text| text.split('=').next().unwrap().ends_with("-login") == is_login)
}

fn pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().to_owned()
}

async fn begin(server: &Server, address: &str) -> Begun {
    let answer = server.get(&format!("/oidc/sign-in?return={address}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    Begun {
        cookie: pair(&cookie(&answer, true).unwrap()),
        authorization: Url::parse(answer.header("location").unwrap()).unwrap(),
    }
}

async fn finish(server: &Server, cookie: Option<&str>, query: &str) -> Answer {
    let path = format!("/oidc/callback?{query}");
    server.send(request(Method::GET, &path, cookie, None)).await
}

/// The whole way.
async fn sign_in(server: &Server, provider: &TestProvider) -> Answer {
    let begun = begin(server, "/agents").await;
    let query = provider.approve(&begun.authorization);
    finish(server, Some(&begun.cookie), &query).await
}

/// No session is opened, and the page says this.
#[track_caller]
fn refused(answer: &Answer, status: u16, words: &str) {
    let text = answer.text();
    assert_eq!(answer.status.as_u16(), status, "{text}");
    assert!(text.contains(words), "{words}: {text}");
    assert!(text.contains("<h1>Not signed in</h1>"), "{text}");
    assert!(text.contains("href=\"/oidc/sign-in?return="), "{text}");
    assert_eq!(cookie(answer, false), None, "no session");
}

#[tokio::test]
async fn a_person_signs_in_and_has_a_name_everywhere() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    let answer = server
        .get("/oidc/sign-in?return=/preview%3Fref=a%252Fb%26x=%22")
        .await;
    let login = cookie(&answer, true).unwrap();
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=600"] {
        assert!(login.contains(part), "{login}");
    }
    let authorization = Url::parse(answer.header("location").unwrap()).unwrap();
    let query = provider.approve(&authorization);
    let answer = finish(&server, Some(&pair(&login)), &query).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(answer.text().contains("signed in as Ada Lovelace."));
    // The quote is none that an address has.
    assert!(
        answer
            .text()
            .contains("<a href=\"/preview?ref=a%2Fb&amp;x=&quot;\">")
    );
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(
        cookie(&answer, true).unwrap().contains("Max-Age=0"),
        "it is used up"
    );
    let session = cookie(&answer, false).unwrap();
    for part in ["; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"] {
        assert!(session.contains(part), "{session}");
    }

    let session = pair(&session);
    let show = request(Method::GET, "/api/v1/session", Some(&session), None);
    let shown = server.send(show).await.json();
    assert_eq!(
        (&shown["name"], &shown["role"]),
        (&json!("Ada Lovelace"), &json!("admin"))
    );
    let list = request(Method::GET, "/api/v1/sessions", Some(&session), None);
    let listed = server.send(list).await.json()["items"][0].clone();
    assert_eq!(listed["name"], "Ada Lovelace");
    assert_eq!(listed["issuer"], provider.origin);
    let (events, _) = server
        .store
        .audit(&AuditFilter::default(), 1)
        .await
        .unwrap();
    assert_eq!(events[0].action, "session.begin");
    assert!(
        events[0].actor.ends_with(" Ada Lovelace"),
        "{}",
        events[0].actor
    );
    let value = |field: &str| {
        let found = events[0].values.iter().find(|value| value.field == field);
        found.and_then(|value| value.after.clone())
    };
    assert_eq!(value("subject").as_deref(), Some("u-17"));
    assert_eq!(value("issuer"), Some(provider.origin.clone()));

    // Signing out ends it.
    let out = request(Method::DELETE, "/api/v1/session", Some(&session), None);
    assert_eq!(server.send(out).await.status, StatusCode::NO_CONTENT);
    let show = request(Method::GET, "/api/v1/session", Some(&session), None);
    server.send(show).await.problem(401, "not_signed_in");
}

#[tokio::test]
async fn groups_decide_the_role_and_without_one_there_is_no_access() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    provider.behaviour().claims = json!({ "groups": ["staff", "other"] });
    let session = pair(&cookie(&sign_in(&server, &provider).await, false).unwrap());
    let show = request(Method::GET, "/api/v1/session", Some(&session), None);
    assert_eq!(server.send(show).await.json()["role"], "viewer");

    provider.behaviour().claims = json!({ "groups": ["other"] });
    refused(
        &sign_in(&server, &provider).await,
        403,
        "none of the groups",
    );
    provider.behaviour().claims = json!({ "groups": null });
    refused(&sign_in(&server, &provider).await, 403, "no claim `groups`");

    // Some providers tell groups by the userinfo endpoint alone.
    provider.behaviour().userinfo = json!({ "sub": "u-17", "groups": ["ops"] });
    assert_eq!(sign_in(&server, &provider).await.status, StatusCode::OK);
    // An answer about someone else does not count.
    provider.behaviour().userinfo = json!({ "sub": "u-18", "groups": ["ops"] });
    refused(&sign_in(&server, &provider).await, 403, "no claim `groups`");
}

#[tokio::test]
async fn a_callback_counts_only_in_the_browser_that_began_it_and_once() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    let attacker = begin(&server, "/").await;
    let victim = begin(&server, "/").await;
    let query = provider.approve(&attacker.authorization);
    let not_here = "not started in this browser";
    refused(
        &finish(&server, Some(&victim.cookie), &query).await,
        400,
        not_here,
    );
    refused(&finish(&server, None, &query).await, 400, not_here);
    let answer = finish(&server, Some(&victim.cookie), &query).await;
    assert_eq!(
        cookie(&answer, true),
        None,
        "the victim's own sign-in goes on"
    );

    let query = provider.approve(&victim.authorization);
    for void in [
        String::new(),
        query.replace("state=", "states="),
        format!("{query}&state=again"),
        format!("{query}&code=another"),
    ] {
        refused(
            &finish(&server, Some(&victim.cookie), &void).await,
            400,
            not_here,
        );
    }
    // Another provider's answer, or none that says whose it is.
    let issuer: String = url::form_urlencoded::byte_serialize(provider.origin.as_bytes()).collect();
    for (from, to) in [
        (issuer.as_str(), "https%3A%2F%2Fevil.example"),
        ("iss=", "is="),
    ] {
        let mixed = query.replace(from, to);
        refused(
            &finish(&server, Some(&victim.cookie), &mixed).await,
            400,
            "another identity provider",
        );
    }
    let answer = finish(&server, Some(&victim.cookie), &query).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    // A browser that kept the cookie in spite of it: the provider knows the code.
    refused(
        &finish(&server, Some(&victim.cookie), &query).await,
        400,
        "used before or has expired",
    );

    let state = victim
        .authorization
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    let denied = format!("state={state}&error=access_denied&error_description=%3Cb%3E");
    let answer = finish(&server, Some(&victim.cookie), &denied).await;
    refused(&answer, 403, "you cancelled");
    assert!(
        !answer.text().contains("<b>"),
        "the description is anyone's text"
    );
}

#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_opens_nothing() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    let now = clock::now();
    for (claims, status, words) in [
        (json!({ "aud": "another" }), 500, "--oidc-client-id"),
        (
            json!({ "iss": "https://evil.example" }),
            500,
            "--oidc-issuer",
        ),
        (json!({ "nonce": null }), 400, "another sign-in"),
        (json!({ "nonce": "another" }), 400, "another sign-in"),
        (json!({ "iat": now + 600, "exp": now + 900 }), 500, "NTP"),
        (json!({ "iat": now - 900, "exp": now - 600 }), 500, "NTP"),
        (json!({ "sub": null }), 502, "who signed in"),
    ] {
        provider.behaviour().claims = claims;
        refused(&sign_in(&server, &provider).await, status, words);
    }
    // Half a minute is accepted.
    for offset in [-30, 30] {
        provider.behaviour().claims = json!({ "iat": now + offset, "exp": now + offset.abs() });
        assert_eq!(sign_in(&server, &provider).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_opens_nothing() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    let forged = |header: Value| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({ "sub": "u-17", "groups": ["ops"] });
        format!("{}.{}.", part(&header), part(&claims))
    };
    let symmetric = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &json!({ "sub": "u-17" }),
        &EncodingKey::from_secret(crate::oidc_provider::SECRET.as_bytes()).unwrap(),
    );
    for (token, words) in [
        (forged(json!({ "alg": "none" })), "cannot read"),
        (forged(json!({ "alg": "ES256", "kid": "first" })), "No key"),
        (forged(json!({ "alg": "RS256" })), "No key"),
        (symmetric.unwrap(), "with the client secret"),
        ("nonsense".to_owned(), "cannot read"),
    ] {
        provider.behaviour().id_token = Some(token);
        refused(&sign_in(&server, &provider).await, 502, words);
    }
    provider.behaviour().id_token = None;
    provider.sign_with_another();
    refused(&sign_in(&server, &provider).await, 502, "No key");
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_read_once() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    for _ in 0..2 {
        assert_eq!(sign_in(&server, &provider).await.status, StatusCode::OK);
    }
    assert_eq!(provider.behaviour().keys_read, 1);
    provider.rotate();
    for _ in 0..2 {
        assert_eq!(sign_in(&server, &provider).await.status, StatusCode::OK);
    }
    assert_eq!(provider.behaviour().keys_read, 2);
    provider.sign_with_another();
    refused(&sign_in(&server, &provider).await, 502, "No key");
    assert_eq!(provider.behaviour().keys_read, 3, "once for each sign-in");
}

#[tokio::test]
async fn an_issuer_is_the_same_with_a_slash_at_its_end_and_without() {
    for (configured, called) in [("", "/"), ("/", ""), ("/", "/")] {
        let provider = TestProvider::start().await;
        let issuer = format!("{}{called}", provider.origin);
        {
            let mut behaviour = provider.behaviour();
            behaviour.document = json!({
                "issuer": issuer, "authorization_response_iss_parameter_supported": false,
            });
            behaviour.claims = json!({ "iss": issuer });
        }
        let server = server_with(provider.oidc_of(&format!("{}{configured}", provider.origin)));
        let server = server.await;
        let begun = begin(&server, "/").await;
        let query = provider
            .approve(&begun.authorization)
            .replace("iss=", "theirs=");
        let answer = finish(&server, Some(&begun.cookie), &query).await;
        assert_eq!(answer.status, StatusCode::OK, "{issuer}: {}", answer.text());
        // A token spells it as the provider does.
        provider.behaviour().claims = json!({ "iss": format!("{issuer}/") });
        let begun = begin(&server, "/").await;
        let query = provider
            .approve(&begun.authorization)
            .replace("iss=", "theirs=");
        refused(
            &finish(&server, Some(&begun.cookie), &query).await,
            500,
            "--oidc-issuer",
        );
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_used_is_explained() {
    let begin = async |document: Value| {
        let provider = TestProvider::start().await;
        provider.behaviour().document = document;
        let server = server_with(provider.oidc()).await;
        server.get("/oidc/sign-in").await
    };
    for (document, status, words) in [
        (
            json!({ "issuer": "https://other.example" }),
            500,
            "another issuer",
        ),
        (json!({ "token_endpoint": null }), 502, "discovery document"),
        // Discovery must not lead into this machine or its network.
        (
            json!({ "token_endpoint": "http://127.0.0.1:1/token" }),
            500,
            "`token_endpoint`",
        ),
        (
            json!({ "token_endpoint": "https://127.0.0.1:1/token" }),
            500,
            "Only the issuer&#39;s own origin",
        ),
        (
            json!({ "jwks_uri": "https://169.254.169.254/keys" }),
            500,
            "`jwks_uri`",
        ),
        (
            json!({ "userinfo_endpoint": "https://[::1]/" }),
            500,
            "`userinfo_endpoint`",
        ),
        (
            json!({ "authorization_endpoint": "javascript:alert(1)" }),
            500,
            "`authorization_endpoint`",
        ),
    ] {
        let answer = begin(document.clone()).await;
        refused(&answer, status, words);
        assert_eq!(cookie(&answer, true), None, "{document}");
    }
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc_of("http://127.0.0.1:1")).await;
    let answer = server.get("/oidc/sign-in").await;
    refused(&answer, 502, "cannot be reached");
    provider.behaviour().document =
        json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
    let server = server_with(provider.oidc()).await;
    assert_eq!(sign_in(&server, &provider).await.status, StatusCode::OK);
}

#[tokio::test]
async fn links_are_refused_where_they_are_off() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    let options = server.get("/api/v1/sign-in-options").await.json();
    assert_eq!(
        options,
        json!({ "provider": "Example Login", "links": false })
    );
    let body = json!({ "token": server.link().await });
    let answer = server
        .call(Method::POST, "/api/v1/session", Some(body))
        .await;
    answer.problem(403, "sign_in_links_off");
    assert_eq!(answer.header("set-cookie"), None);

    let server = Server::start().await;
    let options = server.get("/api/v1/sign-in-options").await.json();
    assert_eq!(options, json!({ "links": true }));
    for path in ["/oidc/sign-in", "/oidc/callback?code=a&state=b"] {
        server.get(path).await.problem(404, "no_such_address");
    }
}

#[tokio::test]
async fn a_sign_in_begins_under_the_name_that_the_provider_sends_the_browser_to() {
    let provider = TestProvider::start().await;
    let server = server_with(provider.oidc()).await;
    let mut sent = request(
        Method::GET,
        "/oidc/sign-in?return=/agents%3Fq=a",
        None,
        None,
    );
    sent.headers_mut()
        .insert("host", "127.0.0.1:8700".parse().unwrap());
    let answer = server.send(sent).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        Some("http://localhost/oidc/sign-in?return=%2Fagents%3Fq%3Da")
    );
    assert_eq!(answer.header("set-cookie"), None);
}
