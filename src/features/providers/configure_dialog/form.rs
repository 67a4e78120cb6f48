//! The state of the Configure dialog, and the writes that it comes down to.

use super::entry_snapshot::{EntryValues, snapshot_after};
use super::entry_text::{filled, read_headers, with_header, write_headers};
use crate::api::types::{
    KeyState, NewModels, ProviderInput, ProviderPatch, ProviderView, SourceInput,
};
use crate::api::{Api, SecretBody};
use crate::explain::{moves, origin};
use crate::features::key_check::{CheckCall, ENTERED};
use crate::features::pass_headers_field::{header_list, header_names};
use crate::features::time_limits::TimeLimitTexts;
use crate::format::{key_end, key_variable};
use leptos::prelude::*;
use waypost_routing::catalog::{Layer, ProviderKind};
use waypost_routing::provenance::Provenance;
use waypost_routing::scenario::{Scenario, ScenarioChange};
use waypost_routing::snapshot::Snapshot;

/// The fields of the dialog. Copies share them.
#[derive(Clone, Copy)]
pub(super) struct ConfigureForm {
    kind: ProviderKind,
    /// The provider as it was read; `None` for a new one.
    pub(super) seen: RwSignal<Option<ProviderView>>,
    pub(super) name: RwSignal<String>,
    pub(super) base_url: RwSignal<String>,
    pub(super) key: RwSignal<String>,
    /// Whether a key that looks like something else is used anyway.
    pub(super) accept_key: RwSignal<bool>,
    pub(super) variable: RwSignal<String>,
    pub(super) headers: RwSignal<String>,
    /// The headers of the caller that are passed on.
    pub(super) passed: RwSignal<String>,
    pub(super) docs: RwSignal<String>,
    pub(super) limits: TimeLimitTexts,
    pub(super) new_models: RwSignal<NewModels>,
    /// The private origin that was allowed. Another one needs another permission.
    pub(super) granted_for: RwSignal<Option<String>>,
}

/// A field that cannot be read.
pub(super) struct InvalidField {
    /// The field of the API.
    pub(super) field: &'static str,
    /// What is wrong with it.
    pub(super) message: String,
}

impl ConfigureForm {
    /// The form of a provider, or of a new one.
    pub(super) fn new(kind: ProviderKind, view: Option<ProviderView>) -> Self {
        let input = view.as_ref().map(input_of);
        let text = |read: fn(&ProviderInput) -> String| {
            RwSignal::new(input.as_ref().map(read).unwrap_or_default())
        };
        // The effective one is shown where the environment sets it.
        let base_url = view.as_ref().map(|view| match fixed_by(view) {
            Some(_) => view.base_url.value.clone(),
            None => input_of(view).base_url,
        });
        let base_url = base_url.unwrap_or_default();
        let granted = input.as_ref().filter(|input| input.allow_private);
        let granted = granted.and_then(|_| origin(&base_url));
        Self {
            kind,
            name: text(|input| input.name.clone()),
            base_url: RwSignal::new(base_url),
            key: RwSignal::new(String::new()),
            accept_key: RwSignal::new(false),
            variable: text(|input| input.api_key_env.clone().unwrap_or_default()),
            headers: text(|input| write_headers(&input.default_headers)),
            passed: text(|input| header_list(&input.pass_headers)),
            docs: text(|input| input.docs.clone().unwrap_or_default()),
            limits: TimeLimitTexts::new(
                input.as_ref().map(|input| input.limits).unwrap_or_default(),
            ),
            new_models: RwSignal::new(input.map(|input| input.new_models).unwrap_or_default()),
            granted_for: RwSignal::new(granted),
            seen: RwSignal::new(view),
        }
    }

    /// Whether this adds a provider.
    pub(super) fn is_new(self) -> bool {
        self.seen.with(Option::is_none)
    }

    /// Whether saving makes a workspace entry in place of a built-in one or one of the file.
    pub(super) fn overrides(self) -> bool {
        self.entry_changes()
            && self.seen.with(|seen| {
                seen.as_ref()
                    .is_some_and(|view| view.layer != Layer::Workspace)
            })
    }

    /// The environment variable that sets the base URL, so that it cannot be changed here.
    pub(super) fn fixed_by(self) -> Option<String> {
        self.seen
            .with(|seen| fixed_by(seen.as_ref()?).map(ToOwned::to_owned))
    }

    /// Whether the base URL is the first thing that one would change: there is none that can be
    /// called, or it is a guess. A base URL of the environment cannot be changed here.
    pub(super) fn begins_with_url(self) -> bool {
        let lacks = self.base_url.with(|typed| origin(typed).is_none());
        let is_guess = self.seen.with(|seen| seen.as_ref().is_some_and(is_guess));
        (lacks || is_guess) && self.fixed_by().is_none()
    }

    /// Adds a line for a header, unless there is one.
    pub(super) fn add_header(self, name: &str) {
        self.headers.update(|text| *text = with_header(text, name));
    }

    /// Whether a key is entered.
    pub(super) fn has_key(self) -> bool {
        self.key.with(|key| !key.trim().is_empty())
    }

    /// Whether the entered origin may be called although it is private.
    pub(super) fn allows_private(self) -> bool {
        let granted = self.granted_for.get();
        granted.is_some() && granted == self.base_url.with(|typed| origin(typed))
    }

    /// Whether the entered base URL has another origin than the stored key.
    pub(super) fn moves(self) -> Option<String> {
        let bound = self
            .seen
            .with(|seen| seen.as_ref()?.key.bound_origin.clone())?;
        let typed = self.base_url.get();
        moves(Some(&bound), &typed).then_some(bound)
    }

    /// The entry as it is entered.
    ///
    /// # Errors
    /// The first field that cannot be read.
    pub(super) fn input(self) -> Result<ProviderInput, InvalidField> {
        let default_headers = read_headers(&self.headers.get()).map_err(|line| InvalidField {
            field: "default_headers",
            message: format!("“{line}” is not a header. Write one per line as `name: value`."),
        })?;
        let limits = self.limits.read().map_err(|invalid| InvalidField {
            field: invalid.field,
            message: invalid.message,
        })?;
        Ok(ProviderInput {
            name: self.name.with(|name| name.trim().to_owned()),
            kind: self.kind,
            base_url: self.entry_base_url(),
            api_key_env: filled(&self.variable.get()),
            default_headers,
            docs: filled(&self.docs.get()),
            allow_private: self.allows_private(),
            new_models: self.new_models.get(),
            limits,
            pass_headers: header_names(&self.passed.get()),
        })
    }

    /// The base URL of the entry: as it is stored where the environment sets another.
    fn entry_base_url(self) -> String {
        let fixed = self.seen.with(|seen| {
            let view = seen.as_ref()?;
            fixed_by(view).map(|_| input_of(view).base_url)
        });
        fixed.unwrap_or_else(|| self.base_url.get())
    }

    /// Whether anything but the key differs from what is stored. Of a new provider that is whether
    /// anything is filled in.
    pub(super) fn entry_changes(self) -> bool {
        let Ok(input) = self.input() else {
            return true;
        };
        self.seen.with(|seen| match seen {
            Some(view) => input != input_of(view),
            None => {
                let is_filled = |text: &String| !text.trim().is_empty();
                self.name.with(is_filled) || self.base_url.with(is_filled)
            }
        })
    }

    /// Whether something would be lost by closing the dialog.
    pub(super) fn dirty(self) -> bool {
        self.key.with(|key| !key.is_empty()) || self.entry_changes()
    }

    /// The snapshot after saving; `None` while nothing can be saved.
    pub(super) fn after(self, snapshot: &Snapshot) -> Option<Snapshot> {
        let input = self.input().ok()?;
        let name = input.name.clone();
        let values = EntryValues {
            name: input.name,
            kind: input.kind,
            base_url: input.base_url,
            api_key_env: input.api_key_env,
            default_headers: input.default_headers,
            pass_headers: input.pass_headers,
            limits: input.limits,
        }
        .sound()?;
        let entry = self.entry_changes();
        let key = self.has_key();
        if !entry && !key {
            return None;
        }
        let after = match entry {
            true => snapshot_after(values, snapshot),
            false => snapshot.clone(),
        };
        let change = ScenarioChange::Key {
            owner: name,
            present: true,
        };
        Some(match key {
            true => Scenario {
                changes: vec![change],
            }
            .apply(&after),
            false => after,
        })
    }

    /// Lists the models with what is entered, saved or not, and says which key that is done with.
    pub(super) fn test(self, api: Api) -> CheckCall {
        let key = self.key.get_untracked();
        let typed = (!key.trim().is_empty()).then_some(key);
        let with_key = |body: SecretBody, field: &str| match typed.clone() {
            Some(key) => body
                .text(field, key)
                .flag("accept_suspicious", self.accept_key.get_untracked()),
            None => body,
        };
        let name = self.name.with_untracked(|name| name.trim().to_owned());
        let (is_new, changes, moves) =
            untrack(|| (self.is_new(), self.entry_changes(), self.moves().is_some()));
        let key = match (typed.is_some(), is_new || moves) {
            (true, _) => Some(ENTERED.to_owned()),
            (false, false) => self.current_key(),
            (false, true) => None,
        };
        let Ok(input) = untrack(|| self.input()) else {
            let call = api.test_provider(&name, None);
            return CheckCall { call, key };
        };
        if !is_new {
            let patch = ProviderPatch {
                base_url: Some(input.base_url),
                api_key_env: Some(input.api_key_env.unwrap_or_default()),
                default_headers: Some(input.default_headers),
                allow_private: Some(input.allow_private),
                ..ProviderPatch::default()
            };
            let unsaved = match changes {
                true => Some(SecretBody::with(&patch)),
                false => typed.as_ref().map(|_| SecretBody::new()),
            };
            let unsaved = unsaved.map(|body| with_key(body, "value"));
            let call = api.test_provider(&name, unsaved);
            return CheckCall { call, key };
        }
        let draft = SourceInput {
            name,
            base_url: input.base_url,
            allow_private: input.allow_private,
            ..SourceInput::default()
        };
        let body = with_key(SecretBody::with(&draft), "auth_value");
        let body = match input.default_headers.is_empty() {
            true => body,
            false => body.texts("headers", input.default_headers),
        };
        let call = api.test_unsaved_source(body);
        CheckCall { call, key }
    }

    /// The key in use, in a sentence; `None` where there is none.
    fn current_key(self) -> Option<String> {
        self.seen.with_untracked(|seen| {
            let key = &seen.as_ref()?.key;
            if key.state != KeyState::Configured {
                return None;
            }
            Some(match key_variable(key) {
                Some(variable) => format!("the key in `{variable}`"),
                None => key_end("the current key", key.hint.as_deref()),
            })
        })
    }
}

/// Whether a gateway was never set up, so that its base URL is the one that Waypost is built with: few
/// gateways run there. A direct provider has one address for all.
fn is_guess(view: &ProviderView) -> bool {
    view.kind == ProviderKind::Gateway
        && view.layer == Layer::Builtin
        && view.base_url.from == Provenance::Builtin
        && view.key.state == KeyState::Missing
        && view.key.set_at.is_none()
}

/// The environment variable that sets the base URL.
fn fixed_by(view: &ProviderView) -> Option<&str> {
    view.base_url.from.env_variable()
}

/// The stored entry as the form would send it.
pub(super) fn input_of(view: &ProviderView) -> ProviderInput {
    let base_url = view.entry_base_url.as_ref();
    ProviderInput {
        name: view.name.clone(),
        kind: view.kind,
        base_url: base_url.unwrap_or(&view.base_url.value).clone(),
        api_key_env: view.api_key_env.clone(),
        default_headers: view.default_headers.clone(),
        docs: view.docs.clone(),
        allow_private: view.allow_private,
        new_models: view.new_models,
        limits: view.limits,
        pass_headers: view.pass_headers.clone(),
    }
}
