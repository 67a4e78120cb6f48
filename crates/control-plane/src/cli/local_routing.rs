//! What routing needs to know, put together without a server and without a database: the
//! built-in catalog, the providers file, the process environment.

use crate::catalog::environment::Environment;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use waypost_routing::agent::AgentReading;
use waypost_routing::builtin_catalog::{MANAGED_GATEWAY, builtin};
use waypost_routing::catalog::ProviderEntry;
use waypost_routing::credential::source_auth_secret;
use waypost_routing::providers_file::{self, ProvidersFile};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::{SecretStates, Snapshot};
use waypost_routing::yaml;

/// What the command line resolves routes with.
pub(super) struct LocalRouting {
    /// For the resolver.
    pub(super) table: RoutingTable,
    /// What the providers file holds and what is wrong with it.
    pub(super) file: ProvidersFile,
    /// The file that was read; `None` where there is none.
    pub(super) path: Option<PathBuf>,
}

impl LocalRouting {
    /// Reads it. `secrets` are the names of secrets to assume in the backend; an agent document may
    /// define sources and name further variables.
    pub(super) fn read(
        named: Option<&Path>,
        secrets: &[String],
        document: Option<&AgentReading>,
        environment: &Environment,
    ) -> Self {
        let (path, file) = read_file(named);
        Self::new(path, file, secrets, document, environment)
    }

    /// The same providers file, with the document of another agent.
    pub(super) fn with_document(
        &self,
        secrets: &[String],
        document: &AgentReading,
        environment: &Environment,
    ) -> Self {
        let (path, file) = (self.path.clone(), self.file.clone());
        Self::new(path, file, secrets, Some(document), environment)
    }

    fn new(
        path: Option<PathBuf>,
        file: ProvidersFile,
        secrets: &[String],
        document: Option<&AgentReading>,
        environment: &Environment,
    ) -> Self {
        let sources = document.map_or(&[][..], |document| &document.sources);
        let is_source = |name: &str| sources.iter().any(|source| source.entry.slug == name);
        let mut providers = builtin();
        // As on a server, an entry of the file does not take a source's name.
        let of_the_file = file.entries.iter().filter(|entry| !is_source(&entry.name));
        providers.extend(of_the_file.cloned());
        let mut variables = environment.state(&providers);
        // The command runs in its caller's environment.
        variables.is_callers_own = true;
        let agent = document.and_then(|document| document.agent.as_ref());
        let named = agent
            .into_iter()
            .flat_map(|agent| agent.gateways.values())
            .filter_map(|gateway| gateway.api_key_env.clone());
        environment.note_keys(&mut variables, named);
        let keys = sources
            .iter()
            .filter(|source| source.has_key)
            .map(|source| source_auth_secret(&source.entry.slug));
        let snapshot = Snapshot {
            managed_gateway: MANAGED_GATEWAY.to_owned(),
            environment: variables,
            providers,
            sources: sources.iter().map(|source| source.entry.clone()).collect(),
            blocked: file.blocked.clone(),
            // An empty origin stands for any, because `--secret` refers to the request that is
            // resolved.
            secrets: SecretStates {
                stored: secrets
                    .iter()
                    .cloned()
                    .chain(keys)
                    .map(|name| (name, String::new()))
                    .collect(),
                ..SecretStates::default()
            },
            ..Snapshot::default()
        };
        Self {
            table: RoutingTable::new(snapshot),
            file,
            path,
        }
    }

    /// The effective entries, and those of blocked names.
    pub(super) fn entries(&self) -> impl Iterator<Item = &ProviderEntry> {
        self.table.catalog().listed()
    }
}

/// A file that was named must be there; of the usual places, the first that has one is read.
fn read_file(named: Option<&Path>) -> (Option<PathBuf>, ProvidersFile) {
    if let Some(path) = named {
        let file = load(path).unwrap_or_else(|| ProvidersFile::unreadable("there is no such file"));
        return (Some(path.to_owned()), file);
    }
    let home = std::env::home_dir().unwrap_or_default();
    [".waypost", ".agentbreeder"]
        .into_iter()
        .map(|folder| home.join(folder).join("providers.local.yaml"))
        .find_map(|path| load(&path).map(|file| (Some(path), file)))
        .unwrap_or_default()
}

/// What is in a file; `None` where there is none.
fn load(path: &Path) -> Option<ProvidersFile> {
    let mut bytes = Vec::new();
    // One byte more than is allowed, so that the reader sees that it is too much.
    let limit = yaml::MAX_BYTES as u64 + 1;
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    match read {
        Ok(_) => Some(providers_file::read(&bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(ProvidersFile::unreadable(&error.to_string())),
    }
}
