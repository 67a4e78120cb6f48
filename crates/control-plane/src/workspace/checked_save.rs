//! Saving a credential only if the upstream accepts it.

use super::inputs::{NewSource, SourceEdit, UnsavedProvider};
use super::owner::Owner;
use super::owner_identity::identity;
use super::source_edit::{free_slug, patched};
use super::verification::{CheckedEdit, CheckedKey, accepted};
use super::{DomainError, Workspace, input_fields, run_to_completion};
use waypost_api_types::{OutcomeReport, ProviderView, SourceView};
use waypost_secrets::SecretText;

impl Workspace {
    /// Stores a key if the upstream accepts it, and refreshes the models then.
    ///
    /// # Errors
    /// `key_refused` and `key_not_checked` with what the check said, and as
    /// [`Workspace::set_provider_key`].
    pub async fn set_checked_provider_key(
        &self,
        name: &str,
        value: SecretText,
    ) -> Result<ProviderView, DomainError> {
        self.save_provider_key(name, value, true).await
    }

    /// Fails unless the upstream accepts a key in the place of the provider's.
    pub(super) async fn accepted_provider_key(
        &self,
        name: &str,
        value: &SecretText,
    ) -> Result<CheckedKey, DomainError> {
        let owner = Owner::Provider(name.to_owned());
        let state = self.state().await?;
        let provider = identity(&state, &owner)?;
        if !self.expects(state.provider_version(name)) {
            return Err(self.provider_changed(name).await);
        }
        let trial = UnsavedProvider {
            value: Some(value.clone()),
            ..UnsavedProvider::default()
        };
        let report = self.check_unsaved_provider(state, name, trial).await?;
        let failed = "provider.key.set.failed";
        self.require_accepted(failed, &owner.target(), "key", "value", &report)
            .await?;
        Ok(CheckedKey { provider, report })
    }

    /// Adds a custom source if it lists its models, and refreshes them then.
    ///
    /// # Errors
    /// `key_refused` and `key_not_checked` with what the check said, and as
    /// [`Workspace::add_source`].
    pub async fn add_checked_source(&self, write: NewSource) -> Result<SourceView, DomainError> {
        let this = self.clone();
        run_to_completion(async move {
            let state = this.state().await?;
            let name = input_fields::label(&write.input.name)?;
            free_slug(&state, write.input.slug.as_deref(), &name)?;
            let report = this
                .check_unsaved_source(&state, None, write.clone().into())
                .await?;
            let failed = "source.add.failed";
            this.require_accepted(failed, "source", "auth_value", "auth_value", &report)
                .await?;
            let slug = this.add_source_now(write, Some(report)).await?;
            this.start_refresh(Owner::Source(slug.clone()));
            this.source(&slug).await
        })
        .await
    }

    /// Changes a custom source. If its requests change, the upstream must accept them, and the
    /// models are refreshed then.
    ///
    /// # Errors
    /// `key_refused` and `key_not_checked` with what the check said, and as
    /// [`Workspace::edit_source`].
    pub async fn edit_checked_source(
        &self,
        slug: &str,
        edit: SourceEdit,
    ) -> Result<SourceView, DomainError> {
        let (this, slug) = (self.clone(), slug.to_owned());
        run_to_completion(async move {
            let state = this.state().await?;
            let before = state.source(&slug)?.clone();
            if !this.expects(before.version) {
                return Err(this.source_changed(&slug).await);
            }
            let after = patched(&before, edit.patch.clone(), &mut Vec::new())?;
            let changes_request = after.base_url != before.base_url
                || after.auth_header != before.auth_header
                || after.allow_private != before.allow_private
                || edit.auth_value.is_some()
                || edit.headers.is_some();
            if !changes_request {
                this.edit_source_now(&slug, edit, None).await?;
                return this.source(&slug).await;
            }
            let report = this
                .check_unsaved_source(&state, Some(&before), edit.clone())
                .await?;
            let owner = Owner::Source(slug.clone());
            let failed = "source.edit.failed";
            this.require_accepted(failed, &owner.target(), "auth_value", "auth_value", &report)
                .await?;
            let checked = CheckedEdit { before, report };
            this.edit_source_now(&slug, edit, Some(checked)).await?;
            this.start_refresh(owner);
            this.source(&slug).await
        })
        .await
    }

    /// Refuses what the upstream did not accept, and records that it was not saved.
    pub(super) async fn require_accepted(
        &self,
        failed: &str,
        target: &str,
        audited: &str,
        field: &str,
        report: &OutcomeReport,
    ) -> Result<(), DomainError> {
        let (code, why) = match accepted(report.outcome) {
            Some(true) => return Ok(()),
            Some(false) => ("key_refused", "The upstream refused the key"),
            None => ("key_not_checked", "The key could not be checked"),
        };
        self.record_unsaved(failed, target, &[audited], None)
            .await?;
        let message = format!("{why}, so nothing was saved. {}", report.message);
        Err(DomainError::invalid(field, code, message).with_check(report.clone()))
    }
}
