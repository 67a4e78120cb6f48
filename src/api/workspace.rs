//! What concerns the workspace as a whole: settings, the snapshot, routes, the sample, the audit.

use super::transport::Call;
use super::{Api, ApiError};
use crate::paths::Encoded;
use waypost_api_types::{
    AuditEvent, Page, Resolution, RouteRequest, SettingsPatch, SettingsView, Snapshot,
};

impl Api {
    /// The settings.
    ///
    /// # Errors
    /// As for every call.
    pub async fn settings(self) -> Result<SettingsView, ApiError> {
        self.noted(Call::get("/settings").read().await)
    }

    /// Changes settings.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub async fn edit_settings(self, patch: &SettingsPatch) -> Result<SettingsView, ApiError> {
        self.noted(Call::patch("/settings").json(patch).read().await)
    }

    /// All that the resolver needs, without secrets.
    ///
    /// # Errors
    /// As for every call.
    pub async fn snapshot(self) -> Result<Snapshot, ApiError> {
        self.noted(Call::get("/snapshot").read().await)
    }

    /// Resolves a ref in the control plane.
    ///
    /// # Errors
    /// As for every call; that a ref is rejected is an answer, not an error.
    pub async fn route(self, request: &RouteRequest) -> Result<Resolution, ApiError> {
        self.noted(Call::post("/route").json(request).read().await)
    }

    /// Adds the sample workspace.
    ///
    /// # Errors
    /// As for every call.
    pub async fn add_sample(self) -> Result<(), ApiError> {
        self.noted(Call::post("/sample").done().await)
    }

    /// Removes the sample workspace.
    ///
    /// # Errors
    /// As for every call.
    pub async fn remove_sample(self) -> Result<(), ApiError> {
        self.noted(Call::delete("/sample").done().await)
    }

    /// One page of the audit log, newest first.
    ///
    /// # Errors
    /// As for every call.
    pub async fn audit(self, cursor: Option<&str>) -> Result<Page<AuditEvent>, ApiError> {
        let path = match cursor {
            Some(cursor) => format!("/audit?cursor={}", Encoded(cursor)),
            None => "/audit".to_owned(),
        };
        self.noted(Call::get(path).read().await)
    }
}
