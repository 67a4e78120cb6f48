//! `waypost migrate-to`: copies a workspace from SQLite to PostgreSQL.

use super::database::with_password;
use super::serve::{data_dir, providers_path};
use super::{DataDir, Failure, ProvidersOption, tell};
use crate::catalog::environment::Environment;
use crate::store::postgres::{self, DatabaseUrl, InvalidDatabaseUrl};
use crate::store::sqlite::{self, FILE_NAME};
use crate::store::{Generation, Store as _};
use crate::workspace::table_of_rows;
use clap::Args;
use waypost_routing::agent::Agent;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;

/// How many routes are compared.
const ROUTES: usize = 1_000;

/// The options of `waypost migrate-to`.
#[derive(Args)]
pub(super) struct MigrateTo {
    /// An empty PostgreSQL database, such as postgres://waypost@db.example/waypost
    // A text and no URL, because an error of the option would repeat it, and it may have a password.
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    providers: ProvidersOption,
}

/// Copies the workspace of a data directory that no server uses, and compares both sides before the copy
/// counts.
pub(super) async fn run(options: &MigrateTo) -> Result<(), Failure> {
    let url: DatabaseUrl = options
        .url
        .parse()
        .map_err(|error: InvalidDatabaseUrl| Failure::new(error.to_string()))?;
    let folder = options.data_dir.path()?;
    let file = folder.join(FILE_NAME);
    if !file.exists() {
        return Err(Failure::new(format!(
            "there is no workspace in {}. Choose another directory with --data-dir",
            folder.display()
        )));
    }
    let _lock = data_dir::lock(&folder)?;
    let source = sqlite::open(&folder).await?;
    let (target, _) = postgres::open(&url, with_password().as_deref()).await?;
    let mut import = target
        .import(&file)
        .await
        .map_err(|error| Failure::new(format!("cannot copy to {url}: {error}")))?;

    let environment = Environment::process();
    let table = |rows, secrets| {
        let providers = providers_path(options.providers.named());
        table_of_rows(rows, secrets, providers, &environment)
    };
    let before = table(
        source.routing_rows(Generation::default()).await?,
        source.secrets().await?,
    );
    let after = table(import.routing_rows().await?, import.secrets().await?);
    let models = source.enabled_models().await?;
    source.close().await;
    let models: Vec<String> = models
        .into_iter()
        .map(|(owner, id, _)| format!("{owner}/{id}"))
        .collect();
    let routes = compare(&before, &after, &models)
        .map_err(|difference| Failure::new(format!("{difference}. Nothing was copied to {url}")))?;
    let counts = import.counts().to_vec();
    import.commit().await?;
    target.close().await;

    tell(&format!(
        "Copied the workspace in {} to {url}:\n",
        folder.display()
    ));
    for (table, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        tell(&format!("  {table:<18}{count:>9} rows"));
    }
    tell(&format!(
        "\nBoth sides are alike: every row, the snapshot, and {routes} routes were compared. Unused sign-in links and the request log were not copied.\n\nStart the server with --database {url} and the same data directory, which still has the secrets of the file backend."
    ));
    Ok(())
}

/// Compares the snapshots of two tables and what many requests resolve to. Returns how many requests.
fn compare(
    before: &RoutingTable,
    after: &RoutingTable,
    models: &[String],
) -> Result<usize, String> {
    if before.snapshot() != after.snapshot()
        || !before.agents().iter().eq(after.agents().iter())
        || before.generation() != after.generation()
    {
        return Err("the snapshots differ".to_owned());
    }
    let asked = Asked::some_of(before, models);
    for asked in &asked {
        let request = |table: &RoutingTable| {
            let agent: Option<Agent> = asked
                .agent
                .as_deref()
                .and_then(|name| table.agent(name))
                .cloned();
            let subagent = asked.subagent.as_deref();
            let request = Request::with(
                asked.model_ref.as_deref(),
                asked.operation,
                agent.as_ref(),
                subagent,
            );
            resolve(table, &request)
        };
        if request(before) != request(after) {
            return Err(format!(
                "the routes of `{}` differ",
                asked
                    .model_ref
                    .as_deref()
                    .or(asked.agent.as_deref())
                    .unwrap_or_default()
            ));
        }
    }
    Ok(asked.len())
}

/// A request that is resolved on both sides.
#[derive(Clone, PartialEq, Eq)]
struct Asked {
    model_ref: Option<String>,
    agent: Option<String>,
    subagent: Option<String>,
    operation: Operation,
}

impl Asked {
    /// Requests of every kind: each agent and subagent, and models that are listed and that are not, by
    /// every operation.
    fn some_of(table: &RoutingTable, models: &[String]) -> Vec<Self> {
        let snapshot = table.snapshot();
        let mut senders: Vec<(Option<String>, Option<String>, Option<String>)> = Vec::new();
        for agent in table.agents().iter() {
            senders.push((None, Some(agent.name.clone()), None));
            for alias in agent.subagents.keys() {
                senders.push((None, Some(agent.name.clone()), Some(alias.clone())));
            }
        }
        let not_plain = snapshot.models.iter();
        let refs = not_plain
            .map(|model| format!("{}/{}", model.owner, model.id))
            .chain(models.iter().cloned())
            .chain(snapshot.default_model.clone())
            .chain(["alias".to_owned(), "unknown/model".to_owned()]);
        senders.extend(refs.map(|text| (Some(text), None, None)));
        let owners: Vec<&str> = snapshot
            .providers
            .iter()
            .map(|provider| &*provider.name)
            .chain(snapshot.sources.iter().map(|source| &*source.slug))
            .collect();
        let unlisted = (0..ROUTES).flat_map(|number| {
            let refs = owners
                .iter()
                .map(move |owner| format!("{owner}/unlisted-{number}"));
            refs.map(|text| (Some(text), None, None))
        });
        let enough = ROUTES.saturating_sub(senders.len() * Operation::ALL.len());
        senders.extend(unlisted.take(enough.div_ceil(Operation::ALL.len())));
        let all = senders.len() * Operation::ALL.len();
        let asked = senders
            .into_iter()
            .flat_map(|(model_ref, agent, subagent)| {
                Operation::ALL.into_iter().map(move |operation| Self {
                    model_ref: model_ref.clone(),
                    agent: agent.clone(),
                    subagent: subagent.clone(),
                    operation,
                })
            });
        // Spread over all of them, where there are more, and over the operations.
        let mut step = (all / ROUTES).max(1);
        if step.is_multiple_of(Operation::ALL.len()) {
            step -= 1;
        }
        asked.step_by(step).take(ROUTES).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::builtin_catalog::builtin;
    use waypost_routing::snapshot::Snapshot;

    fn table(managed_gateway: &str) -> RoutingTable {
        RoutingTable::new(Snapshot {
            managed_gateway: managed_gateway.to_owned(),
            providers: builtin(),
            ..Snapshot::default()
        })
    }

    #[test]
    fn a_thousand_different_routes_are_compared_whatever_a_workspace_has() {
        let many: Vec<String> = (0..5_000).map(|number| format!("groq/m{number}")).collect();
        for models in [&[][..], &many[..10], &many] {
            let asked = Asked::some_of(&table("litellm"), models);
            assert_eq!(asked.len(), ROUTES);
            for (place, one) in asked.iter().enumerate() {
                assert!(!asked[..place].contains(one));
            }
            for operation in Operation::ALL {
                assert!(asked.iter().any(|asked| asked.operation == operation));
            }
        }
    }

    #[test]
    fn a_difference_is_found() {
        assert_eq!(
            compare(&table("litellm"), &table("litellm"), &[]),
            Ok(ROUTES)
        );
        assert!(compare(&table("litellm"), &table("openrouter"), &[]).is_err());
    }
}
