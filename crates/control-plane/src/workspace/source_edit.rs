//! Adding, changing and deleting custom sources together with their secrets.

use super::drafts::{SourceEdit, SourceWrite};
use super::endpoint::write_headers;
use super::facts::{Facts, origin_of};
use super::provider_edit::forget_owner;
use super::secret_change::SecretChange;
use super::undo::{Gone, Trash};
use super::{DomainError, Workspace, to_the_end, validate};
use crate::secrets::SecretText;
use crate::store::remains::Remains;
use crate::store::sources::{self, StoredSource};
use crate::store::{new_models, versions};
use std::collections::BTreeMap;
use waypost_api_types::{Current, SourcePatch, SourceView, UndoTicket};
use waypost_routing::catalog::slug_from_label;
use waypost_routing::credential::{source_auth_secret, source_headers_secret};

/// What becomes of one of the two secrets of a source.
enum Change<T> {
    Keep,
    Remove,
    Put(T),
}

impl Workspace {
    /// Adds a custom source.
    ///
    /// # Errors
    /// `name_taken` for a slug that was asked for, `secrets_unavailable`, and whatever is wrong
    /// with a field.
    pub async fn add_source(&self, write: SourceWrite) -> Result<SourceView, DomainError> {
        let this = self.clone();
        to_the_end(async move {
            let slug = this.add_source_now(write).await?;
            this.source(&slug).await
        })
        .await
    }

    async fn add_source_now(&self, write: SourceWrite) -> Result<String, DomainError> {
        let _changing = self.changing().await;
        let facts = self.facts().await?;
        let name = validate::label(&write.draft.name)?;
        let slug = free_slug(&facts, write.draft.slug.as_deref(), &name)?;
        let base_url = typed_base_url(&write.draft.base_url)?;
        let auth_header = validate::auth_header(write.draft.auth_header.as_deref())?;
        let auth_value = match given(write.auth_value) {
            Some(value) => Change::Put(validate::key("auth_value", &value)?),
            None => Change::Remove,
        };
        let headers = match write.headers.filter(|headers| !headers.is_empty()) {
            Some(headers) => Change::Put(validate::static_headers(&headers)?),
            None => Change::Remove,
        };
        let source = StoredSource {
            id: 0,
            slug: slug.clone(),
            name,
            base_url,
            auth_header,
            header_names: match &headers {
                Change::Put(headers) => headers.keys().cloned().collect(),
                _ => Vec::new(),
            },
            passthrough: write.draft.passthrough,
            allow_private: write.draft.allow_private,
        };
        // Removing where nothing is given wipes what an earlier source of this slug may have left.
        let changes = secret_changes(&source, auth_value, headers)?;
        let applied = self.change_secrets(changes).await?;
        let policy = write.draft.new_models;
        let done = async {
            let mut transaction = self.begin().await?;
            forget_owner(&mut transaction, &slug).await?;
            sources::insert(&mut transaction, &source).await?;
            new_models::set(&mut transaction, &slug, policy).await?;
            let fields = ["name", "base_url", "auth_header", "auth_value", "headers"];
            let target = versions::source(&slug);
            self.record(&mut transaction, "source.add", &target, &fields)
                .await?;
            Ok(transaction.commit().await?)
        };
        self.or_revert(done.await, applied).await?;
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
        to_the_end(async move {
            this.edit_source_now(&slug, edit).await?;
            this.source(&slug).await
        })
        .await
    }

    async fn edit_source_now(&self, slug: &str, edit: SourceEdit) -> Result<(), DomainError> {
        let _changing = self.changing().await;
        let facts = self.facts().await?;
        let before = facts.source(slug)?;
        self.check_source_version(&facts, slug).await?;
        let mut fields = Vec::new();
        let policy = edit.patch.new_models;
        let mut after = patched(before, edit.patch, &mut fields)?;
        let moved = origin_of(&before.base_url) != origin_of(&after.base_url);
        let auth_value = match edit
            .auth_value
            .map(|value| value.and_then(|value| given(Some(value))))
        {
            Some(Some(value)) => Change::Put(validate::key("auth_value", &value)?),
            Some(None) => Change::Remove,
            // What was entered for one origin is not sent to another.
            None if moved => Change::Remove,
            None => Change::Keep,
        };
        let headers = match edit
            .headers
            .map(|headers| headers.filter(|map| !map.is_empty()))
        {
            Some(Some(headers)) => Change::Put(validate::static_headers(&headers)?),
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
        if fields.is_empty() && policy.is_none() {
            return Ok(());
        }
        let changes = secret_changes(&after, auth_value, headers)?;
        let applied = self.change_secrets(changes).await?;
        let done = async {
            let mut transaction = self.begin().await?;
            sources::update(&mut transaction, &after).await?;
            if let Some(policy) = policy {
                new_models::set(&mut transaction, slug, policy).await?;
                fields.push("new_models");
            }
            let target = versions::source(slug);
            self.record(&mut transaction, "source.edit", &target, &fields)
                .await?;
            Ok(transaction.commit().await?)
        };
        self.or_revert(done.await, applied).await?;
        Ok(())
    }

    /// Deletes a custom source, its secrets first, and its models with it. The ticket takes that
    /// back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `secrets_unavailable`.
    pub async fn delete_source(&self, slug: &str) -> Result<UndoTicket, DomainError> {
        let (this, slug) = (self.clone(), slug.to_owned());
        to_the_end(async move { this.delete_source_now(&slug).await }).await
    }

    async fn delete_source_now(&self, slug: &str) -> Result<UndoTicket, DomainError> {
        let _changing = self.changing().await;
        let facts = self.facts().await?;
        let source = facts.source(slug)?;
        self.check_source_version(&facts, slug).await?;
        let changes = secret_changes(source, Change::Remove, Change::Remove)?;
        let applied = self.change_secrets(changes).await?;
        let done = async {
            let mut transaction = self.begin().await?;
            let rows = Remains::of_source(&mut transaction, slug).await?;
            sources::delete(&mut transaction, source.id).await?;
            forget_owner(&mut transaction, slug).await?;
            let default_model = self
                .clear_default_of(&mut transaction, &facts, slug)
                .await?;
            let target = versions::source(slug);
            self.record(&mut transaction, "source.delete", &target, &[])
                .await?;
            transaction.commit().await?;
            Ok((rows, default_model))
        };
        let ((rows, default_model), secrets) = self.or_revert(done.await, applied).await?;
        self.inner.refreshes.forget(slug);
        Ok(self.keep(Trash {
            gone: Gone::Source,
            name: slug.to_owned(),
            rows,
            secrets: Some(secrets),
            default_model,
        }))
    }

    async fn check_source_version(&self, facts: &Facts, slug: &str) -> Result<(), DomainError> {
        let version = facts.versions.of(&versions::source(slug));
        self.check_version(version, async {
            Ok(Current::Source(Box::new(self.source(slug).await?)))
        })
        .await
    }
}

/// A secret that is really given: a blank one is none.
pub(super) fn given(value: Option<SecretText>) -> Option<SecretText> {
    value.filter(|value| !value.expose().trim().is_empty())
}

/// The base URL as typed. It may be empty, for a source that is completed later.
fn typed_base_url(typed: &str) -> Result<String, DomainError> {
    let typed = typed.trim();
    if !typed.is_empty() {
        validate::base_url(typed)?;
    }
    Ok(typed.to_owned())
}

/// A source after a change, and which fields that names. Its secrets are another matter.
pub(super) fn patched(
    before: &StoredSource,
    patch: SourcePatch,
    fields: &mut Vec<&'static str>,
) -> Result<StoredSource, DomainError> {
    let mut after = before.clone();
    if let Some(typed) = patch.name {
        after.name = validate::label(&typed)?;
        fields.push("name");
    }
    if let Some(typed) = patch.base_url {
        after.base_url = typed_base_url(&typed)?;
        fields.push("base_url");
    }
    if let Some(typed) = patch.auth_header {
        after.auth_header = validate::auth_header(Some(&typed))?;
        fields.push("auth_header");
    }
    if let Some(passthrough) = patch.passthrough {
        after.passthrough = passthrough;
        fields.push("passthrough");
    }
    match patch.allow_private {
        Some(allow) => {
            after.allow_private = allow;
            fields.push("allow_private");
        }
        // What was confirmed was the origin that stood there.
        None if origin_of(&before.base_url) != origin_of(&after.base_url) => {
            after.allow_private = false;
        }
        None => {}
    }
    Ok(after)
}

/// The changes in the secrets backend, for the origin that the source has after them.
fn secret_changes(
    source: &StoredSource,
    auth_value: Change<SecretText>,
    headers: Change<BTreeMap<String, SecretText>>,
) -> Result<Vec<SecretChange>, DomainError> {
    let origin = origin_of(&source.base_url);
    let bound = || {
        origin.as_deref().ok_or_else(|| {
            let message =
                "Enter the base URL too: a secret is kept for the origin that it is entered for.";
            DomainError::invalid("base_url", "missing_base_url", message)
        })
    };
    let mut changes = Vec::new();
    match auth_value {
        Change::Keep => {}
        Change::Remove => changes.push(SecretChange::remove(source_auth_secret(&source.slug))),
        Change::Put(value) => {
            let name = source_auth_secret(&source.slug);
            changes.push(SecretChange::put(name, bound()?, value));
        }
    }
    match headers {
        Change::Keep => {}
        Change::Remove => changes.push(SecretChange::remove(source_headers_secret(&source.slug))),
        Change::Put(headers) => {
            let name = source_headers_secret(&source.slug);
            changes.push(SecretChange::put(name, bound()?, write_headers(&headers)));
        }
    }
    Ok(changes)
}

/// The one slug no source may have: the dashboard adds a source at the address that would be its.
const RESERVED_SLUG: &str = "new";

/// The slug that was asked for, or one made from the name with `-2`, `-3`, … where it is taken.
fn free_slug(facts: &Facts, asked: Option<&str>, name: &str) -> Result<String, DomainError> {
    let taken = |slug: &str| {
        slug == RESERVED_SLUG
            || facts.has_provider(slug)
            || facts.sources.iter().any(|source| source.slug == slug)
    };
    if let Some(slug) = asked.map(str::trim).filter(|slug| !slug.is_empty()) {
        validate::name("slug", slug)?;
        if taken(slug) {
            let message = format!(
                "The name `{slug}` is taken, by a provider, another source or Waypost itself. Choose \
                 another slug."
            );
            return Err(DomainError::conflict("name_taken", message).at("slug"));
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
