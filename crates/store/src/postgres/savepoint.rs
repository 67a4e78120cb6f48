//! Steps that may fail on a unique key and leave their transaction usable. PostgreSQL refuses every
//! statement after one that failed, unless it goes back to a savepoint.

use sqlx::PgConnection;

/// Begins such a step.
pub(super) async fn begin(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("SAVEPOINT step").execute(connection).await?;
    Ok(())
}

/// Ends it, and undoes it if it failed.
pub(super) async fn end<T>(
    connection: &mut PgConnection,
    result: Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    let statements = match &result {
        Ok(_) => "RELEASE SAVEPOINT step",
        Err(_) => "ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step",
    };
    sqlx::raw_sql(statements).execute(connection).await?;
    result
}
