//! Everything that routing reads.

use super::{agents, configuration, models, versions};
use crate::generation::Generation;
use crate::routing_rows::RoutingRows;
use sqlx::PgConnection;

/// The caller has begun a transaction.
pub(super) async fn read(
    connection: &mut PgConnection,
    since: Generation,
) -> Result<RoutingRows, sqlx::Error> {
    Ok(RoutingRows {
        generation: versions::generation(connection).await?,
        configuration: configuration::read(connection).await?,
        models: models::entries(connection).await?,
        // Generations and versions come from one counter.
        agents: agents::changes(connection, since.0).await?,
    })
}
