//! The way to fix what keeps a request from its route, as a link with one wording on every page.

use crate::api::types::Resolution;
use crate::components::Button;
use crate::paths::{CatalogFilter, Path};
use crate::state::use_workspace;
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::codes;
use waypost_routing::credential::agent_key_of;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{Outcome, Route};

/// The upstream refused the key of a request that was sent.
pub(crate) const KEY_REFUSED: &str = "unauthorized";

/// What an owner is, as far as its settings have an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnerKind {
    Provider(ProviderKind),
    Source,
}

/// A request without a route, or one that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The code of the error.
    pub(crate) code: String,
    /// The ref; empty where the failure is of several.
    pub(crate) model_ref: String,
    /// The provider or source it would go to.
    pub(crate) owner: Option<String>,
    /// The stored agent that sends it.
    pub(crate) agent: Option<String>,
    /// Whether its key is the agent's own business: its own key, or a variable that it names.
    pub(crate) is_agents_key: bool,
}

impl Failure {
    /// Why a request has no route. `agent` is the stored agent that sends it.
    pub(crate) fn of(resolution: &Resolution, agent: Option<String>) -> Option<Self> {
        let is_rejected = resolution.outcome == Outcome::Rejected;
        let error = resolution.error.as_ref().filter(|_| is_rejected)?;
        let route = resolution.route.as_ref();
        Some(Self {
            code: error.code.clone(),
            model_ref: resolution.model_ref.clone(),
            owner: route.and_then(|route| route.provider.clone()),
            agent,
            is_agents_key: route.is_some_and(is_agents_key),
        })
    }
}

/// Whether the credential comes from the agent, so that no key of the provider takes its place.
fn is_agents_key(route: &Route) -> bool {
    route.credential.as_ref().is_some_and(|credential| {
        credential
            .candidates
            .iter()
            .all(|candidate| match &candidate.from {
                Provenance::Secret(name) => agent_key_of(name).is_some(),
                _ => true,
            })
    })
}

/// Where a failure can be fixed, and what the link says. `kind_of` says what a name stands for.
fn remedy(
    failure: &Failure,
    kind_of: impl Fn(&str) -> Option<OwnerKind>,
) -> Option<(String, Path)> {
    let configure = || {
        let name = failure.owner.as_deref()?;
        let path = match kind_of(name)? {
            OwnerKind::Provider(kind) => Path::Configure(kind, name.to_owned()),
            OwnerKind::Source => Path::Source(name.to_owned()),
        };
        Some((["Configure ", name].concat(), path))
    };
    let edit_agent = || {
        let name = failure.agent.as_deref()?;
        Some((["Edit ", name].concat(), Path::Agent(name.to_owned())))
    };
    match failure.code.as_str() {
        codes::MISSING_API_KEY | codes::ENV_NOT_ALLOWED | codes::ENV_UNUSABLE | KEY_REFUSED
            if failure.is_agents_key =>
        {
            edit_agent()
        }
        codes::MISSING_API_KEY
        | codes::ENV_NOT_ALLOWED
        | codes::ENV_UNUSABLE
        | codes::CREDENTIAL_ORIGIN_MISMATCH
        | codes::MISSING_BASE_URL
        | codes::INVALID_BASE_URL
        | KEY_REFUSED
        | "connect_failed"
        | "tls_failed"
        | "address_not_allowed" => configure(),
        codes::MODEL_DISABLED => {
            let filter = match failure.model_ref.split_once('/') {
                Some((owner, query)) => CatalogFilter {
                    owner: owner.to_owned(),
                    query: query.to_owned(),
                    ..CatalogFilter::default()
                },
                None => CatalogFilter {
                    owner: failure.owner.clone().unwrap_or_default(),
                    state: "disabled".to_owned(),
                    ..CatalogFilter::default()
                },
            };
            Some(("Enable model".to_owned(), Path::Catalog(filter)))
        }
        codes::UNKNOWN_SOURCE => Some(("Add custom source".to_owned(), Path::NewSource)),
        codes::MODEL_NOT_ALLOWED | codes::PASSTHROUGH_NEEDS_BASE_URL => edit_agent(),
        codes::UNKNOWN_MANAGED_GATEWAY | codes::MANAGED_NOT_A_GATEWAY => {
            Some(("Choose managed gateway".to_owned(), Path::Settings))
        }
        codes::SECRETS_UNAVAILABLE => Some(("Show secrets backend".to_owned(), Path::Settings)),
        codes::NO_MODEL => Some((
            "Choose default model".to_owned(),
            Path::Catalog(CatalogFilter::default()),
        )),
        _ => None,
    }
}

/// The link, where there is a way.
#[component]
pub(crate) fn Remedy(
    /// What failed; nothing for a request that did not.
    failure: Option<Failure>,
    /// Whether it opens in a new tab, because what is typed here would be lost.
    #[prop(optional)]
    new_tab: bool,
    /// Leaves what covers the page and goes to a path.
    #[prop(optional)]
    go: Option<Callback<Path>>,
) -> impl IntoView {
    let workspace = use_workspace();
    let kind_of = move |name: &str| {
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
    };
    move || {
        let (text, path) = remedy(failure.as_ref()?, kind_of)?;
        Some(match go {
            Some(go) => view! {
                <p>
                    <Button press=move || go.run(path.clone())>{text}</Button>
                </p>
            }
            .into_any(),
            None => view! {
                <a
                    href=path.to_string()
                    target=new_tab.then_some("_blank")
                    class="button"
                    data-kind="plain"
                    data-size="small"
                >
                    {text}
                    {new_tab.then(|| view! { <span class="visually-hidden">" (opens a new tab)"</span> })}
                </a>
            }
            .into_any(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: &str, owner: Option<&str>) -> Failure {
        Failure {
            code: code.to_owned(),
            model_ref: "openrouter/x/y".to_owned(),
            owner: owner.map(str::to_owned),
            agent: Some("bot".to_owned()),
            is_agents_key: false,
        }
    }

    fn kind_of(name: &str) -> Option<OwnerKind> {
        match name {
            "litellm" => Some(OwnerKind::Provider(ProviderKind::Gateway)),
            "groq" => Some(OwnerKind::Provider(ProviderKind::OpenaiCompatible)),
            "own" => Some(OwnerKind::Source),
            _ => None,
        }
    }

    fn address(failure: &Failure) -> Option<String> {
        remedy(failure, kind_of).map(|(_, path)| path.to_string())
    }

    #[test]
    fn a_lacking_key_leads_to_where_it_is_entered() {
        for (owner, path) in [
            ("litellm", "/models/gateways?configure=litellm"),
            ("groq", "/models/direct?configure=groq"),
            ("own", "/models/sources/own"),
        ] {
            for code in [codes::MISSING_API_KEY, KEY_REFUSED, "connect_failed"] {
                let failure = failure(code, Some(owner));
                assert_eq!(address(&failure).as_deref(), Some(path));
                let (text, _) = remedy(&failure, kind_of).expect("a remedy");
                assert_eq!(text, format!("Configure {owner}"));
            }
        }
        let gone = failure(codes::MISSING_API_KEY, Some("gone"));
        assert_eq!(address(&gone), None);
    }

    #[test]
    fn a_lacking_key_of_an_agent_leads_to_the_agent() {
        let failure = Failure {
            is_agents_key: true,
            ..failure(codes::MISSING_API_KEY, Some("litellm"))
        };
        assert_eq!(address(&failure).as_deref(), Some("/agents/named/bot"));
    }

    #[test]
    fn a_disabled_model_leads_to_the_catalog() {
        let mut failure = failure(codes::MODEL_DISABLED, Some("openrouter"));
        assert_eq!(
            address(&failure).as_deref(),
            Some("/models/catalog?owner=openrouter&q=x%2Fy")
        );
        failure.model_ref = String::new();
        assert_eq!(
            address(&failure).as_deref(),
            Some("/models/catalog?owner=openrouter&state=disabled")
        );
    }

    #[test]
    fn what_the_agent_says_leads_to_the_agent() {
        for code in [codes::MODEL_NOT_ALLOWED, codes::PASSTHROUGH_NEEDS_BASE_URL] {
            let mut failure = failure(code, None);
            assert_eq!(address(&failure).as_deref(), Some("/agents/named/bot"));
            failure.agent = None;
            assert_eq!(address(&failure), None);
        }
    }

    #[test]
    fn what_has_to_be_fixed_in_the_ref_has_no_link() {
        assert_eq!(address(&failure(codes::EMPTY_SEGMENT, None)), None);
    }
}
