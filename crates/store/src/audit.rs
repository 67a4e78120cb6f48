//! The audit log: who changed which fields of what. It never holds a value.

use crate::clock;
use sqlx::{Sqlite, SqlitePool, Transaction};
use waypost_api_types::{AuditEvent, Page};

/// Who makes a change: a session by its public id, or the control plane itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The control plane itself: a watcher, a command on the machine.
    #[must_use]
    pub fn system() -> Self {
        Self("system".to_owned())
    }

    /// The session with this public id, which opens nothing.
    #[must_use]
    pub fn session(public_id: &str) -> Self {
        Self(format!("session:{public_id}"))
    }

    /// As the log names it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes one row, in the transaction of the change that it tells of, so that neither exists
/// without the other.
///
/// `action` is a dotted verb such as `provider.key.set`, `target` names the thing, such as
/// `provider:openrouter`, and `fields` are the names of what was set.
///
/// # Errors
/// Whatever the database says.
pub async fn record(
    transaction: &mut Transaction<'_, Sqlite>,
    actor: &Actor,
    action: &str,
    target: &str,
    fields: &[&str],
) -> Result<(), sqlx::Error> {
    let fields = serde_json::to_string(fields).expect("a list of strings is JSON");
    sqlx::query(
        "INSERT INTO audit (at, actor, action, target, fields) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(clock::now())
    .bind(actor.as_str())
    .bind(action)
    .bind(target)
    .bind(fields)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// One page of the log, newest first. `before` is the id that the page before ended with.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    pool: &SqlitePool,
    before: Option<i64>,
    limit: u32,
) -> Result<Page<AuditEvent>, sqlx::Error> {
    let rows: Vec<(i64, i64, String, String, String, String)> = sqlx::query_as(
        "SELECT id, at, actor, action, target, fields FROM audit
         WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
    )
    .bind(before.unwrap_or(i64::MAX))
    .bind(i64::from(limit) + 1)
    .fetch_all(pool)
    .await?;
    let mut items: Vec<AuditEvent> = rows
        .into_iter()
        .map(|(id, at, actor, action, target, fields)| AuditEvent {
            id,
            at,
            actor,
            action,
            target,
            fields: serde_json::from_str(&fields).unwrap_or_default(),
        })
        .collect();
    let wanted = limit as usize;
    let next_cursor = if items.len() > wanted {
        items.truncate(wanted);
        items.last().map(|event| event.id.to_string())
    } else {
        None
    };
    Ok(Page { items, next_cursor })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn with_rows(count: usize) -> (tempfile::TempDir, SqlitePool) {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        for number in 0..count {
            let mut transaction = pool.begin().await.unwrap();
            let target = format!("source:s{number}");
            record(
                &mut transaction,
                &Actor::session("ab"),
                "source.add",
                &target,
                &["name"],
            )
            .await
            .unwrap();
            transaction.commit().await.unwrap();
        }
        (folder, pool)
    }

    #[tokio::test]
    async fn pages_come_newest_first_and_end() {
        let (_folder, pool) = with_rows(3).await;
        let first = page(&pool, None, 2).await.unwrap();
        assert_eq!(first.items[0].target, "source:s2");
        assert_eq!(first.items[0].fields, ["name"]);
        let cursor = first.next_cursor.unwrap().parse().unwrap();
        let second = page(&pool, Some(cursor), 2).await.unwrap();
        assert_eq!(second.items.len(), 1);
        assert_eq!(second.items[0].target, "source:s0");
        assert_eq!(second.next_cursor, None);
    }

    #[tokio::test]
    async fn a_change_that_is_rolled_back_leaves_no_row() {
        let (_folder, pool) = with_rows(0).await;
        let mut transaction = pool.begin().await.unwrap();
        record(&mut transaction, &Actor::system(), "a", "b", &[])
            .await
            .unwrap();
        transaction.rollback().await.unwrap();
        assert!(page(&pool, None, 10).await.unwrap().items.is_empty());
    }

    #[tokio::test]
    async fn rows_can_be_neither_edited_nor_deleted() {
        let (_folder, pool) = with_rows(1).await;
        for statement in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
            let error = sqlx::query(statement).execute(&pool).await.unwrap_err();
            assert!(error.to_string().contains("append-only"), "{error}");
        }
    }
}
