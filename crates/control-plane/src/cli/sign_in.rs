//! `waypost sign-in-link` and `waypost sign-out-all`.

use super::database::WorkspaceOption;
use super::{Failure, tell};
use crate::store::sign_in;
use clap::Args;
use waypost_api_types::Role;

/// The options of `waypost sign-in-link`.
#[derive(Args)]
pub(super) struct SignInLink {
    /// The role of the link: `admin` may do everything, `viewer` may read and request routes
    #[arg(long, value_name = "ROLE", default_value = "admin", value_parser = role)]
    role: Role,
    #[command(flatten)]
    workspace: WorkspaceOption,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(|| "expected `admin` or `viewer`".to_owned())
}

/// Makes a sign-in link for the dashboard of a workspace.
pub(super) async fn link(options: &SignInLink) -> Result<(), Failure> {
    let (place, store) = options.workspace.open().await?;
    let Some(url) = store.dashboard_url().await? else {
        return Err(Failure::new(format!(
            "no server has used {place} yet. Run `waypost serve`, which prints a sign-in link"
        )));
    };
    let token = sign_in::make_link(&*store, options.role).await?;
    tell(&sign_in_url(&url, &token));
    store.close().await;
    Ok(())
}

/// Ends every session of a workspace.
pub(super) async fn out_all(workspace: &WorkspaceOption) -> Result<(), Failure> {
    let (_, store) = workspace.open().await?;
    let ended = store.end_all_sessions().await?;
    tell(&match ended {
        1 => "Ended 1 session.".to_owned(),
        _ => format!("Ended {ended} sessions."),
    });
    store.close().await;
    Ok(())
}

/// The address that signs in. The token stands behind `#`, which browsers keep to themselves, so
/// that it is in no log.
pub(crate) fn sign_in_url(dashboard: &str, token: &str) -> String {
    format!("{}/#token={token}", dashboard.trim_end_matches('/'))
}
