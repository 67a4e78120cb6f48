//! Two administrators save at once, the second one at every call that the first one's save makes
//! to the database: exactly one of the two saves succeeds, and its data is stored.

use super::fixture::{Fixture, edit, source};
use crate::store::paused_store::PausedStore;
use crate::store::{Actor, Store, StoreError};
use crate::workspace::{DomainError, ErrorKind, Expected, Workspace};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::task::JoinHandle;
use waypost_api_types::{
    AgentInput, DefaultModel, NewModels, ProviderInput, ProviderPatch, SettingsPatch, SourcePatch,
};
use waypost_routing::catalog::ProviderKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edited {
    Provider,
    ProviderKey,
    Source,
    Settings,
    DefaultModel,
    Agent,
}

const ALL: [Edited; 6] = [
    Edited::Provider,
    Edited::ProviderKey,
    Edited::Source,
    Edited::Settings,
    Edited::DefaultModel,
    Edited::Agent,
];

impl Edited {
    async fn set_up(self, workspace: &Workspace) {
        match self {
            Self::Provider | Self::ProviderKey | Self::Settings => {
                let draft = ProviderInput {
                    name: "edge".to_owned(),
                    kind: ProviderKind::Gateway,
                    base_url: "https://gw.example/v1".to_owned(),
                    api_key_env: None,
                    default_headers: Default::default(),
                    docs: None,
                    allow_private: false,
                    new_models: NewModels::Inherit,
                    limits: Default::default(),
                    pass_headers: Vec::new(),
                };
                workspace.add_provider(draft).await.unwrap();
            }
            Self::Source => {
                let write = source("gw", "https://gw.example/v1");
                workspace.add_source(write).await.unwrap();
            }
            Self::Agent => {
                let yaml = "name: bot".to_owned();
                workspace.add_agent(AgentInput::of(yaml)).await.unwrap();
            }
            Self::DefaultModel => {
                let key = super::fixture::secret("sk-0123456789");
                workspace.set_provider_key("litellm", key).await.unwrap();
            }
        }
    }

    /// Saves a value that the name of its author makes.
    async fn save(self, workspace: &Workspace, author: &str) -> Result<(), DomainError> {
        match self {
            Self::Provider => {
                let patch = ProviderPatch {
                    docs: Some(format!("https://docs.example/{author}")),
                    ..ProviderPatch::default()
                };
                workspace.edit_provider("edge", patch).await.map(drop)
            }
            Self::ProviderKey => {
                let value = super::fixture::secret(&format!("sk-0123456789-{author}"));
                workspace.set_provider_key("edge", value).await.map(drop)
            }
            Self::Source => {
                let patch = SourcePatch {
                    name: Some(author.to_owned()),
                    ..SourcePatch::default()
                };
                workspace.edit_source("gw", edit(patch)).await.map(drop)
            }
            Self::Settings => {
                // Two values that differ from the first one, and from each other.
                let name = if author == "a" { "openrouter" } else { "edge" };
                let patch = SettingsPatch {
                    managed_gateway: Some(name.to_owned()),
                    ..SettingsPatch::default()
                };
                workspace.edit_settings(patch).await.map(drop)
            }
            Self::DefaultModel => {
                let wanted = DefaultModel {
                    model_ref: Some(format!("litellm/{author}")),
                    version: 0,
                };
                workspace.set_default_model(wanted).await.map(drop)
            }
            Self::Agent => {
                let yaml = format!("name: bot\n# {author}");
                let write = AgentInput::of(yaml);
                workspace.replace_agent("bot", write).await.map(drop)
            }
        }
    }

    /// The value as it is shown, with the version it is shown with.
    async fn show(self, workspace: &Workspace) -> (u64, String) {
        match self {
            Self::Provider => {
                let shown = workspace.provider("edge").await.unwrap();
                (shown.version, shown.docs.unwrap_or_default())
            }
            Self::ProviderKey => {
                let shown = workspace.provider("edge").await.unwrap();
                (shown.version, format!("{:?}", shown.key.hint))
            }
            Self::Source => {
                let shown = workspace.source("gw").await.unwrap();
                (shown.version, shown.name)
            }
            Self::Settings => {
                let shown = workspace.settings().await.unwrap();
                (shown.revision, shown.managed_gateway)
            }
            Self::DefaultModel => {
                let shown = workspace.default_model().await.unwrap();
                (shown.version, shown.model_ref.unwrap_or_default())
            }
            Self::Agent => {
                let shown = workspace.agent("bot").await.unwrap();
                (shown.version, shown.yaml)
            }
        }
    }
}

type Task = JoinHandle<Result<(), DomainError>>;

/// A workspace like another process's, on the same database, in which `other` runs before the call
/// number `at`; it is given that workspace. Where a transaction is open, `other` begins then and ends
/// after it, and so it does where `waits` is not set: it may wait for a lock of the interrupted call.
async fn interrupted(
    fixture: &Fixture,
    at: usize,
    waits: bool,
    other: impl Fn(&Workspace) -> Task + Send + Sync + 'static,
) -> (Workspace, Arc<AtomicUsize>, Arc<Mutex<Option<Task>>>) {
    let (calls, running) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
    let writing = Arc::new(AtomicBool::new(false));
    let armed = Arc::new(AtomicBool::new(false));
    let this: Arc<OnceLock<Workspace>> = Arc::default();
    let inner = fixture.workspace.inner.store.clone();
    let hook = {
        let this = this.clone();
        let (calls, running, writing) = (calls.clone(), running.clone(), writing.clone());
        let (armed, other) = (armed.clone(), Arc::new(other));
        move |call: &'static str| {
            // The background makes these calls too.
            let counts = !matches!(call, "generation" | "routing_rows" | "secrets");
            let (calls, running, writing) = (calls.clone(), running.clone(), writing.clone());
            let (armed, other, this) = (armed.clone(), other.clone(), this.clone());
            let future: std::pin::Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>> =
                Box::pin(async move {
                    if !counts
                        || !armed.load(Ordering::SeqCst)
                        || calls.fetch_add(1, Ordering::SeqCst) != at
                    {
                        return Ok(());
                    }
                    let mut task = other(this.get().expect("it is set before it is armed"));
                    if !waits {
                        tokio::task::yield_now().await;
                    } else if !writing.load(Ordering::SeqCst) {
                        let done = (&mut task).await.unwrap();
                        task = tokio::spawn(async move { done });
                    }
                    *running.lock().unwrap() = Some(task);
                    Ok(())
                });
            future
        }
    };
    let store: Arc<dyn Store> = Arc::new(PausedStore::new(inner, writing, Box::new(hook)));
    let workspace = fixture.beside(store).await;
    this.set(workspace.clone()).ok().expect("it is set once");
    armed.store(true, Ordering::SeqCst);
    (workspace.by(Actor::session("a", "")), calls, running)
}

#[tokio::test]
async fn no_edit_that_was_acknowledged_is_lost_wherever_another_comes_between() {
    for edited in ALL {
        // The key of a provider is in two systems. The lock of its owner, which one process has,
        // orders its writers.
        let is_key = edited == Edited::ProviderKey;
        let mut at = 0;
        loop {
            let fixture = Fixture::new().await;
            edited.set_up(&fixture.workspace).await;
            let (seen, _) = edited.show(&fixture.workspace).await;
            let expected = Expected::OneOf(vec![seen]);
            let elsewhere = fixture.workspace.expecting(expected.clone());
            let other = {
                let expected = expected.clone();
                move |here: &Workspace| -> Task {
                    let second = match is_key {
                        true => here.expecting(expected.clone()),
                        false => elsewhere.clone(),
                    };
                    tokio::spawn(async move { edited.save(&second, "b").await })
                }
            };
            let (here, calls, running) = interrupted(&fixture, at, !is_key, other).await;
            let first = edited.save(&here.expecting(expected), "a").await;
            let task = running.lock().unwrap().take();
            let Some(task) = task else {
                assert!(first.is_ok(), "{edited:?}: {first:?}");
                assert!(
                    at >= 4,
                    "{edited:?} makes only {} calls",
                    calls.load(Ordering::SeqCst)
                );
                break;
            };
            let second = task.await.unwrap();
            let winner = match (&first, &second) {
                (Ok(()), Err(late)) => {
                    assert_late(edited, late);
                    "a"
                }
                (Err(late), Ok(())) => {
                    assert_late(edited, late);
                    "b"
                }
                both => panic!("{edited:?} at call {at}: {both:?}"),
            };
            let alone = Fixture::new().await;
            edited.set_up(&alone.workspace).await;
            edited.save(&alone.workspace, winner).await.unwrap();
            let (version, stored) = edited.show(&here).await;
            assert_eq!(
                stored,
                edited.show(&alone.workspace).await.1,
                "{edited:?} at {at}"
            );
            assert!(version > seen);
            at += 1;
        }
    }
}

fn assert_late(edited: Edited, late: &DomainError) {
    assert!(
        late.kind == ErrorKind::PreconditionFailed || late.code == "changed_meanwhile",
        "{edited:?}: {late:?}"
    );
}

#[tokio::test]
async fn two_keys_at_once_end_with_the_one_that_was_acknowledged() {
    for _ in 0..5 {
        let fixture = Fixture::new().await;
        let edited = Edited::ProviderKey;
        edited.set_up(&fixture.workspace).await;
        let (seen, _) = edited.show(&fixture.workspace).await;
        let first = fixture.workspace.expecting(Expected::OneOf(vec![seen]));
        let second = first.clone();
        let (first, second) = tokio::join!(edited.save(&first, "a"), edited.save(&second, "b"));
        let winner = match (first, second) {
            (Ok(()), Err(late)) => {
                assert_late(edited, &late);
                "a"
            }
            (Err(late), Ok(())) => {
                assert_late(edited, &late);
                "b"
            }
            both => panic!("{both:?}"),
        };
        let stored = fixture.holds("edge/api-key", "https://gw.example").await;
        assert_eq!(stored, Some(format!("sk-0123456789-{winner}")));
    }
}

#[tokio::test]
async fn what_is_shown_has_the_version_it_is_shown_with() {
    for edited in ALL {
        let mut at = 0;
        loop {
            let fixture = Fixture::new().await;
            edited.set_up(&fixture.workspace).await;
            let before = edited.show(&fixture.workspace).await;
            let second = fixture.workspace.clone();
            let other = move |_: &Workspace| -> Task {
                let second = second.clone();
                tokio::spawn(async move { edited.save(&second, "b").await })
            };
            let (reader, _, running) = interrupted(&fixture, at, true, other).await;
            let (version, shown) = edited.show(&reader).await;
            if running.lock().unwrap().take().is_none() {
                assert!(at >= 1, "{edited:?}");
                break;
            }
            // Old content with a new version would be saved over the edit. A key is no content:
            // it is never shown, so that it cannot be saved again.
            if shown == before.1 && edited != Edited::ProviderKey {
                assert_eq!(version, before.0, "{edited:?} at call {at}");
            }
            at += 1;
        }
    }
}
