//! The whole workspace: settings, the snapshot, routes, the sample workspace.

use super::transport::Call;
use super::{Answer, Api};
use waypost_api_types::{
    Resolution, Restored, RouteRequest, SampleView, SettingsPatch, SettingsView, Snapshot,
    WorkspaceView,
};

impl Api {
    /// Who is signed in, and the providers, sources and settings.
    ///
    /// # Errors
    /// [`ApiError::SignedOut`](super::ApiError::SignedOut) without a session.
    pub fn workspace(self) -> Answer<WorkspaceView> {
        Call::get("/workspace").read_quietly(self)
    }

    /// The settings.
    pub fn settings(self) -> Answer<SettingsView> {
        Call::get("/settings").read(self)
    }

    /// Changes settings, given the revision that was read.
    ///
    /// # Errors
    /// A problem that names the invalid field, or `version_conflict` with the stored row.
    pub fn edit_settings(self, seen: u64, patch: &SettingsPatch) -> Answer<SettingsView> {
        Call::patch("/settings")
            .if_match(seen)
            .json(patch)
            .read(self)
    }

    /// Undoes a deletion or replacement.
    ///
    /// # Errors
    /// A problem if it can no longer be undone.
    pub fn undo(self, token: &str) -> Answer<Restored> {
        Call::post(format!("/undo/{token}")).read(self)
    }

    /// The snapshot: everything the resolver needs, without secrets.
    pub fn snapshot(self) -> Answer<Snapshot> {
        Call::get("/snapshot").read(self)
    }

    /// Resolves a ref in the control plane.
    ///
    /// # Errors
    /// Only if the call failed: a rejected ref is a resolution.
    pub fn route(self, request: &RouteRequest) -> Answer<Resolution> {
        Call::post("/route").json(request).read(self)
    }

    /// The parts of the sample workspace that exist.
    pub fn sample(self) -> Answer<SampleView> {
        Call::get("/sample").read(self)
    }

    /// Adds the sample workspace.
    pub fn add_sample(self) -> Answer<()> {
        Call::post("/sample").done(self)
    }

    /// Removes the sample workspace.
    pub fn remove_sample(self) -> Answer<()> {
        Call::delete("/sample").done(self)
    }
}
