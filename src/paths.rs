//! Every path of the dashboard as a typed value. No other module writes one by hand.

mod requests;

pub use requests::RequestsFilter;

use crate::base_path;
use std::fmt::{self, Write as _};
use waypost_routing::catalog::ProviderKind;
use waypost_routing::operation::Operation;

/// A place of the dashboard. `Display` writes its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Models, which redirects to its first tab.
    Models,
    /// The tab Gateways.
    Gateways,
    /// The tab of a provider's kind with the dialog open that configures the provider.
    Configure(ProviderKind, String),
    /// The tab Custom sources.
    Sources,
    /// The form of a new custom source.
    NewSource,
    /// The form of one custom source, by its slug.
    Source(String),
    /// The tab Direct providers.
    Direct,
    /// The tab Catalog, with its filter.
    Catalog(CatalogFilter),
    /// The list of agents.
    Agents,
    /// The list of agents with its filter.
    AgentList(AgentsFilter),
    /// The list of agents with the import open.
    ImportAgents,
    /// The editor of a new agent.
    NewAgent,
    /// The editor of one agent, by its name.
    Agent(String),
    /// Route preview with its inputs.
    Preview(PreviewAddress),
    /// Requests, with their filter.
    Requests(RequestsFilter),
    /// One request, by its id, beside the list with this filter.
    Request(String, RequestsFilter),
    /// Activity, with its filter.
    Activity(ActivityFilter),
    /// Settings.
    Settings,
    /// Sign-in.
    SignIn,
}

/// The filter of the Catalog tab. Empty fields are left out of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogFilter {
    /// A provider's name or a source's slug.
    pub owner: String,
    /// What is searched for.
    pub query: String,
    /// `enabled`, `disabled` or `absent`.
    pub state: String,
    /// `true` for those that an agent uses, `false` for those that none uses.
    pub in_use: String,
    /// `context`, `price` or `newest`; by ref if empty.
    pub sort: String,
}

/// The filter of Activity. Empty fields are left out of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// A kind of action, such as `provider.key.set` or its beginning, `provider`.
    pub action: String,
    /// What was changed, such as `provider:openrouter`.
    pub target: String,
    /// Who did it, such as `session:f0695afab27cea63`.
    pub actor: String,
    /// The first day, as `2026-11-30`.
    pub since: String,
    /// The last day, as `2026-11-30`.
    pub until: String,
    /// What is searched for.
    pub query: String,
}

/// The filter of the list of agents. What is as usual is left out of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentsFilter {
    /// What is searched for.
    pub query: String,
    /// In which state.
    pub only: AgentsOnly,
    /// The provider, source or host that their primaries go to; empty for all.
    pub to: String,
    /// By which kind of route: `gateway`, `direct`, `passthrough` or `managed`; empty for all.
    pub kind: String,
    /// Whether they are shown as a list in pages, and not by destination.
    pub list: bool,
    /// The page of the list, from 0.
    pub page: usize,
}

/// The agents that a list is limited to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgentsOnly {
    /// Every agent.
    #[default]
    All,
    /// Those that lack a route, or have a subagent that does.
    Unroutable,
    /// Those, and those with a warning.
    Attention,
}

impl AgentsOnly {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::All, Self::Unroutable, Self::Attention];

    /// The name in the address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Unroutable => "unroutable",
            Self::Attention => "attention",
        }
    }

    /// The inverse of [`AgentsOnly::name`]; every agent for any other name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|only| only.name() == name).unwrap_or_default()
    }

    /// What a person reads in a chooser.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All agents",
            Self::Unroutable => "Unroutable only",
            Self::Attention => "Needs attention",
        }
    }
}

/// The mode of Route preview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreviewMode {
    /// One model ref.
    #[default]
    Ref,
    /// An agent. An address with an agent implies it.
    Agent,
    /// Many refs or agents at once.
    Many,
}

impl PreviewMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Ref, Self::Agent, Self::Many];

    /// The name in the address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ref => "ref",
            Self::Agent => "agent",
            Self::Many => "many",
        }
    }
}

/// The inputs of Route preview. Empty fields are left out of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviewAddress {
    /// The mode; left out if the other fields imply it.
    pub mode: PreviewMode,
    /// The model ref; empty for none yet, or for the primary of the agent.
    pub model_ref: String,
    /// The name of a stored agent; empty for none.
    pub agent: String,
    /// The alias of one of its subagents; empty for the agent itself.
    pub subagent: String,
    /// The operation; chat completions are left out of the address.
    pub operation: Operation,
    /// The changes of the scenario, as texts.
    pub scenario: Vec<String>,
}

impl Path {
    /// The tab Catalog with the models of one owner.
    #[must_use]
    pub fn models_of(owner: &str) -> Self {
        Self::Catalog(CatalogFilter {
            owner: owner.to_owned(),
            ..CatalogFilter::default()
        })
    }

    /// Activity of one target: a kind, such as `agent`, and a name.
    #[must_use]
    pub fn history(kind: &str, name: &str) -> Self {
        Self::Activity(ActivityFilter {
            target: [kind, ":", name].concat(),
            ..ActivityFilter::default()
        })
    }

    /// Route preview of a ref with the default operation.
    #[must_use]
    pub fn preview(model_ref: &str) -> Self {
        Self::Preview(PreviewAddress {
            model_ref: model_ref.to_owned(),
            ..PreviewAddress::default()
        })
    }

    /// Route preview of an agent's primary.
    #[must_use]
    pub fn preview_of_agent(agent: &str) -> Self {
        Self::Preview(PreviewAddress {
            mode: PreviewMode::Agent,
            agent: agent.to_owned(),
            ..PreviewAddress::default()
        })
    }
}

/// What a form is opened for, in the address of [`Path::Configure`] and [`Path::Source`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// To change anything.
    #[default]
    Configure,
    /// To replace the key.
    RotateKey,
    /// To add a header of this name.
    AddHeader(String),
}

impl Opening {
    /// The query parameter with the name of a header.
    pub const HEADER: &'static str = "header";
    /// The query parameter that asks to replace the key.
    pub const ROTATE: &'static str = "rotate";

    /// Reads the parameters of an address.
    #[must_use]
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        match (parameter(Self::HEADER), parameter(Self::ROTATE)) {
            (Some(header), _) if !header.is_empty() => Self::AddHeader(header),
            (_, Some(_)) => Self::RotateKey,
            _ => Self::Configure,
        }
    }
}

impl Path {
    /// The address of a form, opened to add a header of this name.
    #[must_use]
    pub fn adding_header(&self, name: &str) -> String {
        self.with_parameter(Opening::HEADER, name)
    }

    /// The address of a form, opened to replace the key.
    #[must_use]
    pub fn rotating_key(&self) -> String {
        self.with_parameter(Opening::ROTATE, "key")
    }

    fn with_parameter(&self, name: &str, value: &str) -> String {
        let address = self.to_string();
        let separator = if address.contains('?') { '&' } else { '?' };
        format!("{address}{separator}{name}={}", Encoded(value))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(base_path::get())?;
        self.write_below_base(out)
    }
}

impl Path {
    fn write_below_base(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Models => out.write_str("/models"),
            Self::Gateways => out.write_str("/models/gateways"),
            Self::Configure(kind, name) => {
                let tab = match kind {
                    ProviderKind::Gateway => Self::Gateways,
                    ProviderKind::OpenaiCompatible => Self::Direct,
                };
                tab.write_below_base(out)?;
                query(out, &[("configure", name)])
            }
            Self::Sources => out.write_str("/models/sources"),
            Self::NewSource => out.write_str("/models/sources/new"),
            Self::Source(slug) => write!(out, "/models/sources/{}", Encoded(slug)),
            Self::Direct => out.write_str("/models/direct"),
            Self::Catalog(filter) => {
                out.write_str("/models/catalog")?;
                query(
                    out,
                    &[
                        ("owner", &filter.owner),
                        ("q", &filter.query),
                        ("state", &filter.state),
                        ("in_use", &filter.in_use),
                        ("sort", &filter.sort),
                    ],
                )
            }
            Self::Agents => out.write_str("/agents"),
            Self::AgentList(filter) => {
                out.write_str("/agents")?;
                let page = match filter.page {
                    0 => String::new(),
                    page => (page + 1).to_string(),
                };
                query(
                    out,
                    &[
                        ("q", &filter.query),
                        ("only", filter.only.name()),
                        ("to", &filter.to),
                        ("kind", &filter.kind),
                        ("view", if filter.list { "list" } else { "" }),
                        ("page", &page),
                    ],
                )
            }
            Self::ImportAgents => out.write_str("/agents?import=open"),
            Self::NewAgent => out.write_str("/agents/new"),
            // An agent may be called "new", too.
            Self::Agent(name) => write!(out, "/agents/named/{}", Encoded(name)),
            Self::Preview(asked) => {
                out.write_str("/preview")?;
                let operation = if asked.operation == Operation::default() {
                    ""
                } else {
                    asked.operation.name()
                };
                let mode = match asked.mode {
                    PreviewMode::Many => "many",
                    PreviewMode::Agent if asked.agent.is_empty() => "agent",
                    PreviewMode::Ref | PreviewMode::Agent => "",
                };
                let mut pairs = vec![
                    ("mode", mode),
                    ("ref", asked.model_ref.as_str()),
                    ("agent", &asked.agent),
                    ("subagent", &asked.subagent),
                    ("operation", operation),
                ];
                pairs.extend(
                    asked
                        .scenario
                        .iter()
                        // Links that are in use have this name for it.
                        .map(|change| ("draft", change.as_str())),
                );
                query(out, &pairs)
            }
            Self::Requests(filter) => {
                out.write_str("/requests")?;
                query(out, &filter.parameters())
            }
            Self::Request(id, filter) => {
                write!(out, "/requests/{}", Encoded(id))?;
                query(out, &filter.parameters())
            }
            Self::Activity(filter) => {
                out.write_str("/activity")?;
                query(
                    out,
                    &[
                        ("action", &filter.action),
                        ("target", &filter.target),
                        ("actor", &filter.actor),
                        ("since", &filter.since),
                        ("until", &filter.until),
                        ("q", &filter.query),
                    ],
                )
            }
            Self::Settings => out.write_str("/settings"),
            Self::SignIn => out.write_str("/sign-in"),
        }
    }
}

impl Path {
    /// The slug in the address of a custom source's form; `None` for a new source.
    #[must_use]
    pub fn source_slug(pathname: &str) -> Option<String> {
        let slug = last_segment(pathname, "/models/sources/")?;
        (slug != "new").then(|| decoded(slug))
    }

    /// The id in the address of a request; `None` for the list alone.
    #[must_use]
    pub fn request_id(pathname: &str) -> Option<String> {
        last_segment(pathname, "/requests/")
            .filter(|id| !id.is_empty())
            .map(decoded)
    }

    /// The name in the address of an agent's editor; `None` for a new agent.
    #[must_use]
    pub fn agent_name(pathname: &str) -> Option<String> {
        last_segment(pathname, "/agents/named/").map(decoded)
    }
}

/// What follows a place in an address, but for a slash at its end.
fn last_segment<'a>(pathname: &'a str, place: &str) -> Option<&'a str> {
    let segment = base_path::strip(pathname).strip_prefix(place)?;
    Some(segment.strip_suffix('/').unwrap_or(segment))
}

/// The text that a segment of a path stands for. What is not percent-encoded properly stays as it is.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let encoded = match after {
            [high, low, ..] if *first == b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                digit(*high).zip(digit(*low))
            }
            _ => None,
        };
        match encoded {
            Some((high, low)) => {
                // Two hexadecimal digits are one byte.
                bytes.push((high << 4 | low) as u8);
                rest = &after[2..];
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}

/// Writes the pairs that have a value as a query.
fn query(out: &mut fmt::Formatter<'_>, pairs: &[(&str, &str)]) -> fmt::Result {
    let mut separator = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        write!(out, "{separator}{name}={}", Encoded(value))?;
        separator = '&';
    }
    Ok(())
}

/// Writes a text percent-encoded, so that it is one segment of a path or one value of a query.
pub struct Encoded<'a>(pub &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.write_char(char::from(byte))?;
            } else {
                write!(out, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// Where the browser leaves for the identity provider, with the page of the dashboard to come back to.
/// The control plane answers there, not the router.
#[must_use]
pub fn identity_provider(return_to: &str) -> String {
    let wanted = base_path::strip(return_to);
    format!(
        "{}/oidc/sign-in?return={}",
        base_path::get(),
        Encoded(wanted)
    )
}

#[cfg(test)]
mod tests;
