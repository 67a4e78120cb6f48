//! Staged and previous keys in the secrets backend.

use super::super::Rotation;
use super::fixture::{Fixture, secret};
use std::time::Duration;
use waypost_api_types::{ProviderInput, ProviderPatch};
use waypost_routing::catalog::ProviderKind;

const ORIGIN: &str = "https://a.example";
const CURRENT: &str = "hub/api-key";
const NEXT: &str = "hub/api-key/next";
const PREVIOUS: &str = "hub/api-key/previous";

async fn hub() -> Fixture {
    let fixture = Fixture::new().await;
    let hub = ProviderInput {
        name: "hub".to_owned(),
        kind: ProviderKind::Gateway,
        base_url: "https://a.example/v1".to_owned(),
        api_key_env: None,
        default_headers: Default::default(),
        docs: None,
        allow_private: false,
        new_models: Default::default(),
        limits: Default::default(),
        pass_headers: Vec::new(),
    };
    let workspace = &fixture.workspace;
    workspace.add_provider(hub).await.unwrap();
    let key = secret("sk-old-0001");
    workspace.set_provider_key("hub", key).await.unwrap();
    fixture
}

async fn stage(fixture: &Fixture, key: &str) {
    let workspace = &fixture.workspace;
    let staged = workspace.stage_provider_key("hub", secret(key), false);
    staged.await.unwrap();
}

async fn rotate(fixture: &Fixture, rotation: Rotation) {
    let rotated = fixture.workspace.rotate_provider_key("hub", rotation);
    rotated.await.unwrap();
}

/// What is stored under the three names.
async fn stored(fixture: &Fixture) -> [Option<String>; 3] {
    [
        fixture.holds(CURRENT, ORIGIN).await,
        fixture.holds(NEXT, ORIGIN).await,
        fixture.holds(PREVIOUS, ORIGIN).await,
    ]
}

fn keys(texts: [Option<&str>; 3]) -> [Option<String>; 3] {
    texts.map(|text| text.map(str::to_owned))
}

/// Waits until the background has destroyed a secret.
async fn until_gone(fixture: &Fixture, name: &str) {
    let mut changes = fixture.workspace.secrets().changes();
    let gone = changes.wait_for(|inventory| !inventory.stored.contains_key(name));
    let waited = tokio::time::timeout(Duration::from_secs(30), gone).await;
    assert!(waited.is_ok(), "{name} is still there");
}

#[tokio::test]
async fn a_switch_moves_the_values_between_the_names() {
    let fixture = hub().await;
    stage(&fixture, "sk-new-0002").await;
    let (old, new) = (Some("sk-old-0001"), Some("sk-new-0002"));
    assert_eq!(stored(&fixture).await, keys([old, new, None]));
    rotate(&fixture, Rotation::Switch).await;
    assert_eq!(stored(&fixture).await, keys([new, None, old]));
    rotate(&fixture, Rotation::SwitchBack).await;
    assert_eq!(stored(&fixture).await, keys([old, new, None]));
    rotate(&fixture, Rotation::Switch).await;
    stage(&fixture, "sk-third-0003").await;
    let third = Some("sk-third-0003");
    assert_eq!(stored(&fixture).await, keys([new, third, old]));
    // A key that is staged already stays.
    rotate(&fixture, Rotation::SwitchBack).await;
    assert_eq!(stored(&fixture).await, keys([old, third, None]));
}

#[tokio::test]
async fn removing_the_key_removes_all_of_them_and_undo_restores_them() {
    let fixture = hub().await;
    stage(&fixture, "sk-new-0002").await;
    let workspace = &fixture.workspace;
    let removed = workspace.remove_provider_key("hub").await.unwrap();
    assert_eq!(stored(&fixture).await, keys([None, None, None]));
    let ticket = removed.undo.unwrap();
    workspace.undo(&ticket.token).await.unwrap();
    let (old, new) = (Some("sk-old-0001"), Some("sk-new-0002"));
    assert_eq!(stored(&fixture).await, keys([old, new, None]));
    rotate(&fixture, Rotation::Switch).await;
    let ticket = workspace.delete_provider("hub").await.unwrap();
    assert_eq!(stored(&fixture).await, keys([None, None, None]));
    workspace.undo(&ticket.token).await.unwrap();
    assert_eq!(stored(&fixture).await, keys([new, None, old]));
    let shown = workspace.provider("hub").await.unwrap();
    assert!(shown.key.previous.is_some(), "its end came back with it");
}

#[tokio::test]
async fn an_expired_previous_key_is_refused_hidden_and_destroyed() {
    let fixture = hub().await;
    stage(&fixture, "sk-new-0002").await;
    rotate(&fixture, Rotation::Switch).await;
    let workspace = &fixture.workspace;
    workspace.destroy_stale_keys().await.unwrap();
    assert!(stored(&fixture).await[2].is_some(), "its time is not over");
    fixture.execute("UPDATE previous_keys SET until = 1").await;
    let shown = workspace.provider("hub").await.unwrap();
    assert_eq!(shown.key.previous, None);
    let back = workspace.rotate_provider_key("hub", Rotation::SwitchBack);
    assert_eq!(back.await.unwrap_err().code, "no_previous_key");
    workspace.destroy_stale_keys().await.unwrap();
    let new = Some("sk-new-0002");
    assert_eq!(stored(&fixture).await, keys([new, None, None]));
    let after = workspace.provider("hub").await.unwrap();
    assert_eq!(after.version, shown.version, "expiry is no edit");
    let last = fixture.actions().await.pop().unwrap();
    assert!(
        last.ends_with(" provider.key.expire provider:hub"),
        "{last}"
    );
}

#[tokio::test]
async fn a_start_destroys_a_previous_key_that_expired_meanwhile() {
    let fixture = hub().await;
    stage(&fixture, "sk-new-0002").await;
    rotate(&fixture, Rotation::Switch).await;
    fixture.execute("UPDATE previous_keys SET until = 1").await;
    let restarted = fixture.restarted(&[]).await;
    until_gone(&restarted, PREVIOUS).await;
    let new = Some("sk-new-0002");
    assert_eq!(stored(&restarted).await, keys([new, None, None]));
}

#[tokio::test]
async fn moving_a_provider_destroys_what_was_staged_for_the_origin_before() {
    let fixture = hub().await;
    stage(&fixture, "sk-new-0002").await;
    let patch = ProviderPatch {
        base_url: Some("https://b.example/v1".to_owned()),
        ..ProviderPatch::default()
    };
    let moved = fixture.workspace.edit_provider("hub", patch).await.unwrap();
    assert_eq!(moved.key.next, None);
    until_gone(&fixture, NEXT).await;
    let old = Some("sk-old-0001");
    assert_eq!(stored(&fixture).await, keys([old, None, None]));
}
