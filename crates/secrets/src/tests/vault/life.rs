//! The life of a token, and of a server: renewals, logins, seals and restarts.

use super::*;
use std::time::{Duration, Instant};

fn app_role(role_id: String, secret_id: &str) -> VaultLogin {
    VaultLogin::AppRole {
        mount: "approle".to_owned(),
        role_id,
        secret_id: Credential::Given(secret(secret_id)),
    }
}

/// Calls until a condition holds; every call must succeed.
async fn call_until(backend: &Vault, limit: Duration, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < limit, "it did not happen in time");
        backend.health().await.unwrap();
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_token_is_renewed_and_replaced_at_its_max_ttl() {
    let bao = Bao::in_memory().await;
    bao.policy("waypost", POLICY).await;
    let role = json!({ "token_policies": ["waypost"], "token_ttl": "2s", "token_max_ttl": "5s" });
    let (role_id, secret_id) = bao.app_role(role).await;
    let backend = vault(&options(&bao, app_role(role_id, &secret_id)));
    let logins = async || {
        let role = "auth/token/accessors";
        let held = bao
            .ask(Method::from_bytes(b"LIST").unwrap(), role, None)
            .await;
        held["data"]["keys"].as_array().unwrap().len()
    };
    backend.health().await.unwrap();
    assert_eq!(logins().await, 2);
    let first = backend.remote().unwrap().expires_at.unwrap();
    // Past its first lease the same token still works: it was renewed.
    let begun = Instant::now();
    call_until(&backend, Duration::from_secs(30), || {
        begun.elapsed() > Duration::from_millis(2_500)
    })
    .await;
    assert!(backend.remote().unwrap().expires_at.unwrap() > first);
    assert_eq!(logins().await, 2);
    // Past what its `max_ttl` allows there is another one, and no call failed in between.
    call_until(&backend, Duration::from_secs(30), || {
        begun.elapsed() > Duration::from_secs(7)
    })
    .await;
    assert!(backend.remote().unwrap().expires_at.unwrap() >= first + 5);
    assert_eq!(backend.remote().unwrap().last_error, None);
}

#[tokio::test]
async fn a_token_that_cannot_be_replaced_ends_in_words() {
    let bao = Bao::in_memory().await;
    let short = json!({ "policies": ["default"], "ttl": "1s", "explicit_max_ttl": "1s" });
    let made = bao.ask(Method::PUT, "auth/token/create", Some(short)).await;
    let text = made["auth"]["client_token"].as_str().unwrap();
    let backend = vault(&options(&bao, token(text)));
    let begun = Instant::now();
    let text = loop {
        assert!(begun.elapsed() < Duration::from_secs(30));
        match backend.get(KEY).await {
            Err(BackendError::Unavailable(text)) if text.contains("refused the token") => {
                break text;
            }
            Err(BackendError::Unavailable(_)) => tokio::task::yield_now().await,
            _ => panic!("the policy allows nothing"),
        }
    };
    assert!(text.contains("has expired or was revoked"), "{text}");
}

#[tokio::test]
async fn over_tls_a_revoked_token_is_replaced_by_one_login() {
    let bao = Bao::with_tls().await;
    bao.policy("waypost", POLICY).await;
    let role = json!({ "token_policies": ["waypost"] });
    let (role_id, secret_id) = bao.app_role(role).await;
    let options = options(&bao, app_role(role_id, &secret_id));
    let backend = vault(&options);
    contract::holds_for_shared(&backend, 100_000).await;
    let revoke = json!({ "prefix": "auth/approle" });
    let path = "sys/leases/revoke-prefix/auth/approle";
    bao.ask(Method::PUT, path, Some(revoke)).await;
    assert!(backend.get(KEY).await.unwrap().is_none());
    // Without the authority, the certificate is not trusted and nothing is known.
    let untrusted = VaultOptions {
        authorities: None,
        ..options.clone()
    };
    let text = reason(vault(&untrusted).get(KEY).await);
    assert!(
        text.contains("authority that this machine does not trust"),
        "{text}"
    );
    assert!(text.contains("VAULT_CACERT"), "{text}");
    let missing = VaultOptions {
        authorities: Some("/nonexistent/ca.pem".into()),
        ..options
    };
    let made = Vault::new(&missing, &TestEgress::new().client());
    assert!(made.err().unwrap().contains("/nonexistent/ca.pem"));
}

#[tokio::test]
async fn while_vault_is_sealed_or_away_every_state_is_unknown() {
    let mut bao = Bao::on_disk().await;
    let workspace = Workspace::new();
    let login = token(&bao.token);
    let store = workspace.over(Arc::new(vault(&options(&bao, login)))).await;
    workspace
        .put(&store, KEY, A, "kept-in-vault")
        .await
        .unwrap();
    bao.seal().await;
    assert_eq!(read_error(&store, KEY, A).await, "secrets_unavailable");
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Unknown));
    assert_eq!(
        store.view().problem.as_deref(),
        Some("Vault is sealed. Unseal it")
    );
    let error = workspace.put(&store, KEY, A, "another").await.unwrap_err();
    assert_eq!(error.code(), "secrets_unavailable");

    bao.stop();
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Unknown));
    let problem = store.view().problem.unwrap();
    assert!(problem.contains("connection was refused"), "{problem}");
    assert!(problem.contains("VAULT_ADDR"), "{problem}");

    bao.start_again();
    store.check().await;
    assert_eq!(
        store.view().problem.as_deref(),
        Some("Vault is sealed. Unseal it")
    );
    bao.unseal().await;
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Present));
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("kept-in-vault")
    );
    // The error stays to be read after it is over.
    let remote = store.view().remote.unwrap();
    assert!(remote.last_error.unwrap().message.contains("sealed"));
}
