//! The world is made once for each state, and never kept beyond it.

use super::bed::{Bed, secret, source};
use std::sync::Arc;
use waypost_api_types::{AgentWrite, DefaultModel};

#[tokio::test]
async fn one_world_serves_until_something_is_written() {
    let bed = Bed::new().await;
    let workspace = &bed.workspace;
    let (world, known) = (
        workspace.world().await.unwrap(),
        workspace.catalogued().await.unwrap(),
    );
    // Looking changes nothing.
    workspace.providers().await.unwrap();
    workspace.settings().await.unwrap();
    workspace.store().audit(None, 10).await.unwrap();
    assert!(Arc::ptr_eq(&world, &workspace.world().await.unwrap()));
    assert!(Arc::ptr_eq(&known, &workspace.catalogued().await.unwrap()));

    let write = source("gw", "https://gw.example/v1");
    workspace.add_source(write).await.unwrap();
    let next = workspace.world().await.unwrap();
    assert!(!Arc::ptr_eq(&world, &next));
    assert_eq!(next.snapshot().sources[0].slug, "gw");
    let known = workspace.catalogued().await.unwrap();
    assert!(known.owners.contains("gw") && known.owners.contains("groq"));
}

#[tokio::test]
async fn the_snapshot_is_the_worlds_with_its_agents() {
    let bed = Bed::new().await;
    let yaml = "name: bot\ngateways:\n  litellm:\n    api_key_env: OTHER_KEY\n".to_owned();
    bed.workspace.add_agent(AgentWrite { yaml }).await.unwrap();
    let snapshot = bed.workspace.snapshot().await.unwrap();
    assert_eq!(snapshot.agents.len(), 1);
    let world = bed.workspace.world().await.unwrap();
    assert!(world.agents().iter().eq(&snapshot.agents));
}

/// Whoever has been told that a change is made finds it in every answer from then on, however
/// many ask and change beside them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_answered_from_before_a_change_that_was_made() {
    let bed = Bed::with(&[("LITELLM_MASTER_KEY", "sk-0123456789")], None).await;
    let changing = bed.workspace.clone();
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
        let (workspace, seen) = (bed.workspace.clone(), seen.clone());
        readers.push(tokio::spawn(async move {
            loop {
                let before = *seen.borrow();
                let world = workspace.world().await.unwrap();
                let default = world.snapshot().default_model.as_deref();
                let found: u32 = default
                    .and_then(|text| text.strip_prefix("litellm/m")?.parse().ok())
                    .unwrap_or(0);
                assert!(found >= before, "{found} after {before} was made");
                if before == 60 {
                    return;
                }
            }
        }));
    }
    changes.await.unwrap();
    for reader in readers {
        reader.await.unwrap();
    }
}
