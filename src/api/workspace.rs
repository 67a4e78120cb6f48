//! What concerns the workspace as a whole: settings, the snapshot, routes, the sample, the audit.

use super::transport::Call;
use super::{Answer, Api};
use crate::paths::Encoded;
use waypost_api_types::{
    AuditEvent, Page, Resolution, Restored, RouteRequest, SampleView, SettingsPatch, SettingsView,
    Snapshot,
};

impl Api {
    /// The settings.
    ///
    /// # Errors
    /// As for every call.
    pub fn settings(self) -> Answer<SettingsView> {
        Call::get("/settings").read(self)
    }

    /// Changes settings, in the revision that was seen.
    ///
    /// # Errors
    /// A problem that names the field at fault, or shows what is stored now.
    pub fn edit_settings(self, seen: u64, patch: &SettingsPatch) -> Answer<SettingsView> {
        Call::patch("/settings")
            .if_match(seen)
            .json(patch)
            .read(self)
    }

    /// Takes a deletion back.
    ///
    /// # Errors
    /// A problem where that is no longer possible.
    pub fn undo(self, token: &str) -> Answer<Restored> {
        Call::post(format!("/undo/{token}")).read(self)
    }

    /// The change that made a version, which is its number in the audit log.
    ///
    /// # Errors
    /// As for every call.
    pub fn change(self, version: u64) -> Answer<Page<AuditEvent>> {
        Call::get(format!("/audit?limit=1&cursor={}", version + 1)).read(self)
    }

    /// All that the resolver needs, without secrets.
    ///
    /// # Errors
    /// As for every call.
    pub fn snapshot(self) -> Answer<Snapshot> {
        Call::get("/snapshot").read(self)
    }

    /// Resolves a ref in the control plane.
    ///
    /// # Errors
    /// As for every call; that a ref is rejected is an answer, not an error.
    pub fn route(self, request: &RouteRequest) -> Answer<Resolution> {
        Call::post("/route").json(request).read(self)
    }

    /// What of the sample workspace is in place.
    ///
    /// # Errors
    /// As for every call.
    pub fn sample(self) -> Answer<SampleView> {
        Call::get("/sample").read(self)
    }

    /// Adds the sample workspace.
    ///
    /// # Errors
    /// As for every call.
    pub fn add_sample(self) -> Answer<()> {
        Call::post("/sample").done(self)
    }

    /// Removes the sample workspace.
    ///
    /// # Errors
    /// As for every call.
    pub fn remove_sample(self) -> Answer<()> {
        Call::delete("/sample").done(self)
    }

    /// One page of the audit log, newest first.
    ///
    /// # Errors
    /// As for every call.
    pub fn audit(self, cursor: Option<&str>) -> Answer<Page<AuditEvent>> {
        let path = match cursor {
            Some(cursor) => format!("/audit?cursor={}", Encoded(cursor)),
            None => "/audit".to_owned(),
        };
        Call::get(path).read(self)
    }
}
