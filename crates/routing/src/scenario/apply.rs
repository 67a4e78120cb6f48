//! What a change does to a snapshot.

use super::{ModelState, ScenarioChange, top_entry};
use crate::base_url::BaseUrl;
use crate::catalog::{Layer, ProviderKind, base_url_variables};
use crate::credential::{provider_secret, source_auth_secret, source_headers_secret};
use crate::model_id::must_be_known;
use crate::snapshot::{ModelEntry, Snapshot};

pub(super) fn apply(change: &ScenarioChange, snapshot: &mut Snapshot) {
    match change {
        ScenarioChange::BaseUrl { owner, url } => base_url(snapshot, owner, url),
        ScenarioChange::Passthrough { source, on } => {
            for entry in &mut snapshot.sources {
                if entry.slug == *source {
                    entry.passthrough = *on;
                }
            }
        }
        ScenarioChange::Key { owner, present } => key(snapshot, owner, *present),
        ScenarioChange::Down { owner } => {
            snapshot.down.insert(owner.clone());
        }
        ScenarioChange::Removed { owner } => removed(snapshot, owner),
        ScenarioChange::BaseUrlVariable { variable, url } => {
            let urls = &mut snapshot.environment.base_urls;
            urls.insert(variable.clone(), url.clone());
        }
        ScenarioChange::Variable { variable, set } => {
            let environment = &mut snapshot.environment;
            if *set {
                environment.set.insert(variable.clone());
            } else {
                environment.set.remove(variable);
                environment.base_urls.remove(variable);
            }
        }
        ScenarioChange::Model { owner, id, state } => model(snapshot, owner, id, *state),
        ScenarioChange::DefaultModel { model_ref } => snapshot.default_model.clone_from(model_ref),
        ScenarioChange::ManagedGateway { gateway } => {
            snapshot.managed_gateway.clone_from(gateway);
        }
    }
}

/// A provider that is not the workspace's is replaced there, as saving another base URL would do.
fn base_url(snapshot: &mut Snapshot, owner: &str, url: &str) {
    for source in &mut snapshot.sources {
        if source.slug == owner {
            url.clone_into(&mut source.base_url);
        }
    }
    let Some((index, layer)) = top_entry(snapshot, owner) else {
        return;
    };
    let read = BaseUrl::parse(url).map_or_else(|_| url.to_owned(), |url| url.to_string());
    if layer == Layer::Workspace {
        snapshot.providers[index].base_url = read;
        return;
    }
    let mut entry = snapshot.providers[index].clone();
    entry.layer = Layer::Workspace;
    entry.base_url = read;
    snapshot.providers.push(entry);
}

/// Where requests of a provider or source go at this point of the scenario.
fn origin(snapshot: &Snapshot, owner: &str) -> Option<String> {
    let source = snapshot.sources.iter().find(|entry| entry.slug == owner);
    if let Some(source) = source {
        return Some(BaseUrl::parse(&source.base_url).ok()?.origin());
    }
    let (index, _) = top_entry(snapshot, owner)?;
    let entry = &snapshot.providers[index];
    let override_of = || {
        let variables = base_url_variables(owner).into_iter();
        variables
            .filter_map(|variable| snapshot.environment.base_urls.get(&variable))
            .find(|value| !value.trim().is_empty())
    };
    let overriding = match entry.kind {
        ProviderKind::Gateway => override_of(),
        ProviderKind::OpenaiCompatible => None,
    };
    let url = BaseUrl::parse(overriding.unwrap_or(&entry.base_url)).ok()?;
    Some(url.origin())
}

fn key(snapshot: &mut Snapshot, owner: &str, present: bool) {
    let source = snapshot.sources.iter().find(|entry| entry.slug == owner);
    let name = match source {
        Some(_) => source_auth_secret(owner),
        None => provider_secret(owner),
    };
    let has_headers = source.is_some_and(|entry| !entry.headers.is_empty());
    if !present {
        snapshot.secrets.stored.remove(&name);
        return;
    }
    // Without an origin there is nothing that a key could be entered for.
    let Some(origin) = origin(snapshot, owner) else {
        return;
    };
    let stored = &mut snapshot.secrets.stored;
    if has_headers {
        stored.insert(source_headers_secret(owner), origin.clone());
    }
    stored.insert(name, origin);
}

fn removed(snapshot: &mut Snapshot, owner: &str) {
    let before = snapshot.sources.len();
    snapshot.sources.retain(|entry| entry.slug != owner);
    if snapshot.sources.len() < before {
        let stored = &mut snapshot.secrets.stored;
        stored.remove(&source_auth_secret(owner));
        stored.remove(&source_headers_secret(owner));
        forget(snapshot, owner);
        return;
    }
    let Some((index, layer)) = top_entry(snapshot, owner) else {
        return;
    };
    snapshot.providers.remove(index);
    match layer {
        Layer::Workspace => {
            let stored = &mut snapshot.secrets.stored;
            stored.remove(&provider_secret(owner));
        }
        // A faulty entry goes from the file with the one that stood there.
        _ => snapshot.blocked.retain(|blocked| blocked.name != owner),
    }
    if top_entry(snapshot, owner).is_none() {
        forget(snapshot, owner);
    }
}

/// The models go with their owner, and so does the default model: without its owner the ref would
/// quietly go to the managed gateway.
fn forget(snapshot: &mut Snapshot, owner: &str) {
    snapshot.models.retain(|model| model.owner != owner);
    let of_default = snapshot.default_model.as_deref();
    let name = of_default.and_then(|text| Some(text.split_once('/')?.0));
    if name == Some(owner) {
        snapshot.default_model = None;
    }
}

fn model(snapshot: &mut Snapshot, owner: &str, id: &str, state: ModelState) {
    let models = &mut snapshot.models;
    let known = models
        .iter()
        .position(|model| model.owner == owner && model.id == id);
    let index = known.unwrap_or_else(|| {
        models.push(ModelEntry {
            owner: owner.to_owned(),
            id: id.to_owned(),
            enabled: true,
            absent: false,
        });
        models.len() - 1
    });
    match state {
        ModelState::Enabled => models[index].enabled = true,
        ModelState::Disabled => models[index].enabled = false,
        ModelState::Removed => models[index].absent = true,
    }
    // Of most models that are plainly enabled a snapshot says nothing.
    if models[index].enabled && !models[index].absent && !must_be_known(id) {
        models.remove(index);
    }
}
