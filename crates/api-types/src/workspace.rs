//! The workspace in one answer.

use crate::{ProvidersPage, SessionView, SettingsView, SourceView};
use serde::{Deserialize, Serialize};

/// `GET /api/v1/workspace`: what every page of the dashboard begins with, so that the first visit
/// needs one request for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceView {
    /// The current session.
    pub session: SessionView,
    /// The providers, as `GET /api/v1/providers` lists them.
    pub providers: ProvidersPage,
    /// The custom sources, as `GET /api/v1/sources` lists them.
    pub sources: Vec<SourceView>,
    /// The settings.
    pub settings: SettingsView,
}
