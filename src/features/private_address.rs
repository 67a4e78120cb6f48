//! The permission to call a private or loopback address.

use crate::api::types::{ProviderView, SourceView};
use crate::components::{Show, Switch};
use crate::explain::{is_never_called, is_private, origin};
use crate::state::{Owner, use_workspace};
use leptos::prelude::*;
use waypost_routing::catalog::{Layer, ProviderKind};

/// The switch that grants the entered origin. It appears where the address is plainly private, or
/// where a check found that it is.
#[component]
pub(crate) fn AllowPrivate(
    /// The base URL as typed.
    base_url: RwSignal<String>,
    /// The origin that was granted. Another one needs another permission.
    granted_for: RwSignal<Option<String>>,
    /// Whether a check found an address that is not called unless it is allowed.
    #[prop(into)]
    refused: Signal<bool>,
    /// What the form edits; `None` for something new.
    #[prop(into)]
    edited: Signal<Option<Owner>>,
) -> impl IntoView {
    let workspace = use_workspace();
    let typed = Memo::new(move |_| base_url.with(|typed| origin(typed)));
    let is_granted = move || typed.with(|typed| typed.is_some() && *typed == granted_for.get());
    let asks = Memo::new(move |_| {
        let (private, never) = base_url.with(|typed| (is_private(typed), is_never_called(typed)));
        typed.with(Option::is_some) && !never && (private || refused.get() || is_granted())
    });
    // Whatever this form says, the origin is called if another entry grants it.
    let elsewhere = Memo::new(move |_| {
        let origin = typed.get()?;
        let edited = edited.get();
        let providers = workspace
            .providers
            .with(|page| granted_by_provider(&origin, &page.items, edited.as_ref()))
            .flatten();
        providers.or_else(|| {
            workspace
                .sources
                .with(|sources| granted_by_source(&origin, sources, edited.as_ref()))
                .flatten()
        })
    });
    let label = Signal::derive(move || {
        let origin = typed.get().unwrap_or_default();
        format!("Allow calls to {origin}")
    });
    let help = Signal::derive(move || {
        elsewhere.get().or_else(|| {
            Some("This address is on this machine or in a private network. Waypost calls it only if you allow it.".to_owned())
        })
    });
    view! {
        <Show when=move || asks.get()>
            <Switch
                label=label
                on=Signal::derive(move || is_granted() || elsewhere.with(Option::is_some))
                disabled=Signal::derive(move || elsewhere.with(Option::is_some))
                change=move |on: bool| granted_for.set(typed.get_untracked().filter(|_| on))
                help=help
            />
        </Show>
    }
}

/// Which provider grants an origin, as a sentence. The own grant of the one that is edited does not
/// count: the form changes it.
fn granted_by_provider(
    origin: &str,
    providers: &[ProviderView],
    edited: Option<&Owner>,
) -> Option<String> {
    let is_origin = |url: &str| has_origin(url, origin);
    providers.iter().find_map(|view| {
        let name = &view.name;
        let is_edited = edited == Some(&Owner::Provider(name.clone()));
        let of_environment = view.base_url.from.env_variable();
        let effective = is_origin(&view.base_url.value);
        if let Some(variable) = of_environment.filter(|_| effective)
            && view.kind == ProviderKind::Gateway
        {
            return Some(format!("Allowed already, because {variable} is set to it."));
        }
        let entry = view.entry_base_url.as_deref();
        let own = entry.map_or(effective, is_origin) && view.allow_private;
        let replaced = view
            .replaces
            .as_ref()
            .filter(|replaced| is_origin(&replaced.base_url))
            .map(|replaced| replaced.layer);
        let layer = if view.layer != Layer::Workspace && own {
            Some(view.layer)
        } else {
            replaced
        };
        match layer {
            // Of the built-in entries only this one is private.
            Some(Layer::Builtin) if name == "litellm" => {
                Some("Allowed already: it is the address of the built-in entry litellm.".to_owned())
            }
            Some(Layer::UserLocal) => Some(format!(
                "Allowed already by the entry {name} of the providers file."
            )),
            _ if own && view.layer == Layer::Workspace && !is_edited => {
                Some(format!("Allowed already, for {name}."))
            }
            _ => None,
        }
    })
}

/// Which custom source grants an origin, as a sentence.
fn granted_by_source(
    origin: &str,
    sources: &[SourceView],
    edited: Option<&Owner>,
) -> Option<String> {
    sources
        .iter()
        .filter(|source| edited != Some(&Owner::Source(source.slug.clone())))
        .find(|source| source.allow_private && has_origin(&source.base_url, origin))
        .map(|source| format!("Allowed already, for the source {}.", source.name))
}

fn has_origin(base_url: &str, wanted: &str) -> bool {
    origin(base_url).as_deref() == Some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn provider(changes: Value) -> ProviderView {
        let mut view = json!({
            "name": "mygw", "kind": "gateway", "layer": "workspace",
            "base_url": { "value": "http://10.0.0.8/v1", "from": "workspace" },
            "api_key_env": null, "default_headers": {}, "docs": null, "notable_models": [],
            "replaces": null, "allow_private": true, "new_models": "inherit",
            "key": { "state": "missing", "secret_name": "mygw/api-key" },
            "models": { "total": 0, "enabled": 0, "absent": 0 }, "last_refresh": null,
            "last_test": null, "refreshing": false, "used_by": 0, "managed": false,
            "problems": [], "version": 1
        });
        for (field, value) in changes.as_object().unwrap() {
            view[field] = value.clone();
        }
        serde_json::from_value(view).unwrap()
    }

    fn granted(view: ProviderView, origin: &str, edited: Option<&str>) -> Option<String> {
        let edited = edited.map(|name| Owner::Provider(name.to_owned()));
        granted_by_provider(origin, &[view], edited.as_ref())
    }

    #[test]
    fn another_entry_with_the_origin_is_named() {
        let own = || provider(json!({}));
        let reason = granted(own(), "http://10.0.0.8", None);
        assert_eq!(reason.as_deref(), Some("Allowed already, for mygw."));
        assert_eq!(granted(own(), "http://10.0.0.8", Some("mygw")), None);
        assert_eq!(granted(own(), "http://10.0.0.9", None), None);
        let refused = provider(json!({ "allow_private": false }));
        assert_eq!(granted(refused, "http://10.0.0.8", None), None);
    }

    #[test]
    fn what_this_form_cannot_take_back_counts_for_the_entry_itself() {
        let local = json!({ "value": "http://localhost:4000", "from": "builtin" });
        let builtin = provider(json!({ "name": "litellm", "layer": "builtin", "base_url": local }));
        let reason = granted(builtin, "http://localhost:4000", Some("litellm")).unwrap();
        assert!(reason.contains("built-in entry litellm"), "{reason}");
        let replaced = json!({
            "layer": "builtin", "base_url": "http://localhost:4000", "lost_headers": []
        });
        let over = provider(json!({ "name": "litellm", "replaces": replaced }));
        assert!(granted(over, "http://localhost:4000", Some("litellm")).is_some());
        let of_variable = json!({ "value": "http://10.0.0.8", "from": "env:MYGW_BASE_URL" });
        let set = provider(json!({ "base_url": of_variable, "allow_private": false }));
        let reason = granted(set, "http://10.0.0.8", Some("mygw")).unwrap();
        assert!(reason.contains("MYGW_BASE_URL"), "{reason}");
    }
}
