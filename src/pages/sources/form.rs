//! The state of the custom source form, and the request bodies it makes.

use super::headers::HeaderRows;
use crate::api::types::{KeyState, NewModels, SourceInput, SourcePatch, SourceView};
use crate::api::{Problem, SecretBody};
use crate::components::ConflictField;
use crate::explain::{is_private, moves, origin};
use crate::features::conflict::{new_models_word, on_off};
use crate::features::pass_headers_field::{header_list, header_names};
use crate::features::time_limits::{TimeLimitTexts, limit_words};
use crate::format::{key_end, names};
use crate::state::Owner;
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use waypost_routing::catalog::{slug_from_label, slug_of_label};
use waypost_routing::key_text::{Carrier, suspicion_of};
use waypost_routing::time_limits::TimeLimits;

/// The form's fields. Copies share them.
#[derive(Clone, Copy)]
pub(super) struct SourceForm {
    /// The source that is edited; none for a new one.
    stored: StoredValue<Option<Arc<SourceView>>>,
    /// Names that are taken, for the slug of a new source.
    taken: Signal<BTreeSet<String>>,
    /// The labels of the other sources.
    labels: Signal<BTreeSet<String>>,
    pub(super) name: RwSignal<String>,
    pub(super) base_url: RwSignal<String>,
    pub(super) auth_header: RwSignal<String>,
    pub(super) auth_value: RwSignal<String>,
    /// Whether an auth value that looks like something else is used anyway.
    pub(super) accept_auth_value: RwSignal<bool>,
    /// Whether the stored auth value is to be removed.
    pub(super) clear_auth: RwSignal<bool>,
    pub(super) headers: HeaderRows,
    /// The headers of the caller that are passed on, as typed.
    pub(super) passed: RwSignal<String>,
    pub(super) limits: TimeLimitTexts,
    /// What was chosen; `None` while the host of the base URL decides.
    pub(super) passthrough: RwSignal<Option<bool>>,
    /// The slug of a new source, where it was asked for.
    pub(super) typed_slug: RwSignal<String>,
    /// The private origin that the administrator allowed. Another one needs another permission.
    pub(super) granted_for: RwSignal<Option<String>>,
    pub(super) new_models: RwSignal<NewModels>,
}

impl SourceForm {
    /// The form of a stored source, or an empty one.
    pub(super) fn new(
        stored: Option<Arc<SourceView>>,
        taken: Signal<BTreeSet<String>>,
        labels: Signal<BTreeSet<String>>,
    ) -> Self {
        let source = stored.as_deref();
        let text = |read: fn(&SourceView) -> &str| {
            RwSignal::new(source.map(read).unwrap_or_default().to_owned())
        };
        Self {
            name: text(|source| &source.name),
            base_url: text(|source| &source.base_url),
            auth_header: text(|source| source.auth_header.as_deref().unwrap_or_default()),
            auth_value: RwSignal::new(String::new()),
            accept_auth_value: RwSignal::new(false),
            clear_auth: RwSignal::new(false),
            passed: RwSignal::new(
                source.map_or_else(String::new, |source| header_list(&source.pass_headers)),
            ),
            limits: TimeLimitTexts::new(source.map(|source| source.limits).unwrap_or_default()),
            headers: HeaderRows::new(source.map_or(&[], |source| &source.header_names)),
            // Off without a base URL is no choice yet: nothing could be passed through.
            passthrough: RwSignal::new(
                source
                    .filter(|source| source.passthrough || !source.base_url.is_empty())
                    .map(|source| source.passthrough),
            ),
            typed_slug: RwSignal::new(String::new()),
            granted_for: RwSignal::new(
                source
                    .filter(|source| source.allow_private)
                    .and_then(|source| origin(&source.base_url)),
            ),
            taken,
            labels,
            new_models: RwSignal::new(source.map(|source| source.new_models).unwrap_or_default()),
            stored: StoredValue::new(stored),
        }
    }

    /// The slug in refs: fixed once saved, derived from the name before.
    pub(super) fn slug(self) -> String {
        self.ask(|source| source.slug.clone()).unwrap_or_else(|| {
            if self.asks_for_slug() {
                return self.typed_slug.with(|slug| slug.trim().to_owned());
            }
            let wished = self.name.with(|name| slug_from_label(name));
            self.taken.with(|taken| free_slug(&wished, taken))
        })
    }

    /// Whether the slug has to be entered: the name has no letters or digits to make one of.
    pub(super) fn asks_for_slug(self) -> bool {
        let is_new = self.stored.with_value(Option::is_none);
        is_new
            && self
                .name
                .with(|name| !name.trim().is_empty() && slug_of_label(name).is_none())
    }

    /// Whether another source has this name.
    pub(super) fn shares_name(self) -> bool {
        let name = self.name.with(|name| name.trim().to_owned());
        self.labels.with(|labels| labels.contains(&name))
    }

    /// Whether requests go straight to the source. Until that is chosen, a host in a private network
    /// decides: a gateway of one's own is of use only with passthrough.
    pub(super) fn passes_through(self) -> bool {
        let chosen = self.passthrough.get();
        chosen.unwrap_or_else(|| self.base_url.with(|typed| is_private(typed)))
    }

    /// Whether the entered origin may be called although it is private.
    pub(super) fn allows_private(self) -> bool {
        let granted = self.granted_for.get();
        granted.is_some() && granted == self.base_url.with(|typed| origin(typed))
    }

    /// Reads from the stored source.
    pub(super) fn ask<T>(self, ask: impl FnOnce(&SourceView) -> T) -> Option<T> {
        self.stored.with_value(|stored| stored.as_deref().map(ask))
    }

    /// The source that is edited.
    pub(super) fn owner(self) -> Option<Owner> {
        self.ask(|source| Owner::Source(source.slug.clone()))
    }

    /// The key in use, in a sentence.
    pub(super) fn current_key(self) -> String {
        let hint = self.ask(|source| source.key.hint.clone()).flatten();
        key_end("the current key", hint.as_deref())
    }

    /// Whether a key is stored, wherever it may be sent.
    pub(super) fn has_stored_key(self) -> bool {
        self.ask(|source| source.key.state != KeyState::Missing)
            .unwrap_or(false)
    }

    /// The origin that what is stored belongs to.
    pub(super) fn bound_origin(self) -> Option<String> {
        self.ask(|source| {
            source
                .key
                .bound_origin
                .clone()
                .or_else(|| origin(&source.base_url))
        })
        .flatten()
    }

    /// Whether the entered base URL has another origin than the stored secrets.
    pub(super) fn moves(self) -> bool {
        let bound = self.bound_origin();
        self.base_url.with(|typed| moves(bound.as_deref(), typed))
    }

    /// The headers of the caller that are passed on.
    pub(super) fn passed_names(self) -> Vec<String> {
        self.passed.with(|typed| header_names(typed))
    }

    /// Whether anything differs from what is stored.
    pub(super) fn dirty(self) -> bool {
        let typed = self.auth_value.with(|value| !value.is_empty()) || self.clear_auth.get();
        let header = self.auth_header.get();
        let (name, base_url) = (self.name.get(), self.base_url.get());
        let passed = self.passed_names();
        let flags = (
            self.passes_through(),
            self.allows_private(),
            self.new_models.get(),
        );
        let limits = self.limits.read().ok();
        let fields_differ = self
            .ask(|source| {
                name != source.name
                    || base_url != source.base_url
                    || header != source.auth_header.clone().unwrap_or_default()
                    || passed != source.pass_headers
                    || limits != Some(source.limits)
                    || flags != (source.passthrough, source.allow_private, source.new_models)
            })
            .unwrap_or_else(|| {
                !(name.is_empty()
                    && base_url.is_empty()
                    && header.is_empty()
                    && passed.is_empty()
                    && self.limits.is_blank())
                    || flags != (false, false, NewModels::default())
            });
        typed || self.headers.dirty() || fields_differ
    }

    /// The values of the form, for a comparison after the form is gone.
    pub(super) fn values(self) -> Values {
        let key = if !self.auth_value.with_untracked(String::is_empty) {
            "the one you entered"
        } else if self.clear_auth.get_untracked() {
            "removed"
        } else {
            "as stored"
        };
        let headers = untrack(|| self.headers.dirty().then(|| self.headers.filled()));
        let headers = headers.map(|rows| {
            let typed = rows.into_iter().map(|row| row.name.get_untracked());
            names(&typed.collect::<Vec<_>>(), usize::MAX)
        });
        Values {
            name: self.name.get_untracked().trim().to_owned(),
            base_url: self.base_url.get_untracked(),
            auth_header: self.auth_header.get_untracked(),
            key,
            headers,
            passed: header_list(&untrack(|| self.passed_names())),
            limits: limit_words(&self.valid_limits()),
            passthrough: untrack(|| self.passes_through()),
            allow_private: untrack(|| self.allows_private()),
            new_models: self.new_models.get_untracked(),
        }
    }

    /// Why the form cannot be sent, with the invalid field. The control plane validates the rest.
    pub(super) fn problem(self) -> Option<Problem> {
        let headers = untrack(|| self.headers.problem());
        let name_is_missing = self.name.with_untracked(|name| name.trim().is_empty());
        let (field, detail) = if name_is_missing {
            ("name", "Enter a name.".to_owned())
        } else if let Some(suspicion) = untrack(|| self.suspicious_key()) {
            ("auth_value", suspicion)
        } else if untrack(|| self.asks_for_slug() && self.slug().is_empty()) {
            (
                "slug",
                "Enter a name for refs in lowercase letters and digits.".to_owned(),
            )
        } else if let Err(invalid) = untrack(|| self.limits.read()) {
            (invalid.field, invalid.message)
        } else {
            ("headers", headers?)
        };
        Some(Problem {
            code: "incomplete".to_owned(),
            status: 422,
            title: "The form is not complete".to_owned(),
            detail,
            field: Some(field.to_owned()),
            ..Problem::default()
        })
    }

    /// The limits; none while one of them is invalid, which [`Self::problem`] keeps from being saved.
    fn valid_limits(self) -> TimeLimits {
        untrack(|| self.limits.read()).unwrap_or_default()
    }

    /// What the auth value looks like instead of a key, unless it is to be used anyway.
    fn suspicious_key(self) -> Option<String> {
        let carrier = Carrier::of(Some(&self.auth_header.get()));
        let found = self.auth_value.with(|typed| suspicion_of(typed, carrier))?;
        (!self.accept_auth_value.get()).then(|| found.message_for(carrier).to_owned())
    }

    /// The body of `POST /sources`.
    pub(super) fn as_input(self) -> SecretBody {
        let slug = untrack(|| self.asks_for_slug().then(|| self.slug()));
        self.body_of_all(slug)
    }

    /// The body of a test of what is entered. A slug names the stored source that is edited.
    pub(super) fn as_test(self) -> SecretBody {
        self.body_of_all(self.ask(|source| source.slug.clone()))
    }

    fn body_of_all(self, slug: Option<String>) -> SecretBody {
        let form = SourceInput {
            name: self.name.get_untracked().trim().to_owned(),
            slug,
            base_url: self.base_url.get_untracked(),
            // Sent although blank: in a test, an absent field means the stored one.
            auth_header: Some(self.auth_header.get_untracked()),
            passthrough: untrack(|| self.passes_through()),
            allow_private: untrack(|| self.allows_private()),
            new_models: self.new_models.get_untracked(),
            limits: self.valid_limits(),
            pass_headers: untrack(|| self.passed_names()),
        };
        self.with_secrets(SecretBody::with(&form))
    }

    /// The body of `PATCH /sources/{slug}`: every plain field, and the secrets that change.
    pub(super) fn as_patch(self) -> SecretBody {
        let patch = SourcePatch {
            name: Some(self.name.get_untracked().trim().to_owned()),
            base_url: Some(self.base_url.get_untracked()),
            auth_header: Some(self.auth_header.get_untracked()),
            passthrough: Some(untrack(|| self.passes_through())),
            allow_private: Some(untrack(|| self.allows_private())),
            new_models: Some(self.new_models.get_untracked()),
            limits: Some(self.valid_limits()),
            pass_headers: Some(untrack(|| self.passed_names())),
        };
        self.with_secrets(SecretBody::with(&patch))
    }

    /// An empty secret field is not sent, so that the stored value is kept; clearing is explicit.
    fn with_secrets(self, body: SecretBody) -> SecretBody {
        let value = self.auth_value.get_untracked();
        // One permission covers all secrets, so that it is given only where none is left open.
        let accepts = untrack(|| {
            let any = self.accept_auth_value.get() || self.headers.accepts_any();
            any && self.suspicious_key().is_none() && self.headers.suspicious().is_none()
        });
        let body = body.flag("accept_suspicious", accepts);
        let body = if !value.trim().is_empty() {
            body.text("auth_value", value)
        } else if self.clear_auth.get_untracked() {
            body.clear("auth_value")
        } else {
            body
        };
        self.headers.into_body(body)
    }
}

/// The values of a form, without its secrets.
pub(super) struct Values {
    pub(super) name: String,
    base_url: String,
    auth_header: String,
    /// What happens to the auth value.
    key: &'static str,
    /// The names of the static headers, where those change.
    headers: Option<String>,
    passed: String,
    limits: String,
    passthrough: bool,
    allow_private: bool,
    new_models: NewModels,
}

impl Values {
    /// The differences from the stored source. For secrets, what happens to them.
    pub(super) fn differences(&self, theirs: &SourceView) -> [Option<ConflictField>; 10] {
        let headers = self.headers.as_ref().map(|yours| ConflictField {
            label: "Static headers",
            theirs: names(&theirs.header_names, usize::MAX),
            yours: if yours.is_empty() {
                String::new()
            } else {
                format!("{yours}, with the values you entered")
            },
        });
        [
            ConflictField::of("Name", &theirs.name, &self.name),
            ConflictField::of("Base URL", &theirs.base_url, &self.base_url),
            ConflictField::of(
                "Auth header",
                theirs.auth_header.as_deref().unwrap_or_default(),
                &self.auth_header,
            ),
            ConflictField::of("Auth value", "as stored", self.key),
            headers,
            ConflictField::of(
                "Headers to pass on",
                &header_list(&theirs.pass_headers),
                &self.passed,
            ),
            ConflictField::of("Time limits", &limit_words(&theirs.limits), &self.limits),
            ConflictField::of(
                "Passthrough",
                on_off(theirs.passthrough),
                on_off(self.passthrough),
            ),
            ConflictField::of(
                "Private address",
                on_off(theirs.allow_private),
                on_off(self.allow_private),
            ),
            ConflictField::of(
                "New models",
                new_models_word(theirs.new_models),
                new_models_word(self.new_models),
            ),
        ]
    }
}

/// The slug with the first free number, chosen as the control plane does.
fn free_slug(wished: &str, taken: &BTreeSet<String>) -> String {
    let mut slug = wished.to_owned();
    let mut number = 2;
    // `new` is the address of the form that adds a source.
    while slug == "new" || taken.contains(&slug) {
        slug = format!("{wished}-{number}");
        number += 1;
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::free_slug;

    #[test]
    fn a_taken_slug_gets_a_number() {
        let taken = ["local", "local-2"].map(str::to_owned).into();
        assert_eq!(free_slug("local", &taken), "local-3");
        assert_eq!(free_slug("other", &taken), "other");
        assert_eq!(free_slug("new", &taken), "new-2");
    }
}
