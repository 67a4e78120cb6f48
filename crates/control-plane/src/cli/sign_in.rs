//! `waypost sign-in-link` and `waypost sign-out-all`.

use super::{DataDir, Failure, tell};
use crate::store::{self, meta, sessions};
use clap::Args;
use sqlx::SqlitePool;
use waypost_api_types::Role;

/// The options of `waypost sign-in-link`.
#[derive(Args)]
pub(super) struct SignInLink {
    /// What whoever opens the link may do: everything, or read and ask for routes
    #[arg(long, value_name = "ROLE", default_value = "admin", value_parser = role)]
    role: Role,
    #[command(flatten)]
    data_dir: DataDir,
}

fn role(text: &str) -> Result<Role, String> {
    match text {
        "admin" => Ok(Role::Admin),
        "viewer" => Ok(Role::Viewer),
        _ => Err("it is admin or viewer".to_owned()),
    }
}

/// Makes a sign-in link for the dashboard of a data directory.
pub(super) async fn link(options: &SignInLink) -> Result<(), Failure> {
    let pool = open(&options.data_dir).await?;
    let Some(url) = meta::dashboard_url(&pool).await? else {
        return Err(Failure::new(
            "this data directory was never served: `waypost serve` prints a sign-in link itself",
        ));
    };
    let token = sessions::make_link(&pool, options.role).await?;
    tell(&sign_in_url(&url, &token));
    pool.close().await;
    Ok(())
}

/// Ends every session of a data directory.
pub(super) async fn out_all(data_dir: &DataDir) -> Result<(), Failure> {
    let pool = open(data_dir).await?;
    let ended = sessions::end_all(&pool).await?;
    tell(&match ended {
        1 => "1 session was ended.".to_owned(),
        _ => format!("{ended} sessions were ended."),
    });
    pool.close().await;
    Ok(())
}

/// The address that signs in. The token stands behind `#`, which browsers keep to themselves, so
/// that it is in no log.
pub(crate) fn sign_in_url(dashboard: &str, token: &str) -> String {
    format!("{}/#token={token}", dashboard.trim_end_matches('/'))
}

async fn open(data_dir: &DataDir) -> Result<SqlitePool, Failure> {
    let path = data_dir.path()?;
    if !path.join(store::FILE_NAME).exists() {
        return Err(Failure::new(format!(
            "there is no workspace in {}: start one with `waypost serve`, or name another with --data-dir",
            path.display()
        )));
    }
    Ok(store::open(&path).await?)
}
