//! The sample workspace: two custom sources on an endpoint that the control plane serves itself,
//! and four agents that use them, so that everything can be tried without a key and without a
//! network.

use crate::store::token_hash;
use crate::workspace::{Bundle, DomainError, ErrorKind, NewSource, Proceed, Workspace};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use waypost_api_types::{NewModels, SampleView, SourceInput, SourceView};
use waypost_secrets::SecretText;
use waypost_system::random;

/// Below this path of the own listener lies the sample, and the guarded client reaches nothing
/// else there.
pub const PREFIX: &str = "/sample/";

/// One of the sample's upstreams, with the source that is made on it.
#[derive(Debug)]
pub struct SampleUpstream {
    /// The source's slug.
    pub slug: &'static str,
    /// The source's label.
    pub name: &'static str,
    /// The path of its base URL.
    pub path: &'static str,
    /// The header that carries its key; `None` for `Authorization: Bearer`.
    pub auth_header: Option<&'static str>,
    /// Whether the source passes requests through.
    pub passthrough: bool,
    /// The models that it lists.
    pub models: &'static [&'static str],
}

/// The sample's upstreams: the two ways a key travels, and both ways of passing a request on.
pub const UPSTREAMS: [SampleUpstream; 2] = [
    SampleUpstream {
        slug: "sample-gateway",
        name: "Sample gateway",
        path: "/sample/v1",
        auth_header: None,
        passthrough: true,
        models: &["echo-large", "echo-small", "moonshotai/kimi-echo"],
    },
    SampleUpstream {
        slug: "sample-team",
        name: "Sample team endpoint",
        path: "/sample/team/v1",
        auth_header: Some("x-api-key"),
        passthrough: false,
        models: &["team-coder", "team-writer"],
    },
];

/// The first line of every agent of the sample, by which it is known again.
const MARK: &str = "# Waypost's sample workspace.";

/// The sample's agents: straight to a source with a subagent that goes to another one, through a
/// gateway with a fallback, by the ref of a source, and one whose key is nowhere.
pub const AGENTS: [(&str, &str); 4] = [
    (
        "sample-support",
        "name: sample-support
model:
  primary: echo-large
  passthrough: true
  source: sample-gateway
subagents:
  coder:
    model: { primary: team-coder, passthrough: true, source: sample-team }
  writer:
    model: { primary: sample-gateway/echo-small }
",
    ),
    (
        "sample-researcher",
        "name: sample-researcher
model:
  primary: openrouter/moonshotai/kimi-k2
  fallback: sample-gateway/moonshotai/kimi-echo
",
    ),
    (
        "sample-writer",
        "name: sample-writer
model:
  primary: sample-gateway/echo-small
expect:
  wire_model: echo-small
",
    ),
    (
        "sample-without-key",
        "name: sample-without-key
model:
  primary: litellm/openai/gpt-4o
gateways:
  litellm:
    # Waypost was not started with --env-keys for this variable, so the agent cannot be routed.
    api_key_env: WAYPOST_SAMPLE_UNSET_KEY
",
    ),
];

/// Installs the sample, or puts it in order where it is installed, and lists its models.
///
/// # Errors
/// A slug or name that an administrator's own source or agent has taken; a secrets backend that does not answer.
pub async fn install(
    workspace: &Workspace,
    listen: SocketAddr,
) -> Result<Vec<SourceView>, DomainError> {
    put_in_place(workspace, listen, Box::new(|_, _| true)).await
}

async fn put_in_place(
    workspace: &Workspace,
    listen: SocketAddr,
    proceed: Proceed,
) -> Result<Vec<SourceView>, DomainError> {
    let key = random::token();
    let mut bundle = bundle(proceed);
    bundle.key_hash = Some(token_hash(&key));
    bundle.sources = UPSTREAMS
        .iter()
        .map(|upstream| source(upstream, listen, SecretText::new(key.to_string())))
        .collect();
    bundle.agents = AGENTS
        .iter()
        .map(|(name, document)| (*name, format!("{MARK}\n{document}")))
        .collect();
    let mut installed = Vec::new();
    if !workspace.replace_bundle(bundle).await? {
        return Ok(installed);
    }
    for upstream in &UPSTREAMS {
        // The outcome is recorded and shown on the source's row.
        if let Err(error) = workspace.refresh_source(upstream.slug).await {
            tracing::warn!(%error, source = upstream.slug, "cannot refresh the sample");
        }
        // It may have been removed in the meantime.
        match workspace.source(upstream.slug).await {
            Ok(source) => installed.push(source),
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(installed)
}

/// A bundle that takes the sample out and puts nothing in.
fn bundle(proceed: Proceed) -> Bundle {
    Bundle {
        proceed,
        agents_before: AGENTS.iter().map(|(name, _)| *name).collect(),
        is_agent: |agent| agent.yaml.starts_with(MARK),
        sources_before: UPSTREAMS
            .iter()
            .map(|upstream| (upstream.slug, upstream.path))
            .collect(),
        sources: Vec::new(),
        agents: Vec::new(),
        key_hash: None,
    }
}

/// What of the sample is in place. What has only its name in common with something of the sample is
/// not of it.
pub async fn in_place(workspace: &Workspace) -> Result<SampleView, DomainError> {
    let mut view = SampleView::default();
    if workspace.store().sample_key_hash().await?.is_none() {
        return Ok(view);
    }
    for (name, _) in AGENTS {
        match workspace.agent(name).await {
            Ok(agent) if agent.yaml.starts_with(MARK) => view.agents.push(agent.name),
            Ok(_) => {}
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    for source in workspace.sources().await? {
        let ours = UPSTREAMS.iter().any(|upstream| {
            upstream.slug == source.slug && source.base_url.ends_with(upstream.path)
        });
        if ours {
            view.sources.push(source.slug);
        }
    }
    Ok(view)
}

/// Removes the sample with its agents, its sources and their keys. Where it is not installed,
/// nothing happens.
///
/// # Errors
/// `secrets_unavailable`, and if the database fails.
pub async fn remove(workspace: &Workspace) -> Result<(), DomainError> {
    let bundle = bundle(Box::new(|is_installed, _| is_installed));
    workspace.replace_bundle(bundle).await?;
    Ok(())
}

/// Makes the sample follow the listener, where that has moved since the sample was installed.
///
/// # Errors
/// As [`install`].
pub async fn follow(workspace: &Workspace, listen: SocketAddr) -> Result<(), DomainError> {
    put_in_place(
        workspace,
        listen,
        Box::new(move |is_installed, sources| {
            let slug_of = |upstream: &SampleUpstream| {
                sources.iter().find(|source| source.slug == upstream.slug)
            };
            let in_place = UPSTREAMS.iter().all(|upstream| {
                slug_of(upstream)
                    .is_some_and(|source| source.base_url == base_url(upstream, listen))
            });
            let anywhere = UPSTREAMS.iter().any(|upstream| slug_of(upstream).is_some());
            is_installed && anywhere && !in_place
        }),
    )
    .await?;
    Ok(())
}

fn source(upstream: &SampleUpstream, listen: SocketAddr, key: SecretText) -> NewSource {
    NewSource {
        input: SourceInput {
            name: upstream.name.to_owned(),
            slug: Some(upstream.slug.to_owned()),
            base_url: base_url(upstream, listen),
            auth_header: upstream.auth_header.map(str::to_owned),
            passthrough: upstream.passthrough,
            allow_private: true,
            new_models: NewModels::Enabled,
            limits: Default::default(),
            pass_headers: Vec::new(),
        },
        auth_value: Some(key),
        headers: None,
    }
}

/// The base URL of an upstream, on loopback even where the listener takes every address.
fn base_url(upstream: &SampleUpstream, listen: SocketAddr) -> String {
    let address = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    };
    let host = SocketAddr::new(address, listen.port());
    format!("http://{host}{}", upstream.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::fixture::Fixture;
    use waypost_api_types::AgentInput;

    #[test]
    fn the_sample_is_called_on_loopback_below_its_path() {
        for (listen, url) in [
            ("127.0.0.1:8700", "http://127.0.0.1:8700/sample/v1"),
            ("0.0.0.0:80", "http://127.0.0.1:80/sample/v1"),
            ("[::]:8700", "http://[::1]:8700/sample/v1"),
        ] {
            assert_eq!(base_url(&UPSTREAMS[0], listen.parse().unwrap()), url);
        }
        assert!(
            UPSTREAMS
                .iter()
                .all(|upstream| upstream.path.starts_with(PREFIX))
        );
    }

    #[tokio::test]
    async fn two_installs_of_the_sample_at_once_leave_one_sample() {
        let fixture = Fixture::new().await;
        let listen = "127.0.0.1:1".parse().unwrap();
        for _ in 0..3 {
            let (workspace, other) = (fixture.workspace.clone(), fixture.workspace.clone());
            let (first, second, followed) = tokio::join!(
                install(&workspace, listen),
                install(&other, listen),
                follow(&fixture.workspace, "127.0.0.1:9".parse().unwrap()),
            );
            for result in [first.map(drop), second.map(drop), followed] {
                result.unwrap();
            }
            let view = in_place(&fixture.workspace).await.unwrap();
            assert_eq!((view.sources.len(), view.agents.len()), (2, 4));
        }
        remove(&fixture.workspace).await.unwrap();
        assert!(fixture.workspace.sources().await.unwrap().is_empty());
        let agents = fixture.workspace.agents(None, None).await.unwrap();
        assert!(agents.items.is_empty());
        install(&fixture.workspace, listen).await.unwrap();
    }

    #[tokio::test]
    async fn an_install_that_fails_leaves_nothing() {
        let fixture = Fixture::new().await;
        let yaml = "name: sample-writer".to_owned();
        fixture
            .workspace
            .add_agent(AgentInput::of(yaml))
            .await
            .unwrap();
        let listen = "127.0.0.1:1".parse().unwrap();
        let error = install(&fixture.workspace, listen).await.unwrap_err();
        assert_eq!(error.code, "name_taken");
        assert!(fixture.workspace.sources().await.unwrap().is_empty());
        assert!(!fixture.workspace.settings().await.unwrap().sample);
        let secrets = fixture.workspace.secrets().inventory().stored.clone();
        assert!(secrets.is_empty());
        fixture
            .workspace
            .delete_agent("sample-writer")
            .await
            .unwrap();
        install(&fixture.workspace, listen).await.unwrap();
    }
}
