//! How LiteLLM answers a wrong, missing or bare key.

use super::*;

const NO_DATABASE: &str = r#"{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}"#;

async fn with_auth(auth: AuthSent, reply: Reply) -> Discovery {
    let upstream = Upstream::always(reply).await;
    let headers: &[(&str, &str)] = match auth {
        AuthSent::None => &[],
        AuthSent::Scheme => &[("authorization", "Bearer sk-canary-1234")],
        AuthSent::NoScheme => &[("authorization", "sk-canary-1234")],
    };
    discovered(&endpoint(upstream.base(""), headers, auth)).await
}

#[tokio::test]
async fn a_wrong_key_is_a_400_without_a_database() {
    let discovery = with_auth(AuthSent::Scheme, Reply::json(400, NO_DATABASE)).await;
    assert_eq!(discovery.outcome, CheckOutcome::Unauthorized);
    assert!(
        discovery
            .message
            .contains("refused the key (400, no_db_connection)"),
        "{}",
        discovery.message
    );
    let other = Reply::json(400, r#"{"error":{"type":"invalid_request_error"}}"#);
    let discovery = with_auth(AuthSent::Scheme, other).await;
    assert_eq!(discovery.outcome, CheckOutcome::UnexpectedStatus);
}

#[tokio::test]
async fn a_missing_key_and_one_without_a_scheme_are_a_500() {
    let reply = || {
        Reply::new(
            500,
            &[("content-type", "text/plain")],
            "Internal Server Error",
        )
    };
    let none = with_auth(AuthSent::None, reply()).await;
    assert_eq!(none.outcome, CheckOutcome::Unauthorized);
    assert!(
        none.message.contains("none was sent (500)"),
        "{}",
        none.message
    );
    let bare = with_auth(AuthSent::NoScheme, reply()).await;
    assert_eq!(bare.outcome, CheckOutcome::Unauthorized);
    assert!(
        bare.message.contains("Leave the auth header empty"),
        "{}",
        bare.message
    );
    let whole = with_auth(AuthSent::Scheme, reply()).await;
    assert_eq!(whole.outcome, CheckOutcome::ServerError);
    // Any other fault of the server stays one.
    let gateway = with_auth(AuthSent::None, Reply::json(502, "{}")).await;
    assert_eq!(gateway.outcome, CheckOutcome::ServerError);
}
