//! Keys that an upstream refuses in forwarded requests.

use crate::forwarding::{chat, set_up};
use crate::support::{Admin, Options, Server};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use waypost_egress::test_support::{Reply, Upstream};
use waypost_secrets::{
    BackendError, SealedSecret, SecretsBackend, SecretsBackendKind, StoredVersion,
};

/// A backend in memory that counts how often values are read, and can hold readings up.
struct Counting {
    values: Mutex<HashMap<String, SealedSecret>>,
    reads: AtomicUsize,
    holds: AtomicBool,
    release: Semaphore,
    fails: AtomicBool,
    /// Readings that are not held up, from now on.
    passes: AtomicUsize,
    /// Readings that have ended.
    ended: AtomicUsize,
}

impl Counting {
    /// Holds readings up after so many.
    fn hold_after(&self, passes: usize) {
        self.passes.store(passes, Ordering::SeqCst);
        self.holds.store(true, Ordering::SeqCst);
    }

    fn is_held_up(&self) -> bool {
        let pass = |passes: usize| passes.checked_sub(1);
        self.holds.load(Ordering::SeqCst)
            && (self.passes)
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, pass)
                .is_err()
    }
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            values: Mutex::default(),
            reads: AtomicUsize::new(0),
            holds: AtomicBool::new(false),
            release: Semaphore::new(0),
            fails: AtomicBool::new(false),
            passes: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
        }
    }
}

#[async_trait]
impl SecretsBackend for Counting {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Keychain
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.is_held_up() {
            self.release.acquire().await.unwrap().forget();
        }
        self.ended.fetch_add(1, Ordering::SeqCst);
        self.health().await?;
        Ok(self.values.lock().unwrap().get(name).cloned())
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        _over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        let mut values = self.values.lock().unwrap();
        values.insert(name.to_owned(), document.clone());
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        Ok(self.values.lock().unwrap().remove(name).is_some())
    }

    async fn health(&self) -> Result<(), BackendError> {
        match self.fails.load(Ordering::SeqCst) {
            true => Err(BackendError::Unavailable("it is locked".to_owned())),
            false => Ok(()),
        }
    }
}

async fn server(backend: &Arc<Counting>) -> Server {
    Server::start_with(Options {
        backend: Some(backend.clone()),
        ..Options::default()
    })
    .await
}

/// Waits until the row of the gateway has this state.
async fn verification(admin: &Admin<'_>, state: &str) -> Value {
    let shown = async {
        loop {
            let row = admin.get("/api/v1/providers/gw").await.json();
            let verification = row["verification"].clone();
            if verification["state"] == state {
                return verification;
            }
            tokio::task::yield_now().await;
        }
    };
    let shown = tokio::time::timeout(Duration::from_secs(30), shown).await;
    shown.unwrap_or_else(|_| panic!("it is never {state}"))
}

#[tokio::test]
async fn a_key_that_is_refused_is_read_again_once_and_shown_until_it_is_accepted() {
    let refuses = Arc::new(AtomicBool::new(true));
    let answers = Arc::clone(&refuses);
    let upstream = Upstream::start(move |_| match answers.load(Ordering::SeqCst) {
        true => Reply::json(401, "{}"),
        false => Reply::json(200, "{}"),
    });
    let upstream = upstream.await;
    let backend = Arc::new(Counting::default());
    let server = server(&backend).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    let row = admin.get("/api/v1/providers/gw").await.json();
    assert_eq!(row["verification"]["state"], "not_verified", "{row}");

    // The first request reads the key, and its refusal once more.
    let before = backend.reads.load(Ordering::SeqCst);
    for _ in 0..20 {
        assert_eq!(server.send(chat(&token)).await.status, 401);
    }
    let shown = verification(&admin, "refused").await;
    assert_eq!(shown["code"], "unauthorized");
    let message = shown["message"].as_str().unwrap();
    assert!(message.contains("401 to a forwarded request"), "{message}");
    assert_eq!(backend.reads.load(Ordering::SeqCst) - before, 2);

    refuses.store(false, Ordering::SeqCst);
    assert_eq!(server.send(chat(&token)).await.status, 200);
    let shown = verification(&admin, "verified").await;
    assert_eq!(shown["code"], "ok");
    assert_eq!(backend.reads.load(Ordering::SeqCst) - before, 2);
}

async fn set_own_key(admin: &Admin<'_>, value: &str) -> Value {
    let key = json!({ "value": value });
    let saved = admin.put("/api/v1/agents/bot/keys/gw", key).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    saved.json()["keys"][0].clone()
}

/// Waits until an agent's own key is refused, or is not.
async fn own_key(admin: &Admin<'_>, is_refused: bool) -> Value {
    let shown = async {
        loop {
            let key = admin.get("/api/v1/agents/bot").await.json()["keys"][0].clone();
            if key["refused_at"].is_i64() == is_refused {
                return key;
            }
            tokio::task::yield_now().await;
        }
    };
    let shown = tokio::time::timeout(Duration::from_secs(30), shown).await;
    shown.unwrap_or_else(|_| panic!("it is never refused: {is_refused}"))
}

#[tokio::test]
async fn an_own_key_that_is_refused_says_so_until_it_is_accepted() {
    let refuses = Arc::new(AtomicBool::new(true));
    let answers = Arc::clone(&refuses);
    let upstream = Upstream::start(move |_| match answers.load(Ordering::SeqCst) {
        true => Reply::json(401, "{}"),
        false => Reply::json(200, "{}"),
    });
    let upstream = upstream.await;
    let server = server(&Arc::new(Counting::default())).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    let key = set_own_key(&admin, "sk-own-0123456789").await;
    assert_eq!(key["refused_at"], Value::Null);
    assert_eq!(server.send(chat(&token)).await.status, 401);
    own_key(&admin, true).await;
    let list = admin.get("/api/v1/agents").await.json();
    assert!(list["items"][0]["keys"][0]["refused_at"].is_i64(), "{list}");
    let row = admin.get("/api/v1/providers/gw").await.json();
    assert_eq!(row["verification"]["state"], "not_verified", "{row}");

    refuses.store(false, Ordering::SeqCst);
    assert_eq!(server.send(chat(&token)).await.status, 200);
    own_key(&admin, false).await;
}

#[tokio::test]
async fn a_new_own_key_is_not_refused() {
    let upstream = Upstream::always(Reply::json(401, "{}")).await;
    let server = server(&Arc::new(Counting::default())).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    set_own_key(&admin, "sk-own-0123456789").await;
    assert_eq!(server.send(chat(&token)).await.status, 401);
    own_key(&admin, true).await;
    let next = set_own_key(&admin, "sk-own-next-0123456789").await;
    assert_eq!(next["refused_at"], Value::Null, "it is another key");
}

#[tokio::test]
async fn a_refusal_of_the_key_before_says_nothing_about_the_new_one() {
    let upstream = Upstream::always(Reply::json(401, "{}")).await;
    let backend = Arc::new(Counting::default());
    let server = server(&backend).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    assert_eq!(server.send(chat(&token)).await.status, 401);
    verification(&admin, "refused").await;
    let next = json!({ "value": "sk-another-0123456789" });
    let saved = admin.put("/api/v1/providers/gw/key", next).await.json();
    assert_eq!(saved["verification"]["state"], "not_verified");
}

#[tokio::test]
async fn a_key_that_is_replaced_while_a_refusal_is_looked_into_is_not_refused() {
    let upstream = Upstream::start(|received| match received.header("authorization") {
        Some("Bearer sk-another-0123456789") => Reply::json(200, "{}"),
        _ => Reply::json(401, "{}"),
    });
    let upstream = upstream.await;
    let backend = Arc::new(Counting::default());
    let server = server(&backend).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    // The first request reads the key; what looks into its refusal is held up.
    let before = backend.reads.load(Ordering::SeqCst);
    backend.hold_after(1);
    assert_eq!(server.send(chat(&token)).await.status, 401);
    while backend.reads.load(Ordering::SeqCst) < before + 2 {
        tokio::task::yield_now().await;
    }
    backend.holds.store(false, Ordering::SeqCst);
    let next = json!({ "value": "sk-another-0123456789" });
    let saved = admin.put("/api/v1/providers/gw/key", next).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    let looking = backend.ended.load(Ordering::SeqCst);
    backend.release.add_permits(100);
    while backend.ended.load(Ordering::SeqCst) == looking {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.send(chat(&token)).await.status, 200);
    for _ in 0..20 {
        let row = admin.get("/api/v1/providers/gw").await.json();
        assert_ne!(row["verification"]["state"], "refused", "{row}");
    }
}

#[tokio::test]
async fn requests_that_need_a_key_at_once_read_it_once() {
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let backend = Arc::new(Counting::default());
    let server = server(&backend).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    let before = backend.reads.load(Ordering::SeqCst);
    backend.holds.store(true, Ordering::SeqCst);
    let wait_for_read = async {
        while backend.reads.load(Ordering::SeqCst) == before {
            tokio::task::yield_now().await;
        }
        backend.holds.store(false, Ordering::SeqCst);
        backend.release.add_permits(100);
    };
    let (one, two, three, ()) = tokio::join!(
        server.send(chat(&token)),
        server.send(chat(&token)),
        server.send(chat(&token)),
        wait_for_read,
    );
    for answer in [one, two, three] {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(backend.reads.load(Ordering::SeqCst) - before, 1);
    assert_eq!(upstream.received().len(), 3);
}

#[tokio::test]
async fn while_the_backend_fails_keys_in_memory_are_used_and_settings_say_so() {
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let backend = Arc::new(Counting::default());
    let server = server(&backend).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    let problem = async || {
        let settings = admin.get("/api/v1/settings").await.json();
        settings["secrets"]["problem"].clone()
    };
    assert_eq!(problem().await, Value::Null);

    backend.fails.store(true, Ordering::SeqCst);
    server.app.workspace().secrets().check().await;
    assert_eq!(server.send(chat(&token)).await.status, 503);
    let words = problem().await;
    let words = words.as_str().unwrap();
    assert!(
        words.ends_with("No key is in memory, so requests that need one get 503."),
        "{words}"
    );
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json()["reasons"], json!(["secrets_unavailable"]));

    backend.fails.store(false, Ordering::SeqCst);
    server.app.workspace().secrets().check().await;
    assert_eq!(server.send(chat(&token)).await.status, 200);
    backend.fails.store(true, Ordering::SeqCst);
    server.app.workspace().secrets().check().await;
    assert_eq!(server.send(chat(&token)).await.status, 200);
    let words = problem().await;
    let words = words.as_str().unwrap();
    assert!(words.contains("it is locked"), "{words}");
    assert!(
        words.ends_with("Requests use the 1 key in memory for another 14 min."),
        "{words}"
    );
}
