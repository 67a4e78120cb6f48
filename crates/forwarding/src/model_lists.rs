//! The models of each agent, listed once for each routing table.
//!
//! Every change of what is listed, enabled or routed gives another table. One that is the same as
//! before therefore has the same lists.

use crate::forward_error::ForwardError;
use crate::model_list::{CatalogUnavailable, Entry, ListedModel, ModelCatalog, entries};
use std::collections::HashMap;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{Instant, timeout};
use waypost_routing::routing_table::RoutingTable;

/// Entries that are kept for all agents together. Beyond them, other agents' lists are made anew.
const MOST_ENTRIES: usize = 200_000;

/// How long the catalog may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// For how long a catalog that could not be read is left alone.
const PAUSE: Duration = Duration::from_secs(5);

/// The list of one agent.
type List = Arc<Vec<Entry>>;

/// Keeps the lists of the current routing table.
#[derive(Default)]
pub(crate) struct ModelLists {
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    lists: Option<Arc<TableLists>>,
    /// When the catalog may be read again, after it could not be.
    retry_at: Option<Instant>,
}

/// The lists of one routing table.
struct TableLists {
    table: Arc<RoutingTable>,
    listed: Arc<Vec<ListedModel>>,
    agents: SyncMutex<HashMap<String, Arc<OnceCell<List>>>>,
}

impl ModelLists {
    /// The models of an agent that the table has. A catalog that cannot be read in time gives those
    /// that it listed before.
    pub(crate) async fn of(
        &self,
        table: &Arc<RoutingTable>,
        agent: &str,
        catalog: &dyn ModelCatalog,
    ) -> Result<List, ForwardError> {
        let lists = self.of_table(table, catalog).await?;
        let kept = lists.kept(agent);
        let list = kept.get_or_try_init(|| lists.make(agent)).await?;
        Ok(Arc::clone(list))
    }

    async fn of_table(
        &self,
        table: &Arc<RoutingTable>,
        catalog: &dyn ModelCatalog,
    ) -> Result<Arc<TableLists>, ForwardError> {
        // Held while the catalog is read, so that many callers at once read it once.
        let mut current = self.current.lock().await;
        let is_pausing = current.retry_at.is_some_and(|at| Instant::now() < at);
        let known = current.lists.clone();
        let is_of_table = |lists: &Arc<TableLists>| Arc::ptr_eq(&lists.table, table);
        if let Some(lists) = &known
            && is_of_table(lists)
            && (is_pausing || current.retry_at.is_none())
        {
            return Ok(Arc::clone(lists));
        }
        let listed = match is_pausing {
            true => None,
            false => match timeout(PATIENCE, catalog.listed()).await {
                Ok(Ok(listed)) => Some(listed),
                Ok(Err(CatalogUnavailable)) | Err(_) => None,
            },
        };
        let lists = match (listed, known) {
            (Some(listed), _) => {
                current.retry_at = None;
                Arc::new(TableLists::new(table, Arc::new(listed)))
            }
            (None, known) => {
                if !is_pausing {
                    current.retry_at = Some(Instant::now() + PAUSE);
                }
                let known = known.ok_or(CatalogUnavailable)?;
                match is_of_table(&known) {
                    true => known,
                    false => Arc::new(TableLists::new(table, Arc::clone(&known.listed))),
                }
            }
        };
        current.lists = Some(Arc::clone(&lists));
        Ok(lists)
    }
}

impl TableLists {
    fn new(table: &Arc<RoutingTable>, listed: Arc<Vec<ListedModel>>) -> Self {
        Self {
            table: Arc::clone(table),
            listed,
            agents: SyncMutex::default(),
        }
    }

    /// Where the list of an agent is kept. Another agent's makes room for it where there are many.
    fn kept(&self, agent: &str) -> Arc<OnceCell<List>> {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = agents.get(agent) {
            return Arc::clone(kept);
        }
        // An agent has about as many models as the catalog lists.
        let most = (MOST_ENTRIES / self.listed.len().max(1)).max(1);
        if agents.len() >= most
            && let Some(other) = agents.keys().next().cloned()
        {
            agents.remove(&other);
        }
        Arc::clone(agents.entry(agent.to_owned()).or_default())
    }

    /// Makes the list of an agent. It plans every model that is listed, so that it must not hold up
    /// what else runs on the thread.
    async fn make(&self, agent: &str) -> Result<List, ForwardError> {
        let (table, listed) = (Arc::clone(&self.table), Arc::clone(&self.listed));
        let agent = agent.to_owned();
        let making = tokio::task::spawn_blocking(move || {
            let agent = table.agent(&agent);
            agent.map_or_else(Vec::new, |agent| entries(&table, agent, &listed))
        });
        let list = making.await.map_err(|_| ForwardError::internal())?;
        Ok(Arc::new(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fixture::snapshot;
    use async_trait::async_trait;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A catalog with as many models as it was read times, or none at all.
    #[derive(Default)]
    struct Catalog {
        reads: AtomicUsize,
        is_unavailable: bool,
        hangs: bool,
    }

    #[async_trait]
    impl ModelCatalog for Catalog {
        async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
            let reads = self.reads.fetch_add(1, Ordering::Relaxed) + 1;
            if self.hangs {
                std::future::pending::<()>().await;
            }
            if self.is_unavailable {
                return Err(CatalogUnavailable);
            }
            let model = |number| ListedModel {
                owner: "gw".to_owned(),
                id: format!("x/{number}"),
                first_seen: 1,
            };
            Ok((0..reads).map(model).collect())
        }
    }

    fn table() -> Arc<RoutingTable> {
        let address = "127.0.0.1:1".parse().unwrap();
        let agents = ["name: a\n", "name: b\n"];
        Arc::new(RoutingTable::new(snapshot(&[("gw", address)], &agents)))
    }

    async fn count(lists: &ModelLists, table: &Arc<RoutingTable>, catalog: &Catalog) -> usize {
        lists.of(table, "a", catalog).await.unwrap().len()
    }

    #[tokio::test]
    async fn a_list_is_made_once_for_each_table_and_agent() {
        let (lists, catalog, first) = (ModelLists::default(), Catalog::default(), table());
        let one = lists.of(&first, "a", &catalog).await.unwrap();
        let again = lists.of(&first, "a", &catalog).await.unwrap();
        assert!(Arc::ptr_eq(&one, &again));
        let other = lists.of(&first, "b", &catalog).await.unwrap();
        assert!(!Arc::ptr_eq(&one, &other));
        assert_eq!(catalog.reads.load(Ordering::Relaxed), 1);
        let second = table();
        assert_eq!(count(&lists, &second, &catalog).await, 2);
        assert_eq!(count(&lists, &second, &catalog).await, 2);
        assert_eq!(catalog.reads.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_catalog_that_cannot_be_read_gives_what_it_listed_before() {
        let unavailable = Catalog {
            is_unavailable: true,
            ..Catalog::default()
        };
        let lists = ModelLists::default();
        for _ in 0..2 {
            let refused = lists.of(&table(), "a", &unavailable).await;
            assert_eq!(refused.unwrap_err().code, "overloaded");
        }
        assert_eq!(
            unavailable.reads.load(Ordering::Relaxed),
            1,
            "it is left alone"
        );
        tokio::time::sleep(PAUSE).await;
        let (catalog, before, after) = (Catalog::default(), table(), table());
        assert_eq!(count(&lists, &before, &catalog).await, 1);
        assert_eq!(count(&lists, &after, &unavailable).await, 1);
        // It is read again a while later, although the table is the same.
        assert_eq!(count(&lists, &after, &catalog).await, 1);
        tokio::time::sleep(PAUSE).await;
        assert_eq!(count(&lists, &after, &catalog).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_catalog_that_hangs_is_waited_for_once() {
        let hung = Catalog {
            hangs: true,
            ..Catalog::default()
        };
        let lists = ModelLists::default();
        assert_eq!(count(&lists, &table(), &Catalog::default()).await, 1);
        let begun = Instant::now();
        // As after changes that need no database, such as those of the states of secrets.
        for _ in 0..9 {
            assert_eq!(count(&lists, &table(), &hung).await, 1);
        }
        assert_eq!(begun.elapsed(), PATIENCE);
    }

    #[tokio::test]
    async fn many_lists_make_room_for_one_another() {
        let listed = vec![
            ListedModel {
                owner: "gw".to_owned(),
                id: "x/y".to_owned(),
                first_seen: 1,
            };
            MOST_ENTRIES / 2
        ];
        let lists = TableLists::new(&table(), Arc::new(listed));
        for agent in ["a", "b", "c", "d"] {
            lists.kept(agent);
        }
        assert_eq!(lists.agents.lock().unwrap().len(), 2);
    }
}
