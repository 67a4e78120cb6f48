//! `waypost sign-in-link` and `waypost sign-out-all`, and what a start says about signing in.

use super::database::WorkspaceOption;
use super::{Failure, tell};
use crate::oidc::Oidc;
use crate::store::{Store, sign_in};
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
    if !store.sign_in_links().await? {
        return Err(Failure::new(format!(
            "the server of {place} accepts no sign-in links. Sign in at {url} with the identity provider, or start the server with --sign-in-links on"
        )));
    }
    let token = sign_in::make_link(&*store, options.role).await?;
    tell(&sign_in_url(&url, &token));
    store.close().await;
    Ok(())
}

/// Says that the server is ready and how to sign in. Makes a link if links are accepted.
pub(crate) async fn announce(
    store: &dyn Store,
    dashboard: &str,
    oidc: Option<&Oidc>,
    accepts_links: bool,
) -> Result<(), Failure> {
    if let Some(oidc) = oidc {
        let name = oidc.name();
        tell(&format!(
            "Waypost is ready. Sign in with {name}:\n\n  {dashboard}\n"
        ));
    }
    if accepts_links {
        let token = sign_in::make_link(store, Role::Admin).await?;
        tell(&format!(
            "Waypost is ready. Open this link to sign in; it works once, for 15 minutes:\n\n  {}\n",
            sign_in_url(dashboard, &token)
        ));
    }
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
fn sign_in_url(dashboard: &str, token: &str) -> String {
    format!("{}/#token={token}", dashboard.trim_end_matches('/'))
}
