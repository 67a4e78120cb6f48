//! The routing table is replaced by edits alone, in part where only a part has changed, and before
//! the edit answers.

use super::fixture::{Fixture, secret, source};
use crate::catalog::environment::Environment;
use crate::store::paused_store::PausedStore;
use crate::store::sessions::SessionClient;
use crate::store::{AuditFilter, StoreError, StoreErrorKind, sign_in, sqlite, token_hash};
use crate::workspace::{Encoding, SourceEdit};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use waypost_api_types::{AgentInput, DefaultModel, Role};
use waypost_routing::agent::Agent;
use waypost_routing::routing_table::RoutingTable;

/// Every part that is not changed stays the same one, not an equal copy.
fn shared_agents(before: &RoutingTable, after: &RoutingTable) -> usize {
    let is_shared = |agent: &&Agent| {
        let same = after.agent(&agent.name);
        same.is_some_and(|same| std::ptr::eq(*agent, same))
    };
    before.agents().iter().filter(is_shared).count()
}

async fn add_agent(fixture: &Fixture, name: &str) {
    let yaml = format!("name: {name}\n");
    fixture
        .workspace
        .add_agent(AgentInput::of(yaml))
        .await
        .unwrap();
}

#[tokio::test]
async fn only_what_routing_reads_gives_another_table() {
    let fixture = Fixture::new().await;
    let workspace = &fixture.workspace;
    let write = source("gw", "https://gw.example/v1");
    workspace.add_source(write).await.unwrap();
    let table = workspace.routing_table();

    // Looking changes nothing; a test, an audit row, a session and its use change no route.
    workspace.providers().await.unwrap();
    workspace.settings().await.unwrap();
    let store = workspace.store();
    store.audit(&AuditFilter::default(), 10).await.unwrap();
    let _ = workspace.test_source("gw", SourceEdit::default()).await;
    let link = sign_in::make_link(store, Role::Admin).await.unwrap();
    let new = sign_in::sign_in(store, &link, None, SessionClient::default())
        .await
        .unwrap();
    let hash = token_hash(&new.unwrap().token);
    assert!(store.touch_sessions(&[(hash, 1)]).await.unwrap());
    workspace.look_at_other_processes().await.unwrap();
    assert!(Arc::ptr_eq(&table, &workspace.routing_table()));

    workspace.delete_source("gw").await.unwrap();
    let next = workspace.routing_table();
    assert!(!Arc::ptr_eq(&table, &next));
    assert!(next.snapshot().sources.is_empty());
}

#[tokio::test]
async fn an_edit_of_one_agent_reads_no_other() {
    let fixture = Fixture::new().await;
    for name in ["a", "b", "c"] {
        add_agent(&fixture, name).await;
    }
    let before = fixture.workspace.routing_table();
    let yaml = "name: b\nmodel: { primary: one/m }\n".to_owned();
    let write = AgentInput::of(yaml);
    fixture.workspace.replace_agent("b", write).await.unwrap();
    let edited = fixture.workspace.routing_table();
    assert_eq!(shared_agents(&before, &edited), 2);
    assert!(edited.agent("b").unwrap().model.primary.is_some());
    let yaml = "name: d\n".to_owned();
    let write = AgentInput::of(yaml);
    fixture.workspace.replace_agent("b", write).await.unwrap();
    let renamed = fixture.workspace.routing_table();
    assert!(renamed.agent("b").is_none() && renamed.agent("d").is_some());
    let ticket = fixture.workspace.delete_agent("d").await.unwrap();
    assert!(fixture.workspace.routing_table().agent("d").is_none());
    fixture.workspace.undo(&ticket.token).await.unwrap();
    assert!(fixture.workspace.routing_table().agent("d").is_some());
    // A change of the rest keeps the agents.
    let write = source("gw", "https://gw.example/v1");
    fixture.workspace.add_source(write).await.unwrap();
    let last = fixture.workspace.routing_table();
    assert_eq!(shared_agents(&before, &last), 2);
}

/// An edit that is built on rows which another process has changed brings those changes along.
#[tokio::test]
async fn what_another_process_writes_is_found() {
    let fixture = Fixture::new().await;
    for name in ["a", "b"] {
        add_agent(&fixture, name).await;
    }
    let before = fixture.workspace.routing_table();
    let store = Arc::new(sqlite::open(&fixture.path("")).await.unwrap());
    let other = fixture.beside(store).await;
    let yaml = "name: theirs\n".to_owned();
    other.add_agent(AgentInput::of(yaml)).await.unwrap();
    other.delete_agent("b").await.unwrap();
    let write = source("theirs", "https://gw.example/v1");
    other.add_source(write).await.unwrap();
    // Before this process has looked.
    add_agent(&fixture, "ours").await;
    let table = fixture.workspace.routing_table();
    let names: Vec<&str> = table.agents().iter().map(|agent| &*agent.name).collect();
    assert_eq!(names, ["a", "ours", "theirs"]);
    assert_eq!(table.snapshot().sources.len(), 1);
    assert_eq!(shared_agents(&before, &table), 1);

    other.delete_agent("theirs").await.unwrap();
    fixture.workspace.look_at_other_processes().await.unwrap();
    assert!(fixture.workspace.routing_table().agent("theirs").is_none());
}

/// In the background, within two seconds.
#[tokio::test]
async fn another_process_is_followed() {
    let fixture = Fixture::new().await;
    let store = Arc::new(sqlite::open(&fixture.path("")).await.unwrap());
    let other = fixture.beside(store).await;
    let yaml = "name: theirs\n".to_owned();
    other.add_agent(AgentInput::of(yaml)).await.unwrap();
    let mut changes = fixture.workspace.table_changes();
    let found = async {
        while fixture.workspace.routing_table().agent("theirs").is_none() {
            changes.changed().await.unwrap();
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(2), found).await;
    found.expect("it is found within two seconds");
}

/// An edit that is not committed is in no table.
#[tokio::test]
async fn a_commit_that_fails_leaves_the_table() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let store = Arc::new(sqlite::open(folder.path()).await.unwrap());
    let fails = Arc::new(AtomicBool::new(false));
    let failing = Arc::clone(&fails);
    let hook = move |call: &'static str| -> Pin<Box<dyn Future<Output = _> + Send>> {
        let fails = call == "commit" && failing.load(Ordering::SeqCst);
        Box::pin(async move {
            match fails {
                true => Err(StoreError::of_kind(StoreErrorKind::DiskFull)),
                false => Ok(()),
            }
        })
    };
    let gated = PausedStore::new(store, Arc::default(), Box::new(hook));
    let environment = Environment::fixed([]);
    let fixture = Fixture::on(Arc::new(gated), folder, environment).await;
    add_agent(&fixture, "a").await;
    let table = fixture.workspace.routing_table();
    fails.store(true, Ordering::SeqCst);
    let yaml = "name: b\n".to_owned();
    let failed = fixture.workspace.add_agent(AgentInput::of(yaml)).await;
    failed.unwrap_err();
    assert!(Arc::ptr_eq(&table, &fixture.workspace.routing_table()));
    fails.store(false, Ordering::SeqCst);
    add_agent(&fixture, "b").await;
    assert_eq!(fixture.workspace.routing_table().agents().len(), 2);
}

/// The table that is updated in part is the one that a start builds.
#[tokio::test]
async fn a_table_updated_in_part_is_the_one_made_anew() {
    let variables = [("TEAM_KEY", "k"), ("OTHER_KEY", "k")];
    let fixture = Fixture::granting(&variables, &["TEAM_*", "OTHER_*"]).await;
    let workspace = &fixture.workspace;
    let check = async |what: &str| {
        let kept = workspace.snapshot();
        workspace.build_table_anew().await.unwrap();
        assert_eq!(kept, workspace.snapshot(), "{what}");
    };
    let agent = |variable: &str| {
        AgentInput::of(format!(
            "name: bot\ngateways:\n  litellm:\n    api_key_env: {variable}\n"
        ))
    };
    workspace.add_agent(agent("TEAM_KEY")).await.unwrap();
    check("an agent").await;
    workspace
        .replace_agent("bot", agent("OTHER_KEY"))
        .await
        .unwrap();
    assert!(!workspace.snapshot().environment.set.contains("TEAM_KEY"));
    check("its variable").await;
    let mut write = source("gw", "https://gw.example/v1");
    write.auth_value = Some(secret("sk-0123456789"));
    workspace.add_source(write).await.unwrap();
    check("a source").await;
    let key = secret("sk-9876543210");
    workspace.set_provider_key("groq", key).await.unwrap();
    check("a key").await;
    let ticket = workspace.delete_source("gw").await.unwrap();
    check("a deletion").await;
    workspace.undo(&ticket.token).await.unwrap();
    check("its undo").await;
    workspace.delete_agent("bot").await.unwrap();
    check("no agent").await;
}

#[tokio::test]
async fn the_snapshot_has_the_agents() {
    let fixture = Fixture::new().await;
    let yaml = "name: bot\ngateways:\n  litellm:\n    api_key_env: OTHER_KEY\n".to_owned();
    fixture
        .workspace
        .add_agent(AgentInput::of(yaml))
        .await
        .unwrap();
    let snapshot = fixture.workspace.snapshot();
    let table = fixture.workspace.routing_table();
    assert!(table.agents().iter().eq(&snapshot.agents) && snapshot.agents.len() == 1);
}

#[tokio::test]
async fn the_document_is_made_once_for_a_table() {
    let fixture = Fixture::new().await;
    let first = fixture.workspace.snapshot_document().await;
    assert!(Arc::ptr_eq(
        &first,
        &fixture.workspace.snapshot_document().await
    ));
    let compressed = first.bytes(Encoding::Brotli).await;
    let again = first.bytes(Encoding::Brotli).await;
    assert_eq!(compressed.as_ptr(), again.as_ptr());
    add_agent(&fixture, "a").await;
    let next = fixture.workspace.snapshot_document().await;
    assert_ne!(first.digest(), next.digest());
    fixture.workspace.delete_agent("a").await.unwrap();
    let last = fixture.workspace.snapshot_document().await;
    assert_eq!(first.digest(), last.digest(), "the same content");
}

/// An edit that was answered is in every table that is loaded from then on, however many read and
/// edit at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_table_is_older_than_an_edit_that_was_answered() {
    let fixture = Fixture::with(&[("LITELLM_MASTER_KEY", "sk-0123456789")], None).await;
    let changing = fixture.workspace.clone();
    let (made, seen) = tokio::sync::watch::channel(0_u32);
    let changes = tokio::spawn(async move {
        for number in 1..=60 {
            let choice = DefaultModel {
                model_ref: Some(format!("litellm/m{number}")),
                version: 0,
            };
            changing.set_default_model(choice).await.unwrap();
            made.send(number).unwrap();
            if number % 10 == 0 {
                let key = secret(&format!("sk-{number}"));
                changing.set_provider_key("groq", key).await.unwrap();
            }
        }
    });
    let mut readers = Vec::new();
    for _ in 0..4 {
        let (workspace, seen) = (fixture.workspace.clone(), seen.clone());
        readers.push(tokio::spawn(async move {
            loop {
                let before = *seen.borrow();
                let table = workspace.routing_table();
                let default = table.snapshot().default_model.as_deref();
                let found: u32 = default
                    .and_then(|text| text.strip_prefix("litellm/m")?.parse().ok())
                    .unwrap_or(0);
                assert!(found >= before, "{found} after {before} was made");
                if before == 60 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        }));
    }
    changes.await.unwrap();
    for reader in readers {
        reader.await.unwrap();
    }
}
