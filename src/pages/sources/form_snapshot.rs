//! The snapshot after saving the form, computed as the control plane would.

use super::form::SourceForm;
use crate::explain::origin;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::credential::{source_auth_secret, source_headers_secret};
use waypost_routing::snapshot::Snapshot;
use waypost_routing::source::{SourceEntry, SourceHeader};

/// The snapshot after saving; `None` if the form cannot be saved. A new origin drops the secrets
/// that are not entered again.
pub(super) fn snapshot_after(form: SourceForm, snapshot: &Snapshot) -> Option<Snapshot> {
    use leptos::prelude::*;
    let base_url = form.base_url.with(|typed| typed.trim().to_owned());
    if !base_url.is_empty() && BaseUrl::parse(&base_url).is_err() {
        return None;
    }
    let slug = form.slug();
    let mut after = snapshot.clone();
    let known = after.sources.iter().position(|source| source.slug == slug);
    let place = known.unwrap_or_else(|| {
        after.sources.push(SourceEntry {
            slug: slug.clone(),
            name: String::new(),
            base_url: base_url.clone(),
            auth_header: None,
            headers: Vec::new(),
            passthrough: false,
            limits: Default::default(),
            pass_headers: Vec::new(),
        });
        after.sources.len() - 1
    });
    let source = &mut after.sources[place];
    let now = origin(&base_url);
    let moves = origin(&source.base_url) != now;
    let bound = now.unwrap_or_default();
    let header = form.auth_header.with(|typed| typed.trim().to_owned());
    source.name = form.name.get();
    source.base_url = base_url;
    source.auth_header = (!header.is_empty()).then_some(header);
    source.pass_headers = form.passed_names();
    source.limits = form.limits.read().ok()?;
    source.passthrough = form.passes_through();

    let stored = &mut after.secrets.stored;
    let auth = source_auth_secret(&slug);
    if form.auth_value.with(|value| !value.trim().is_empty()) {
        stored.insert(auth, bound.clone());
    } else if form.clear_auth.get() || moves || known.is_none() {
        stored.remove(&auth);
    }
    if let Some(names) = form.headers.names_after(moves || known.is_none()) {
        let secret = source_headers_secret(&slug);
        match names.is_empty() {
            true => stored.remove(&secret),
            false => stored.insert(secret, bound),
        };
        let names = names.into_iter();
        source.headers = names
            .map(|name| SourceHeader { name, value: None })
            .collect();
    }
    Some(after)
}
