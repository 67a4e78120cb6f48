//! Settings.

use super::changed_values::changed_value;
use super::state::WorkspaceState;
use super::{DomainError, Workspace};
use crate::store::{DatabaseDescription, Item};
use std::time::Duration;
use waypost_api_types::{
    Current, DatabaseView, DefaultTimeLimits, LastErrorView, ProvidersFileState, ProvidersFileView,
    RemoteBackendView, SecretsView, SettingsPatch, SettingsView,
};
use waypost_forwarding::ForwardingLimits;
use waypost_routing::catalog::ProviderKind;
use waypost_secrets::BackendStatus;

fn secrets_view(status: BackendStatus, keys_in_memory: impl FnOnce() -> String) -> SecretsView {
    let problem = match (status.available, status.problem) {
        (false, Some(problem)) => Some(format!("{problem}. {}", keys_in_memory())),
        (_, problem) => problem,
    };
    SecretsView {
        backend: status.kind,
        available: status.available,
        description: status.description,
        problem,
        remote: status.remote.map(|remote| RemoteBackendView {
            address: remote.address,
            namespace: remote.namespace,
            path: remote.path,
            login: remote.login,
            expires_at: remote.expires_at,
            last_error: remote.last_error.map(|error| LastErrorView {
                message: error.message,
                at: error.at,
            }),
        }),
    }
}

fn default_limits(limits: &ForwardingLimits) -> DefaultTimeLimits {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    DefaultTimeLimits {
        connect_ms: milliseconds(limits.connect),
        first_byte_ms: milliseconds(limits.first_byte),
        idle_ms: milliseconds(limits.idle),
        answer_ms: milliseconds(limits.whole),
    }
}

impl Workspace {
    /// The settings, and what there is to read about secrets and the providers file.
    pub async fn settings(&self) -> Result<SettingsView, DomainError> {
        let state = self.state().await?;
        let database = self.database_view().await;
        let file = &state.file;
        let entry_count = match file.state {
            ProvidersFileState::Missing | ProvidersFileState::Failed => 0,
            ProvidersFileState::Loaded | ProvidersFileState::KeptLastGood => file
                .entries
                .iter()
                .filter(|entry| !state.sources.iter().any(|source| source.slug == entry.name))
                .count(),
        };
        Ok(SettingsView {
            managed_gateway: state.settings.managed_gateway.clone(),
            new_models_start_disabled: state.settings.new_models_start_disabled,
            refuse_body_routing: state.settings.refuse_body_routing,
            secrets: secrets_view(self.secrets().view(), || self.keys_in_memory()),
            providers_file: ProvidersFileView {
                path: file.path.display().to_string(),
                state: file.state,
                entry_count: u64::try_from(entry_count).unwrap_or(u64::MAX),
                read_at: file.read_at,
                problems: state.layers.problems,
            },
            database: Some(database),
            time_limits: Some(default_limits(&self.inner.limits)),
            data_dir: self.data_dir().display().to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            forwards: self.inner.forwards,
            inference_port: self.inner.inference_port,
            sample: state.sample_installed,
            revision: state.settings.version,
            agent_count: u64::try_from(self.routing_table().agents().len()).unwrap_or(u64::MAX),
        })
    }

    async fn database_view(&self) -> DatabaseView {
        let DatabaseDescription {
            product,
            version,
            place,
        } = self.store().database().clone();
        let failure = self.store().writable().await.err();
        DatabaseView {
            product: product.to_owned(),
            version,
            place,
            problem: failure.map(|error| error.to_string()),
        }
    }

    /// Changes settings.
    ///
    /// # Errors
    /// `version_conflict`; `unknown_gateway` and `not_a_gateway` for a managed gateway that cannot be one.
    pub async fn edit_settings(&self, patch: SettingsPatch) -> Result<SettingsView, DomainError> {
        let mut transaction = self.begin().await?;
        let inventory = self.secrets().inventory();
        let state = self.state_in(&mut *transaction, inventory).await?;
        let stored = &state.settings;
        if !self.expects(stored.version) {
            drop(transaction);
            let current = Current::Settings(Box::new(self.settings().await?));
            return Err(DomainError::precondition_failed(current));
        }
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        if let Some(name) = &patch.managed_gateway {
            check_managed(&state, name)?;
            if *name != stored.managed_gateway {
                transaction.set_managed_gateway(name).await?;
                fields.push("managed_gateway");
                let before = stored.managed_gateway.clone();
                values.push(changed_value(
                    "managed_gateway",
                    Some(before),
                    Some(name.clone()),
                ));
            }
        }
        if let Some(disabled) = patch.new_models_start_disabled
            && disabled != stored.new_models_start_disabled
        {
            transaction.set_new_models_start_disabled(disabled).await?;
            fields.push("new_models_start_disabled");
            values.push(changed_value(
                "new_models_start_disabled",
                Some((!disabled).to_string()),
                Some(disabled.to_string()),
            ));
        }
        if let Some(refuses) = patch.refuse_body_routing
            && refuses != stored.refuse_body_routing
        {
            transaction.set_refuse_body_routing(refuses).await?;
            fields.push("refuse_body_routing");
            values.push(changed_value(
                "refuse_body_routing",
                Some((!refuses).to_string()),
                Some(refuses.to_string()),
            ));
        }
        if !fields.is_empty() {
            self.record_edit(&mut *transaction, "settings.edit", Item::Settings, &fields)
                .await?;
            transaction.record_values(&values).await?;
        }
        transaction.commit().await?;
        self.settings().await
    }
}

fn check_managed(state: &WorkspaceState, name: &str) -> Result<(), DomainError> {
    match state.table().catalog().effective(name) {
        Some(entry) if entry.kind == ProviderKind::Gateway => Ok(()),
        Some(_) => Err(DomainError::invalid(
            "managed_gateway",
            "not_a_gateway",
            format!("`{name}` is a direct provider. The managed gateway must be a gateway."),
        )),
        None => Err(DomainError::invalid(
            "managed_gateway",
            "unknown_gateway",
            format!("There is no usable gateway `{name}` in the catalog."),
        )),
    }
}
