//! What the palette lists.

use crate::paths::{
    ActivityFilter, CatalogFilter, Path, PreviewAddress, PreviewMode, RequestsFilter,
};
use crate::state::ThemeChoice;

/// How many entries Page Up and Page Down move by.
pub(super) const PAGE: usize = 8;

/// An entry of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The typed text, as a model ref.
    Ref(String),
    /// An agent, by its name.
    Agent(String),
    /// A model of the catalog.
    Model {
        /// Its ref.
        model_ref: String,
        /// What is unusual about it: `disabled`, `no longer listed`.
        note: &'static str,
    },
    /// A gateway, provider or source, whose refs begin with its name.
    Prefix {
        /// The name or slug.
        name: String,
        /// `gateway`, `direct provider` or `custom source`.
        kind: &'static str,
    },
    /// The settings and keys of a gateway, provider or source.
    Configure {
        /// The name or slug.
        name: String,
        /// Where they are.
        path: Path,
    },
    /// A page.
    Page(Page),
    /// An action.
    Action(Action),
}

impl Entry {
    /// The heading above entries of this kind.
    pub(super) fn group(&self) -> &'static str {
        match self {
            Self::Ref(_) => "Route",
            Self::Agent(_) => "Agents",
            Self::Model { .. } => "Models",
            Self::Prefix { .. } => "Gateways, providers and sources",
            Self::Page(_) => "Pages",
            Self::Configure { .. } | Self::Action(_) => "Actions",
        }
    }

    /// What it says.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Ref(text) | Self::Agent(text) => text.clone(),
            Self::Model { model_ref, .. } => model_ref.clone(),
            Self::Prefix { name, .. } => format!("{name}/"),
            Self::Configure { name, .. } => format!("Configure {name}"),
            Self::Page(page) => page.label().to_owned(),
            Self::Action(action) => action.label().to_owned(),
        }
    }

    /// What Enter does, or what is unusual, beside the label.
    pub(super) fn note(&self) -> &'static str {
        match self {
            Self::Ref(_) => "Show the route",
            Self::Agent(_) => "",
            Self::Model { note, .. } => note,
            Self::Prefix { kind, .. } => kind,
            Self::Configure { .. } | Self::Page(_) | Self::Action(_) => "",
        }
    }

    /// Whether the label is a ref, in the monospaced face.
    pub(super) fn is_code(&self) -> bool {
        matches!(
            self,
            Self::Ref(_) | Self::Model { .. } | Self::Prefix { .. }
        )
    }

    /// The page it opens; `None` for what does something else.
    pub(super) fn path(&self) -> Option<Path> {
        Some(match self {
            Self::Ref(text) => Path::preview(text),
            Self::Agent(name) => Path::Agent(name.clone()),
            Self::Model { model_ref, .. } => Path::preview(model_ref),
            Self::Configure { path, .. } => path.clone(),
            Self::Page(page) => page.path(),
            Self::Prefix { .. } | Self::Action(_) => return None,
        })
    }
}

/// The words by which the settings and keys of a gateway, provider or source are found, besides its
/// name.
pub(super) const CONFIGURE: &str = "configure settings enter rotate replace change key base url";

/// A page of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Gateways,
    Sources,
    Direct,
    Catalog,
    Agents,
    Requests,
    Preview,
    Batch,
    Activity,
    Settings,
}

impl Page {
    /// Every page, in the order of the rail.
    pub(super) const ALL: [Self; 10] = [
        Self::Gateways,
        Self::Sources,
        Self::Direct,
        Self::Catalog,
        Self::Agents,
        Self::Requests,
        Self::Preview,
        Self::Batch,
        Self::Activity,
        Self::Settings,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Gateways => "Gateways",
            Self::Sources => "Custom sources",
            Self::Direct => "Direct providers",
            Self::Catalog => "Catalog",
            Self::Agents => "Agents",
            Self::Requests => "Requests",
            Self::Preview => "Route preview",
            Self::Batch => "Route preview of many refs",
            Self::Activity => "Activity",
            Self::Settings => "Settings",
        }
    }

    /// The label with other words that people look for.
    pub(super) fn haystack(self) -> String {
        let more = match self {
            Self::Gateways => "models rotate keys",
            Self::Sources => "models rotate keys endpoints",
            Self::Direct => "models rotate keys",
            Self::Catalog => "models enable disable prices",
            Self::Agents => "subagents yaml",
            Self::Requests => "log live traffic errors tokens",
            Self::Preview => "scenario trace",
            Self::Batch => "batch csv",
            Self::Activity => "audit log history changes sign-ins",
            Self::Settings => "managed gateway tokens secrets providers file sample",
        };
        format!("{} {more}", self.label()).to_ascii_lowercase()
    }

    fn path(self) -> Path {
        match self {
            Self::Gateways => Path::Gateways,
            Self::Sources => Path::Sources,
            Self::Direct => Path::Direct,
            Self::Catalog => Path::Catalog(CatalogFilter::default()),
            Self::Agents => Path::Agents,
            Self::Requests => Path::Requests(RequestsFilter::default()),
            Self::Preview => Path::preview(""),
            Self::Batch => Path::Preview(PreviewAddress {
                mode: PreviewMode::Many,
                ..PreviewAddress::default()
            }),
            Self::Activity => Path::Activity(ActivityFilter::default()),
            Self::Settings => Path::Settings,
        }
    }
}

/// Something that the palette does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    NewAgent,
    ImportAgents,
    AddSource,
    CopyLink,
    Theme(ThemeChoice),
    SignOut,
}

impl Action {
    /// Every action.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let themes = ThemeChoice::ALL.into_iter().map(Self::Theme);
        let first = [
            Self::NewAgent,
            Self::ImportAgents,
            Self::AddSource,
            Self::CopyLink,
        ];
        first.into_iter().chain(themes).chain([Self::SignOut])
    }

    /// Whether it leads to a change, which a viewer may not make.
    pub(super) fn edits(self) -> bool {
        matches!(self, Self::NewAgent | Self::ImportAgents | Self::AddSource)
    }

    fn label(self) -> &'static str {
        match self {
            Self::NewAgent => "Add agent",
            Self::ImportAgents => "Import agents",
            Self::AddSource => "Add custom source",
            Self::CopyLink => "Copy link to this page",
            Self::Theme(ThemeChoice::System) => "Use the system theme",
            Self::Theme(ThemeChoice::Light) => "Use the light theme",
            Self::Theme(ThemeChoice::Dark) => "Use the dark theme",
            Self::SignOut => "Sign out",
        }
    }

    /// The label with other words that people look for.
    pub(super) fn haystack(self) -> String {
        let more = match self {
            Self::NewAgent => "add create yaml document",
            Self::ImportAgents => "add upload paste files yaml documents",
            Self::AddSource => "new create endpoint base url",
            Self::CopyLink => "share url address",
            Self::Theme(ThemeChoice::System) => "appearance mode automatic",
            Self::Theme(ThemeChoice::Light) => "appearance mode day bright",
            Self::Theme(ThemeChoice::Dark) => "appearance mode night",
            Self::SignOut => "log out logout session end",
        };
        format!("{} {more}", self.label()).to_ascii_lowercase()
    }
}
