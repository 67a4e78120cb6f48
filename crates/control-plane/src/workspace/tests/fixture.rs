//! A workspace in a temporary directory.

use super::super::{DomainError, NewSource, Parts, SourceEdit, UnsavedProvider, Workspace};
use crate::catalog::environment::Environment;
use crate::catalog::file::ProvidersPath;
use crate::secret_records::StoredRecords;
use crate::store::{Actor, AuditFilter, Store, sqlite};
use crate::tokens::LiveTokens;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use waypost_api_types::{OutcomeReport, ProvidersFileState, SourceInput, SourcePatch};
use waypost_egress::Egress;
use waypost_forwarding::ForwardingLimits;
use waypost_secrets::{BackendOptions, SecretChange, SecretStore, SecretText, SecretsBackendKind};

/// The providers file's name.
pub(super) const FILE: &str = "providers.yaml";

pub(crate) struct Fixture {
    pub(crate) workspace: Workspace,
    folder: Arc<TempDir>,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(&[], None).await
    }

    /// With these variables, and a providers file where one is given.
    pub(super) async fn with(variables: &[(&str, &str)], file: Option<&str>) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        if let Some(text) = file {
            std::fs::write(folder.path().join(FILE), text).unwrap();
        }
        Self::open(folder, variables).await
    }

    /// A workspace with these variables, of which the operator grants some by `--env-keys`.
    pub(super) async fn granting(variables: &[(&str, &str)], grants: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let grants = grants.iter().map(|grant| grant.parse().unwrap()).collect();
        let environment = Environment::fixed(variables.iter().copied()).with_grants(grants);
        Self::open_in(folder, environment).await
    }

    /// The same data directory, started with other variables.
    pub(super) async fn restarted(&self, variables: &[(&str, &str)]) -> Self {
        Self::open(self.folder.clone(), variables).await
    }

    async fn open(folder: Arc<TempDir>, variables: &[(&str, &str)]) -> Self {
        Self::open_in(folder, Environment::fixed(variables.iter().copied())).await
    }

    async fn open_in(folder: Arc<TempDir>, environment: Environment) -> Self {
        let store: Arc<dyn Store> = Arc::new(sqlite::open(folder.path()).await.unwrap());
        Self::on(store, folder, environment).await
    }

    /// A workspace on a store of the test's own.
    pub(super) async fn on(
        store: Arc<dyn Store>,
        folder: Arc<TempDir>,
        environment: Environment,
    ) -> Self {
        let id = store.workspace_id().await.unwrap();
        let backend = Some(SecretsBackendKind::File);
        let records = Arc::new(StoredRecords::new(store.clone()));
        // Of a port that no test listens on.
        let egress = Egress::new("127.0.0.1:1".parse().unwrap());
        let options = BackendOptions::local(folder.path(), &id, egress.clone());
        let secrets = SecretStore::open(backend, &options, records);
        let workspace = Workspace::open(Parts {
            data_dir: folder.path().to_owned(),
            forwards: true,
            inference_port: None,
            limits: ForwardingLimits::default(),
            tokens: LiveTokens::load(store.clone()).await.unwrap(),
            store,
            secrets: secrets.await.unwrap(),
            egress,
            environment,
            providers_path: ProvidersPath::named(folder.path().join(FILE)),
        })
        .await
        .unwrap();
        Self {
            workspace: workspace.by(Actor::session("test", "")),
            folder,
        }
    }

    /// A workspace like another process's, on the same directory.
    pub(super) async fn beside(&self, store: Arc<dyn Store>) -> Workspace {
        Self::on(
            store,
            self.folder.clone(),
            Environment::fixed([] as [(&str, &str); 0]),
        )
        .await
        .workspace
    }

    /// Runs statements on the database behind the workspace's back.
    pub(super) async fn execute(&self, sql: &str) {
        sqlite::testing::execute(self.folder.path(), sql).await;
    }

    /// The one column of a query's rows, as text.
    pub(super) async fn texts(&self, sql: &str) -> Vec<String> {
        sqlite::testing::texts(self.folder.path(), sql).await
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until a change of the providers file has led to this state with so many entries. A
    /// writer may be caught between two of its steps, so that there may be more than one.
    pub(super) async fn until_file(&self, state: ProvidersFileState, entries: u64) {
        let mut changes = self.workspace.providers_file_changes();
        let seen = async {
            loop {
                let file = self.workspace.settings().await.unwrap().providers_file;
                let loaded = file.entry_count + u64::from(!file.problems.is_empty());
                if file.state == state && loaded >= entries {
                    return;
                }
                changes.changed().await.unwrap();
            }
        };
        let patience = std::time::Duration::from_secs(30);
        let waited = tokio::time::timeout(patience, seen).await;
        assert!(waited.is_ok(), "the change was not seen");
    }

    /// Tests unsaved input for a source, over the stored one that its slug names.
    pub(super) async fn test_unsaved(
        &self,
        write: NewSource,
    ) -> Result<OutcomeReport, DomainError> {
        let NewSource {
            input,
            auth_value,
            headers,
        } = write;
        let edit = SourceEdit {
            patch: SourcePatch {
                base_url: Some(input.base_url),
                auth_header: input.auth_header,
                allow_private: Some(input.allow_private),
                ..SourcePatch::default()
            },
            auth_value: auth_value.map(Some),
            headers: headers.map(Some),
        };
        self.workspace
            .test_unsaved_source(input.slug.as_deref(), edit)
            .await
    }

    /// Breaks the secrets backend: its key is gone.
    pub(super) fn break_secrets(&self) {
        let key = self.path("secrets.key");
        std::fs::rename(&key, self.path("secrets.key.away")).unwrap();
    }

    /// Stores a secret that belongs to nothing.
    pub(super) async fn store_secret(&self, name: &str, origin: &str, text: &str) {
        let change = SecretChange::put(name.to_owned(), origin, secret(text), 1);
        let workspace = &self.workspace;
        let secrets = workspace.prepare_secrets(vec![change]).await.unwrap();
        let mut transaction = workspace.begin().await.unwrap();
        secrets.write(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
        let finished = workspace.finish_secrets(Ok(()), secrets).await;
        assert!(finished.is_ok());
    }

    /// Whether a secret is stored for an origin.
    pub(super) async fn holds(&self, name: &str, origin: &str) -> Option<String> {
        let secret = self.workspace.secrets().for_origin(name, origin).await;
        secret.unwrap().map(|value| value.expose().to_owned())
    }

    /// Every action in the audit log, the first one first.
    pub(super) async fn actions(&self) -> Vec<String> {
        let page = self
            .workspace
            .audit(AuditFilter::default(), None, Some(500))
            .await
            .unwrap();
        let mut actions: Vec<String> = page
            .items
            .into_iter()
            .map(|event| format!("{} {} {}", event.actor, event.action, event.target))
            .collect();
        actions.reverse();
        actions
    }
}

pub(super) fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// A test of what is stored, or with a key that is not.
pub(super) fn trial(value: Option<SecretText>) -> UnsavedProvider {
    UnsavedProvider {
        value,
        ..UnsavedProvider::default()
    }
}

/// A source at a base URL whose origin is granted.
pub(super) fn source(name: &str, base_url: &str) -> NewSource {
    NewSource {
        input: SourceInput {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            allow_private: true,
            ..SourceInput::default()
        },
        auth_value: None,
        headers: None,
    }
}

pub(super) fn with_key(mut write: NewSource, key: &str) -> NewSource {
    write.auth_value = Some(secret(key));
    write
}

pub(super) fn headers(pairs: &[(&str, &str)]) -> BTreeMap<String, SecretText> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), secret(value)))
        .collect()
}

pub(super) fn edit(patch: SourcePatch) -> SourceEdit {
    SourceEdit {
        patch,
        auth_value: None,
        headers: None,
    }
}

/// An edit that moves a source, and grants the new origin.
pub(super) fn moved_to(base_url: &str) -> SourceEdit {
    edit(SourcePatch {
        base_url: Some(base_url.to_owned()),
        allow_private: Some(true),
        ..SourcePatch::default()
    })
}
