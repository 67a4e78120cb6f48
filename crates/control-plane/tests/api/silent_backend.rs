//! A secrets backend that never answers delays nothing that only reads.

use super::support::{Options, Server};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use waypost_secrets::{
    BackendError, SealedSecret, SecretsBackend, SecretsBackendKind, StoredVersion,
};

/// Counts the calls that it never answers.
#[derive(Default)]
struct Silent {
    reads: AtomicUsize,
    changes: AtomicUsize,
    checks: AtomicUsize,
}

#[async_trait]
impl SecretsBackend for Silent {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Keychain
    }

    async fn get(&self, _name: &str) -> Result<Option<SealedSecret>, BackendError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }

    async fn put(
        &self,
        _name: &str,
        _document: &SealedSecret,
        _over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }

    async fn delete(&self, _name: &str) -> Result<bool, BackendError> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }

    async fn health(&self) -> Result<(), BackendError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

async fn server() -> (Arc<Silent>, Server) {
    let backend = Arc::new(Silent::default());
    let server = Server::start_with(Options {
        backend: Some(backend.clone()),
        ..Options::default()
    })
    .await;
    (backend, server)
}

#[tokio::test]
async fn no_route_snapshot_or_list_waits_for_a_backend_that_never_answers() {
    let (backend, server) = server().await;
    let admin = server.admin().await;
    // An edit without secrets does not wait for it either.
    let source = json!({ "name": "Mine", "base_url": "https://a.example/v1" });
    assert_eq!(admin.post("/api/v1/sources", source).await.status, 201);
    let reading = async {
        let route = json!({ "ref": "openrouter/m" });
        let route = admin.post("/api/v1/route", route).await.json();
        let snapshot = admin.get("/api/v1/snapshot").await.json();
        let providers = admin.get("/api/v1/providers").await.json();
        let sources = admin.get("/api/v1/sources").await.json();
        let settings = admin.get("/api/v1/settings").await.json();
        for list in ["workspace", "models", "agents", "tokens"] {
            let answer = admin.get(&format!("/api/v1/{list}")).await;
            assert_eq!(answer.status, 200, "{list}");
        }
        (route, snapshot, providers, sources, settings)
    };
    let answers = tokio::time::timeout(Duration::from_secs(60), reading).await;
    let (route, snapshot, providers, sources, settings) = answers.expect("none of them waits");
    assert_eq!(route["route"]["credential"]["state"], "unknown", "{route}");
    assert_eq!(snapshot["secrets"]["unavailable"], true);
    let states = |rows: &Value| -> Vec<String> {
        let rows = rows["items"].as_array().or(rows.as_array()).unwrap();
        rows.iter()
            .map(|row| row["key"]["state"].as_str().unwrap().to_owned())
            .collect()
    };
    for state in states(&providers).iter().chain(&states(&sources)) {
        assert_eq!(state, "unknown", "never \"not configured\"");
    }
    assert_eq!(settings["secrets"]["available"], false);
    assert_eq!(
        backend.reads.load(Ordering::SeqCst),
        0,
        "no request asked it"
    );
    assert_eq!(backend.changes.load(Ordering::SeqCst), 0);
    assert_eq!(
        backend.checks.load(Ordering::SeqCst),
        1,
        "the background did"
    );
}

#[tokio::test]
async fn while_a_key_is_being_saved_other_edits_do_not_wait() {
    let (backend, server) = server().await;
    let admin = server.admin().await;
    let source = json!({ "name": "Mine", "base_url": "https://a.example/v1" });
    assert_eq!(admin.post("/api/v1/sources", source).await.status, 201);
    let key = json!({ "value": "gsk-0123456789" });
    let saving = admin.put("/api/v1/providers/groq/key", key);
    let editing = async {
        let calls = || {
            let (reads, changes) = (&backend.reads, &backend.changes);
            reads.load(Ordering::SeqCst) + changes.load(Ordering::SeqCst)
        };
        while calls() == 0 {
            tokio::task::yield_now().await;
        }
        let settings = json!({ "new_models_start_disabled": true });
        let settings = admin.patch("/api/v1/settings", settings).await.status;
        let name = json!({ "name": "Ours" });
        let source = admin.patch("/api/v1/sources/mine", name).await.status;
        let agent = json!({ "yaml": "name: bot\nmodel:\n  primary: openrouter/m" });
        let agent = admin.post("/api/v1/agents", agent).await.status;
        [settings, source, agent].map(|status| status.as_u16())
    };
    tokio::select! {
        saved = saving => panic!("the backend never answers: {}", saved.text()),
        edited = tokio::time::timeout(Duration::from_secs(60), editing) => {
            assert_eq!(edited.expect("none of them waits"), [200, 200, 201]);
        }
    }
}
