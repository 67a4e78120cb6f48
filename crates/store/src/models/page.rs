//! One page of the catalog.

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqlitePool};
use waypost_api_types::{ModelState, ModelView};

/// Which models are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsFilter {
    /// Of these owners.
    pub owners: Vec<String>,
    /// With each of these words in ref or name, without regard to case.
    pub words: Vec<String>,
    /// In this state.
    pub state: Option<ModelState>,
}

/// The model that a page ended with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(
    /// Its owner.
    pub String,
    /// Its id.
    pub String,
);

/// The models after a position, by owner, then by id, and how many match in all.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    pool: &SqlitePool,
    filter: &ModelsFilter,
    after: Option<&Position>,
    limit: u32,
) -> Result<(Vec<ModelView>, u64), sqlx::Error> {
    // One transaction, so that the total and the rows tell of the same moment.
    let mut transaction = pool.begin().await?;
    let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM models");
    push_filter(&mut count, filter);
    let total: i64 = count
        .build_query_scalar()
        .fetch_one(&mut *transaction)
        .await?;

    let mut select = QueryBuilder::<Sqlite>::new(
        "SELECT owner, id, name, context, input_price, output_price, mode, retires_on,
                enabled, absent, first_seen, last_seen
         FROM models",
    );
    push_filter(&mut select, filter);
    if let Some(Position(owner, id)) = after {
        select
            .push(" AND (owner, id) > (")
            .push_bind(owner)
            .push(", ")
            .push_bind(id)
            .push(")");
    }
    select.push(" ORDER BY owner, id LIMIT ").push_bind(limit);
    let rows = select.build().fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    let models = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok((models, total.unsigned_abs()))
}

fn push_filter(statement: &mut QueryBuilder<Sqlite>, filter: &ModelsFilter) {
    let owners = serde_json::to_string(&filter.owners).expect("strings are JSON");
    statement
        .push(" WHERE owner IN (SELECT value FROM json_each(")
        .push_bind(owners)
        .push("))");
    statement.push(match filter.state {
        None => "",
        Some(ModelState::Enabled) => " AND enabled = 1 AND absent = 0",
        Some(ModelState::Disabled) => " AND enabled = 0 AND absent = 0",
        Some(ModelState::Absent) => " AND absent = 1",
    });
    for word in &filter.words {
        // Unlike LIKE, instr knows no wildcards: `%` and `_` are themselves.
        statement
            .push(" AND instr(search, ")
            .push_bind(word.to_lowercase())
            .push(") > 0");
    }
}

fn read(row: &SqliteRow) -> Result<ModelView, sqlx::Error> {
    let owner: String = row.try_get("owner")?;
    let id: String = row.try_get("id")?;
    let enabled: bool = row.try_get("enabled")?;
    let absent: bool = row.try_get("absent")?;
    let context: Option<i64> = row.try_get("context")?;
    Ok(ModelView {
        model_ref: format!("{owner}/{id}"),
        owner,
        id,
        name: row.try_get("name")?,
        state: match (absent, enabled) {
            (true, _) => ModelState::Absent,
            (false, true) => ModelState::Enabled,
            (false, false) => ModelState::Disabled,
        },
        enabled,
        context: context.and_then(|tokens| u64::try_from(tokens).ok()),
        input_price: row.try_get("input_price")?,
        output_price: row.try_get("output_price")?,
        mode: row.try_get("mode")?,
        retires_on: row.try_get("retires_on")?,
        first_seen: row.try_get("first_seen")?,
        last_seen: row.try_get("last_seen")?,
    })
}
