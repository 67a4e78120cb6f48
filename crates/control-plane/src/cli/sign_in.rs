//! `waypost sign-in-link` and `waypost sign-out-all`.

use super::{DataDir, Failure, tell};
use crate::store::sqlite::{FILE_NAME, SqliteStore, open_current};
use crate::store::{Store as _, sign_in};
use clap::Args;
use std::path::PathBuf;
use waypost_api_types::Role;

/// The options of `waypost sign-in-link`.
#[derive(Args)]
pub(super) struct SignInLink {
    /// The role of the link: `admin` may do everything, `viewer` may read and request routes
    #[arg(long, value_name = "ROLE", default_value = "admin", value_parser = role)]
    role: Role,
    #[command(flatten)]
    data_dir: DataDir,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(|| "expected `admin` or `viewer`".to_owned())
}

/// Makes a sign-in link for the dashboard of a data directory.
pub(super) async fn link(options: &SignInLink) -> Result<(), Failure> {
    let (path, store) = open(&options.data_dir).await?;
    let Some(url) = store.dashboard_url().await? else {
        return Err(Failure::new(format!(
            "no server has used the data directory {} yet. Run `waypost serve`, which prints a sign-in link",
            path.display()
        )));
    };
    let token = sign_in::make_link(&store, options.role).await?;
    tell(&sign_in_url(&url, &token));
    store.close().await;
    Ok(())
}

/// Ends every session of a data directory.
pub(super) async fn out_all(data_dir: &DataDir) -> Result<(), Failure> {
    let (_, store) = open(data_dir).await?;
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

/// The database of a data directory that another process may be serving right now: it is neither
/// created nor migrated.
pub(super) async fn open(data_dir: &DataDir) -> Result<(PathBuf, SqliteStore), Failure> {
    let path = data_dir.path()?;
    if !path.join(FILE_NAME).exists() {
        return Err(Failure::new(format!(
            "there is no workspace in {}. Start one with `waypost serve`, or choose another directory with --data-dir",
            path.display()
        )));
    }
    let store = open_current(&path).await?;
    Ok((path, store))
}
