//! A mock of Vault's HTTP API, for what no server of a test's own can be brought to answer: the
//! Kubernetes login, which needs a cluster, a limit of requests, and failures of the server.

use super::*;
use std::sync::Mutex;
use waypost_egress::test_support::{Received, Reply, Upstream};

const MOUNT: &str = r#"{"data":{"type":"kv","options":{"version":"2"}}}"#;

fn mock_options(upstream: &Upstream, login: VaultLogin) -> VaultOptions {
    VaultOptions {
        address: upstream.base(""),
        namespace: None,
        authorities: None,
        mount: "secret".to_owned(),
        prefix: String::new(),
        login,
    }
}

#[tokio::test]
async fn a_kubernetes_login_reads_its_file_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let jwt = folder.path().join("token");
    std::fs::write(&jwt, "signed-1\n").unwrap();
    // Each login makes another token, and only the newest is good.
    let newest = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&newest);
    let mock = Upstream::start(move |request: &Received| {
        if request.target == "/v1/auth/k8s/login" {
            let mut newest = counted.lock().unwrap();
            *newest += 1;
            let body = format!(
                r#"{{"auth":{{"client_token":"token-{newest}","lease_duration":3600,"renewable":true}}}}"#
            );
            return Reply::json(200, &body);
        }
        let good = format!("token-{}", counted.lock().unwrap());
        match request.header("x-vault-token") {
            Some(token) if token == good => Reply::json(200, MOUNT),
            _ => Reply::json(403, r#"{"errors":["permission denied"]}"#),
        }
    })
    .await;
    let login = VaultLogin::Jwt {
        method: "kubernetes",
        mount: "k8s".to_owned(),
        role: "waypost".to_owned(),
        jwt: jwt.clone(),
    };
    let backend = vault(&mock_options(&mock, login));
    backend.health().await.unwrap();
    // The platform replaces the file, and Vault forgets the token.
    std::fs::write(&jwt, "signed-2\n").unwrap();
    *newest.lock().unwrap() += 1;
    backend.health().await.unwrap();
    let logins: Vec<String> = mock
        .received()
        .into_iter()
        .filter(|request| request.target == "/v1/auth/k8s/login")
        .map(|request| String::from_utf8(request.body).unwrap())
        .collect();
    assert_eq!(
        logins,
        [
            r#"{"role":"waypost","jwt":"signed-1"}"#,
            r#"{"role":"waypost","jwt":"signed-2"}"#
        ]
    );
    assert_eq!(backend.remote().unwrap().login, "kubernetes");
    std::fs::remove_file(&jwt).unwrap();
    let fresh = VaultLogin::Jwt {
        method: "kubernetes",
        mount: "k8s".to_owned(),
        role: "waypost".to_owned(),
        jwt,
    };
    let text = reason(vault(&mock_options(&mock, fresh)).health().await);
    assert!(text.contains("cannot read the signed token"), "{text}");
}

#[tokio::test]
async fn a_server_that_cannot_answer_leaves_a_key_unknown() {
    let canary = "upstream-words-canary";
    for (reply, words) in [
        (
            Reply::json(429, &format!(r#"{{"errors":["{canary}"]}}"#)),
            "limits the rate of requests (429)",
        ),
        (
            Reply::json(500, &format!(r#"{{"errors":["{canary}"]}}"#)),
            "failed with status 500",
        ),
        (Reply::json(502, canary), "failed with status 502"),
        (
            Reply::json(503, r#"{"errors":["Vault is sealed"]}"#),
            "Vault is sealed",
        ),
        (Reply::json(200, canary), "an answer that is not its own"),
        (Reply::json(302, canary), "with status 302"),
        (Reply::Bytes(Vec::new()), "VAULT_ADDR"),
    ] {
        let mock = Upstream::start(move |request: &Received| {
            match request.target.ends_with("lookup-self") {
                true => Reply::json(200, r#"{"data":{"ttl":0,"expire_time":null}}"#),
                false => reply.clone(),
            }
        })
        .await;
        let backend = vault(&mock_options(&mock, token("t")));
        for text in [
            reason(backend.get(KEY).await),
            reason(backend.delete(KEY).await),
            reason(backend.put(KEY, &document(None, A, "x"), None).await),
        ] {
            assert!(text.contains(words), "{words}: {text}");
            assert!(!text.contains(canary), "{text}");
        }
    }
}
