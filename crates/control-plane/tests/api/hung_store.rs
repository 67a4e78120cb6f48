//! A database that does not answer delays nothing that only routes.

use crate::support::{Options, Server};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[tokio::test]
async fn neither_a_route_nor_the_snapshot_waits_for_the_database() {
    let hangs = Arc::new(AtomicBool::new(false));
    let hung = Arc::clone(&hangs);
    let server = Server::start_with(Options {
        environment: vec![("LITELLM_MASTER_KEY", "sk-0123456789")],
        before_each_call: Some(Box::new(move |_| {
            let hangs = hung.load(Ordering::SeqCst);
            Box::pin(async move {
                match hangs {
                    true => std::future::pending().await,
                    false => Ok(()),
                }
            })
        })),
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    let yaml = json!({ "yaml": "name: bot\nmodel: { primary: litellm/a }\n" });
    assert_eq!(admin.post("/api/v1/agents", yaml).await.status, 201);

    hangs.store(true, Ordering::SeqCst);
    let settings = admin.get("/api/v1/settings");
    let settings = tokio::time::timeout(Duration::from_millis(200), settings).await;
    assert!(settings.is_err(), "the database does not answer");
    let reading = async {
        for asked in [json!({ "ref": "litellm/m" }), json!({ "agent": "bot" })] {
            let route = admin.post("/api/v1/route", asked).await;
            assert_eq!(route.json()["outcome"], "routed");
        }
        let snapshot = admin.get("/api/v1/snapshot").await;
        assert_eq!(snapshot.json()["agents"][0]["name"], "bot");
        let tag = snapshot.header("etag").unwrap();
        let known = admin.get_with("/api/v1/snapshot", "if-none-match", tag);
        assert_eq!(known.await.status, 304);
    };
    let done = tokio::time::timeout(Duration::from_secs(5), reading).await;
    done.expect("neither waits for the database");
}
