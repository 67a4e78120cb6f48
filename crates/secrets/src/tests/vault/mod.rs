//! Vault, for real: an OpenBao server of each test's own.
//!
//! What a server of ours cannot be brought to answer comes from a mock, in `mock.rs`.

mod life;
mod mock;
mod server;
mod shared;

use super::*;
use crate::vault::Vault;
use http::Method;
use serde_json::json;
use server::Bao;

/// What Waypost needs, as docs/operating.md says it.
const POLICY: &str = r#"
path "secret/data/*"     { capabilities = ["create", "read", "update"] }
path "secret/metadata/*" { capabilities = ["delete"] }
path "secret/destroy/*"  { capabilities = ["update"] }
"#;

fn token(text: &str) -> VaultLogin {
    VaultLogin::Token(Credential::Given(secret(text)))
}

fn options(bao: &Bao, login: VaultLogin) -> VaultOptions {
    VaultOptions {
        address: bao.address.clone(),
        namespace: None,
        authorities: bao.authority.clone(),
        mount: "secret".to_owned(),
        prefix: String::new(),
        login,
    }
}

fn vault(options: &VaultOptions) -> Vault {
    Vault::new(options, &TestEgress::new().client())
        .ok()
        .unwrap()
}

fn reason<T>(result: Result<T, BackendError>) -> String {
    match result {
        Err(BackendError::Unavailable(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it succeeded"),
    }
}

#[tokio::test]
async fn vault_keeps_the_contract() {
    let bao = Bao::in_memory().await;
    contract::holds_for_shared(&vault(&options(&bao, token("root"))), 100_000).await;
    // With no more than the documented policy.
    assert!(include_str!("../../../../../docs/operating.md").contains(POLICY.trim()));
    bao.policy("waypost", POLICY).await;
    let least = bao.token_of("waypost").await;
    contract::holds_for_shared(&vault(&options(&bao, token(&least))), 100_000).await;
    // An engine may demand the version of every write.
    let demand = json!({ "cas_required": true });
    bao.ask(Method::PUT, "secret/config", Some(demand)).await;
    contract::holds_for_shared(&vault(&options(&bao, token(&least))), 100_000).await;
}

#[tokio::test]
async fn vault_keeps_the_contract_in_a_namespace_below_a_prefix() {
    let bao = Bao::in_memory().await;
    let made = bao.ask(Method::PUT, "sys/namespaces/team", None).await;
    assert_eq!(made["data"]["path"], "team/");
    let engine = json!({ "type": "kv", "options": { "version": "2" } });
    let (status, _) = bao
        .ask_in("team", Method::PUT, "sys/mounts/kv/keys", Some(engine))
        .await;
    assert_eq!(status, 204);
    let options = VaultOptions {
        namespace: Some("team".to_owned()),
        mount: "kv/keys".to_owned(),
        prefix: "way/post".to_owned(),
        ..options(&bao, token("root"))
    };
    let backend = vault(&options);
    contract::holds_for_shared(&backend, 100_000).await;
    backend
        .put(KEY, &document(Some("r1"), A, "kept"), None)
        .await
        .unwrap();
    let path = "kv/keys/data/way/post/groq/api-key";
    let (_, stored) = bao.ask_in("team", Method::GET, path, None).await;
    assert_eq!(stored["data"]["data"]["value"], "kept");
    let remote = backend.remote().unwrap();
    assert_eq!(remote.address, bao.address.as_str());
    assert_eq!(remote.namespace.as_deref(), Some("team"));
    assert_eq!(remote.path, "kv/keys/way/post/");
}

#[tokio::test]
async fn secrets_are_copied_to_vault() {
    let bao = Bao::in_memory().await;
    copy::holds_to(Arc::new(vault(&options(&bao, token("root"))))).await;
}

#[tokio::test]
async fn what_the_options_have_wrong_is_said() {
    let bao = Bao::in_memory().await;
    let good = options(&bao, token("root"));
    let health = async |options: &VaultOptions| reason(vault(options).health().await);
    let wrong_mount = VaultOptions {
        mount: "nope".to_owned(),
        ..good.clone()
    };
    let text = health(&wrong_mount).await;
    assert!(
        text.contains("`nope/` (403): there is no such mount"),
        "{text}"
    );
    // Nothing is mounted there, so nothing is known of the key.
    let text = reason(vault(&wrong_mount).get(KEY).await);
    assert!(
        text.contains("no KV engine of version 2 at `nope/`"),
        "{text}"
    );
    let engine = json!({ "type": "kv" });
    bao.ask(Method::PUT, "sys/mounts/old", Some(engine)).await;
    let first_version = VaultOptions {
        mount: "old".to_owned(),
        ..good.clone()
    };
    let text = health(&first_version).await;
    assert!(
        text.contains("no KV engine of version 2 at `old/`"),
        "{text}"
    );
    let text = health(&options(&bao, token("wrong"))).await;
    assert!(text.contains("refused the token (403)"), "{text}");
    let no_file = VaultLogin::Token(Credential::File("/nonexistent/token".into()));
    let text = health(&options(&bao, no_file)).await;
    assert!(
        text.contains("cannot read the token for Vault from /nonexistent/token"),
        "{text}"
    );
    // A name is a plain path, whatever asks for it.
    for name in ["../sys/x", "a//b", "a?b", "a/./b", "", "a b"] {
        assert!(
            reason(vault(&good).get(name).await).contains("no path"),
            "{name}"
        );
    }

    let workspace = Workspace::new();
    let choice = Some(SecretsBackendKind::Vault);
    let error = workspace.open(choice).await.err().unwrap().to_string();
    assert_eq!(
        error,
        "cannot use Vault for secrets: VAULT_ADDR is not set. Nothing was saved"
    );
    let error = workspace.open_with(choice, Ok(wrong_mount)).await;
    assert!(error.err().unwrap().to_string().contains("no such mount"));
    let recorded = workspace.records.backend();
    assert_eq!(recorded.await.unwrap(), None);
    let store = workspace.open_with(choice, Ok(good)).await.ok().unwrap();
    assert_eq!(store.backend(), SecretsBackendKind::Vault);
    // A later start without the options does not switch to another backend.
    let error = workspace.open(None).await.err().unwrap();
    assert!(
        error.to_string().contains("VAULT_ADDR is not set"),
        "{error}"
    );
}

#[tokio::test]
async fn a_denied_path_is_unknown_and_never_absent() {
    let bao = Bao::in_memory().await;
    let rules = r#"path "secret/data/*" { capabilities = ["read"] }
                   path "secret/data/denied/*" { capabilities = ["deny"] }"#;
    bao.policy("reader", rules).await;
    let (role_id, secret_id) = bao.app_role(json!({ "token_policies": ["reader"] })).await;
    let login = VaultLogin::AppRole {
        mount: "approle".to_owned(),
        role_id,
        secret_id: Credential::Given(secret(&secret_id)),
    };
    let backend = vault(&options(&bao, login));
    assert!(backend.get(KEY).await.unwrap().is_none());
    let text = reason(backend.get("denied/api-key").await);
    assert!(
        text.contains("`secret/data/denied/api-key` (403)"),
        "{text}"
    );
    let text = reason(backend.put(KEY, &document(None, A, "x"), None).await);
    assert!(text.contains("no create and update there"), "{text}");
    // The policy is at fault: one login again, and no more however often it is asked.
    for _ in 0..10 {
        reason(backend.get("denied/api-key").await);
    }
    assert!(backend.get(KEY).await.unwrap().is_none());
    let held = bao
        .ask(
            Method::from_bytes(b"LIST").unwrap(),
            "auth/token/accessors",
            None,
        )
        .await;
    // The root token and the one in use: the one before was revoked.
    assert_eq!(held["data"]["keys"].as_array().unwrap().len(), 2, "{held}");
    let seen = backend.remote().unwrap();
    assert!(seen.last_error.unwrap().message.contains("(403)"));
    assert_eq!(seen.login, "approle");
}
