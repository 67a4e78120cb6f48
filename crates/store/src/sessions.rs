//! Sign-in links and sessions, both kept as digests: the database opens nothing.

use crate::random::TokenHash;
use crate::{clock, random};
use sqlx::SqlitePool;
use waypost_api_types::Role;
use zeroize::Zeroizing;

/// How long a sign-in link is good, in seconds.
pub const LINK_SECONDS: i64 = 15 * 60;
/// How long a session lives without a request, in seconds.
pub const IDLE_SECONDS: i64 = 12 * 60 * 60;
/// How long a session lives at most, in seconds.
pub const SESSION_SECONDS: i64 = 7 * 24 * 60 * 60;
/// A session's last use is written at most this often, so that reading does not write.
const TOUCH_SECONDS: i64 = 60;

/// A session's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The digest of the cookie's token.
    pub hash: TokenHash,
    /// What the audit log calls the session. It opens nothing.
    pub public_id: String,
    /// What the session may do.
    pub role: Role,
    /// When it began, in Unix seconds.
    pub created_at: i64,
    /// When it was last used, in Unix seconds, to the minute.
    pub last_seen_at: i64,
    /// When it ends, however much it is used, in Unix seconds.
    pub expires_at: i64,
}

/// A session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// What the audit log calls it.
    pub public_id: String,
    /// What it may do.
    pub role: Role,
    /// When it ends unless it is used again, in Unix seconds.
    pub expires_at: i64,
}

/// A session that was just made, with the only copy of its token.
pub struct NewSession {
    /// For the cookie.
    pub token: Zeroizing<String>,
    /// What is stored of it.
    pub session: StoredSession,
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Viewer => "viewer",
    }
}

fn role_from(name: &str) -> Option<Role> {
    match name {
        "admin" => Some(Role::Admin),
        "viewer" => Some(Role::Viewer),
        _ => None,
    }
}

/// Makes a sign-in link's token. Links that have run out are swept away on the occasion.
///
/// # Errors
/// Whatever the database says.
pub async fn make_link(pool: &SqlitePool, role: Role) -> Result<Zeroizing<String>, sqlx::Error> {
    let token = random::token();
    let now = clock::now();
    let mut transaction = pool.begin().await?;
    sqlx::query("DELETE FROM sign_in_links WHERE expires_at <= ?1")
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "INSERT INTO sign_in_links (token_hash, role, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
    )
    .bind(random::digest(&token).as_slice())
    .bind(role_name(role))
    .bind(now)
    .bind(now + LINK_SECONDS)
    .execute(&mut *transaction)
    .await?;
    let actor = super::audit::Actor::system();
    super::audit::record(
        &mut transaction,
        &actor,
        "sign_in_link.make",
        "session",
        &[],
    )
    .await?;
    transaction.commit().await?;
    Ok(token)
}

/// Trades a link's token for a session. The link is used up by it; a second trade, a link that
/// has run out and a token that never was are all `None`. A session that the browser had is
/// ended in its favour.
///
/// # Errors
/// Whatever the database says.
pub async fn sign_in(
    pool: &SqlitePool,
    link_token: &str,
    previous: Option<&str>,
) -> Result<Option<NewSession>, sqlx::Error> {
    let now = clock::now();
    let mut transaction = pool.begin().await?;
    // One statement both checks and uses the link up, so that two requests cannot share it.
    let role: Option<String> = sqlx::query_scalar(
        "DELETE FROM sign_in_links WHERE token_hash = ?1 AND expires_at > ?2 RETURNING role",
    )
    .bind(random::digest(link_token).as_slice())
    .bind(now)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(role) = role.as_deref().and_then(role_from) else {
        transaction.rollback().await?;
        return Ok(None);
    };
    if let Some(previous) = previous {
        sqlx::query("DELETE FROM sessions WHERE token_hash = ?1")
            .bind(random::digest(previous).as_slice())
            .execute(&mut *transaction)
            .await?;
    }
    sqlx::query("DELETE FROM sessions WHERE expires_at <= ?1 OR last_seen_at <= ?2")
        .bind(now)
        .bind(now - IDLE_SECONDS)
        .execute(&mut *transaction)
        .await?;
    let token = random::token();
    let public_id = random::public_id();
    sqlx::query(
        "INSERT INTO sessions (token_hash, public_id, role, created_at, last_seen_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
    )
    .bind(random::digest(&token).as_slice())
    .bind(&public_id)
    .bind(role_name(role))
    .bind(now)
    .bind(now + SESSION_SECONDS)
    .execute(&mut *transaction)
    .await?;
    let actor = super::audit::Actor::session(&public_id);
    super::audit::record(&mut transaction, &actor, "session.begin", "session", &[]).await?;
    transaction.commit().await?;
    Ok(Some(NewSession {
        token,
        session: StoredSession {
            public_id,
            role,
            expires_at: now + IDLE_SECONDS.min(SESSION_SECONDS),
        },
    }))
}

/// The open session of a cookie's token, whose idle time begins anew.
///
/// # Errors
/// Whatever the database says.
pub async fn find(pool: &SqlitePool, token: &str) -> Result<Option<StoredSession>, sqlx::Error> {
    let now = clock::now();
    let hash = random::digest(token);
    let row: Option<(String, String, i64, i64)> = sqlx::query_as(
        "SELECT public_id, role, last_seen_at, expires_at FROM sessions
         WHERE token_hash = ?1 AND expires_at > ?2 AND last_seen_at > ?3",
    )
    .bind(hash.as_slice())
    .bind(now)
    .bind(now - IDLE_SECONDS)
    .fetch_optional(pool)
    .await?;
    let Some((public_id, role, last_seen_at, expires_at)) = row else {
        return Ok(None);
    };
    if now - last_seen_at >= TOUCH_SECONDS {
        touch(pool, &hash, now).await?;
    }
    Ok(role_from(&role).map(|role| StoredSession {
        public_id,
        role,
        expires_at: expires_at.min(now + IDLE_SECONDS),
    }))
}

async fn touch(pool: &SqlitePool, hash: &TokenHash, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE sessions SET last_seen_at = ?2 WHERE token_hash = ?1")
        .bind(hash.as_slice())
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}

/// Every session, expired ones included.
///
/// # Errors
/// Fails if the database cannot be read.
pub async fn all(pool: &SqlitePool) -> Result<Vec<SessionRow>, sqlx::Error> {
    let rows: Vec<(Vec<u8>, String, String, i64, i64, i64)> = sqlx::query_as(
        "SELECT token_hash, public_id, role, created_at, last_seen_at, expires_at FROM sessions",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(
            |(hash, public_id, role, created_at, last_seen_at, expires_at)| {
                Some(SessionRow {
                    hash: hash.try_into().ok()?,
                    public_id,
                    role: role_from(&role)?,
                    created_at,
                    last_seen_at,
                    expires_at,
                })
            },
        )
        .collect())
}

/// Records when sessions were last used, in Unix seconds.
///
/// # Errors
/// Fails if the database cannot be written.
pub async fn record_uses(pool: &SqlitePool, uses: &[(TokenHash, i64)]) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    for (hash, at) in uses {
        sqlx::query(
            "UPDATE sessions SET last_seen_at = max(last_seen_at, ?2) WHERE token_hash = ?1",
        )
        .bind(hash.as_slice())
        .bind(at)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await
}

/// Ends one session.
///
/// # Errors
/// Whatever the database says.
pub async fn end(pool: &SqlitePool, token: &str) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let ended: Option<String> =
        sqlx::query_scalar("DELETE FROM sessions WHERE token_hash = ?1 RETURNING public_id")
            .bind(random::digest(token).as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
    if let Some(public_id) = ended {
        let actor = super::audit::Actor::session(&public_id);
        super::audit::record(&mut transaction, &actor, "session.end", "session", &[]).await?;
    }
    transaction.commit().await
}

/// Ends every session and every link that was not used yet; says how many sessions there were.
///
/// # Errors
/// Whatever the database says.
pub async fn end_all(pool: &SqlitePool) -> Result<u64, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("DELETE FROM sign_in_links")
        .execute(&mut *transaction)
        .await?;
    let ended = sqlx::query("DELETE FROM sessions")
        .execute(&mut *transaction)
        .await?
        .rows_affected();
    let actor = super::audit::Actor::system();
    super::audit::record(&mut transaction, &actor, "session.end_all", "session", &[]).await?;
    transaction.commit().await?;
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn store() -> (tempfile::TempDir, SqlitePool) {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        (folder, pool)
    }

    #[tokio::test]
    async fn a_link_opens_one_session_once() {
        let (_folder, pool) = store().await;
        let link = make_link(&pool, Role::Admin).await.unwrap();
        let new = sign_in(&pool, &link, None).await.unwrap().unwrap();
        assert!(sign_in(&pool, &link, None).await.unwrap().is_none());
        let found = find(&pool, &new.token).await.unwrap().unwrap();
        assert_eq!(found.public_id, new.session.public_id);
        end(&pool, &new.token).await.unwrap();
        assert_eq!(find(&pool, &new.token).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_link_that_has_run_out_opens_nothing() {
        let (_folder, pool) = store().await;
        let link = make_link(&pool, Role::Admin).await.unwrap();
        sqlx::query("UPDATE sign_in_links SET expires_at = ?1")
            .bind(clock::now())
            .execute(&pool)
            .await
            .unwrap();
        assert!(sign_in(&pool, &link, None).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_session_ends_when_it_idles_and_when_it_is_old() {
        let (_folder, pool) = store().await;
        for statement in [
            "UPDATE sessions SET last_seen_at = last_seen_at - 43200",
            "UPDATE sessions SET expires_at = expires_at - 604800",
        ] {
            let link = make_link(&pool, Role::Admin).await.unwrap();
            let new = sign_in(&pool, &link, None).await.unwrap().unwrap();
            sqlx::query(statement).execute(&pool).await.unwrap();
            assert_eq!(find(&pool, &new.token).await.unwrap(), None, "{statement}");
        }
    }

    #[tokio::test]
    async fn signing_in_again_ends_the_session_before() {
        let (_folder, pool) = store().await;
        let first = make_link(&pool, Role::Admin).await.unwrap();
        let first = sign_in(&pool, &first, None).await.unwrap().unwrap();
        let second = make_link(&pool, Role::Admin).await.unwrap();
        let second = sign_in(&pool, &second, Some(&first.token))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(find(&pool, &first.token).await.unwrap(), None);
        assert!(find(&pool, &second.token).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn ending_all_leaves_neither_session_nor_link() {
        let (_folder, pool) = store().await;
        let used = make_link(&pool, Role::Admin).await.unwrap();
        let unused = make_link(&pool, Role::Admin).await.unwrap();
        let new = sign_in(&pool, &used, None).await.unwrap().unwrap();
        assert_eq!(end_all(&pool).await.unwrap(), 1);
        assert_eq!(find(&pool, &new.token).await.unwrap(), None);
        assert!(sign_in(&pool, &unused, None).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn no_token_is_in_the_database() {
        let (folder, pool) = store().await;
        let link = make_link(&pool, Role::Admin).await.unwrap();
        let unused = make_link(&pool, Role::Admin).await.unwrap();
        let new = sign_in(&pool, &link, None).await.unwrap().unwrap();
        pool.close().await;
        let bytes = std::fs::read(folder.path().join(crate::FILE_NAME)).unwrap();
        for token in [&link, &unused, &new.token] {
            let found = bytes
                .windows(token.len())
                .any(|window| window == token.as_bytes());
            assert!(!found);
        }
    }
}
