//! Whatever is edited, tested and refreshed in whatever order: no server ever receives a secret
//! that was entered for another.

use super::super::{NewSource, SourceEdit, UnsavedProvider};
use super::fixture::{Fixture, headers, secret};
use super::upstream::Upstream;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use waypost_api_types::{ProviderPatch, SourceInput, SourcePatch};

/// What an administrator does next. A number names one of the servers.
#[derive(Clone, Debug)]
enum Step {
    Add {
        at: usize,
        key: bool,
        headers: bool,
    },
    Move {
        to: usize,
        key: bool,
        headers: bool,
    },
    AuthHeader(Option<&'static str>),
    ClearKey,
    Delete,
    Test,
    TestDraft {
        at: usize,
        key: bool,
        headers: bool,
        known: bool,
    },
    Refresh,
    AddProvider(usize),
    MoveProvider(usize),
    ProviderKey,
    /// As it is stored, or with a draft that puts it elsewhere.
    TestProvider {
        key: bool,
        at: Option<usize>,
    },
    RefreshProvider,
    DeleteProvider,
    /// Starts anew with the gateway's base URL in the environment, or without.
    Restart(Option<usize>),
}

const SERVERS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    let (at, flag) = (0..SERVERS, any::<bool>());
    let place = (at.clone(), flag, flag);
    prop_oneof![
        place
            .clone()
            .prop_map(|(at, key, headers)| Step::Add { at, key, headers }),
        place
            .clone()
            .prop_map(|(to, key, headers)| Step::Move { to, key, headers }),
        prop_oneof![
            Just(None),
            Just(Some("x-api-key")),
            Just(Some("Authorization"))
        ]
        .prop_map(Step::AuthHeader),
        Just(Step::ClearKey),
        Just(Step::Delete),
        Just(Step::Test),
        (place, flag).prop_map(|((at, key, headers), known)| Step::TestDraft {
            at,
            key,
            headers,
            known
        }),
        Just(Step::Refresh),
        at.clone().prop_map(Step::AddProvider),
        at.clone().prop_map(Step::MoveProvider),
        Just(Step::ProviderKey),
        (flag, proptest::option::of(at.clone()))
            .prop_map(|(key, at)| Step::TestProvider { key, at }),
        Just(Step::RefreshProvider),
        Just(Step::DeleteProvider),
        proptest::option::of(at).prop_map(Step::Restart),
    ]
}

/// A secret that says which server it is for.
fn marked(server: usize) -> String {
    format!("secret-for-{server}")
}

struct Run {
    fixture: Fixture,
    servers: Vec<Upstream>,
    /// Where the gateway goes now, and where its entry says.
    effective: Option<usize>,
    entry: Option<usize>,
    environment: Option<usize>,
}

impl Run {
    fn base(&self, server: usize) -> String {
        self.servers[server].base()
    }

    fn write(&self, at: usize, key: bool, with_headers: bool) -> NewSource {
        NewSource {
            input: SourceInput {
                name: "gw".to_owned(),
                slug: Some("gw".to_owned()),
                base_url: self.base(at),
                allow_private: true,
                ..SourceInput::default()
            },
            auth_value: key.then(|| secret(&marked(at))),
            headers: with_headers.then(|| headers(&[("x-tenant", &marked(at))])),
        }
    }

    /// Does one step. Many cannot be done where they come, which is part of what is tried.
    async fn step(&mut self, step: Step) {
        let workspace = self.fixture.workspace.clone();
        match step {
            Step::Add { at, key, headers } => {
                let _ = workspace.add_source(self.write(at, key, headers)).await;
            }
            Step::Move { to, key, headers } => {
                let write = self.write(to, key, headers);
                let edit = SourceEdit {
                    patch: SourcePatch {
                        base_url: Some(write.input.base_url),
                        allow_private: Some(true),
                        ..SourcePatch::default()
                    },
                    auth_value: write.auth_value.map(Some),
                    headers: write.headers.map(Some),
                };
                let _ = workspace.edit_source("gw", edit).await;
            }
            Step::AuthHeader(name) => {
                let patch = SourcePatch {
                    auth_header: Some(name.unwrap_or_default().to_owned()),
                    ..SourcePatch::default()
                };
                let edit = super::fixture::edit(patch);
                let _ = workspace.edit_source("gw", edit).await;
            }
            Step::ClearKey => {
                let edit = SourceEdit {
                    auth_value: Some(None),
                    ..SourceEdit::default()
                };
                let _ = workspace.edit_source("gw", edit).await;
            }
            Step::Delete => drop(workspace.delete_source("gw").await),
            Step::Test => drop(workspace.test_source("gw", SourceEdit::default()).await),
            Step::TestDraft {
                at,
                key,
                headers,
                known,
            } => {
                let mut write = self.write(at, key, headers);
                write.input.slug = known.then(|| "gw".to_owned());
                let _ = self.fixture.test_unsaved(write).await;
            }
            Step::Refresh => drop(workspace.refresh_source("gw").await),
            step => self.provider_step(step).await,
        }
    }

    async fn provider_step(&mut self, step: Step) {
        let workspace = self.fixture.workspace.clone();
        match step {
            Step::AddProvider(at) => {
                let draft = super::providers::draft("hub", &self.base(at));
                if workspace.add_provider(draft).await.is_ok() {
                    self.entry = Some(at);
                }
            }
            Step::MoveProvider(to) => {
                let patch = ProviderPatch {
                    base_url: Some(self.base(to)),
                    allow_private: Some(true),
                    ..ProviderPatch::default()
                };
                if workspace.edit_provider("hub", patch).await.is_ok() {
                    self.entry = Some(to);
                }
            }
            Step::ProviderKey => {
                if let Some(at) = self.effective {
                    let key = secret(&marked(at));
                    let _ = workspace.set_provider_key("hub", key).await;
                }
            }
            Step::TestProvider { key, at } => {
                let effective = at.map_or(self.effective, |at| self.environment.or(Some(at)));
                let value = effective.filter(|_| key).map(|at| secret(&marked(at)));
                let patch = ProviderPatch {
                    base_url: at.map(|at| self.base(at)),
                    allow_private: at.map(|_| true),
                    ..ProviderPatch::default()
                };
                let trial = UnsavedProvider { patch, value };
                let _ = workspace.test_provider("hub", trial).await;
            }
            Step::RefreshProvider => drop(workspace.refresh_provider("hub").await),
            Step::DeleteProvider => {
                if workspace.delete_provider("hub").await.is_ok() {
                    self.entry = None;
                }
            }
            Step::Restart(to) => {
                let base = to.map(|to| self.base(to));
                let variable = base.as_deref().map(|base| ("HUB_BASE_URL", base));
                self.fixture = self.fixture.restarted(variable.as_slice()).await;
                self.environment = to;
            }
            other => unreachable!("{other:?} is a source's"),
        }
        self.effective = self.entry.map(|entry| self.environment.unwrap_or(entry));
    }

    /// The first secret that reached a server it was not for.
    fn leak(&self) -> Option<String> {
        let numbered = self.servers.iter().enumerate();
        numbered
            .flat_map(|(number, server)| {
                let received = server.received().into_iter();
                received.map(move |request| (number, request))
            })
            .find(|(number, request)| {
                let text = format!("{request:?}").replace(&marked(*number), "");
                text.contains("secret-for-")
            })
            .map(|(number, request)| format!("server {number} received {request:?}"))
    }

    fn secrets_received(&self) -> usize {
        let requests = self.servers.iter().flat_map(Upstream::received);
        requests
            .filter(|request| format!("{request:?}").contains("secret-for-"))
            .count()
    }
}

#[test]
fn no_server_ever_receives_a_secret_that_was_entered_for_another() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 16,
        failure_persistence: None,
        ..Config::default()
    };
    let steps = proptest::collection::vec(step(), 8..32);
    // The runner wants a function that can be called anew; the count is kept in a cell.
    let count = std::cell::Cell::new(0);
    // The same sequences each time, so that a failure comes again.
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, random)
        .run(&steps, |steps| {
            runtime.block_on(async {
                let mut servers = Vec::new();
                for _ in 0..SERVERS {
                    servers.push(Upstream::listing(&["m"]).await);
                }
                let mut run = Run {
                    fixture: Fixture::new().await,
                    servers,
                    effective: None,
                    entry: None,
                    environment: None,
                };
                let begin = [
                    Step::Add {
                        at: 0,
                        key: true,
                        headers: true,
                    },
                    Step::AddProvider(0),
                    Step::ProviderKey,
                ];
                for step in begin.into_iter().chain(steps) {
                    run.step(step).await;
                    let leak = run.leak();
                    prop_assert!(leak.is_none(), "{}", leak.unwrap_or_default());
                }
                count.set(count.get() + run.secrets_received());
                Ok(())
            })
        })
        .unwrap();
    let received = count.get();
    // Were nothing ever sent, nothing would be shown by it.
    assert!(received > 16, "only {received} requests carried a secret");
}
