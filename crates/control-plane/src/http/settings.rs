//! The workspace's settings.

use super::body::ReadJson;
use super::caller::Acting;
use super::problem::ApiError;
use super::version::{Changing, Versioned};
use waypost_api_types::{SettingsPatch, SettingsView};

pub(super) async fn show(Acting(workspace): Acting) -> Result<Versioned<SettingsView>, ApiError> {
    Ok(Versioned(workspace.settings().await?))
}

pub(super) async fn edit(
    Changing(workspace): Changing,
    ReadJson(patch): ReadJson<SettingsPatch>,
) -> Result<Versioned<SettingsView>, ApiError> {
    Ok(Versioned(workspace.edit_settings(patch).await?))
}
