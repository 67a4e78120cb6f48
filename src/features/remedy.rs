//! The way to fix what keeps a request from its route, as a link.

use crate::api::types::Resolution;
use crate::paths::{CatalogFilter, Path};
use crate::state::use_workspace;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::codes;

/// What an owner is, as far as its settings have an address.
#[derive(Clone, Debug, PartialEq, Eq)]
enum OwnerKind {
    Provider(ProviderKind),
    Source,
}

/// Where an error can be fixed, and what the link says. `agent` is the stored agent that sends the
/// request.
fn remedy(
    code: &str,
    model_ref: &str,
    owner: Option<(&str, OwnerKind)>,
    agent: Option<&str>,
) -> Option<(String, Path)> {
    let configure = || {
        let (name, kind) = owner.clone()?;
        let path = match kind {
            OwnerKind::Provider(kind) => Path::Configure(kind, name.to_owned()),
            OwnerKind::Source => Path::Source(name.to_owned()),
        };
        Some((format!("Configure {name}"), path))
    };
    match code {
        codes::MISSING_API_KEY
        | codes::ENV_NOT_ALLOWED
        | codes::ENV_UNUSABLE
        | codes::CREDENTIAL_ORIGIN_MISMATCH
        | codes::MISSING_BASE_URL
        | codes::INVALID_BASE_URL => configure(),
        codes::MODEL_DISABLED => {
            let (owner, query) = model_ref.split_once('/')?;
            let filter = CatalogFilter {
                owner: owner.to_owned(),
                query: query.to_owned(),
                ..CatalogFilter::default()
            };
            Some(("Show it in the catalog".to_owned(), Path::Catalog(filter)))
        }
        codes::UNKNOWN_SOURCE => Some(("Add custom source".to_owned(), Path::NewSource)),
        codes::MODEL_NOT_ALLOWED | codes::PASSTHROUGH_NEEDS_BASE_URL => {
            let name = agent?;
            Some((format!("Edit {name}"), Path::Agent(name.to_owned())))
        }
        codes::UNKNOWN_MANAGED_GATEWAY | codes::MANAGED_NOT_A_GATEWAY => {
            Some(("Choose the managed gateway".to_owned(), Path::Settings))
        }
        codes::NO_MODEL => Some((
            "Choose a default model".to_owned(),
            Path::Catalog(CatalogFilter::default()),
        )),
        _ => None,
    }
}

/// The link, where there is a way.
#[component]
pub(crate) fn Remedy(
    /// The route that failed.
    resolution: Resolution,
    /// The stored agent that sends it.
    #[prop(optional_no_strip)]
    agent: Option<String>,
) -> impl IntoView {
    let workspace = use_workspace();
    move || {
        let code = resolution.error.as_ref()?.code.clone();
        let name = resolution.route.as_ref()?.provider.clone();
        let kind = name.as_ref().and_then(|name| {
            let source = workspace
                .sources
                .with(|sources| sources.iter().any(|source| source.slug == *name));
            if source == Some(true) {
                return Some(OwnerKind::Source);
            }
            workspace.providers.with(|page| {
                let item = page.items.iter().find(|item| item.name == *name)?;
                Some(OwnerKind::Provider(item.kind))
            })?
        });
        let owner = name.as_deref().zip(kind);
        let (text, path) = remedy(&code, &resolution.model_ref, owner, agent.as_deref())?;
        Some(view! {
            <a href=path.to_string() class="button" data-kind="plain" data-size="small">
                {text}
            </a>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(code: &str, owner: Option<(&str, OwnerKind)>) -> Option<String> {
        remedy(code, "openrouter/x/y", owner, Some("bot")).map(|(_, path)| path.to_string())
    }

    #[test]
    fn a_lacking_key_leads_to_where_it_is_entered() {
        let gateway = OwnerKind::Provider(ProviderKind::Gateway);
        let direct = OwnerKind::Provider(ProviderKind::OpenaiCompatible);
        for (owner, path) in [
            (("litellm", gateway), "/models/gateways?configure=litellm"),
            (("groq", direct), "/models/direct?configure=groq"),
            (("own", OwnerKind::Source), "/models/sources/own"),
        ] {
            let found = address(codes::MISSING_API_KEY, Some(owner));
            assert_eq!(found.as_deref(), Some(path));
        }
    }

    #[test]
    fn a_disabled_model_leads_to_the_catalog() {
        assert_eq!(
            address(codes::MODEL_DISABLED, None).as_deref(),
            Some("/models/catalog?owner=openrouter&q=x%2Fy")
        );
    }

    #[test]
    fn what_the_agent_says_leads_to_the_agent() {
        for code in [codes::MODEL_NOT_ALLOWED, codes::PASSTHROUGH_NEEDS_BASE_URL] {
            assert_eq!(address(code, None).as_deref(), Some("/agents/named/bot"));
            assert_eq!(remedy(code, "x", None, None), None);
        }
    }

    #[test]
    fn what_has_to_be_fixed_in_the_ref_has_no_link() {
        assert_eq!(address(codes::EMPTY_SEGMENT, None), None);
    }
}
