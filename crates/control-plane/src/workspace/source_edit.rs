//! Adding, changing and deleting custom sources together with their secrets.

use super::changed_values::{added_values, changed_values, given_fields, source_value};
use super::check_record::stored_outcome;
use super::deletion::{Deleted, Deletion};
use super::inputs::{NewSource, SourceEdit};
use super::key_names::KeyNames;
use super::owner::Owner;
use super::previous_key::replaced_key;
use super::row_errors::{changed_meanwhile, slug_taken, taken};
use super::secret_change::SecretsOfEdit;
use super::source_secrets::{Change, secret_changes, staged_removals};
use super::state::{WorkspaceState, origin_of};
use super::verification::{CheckedEdit, source_credential};
use super::{DomainError, Workspace, input_fields, run_to_completion};
use crate::store::{Call, Item, StoredSource, Transaction};
use std::collections::BTreeMap;
use waypost_api_types::{Current, NewModels, OutcomeReport, SourcePatch, SourceView, UndoTicket};
use waypost_routing::catalog::slug_from_label;
use waypost_routing::key_text::Carrier;
use waypost_secrets::{Inventory, SecretChange, SecretText};

impl Workspace {
    /// Adds a custom source.
    ///
    /// # Errors
    /// `name_taken` for a slug that was asked for, `secrets_unavailable`, and whatever is wrong
    /// with a field.
    pub async fn add_source(&self, write: NewSource) -> Result<SourceView, DomainError> {
        let this = self.clone();
        run_to_completion(async move {
            let slug = this.add_source_now(write, None).await?;
            this.source(&slug).await
        })
        .await
    }

    /// Adds a source that was checked, if there is a report.
    pub(super) async fn add_source_now(
        &self,
        write: NewSource,
        report: Option<OutcomeReport>,
    ) -> Result<String, DomainError> {
        let asked = write.input.slug.clone();
        let name = input_fields::label(&write.input.name)?;
        let (slug, _owner, state) = loop {
            let state = self.state().await?;
            let slug = free_slug(&state, asked.as_deref(), &name)?;
            let owner = self.inner.owners.lock(&slug).await;
            // The previous holder of the lock may have taken the slug.
            let state = self.state().await?;
            if free_slug(&state, asked.as_deref(), &name)? == slug {
                break (slug, owner, state);
            }
        };
        let new = prepare(write, slug.clone(), self.accepts_suspicious_keys)?;
        // Removing where nothing is given wipes what an earlier source of this slug may have left.
        let secrets = self.prepare_secrets(secret_changes_of(&new)?).await?;
        let inventory = state.inventory;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            if state.is_taken(&slug) {
                return Err(slug_taken(&slug));
            }
            transaction.delete_owned(&slug).await?;
            let added = transaction.add_source(&new.source).await;
            added.map_err(|error| taken(error, || slug_taken(&slug)))?;
            transaction.set_new_models(&slug, new.policy).await?;
            let item = Item::Source(&slug);
            let fields = source_fields(&new);
            self.record_edit(&mut *transaction, "source.add", item, &fields)
                .await?;
            let values = added_values(&fields, &new.source, source_value);
            transaction.record_values(&values).await?;
            if let Some(report) = &report {
                let inventory = &state.inventory;
                self.record_source_check(
                    &mut *transaction,
                    &new.source,
                    (&secrets, inventory),
                    report,
                )
                .await?;
            }
            Ok(transaction.commit().await?)
        };
        self.finish_secrets(done.await, secrets).await?;
        Ok(slug)
    }

    /// Changes a custom source. Another origin drops its secrets unless they are entered again.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `secrets_unavailable`, and whatever is wrong with a field.
    pub async fn edit_source(
        &self,
        slug: &str,
        edit: SourceEdit,
    ) -> Result<SourceView, DomainError> {
        let (this, slug) = (self.clone(), slug.to_owned());
        run_to_completion(async move {
            this.edit_source_now(&slug, edit, None).await?;
            this.source(&slug).await
        })
        .await
    }

    pub(super) async fn edit_source_now(
        &self,
        slug: &str,
        edit: SourceEdit,
        checked: Option<CheckedEdit>,
    ) -> Result<(), DomainError> {
        let _owner = self.inner.owners.lock(slug).await;
        let state = self.state().await?;
        let before = state.source(slug)?.clone();
        if !self.expects(before.version) {
            return Err(self.source_changed(slug).await);
        }
        if checked
            .as_ref()
            .is_some_and(|checked| checked.before != before)
        {
            return Err(changed_meanwhile(slug));
        }
        let mut fields = Vec::new();
        let policy = edit.patch.new_models;
        let mut after = patched(&before, edit.patch, &mut fields)?;
        let moved = origin_of(&before.base_url) != origin_of(&after.base_url);
        let auth_value = match edit
            .auth_value
            .map(|value| value.and_then(|value| given(Some(value))))
        {
            Some(Some(value)) => {
                let carrier = Carrier::of(after.auth_header.as_deref());
                let accepts = self.accepts_suspicious_keys;
                Change::Put(input_fields::key("auth_value", &value, carrier, accepts)?)
            }
            Some(None) => Change::Remove,
            // What was entered for one origin is not sent to another.
            None if moved => Change::Remove,
            None => Change::Keep,
        };
        let headers = match edit
            .headers
            .map(|headers| headers.filter(|map| !map.is_empty()))
        {
            Some(Some(headers)) => Change::Put(input_fields::static_headers(
                &headers,
                self.accepts_suspicious_keys,
            )?),
            Some(None) => Change::Remove,
            None if moved => Change::Remove,
            None => Change::Keep,
        };
        match &headers {
            Change::Keep => {}
            Change::Remove => after.header_names.clear(),
            Change::Put(headers) => after.header_names = headers.keys().cloned().collect(),
        }
        if !matches!(auth_value, Change::Keep) {
            fields.push("auth_value");
        }
        if !matches!(headers, Change::Keep) {
            fields.push("headers");
        }
        let policy_before = state.new_models.get(slug).copied().unwrap_or_default();
        let policy = policy.filter(|policy| *policy != policy_before);
        if policy.is_some() {
            fields.push("new_models");
        }
        if fields.is_empty() {
            return Ok(());
        }
        let names = KeyNames::of_source(slug);
        let stored = state.inventory.stored.get(&names.current);
        let origin = origin_of(&after.base_url);
        let keeps = stored.is_some_and(|stored| origin.as_ref() == Some(&stored.meta.origin));
        let mut previous = None;
        let mut changes = secret_changes(&after, auth_value, headers)?;
        if fields.contains(&"auth_value") {
            let is_replaced = changes.iter().any(|change| change.stores(&names.current));
            let (replaced, until) = replaced_key(&names, keeps && is_replaced);
            changes.push(replaced);
            previous = Some(until);
            if moved || !is_replaced {
                changes.push(SecretChange::remove(names.next));
            }
        }
        let secrets = self.prepare_secrets(changes).await?;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let stored = transaction.configuration().await?;
            // What was read before the secrets were written must still be so.
            if stored.source(slug) != Some(&before) {
                return Err(changed_meanwhile(slug));
            }
            transaction.update_source(&after).await?;
            // What was refused was another request.
            let changes_request = ["base_url", "auth_header", "auth_value", "headers"];
            if changes_request.iter().any(|field| fields.contains(field)) {
                transaction.forget_refusals(slug).await?;
            }
            if let Some(until) = previous {
                transaction.set_previous_key(slug, until).await?;
            }
            if let Some(policy) = policy {
                transaction.set_new_models(slug, policy).await?;
            }
            self.record_edit(
                &mut *transaction,
                "source.edit",
                Item::Source(slug),
                &fields,
            )
            .await?;
            let values = changed_values(&fields, (&before, &after), source_value);
            transaction.record_values(&values).await?;
            if let Some(CheckedEdit { report, .. }) = &checked {
                let inventory = &state.inventory;
                self.record_source_check(&mut *transaction, &after, (&secrets, inventory), report)
                    .await?;
            }
            Ok(transaction.commit().await?)
        };
        self.finish_secrets(done.await, secrets).await?;
        Ok(())
    }

    /// Deletes a custom source, its secrets first, and its models with it. The ticket takes that
    /// back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `secrets_unavailable`.
    pub async fn delete_source(&self, slug: &str) -> Result<UndoTicket, DomainError> {
        let (this, slug) = (self.clone(), slug.to_owned());
        run_to_completion(async move { this.delete_source_now(&slug).await }).await
    }

    async fn delete_source_now(&self, slug: &str) -> Result<UndoTicket, DomainError> {
        let _owner = self.inner.owners.lock(slug).await;
        let state = self.state().await?;
        let source = state.source(slug)?.clone();
        if !self.expects(source.version) {
            return Err(self.source_changed(slug).await);
        }
        let mut changes = secret_changes(&source, Change::Remove, Change::Remove)?;
        changes.extend(staged_removals(slug));
        let secrets = self.prepare_secrets(changes).await?;
        let inventory = state.inventory;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            if state.source(slug).ok() != Some(&source) {
                return Err(changed_meanwhile(slug));
            }
            let item = Item::Source(slug);
            let rows = transaction.rows_of(item, true).await?;
            transaction.delete_source(slug).await?;
            transaction.delete_owned(slug).await?;
            let default_model = self
                .clear_default_of(&mut *transaction, &state, slug)
                .await?;
            self.record_edit(&mut *transaction, "source.delete", item, &[])
                .await?;
            transaction.commit().await?;
            Ok((rows, default_model))
        };
        let ((rows, default_model), before) = self.finish_secrets(done.await, secrets).await?;
        self.inner.refreshes.forget(slug);
        Ok(self.keep(Deletion {
            deleted: Deleted::Source,
            name: slug.to_owned(),
            rows,
            secrets: Some(before),
            default_model,
        }))
    }

    /// Records the check of a source together with the edit that saves it.
    async fn record_source_check(
        &self,
        transaction: &mut dyn Transaction,
        source: &StoredSource,
        (secrets, inventory): (&SecretsOfEdit, &Inventory),
        report: &OutcomeReport,
    ) -> Result<(), DomainError> {
        let value_id = |name: &str| secrets.value_id(inventory, name);
        let credential = source_credential(source, &value_id);
        let slug = source.slug.as_str();
        let outcome = stored_outcome(Call::Test, report);
        transaction
            .record_outcome(slug, Call::Test, &outcome)
            .await?;
        let owner = Owner::Source(slug.to_owned());
        self.record_verification(transaction, &owner, credential, report)
            .await
    }

    /// The answer to an edit of an older version than is stored.
    pub(super) async fn source_changed(&self, slug: &str) -> DomainError {
        match self.source(slug).await {
            Ok(source) => DomainError::precondition_failed(Current::Source(Box::new(source))),
            Err(error) => error,
        }
    }
}

/// A source that is about to be added, checked.
pub(super) struct Prepared {
    pub(super) source: StoredSource,
    pub(super) policy: NewModels,
    auth_value: Option<SecretText>,
    headers: Option<BTreeMap<String, SecretText>>,
}

/// Checks what was entered for a new source.
pub(super) fn prepare(
    write: NewSource,
    slug: String,
    accepts_suspicious_key: bool,
) -> Result<Prepared, DomainError> {
    let carrier = Carrier::of(write.input.auth_header.as_deref());
    let auth_value = given(write.auth_value)
        .map(|value| input_fields::key("auth_value", &value, carrier, accepts_suspicious_key))
        .transpose()?;
    let headers = write
        .headers
        .filter(|headers| !headers.is_empty())
        .map(|headers| input_fields::static_headers(&headers, accepts_suspicious_key))
        .transpose()?;
    let source = StoredSource {
        id: 0,
        slug,
        name: input_fields::label(&write.input.name)?,
        base_url: typed_base_url(&write.input.base_url)?,
        auth_header: input_fields::auth_header(write.input.auth_header.as_deref())?,
        header_names: headers
            .iter()
            .flat_map(|headers| headers.keys().cloned())
            .collect(),
        limits: input_fields::limits(write.input.limits)?,
        pass_headers: input_fields::pass_headers(
            &write.input.pass_headers,
            write.input.auth_header.as_deref(),
        )?,
        passthrough: write.input.passthrough,
        allow_private: write.input.allow_private,
        version: 0,
    };
    Ok(Prepared {
        source,
        policy: write.input.new_models,
        auth_value,
        headers,
    })
}

/// The fields of a new source that were given.
pub(super) fn source_fields(new: &Prepared) -> Vec<&'static str> {
    let source = &new.source;
    given_fields(&[
        ("name", true),
        ("base_url", !source.base_url.is_empty()),
        ("auth_header", source.auth_header.is_some()),
        ("auth_value", new.auth_value.is_some()),
        ("headers", new.headers.is_some()),
        ("pass_headers", !source.pass_headers.is_empty()),
        ("limits", !source.limits.is_empty()),
        ("passthrough", source.passthrough),
        ("allow_private", source.allow_private),
        ("new_models", new.policy != NewModels::Inherit),
    ])
}

/// The secrets of a new source. Where none is given, what is there is removed.
pub(super) fn secret_changes_of(new: &Prepared) -> Result<Vec<SecretChange>, DomainError> {
    let auth_value = match &new.auth_value {
        Some(value) => Change::Put(value.clone()),
        None => Change::Remove,
    };
    let headers = match &new.headers {
        Some(headers) => Change::Put(headers.clone()),
        None => Change::Remove,
    };
    let mut changes = secret_changes(&new.source, auth_value, headers)?;
    changes.extend(staged_removals(&new.source.slug));
    Ok(changes)
}

/// A secret that is really given: a blank one is none.
pub(super) fn given(value: Option<SecretText>) -> Option<SecretText> {
    value.filter(|value| !value.expose().trim().is_empty())
}

/// The base URL as typed. It may be empty, for a source that is completed later.
fn typed_base_url(typed: &str) -> Result<String, DomainError> {
    let typed = typed.trim();
    if !typed.is_empty() {
        input_fields::base_url(typed)?;
    }
    Ok(typed.to_owned())
}

/// A source after a change, and which fields differ. Its secrets are another matter.
pub(super) fn patched(
    before: &StoredSource,
    patch: SourcePatch,
    fields: &mut Vec<&'static str>,
) -> Result<StoredSource, DomainError> {
    let mut after = before.clone();
    if let Some(typed) = patch.name {
        after.name = input_fields::label(&typed)?;
    }
    if let Some(typed) = patch.base_url {
        after.base_url = typed_base_url(&typed)?;
    }
    if let Some(typed) = patch.auth_header {
        after.auth_header = input_fields::auth_header(Some(&typed))?;
    }
    if let Some(names) = patch.pass_headers {
        after.pass_headers = names;
    }
    // The auth header may have become one of them.
    after.pass_headers =
        input_fields::pass_headers(&after.pass_headers, after.auth_header.as_deref())?;
    if let Some(limits) = patch.limits {
        after.limits = input_fields::limits(limits)?;
    }
    if let Some(passthrough) = patch.passthrough {
        after.passthrough = passthrough;
    }
    match patch.allow_private {
        Some(allow) => {
            after.allow_private = allow;
        }
        // What was confirmed was the origin that stood there.
        None if origin_of(&before.base_url) != origin_of(&after.base_url) => {
            after.allow_private = false;
        }
        None => {}
    }
    fields.extend(given_fields(&[
        ("name", after.name != before.name),
        ("base_url", after.base_url != before.base_url),
        ("auth_header", after.auth_header != before.auth_header),
        ("pass_headers", after.pass_headers != before.pass_headers),
        ("limits", after.limits != before.limits),
        ("passthrough", after.passthrough != before.passthrough),
        ("allow_private", after.allow_private != before.allow_private),
    ]));
    Ok(after)
}

/// The one slug no source may have: the dashboard adds a source at the address that would be its.
const RESERVED_SLUG: &str = "new";

/// The slug that was asked for, or one made from the name with `-2`, `-3`, … where it is taken.
pub(super) fn free_slug(
    state: &WorkspaceState,
    asked: Option<&str>,
    name: &str,
) -> Result<String, DomainError> {
    let taken = |slug: &str| slug == RESERVED_SLUG || state.is_taken(slug);
    if let Some(slug) = asked.map(str::trim).filter(|slug| !slug.is_empty()) {
        input_fields::name("slug", slug)?;
        if taken(slug) {
            return Err(slug_taken(slug));
        }
        return Ok(slug.to_owned());
    }
    let base = slug_from_label(name);
    let numbered = (2_u64..).map(|number| {
        let ending = format!("-{number}");
        // A slug has at most 64 characters, its number included.
        let kept = base.len().min(64 - ending.len());
        format!("{}{ending}", base[..kept].trim_end_matches('-'))
    });
    Ok(std::iter::once(base.clone())
        .chain(numbered)
        .find(|slug| !taken(slug))
        .expect("the numbers do not end"))
}
