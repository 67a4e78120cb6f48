//! The models of each agent, listed once for each routing table.
//!
//! Every change of what is listed, enabled or routed gives another table. One that is the same as
//! before therefore has the same lists.

use crate::forward_error::ForwardError;
use crate::model_list::{Entry, ListedModel, ModelCatalog, entries};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use tokio::sync::{Mutex, OnceCell};
use waypost_routing::routing_table::RoutingTable;

/// Entries that are kept for all agents together. Beyond them the lists are made anew.
const MOST_ENTRIES: usize = 200_000;

/// The list of one agent.
type List = Arc<Vec<Entry>>;

/// Keeps the lists of the current routing table.
#[derive(Default)]
pub(crate) struct ModelLists {
    current: Mutex<Option<Arc<TableLists>>>,
}

/// The lists of one routing table.
struct TableLists {
    table: Arc<RoutingTable>,
    listed: Arc<Vec<ListedModel>>,
    agents: SyncMutex<HashMap<String, Arc<OnceCell<List>>>>,
    entries: AtomicUsize,
}

impl ModelLists {
    /// The models of an agent that the table has. A catalog that cannot be read gives those that it
    /// listed before.
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
        if let Some(lists) = &*current
            && Arc::ptr_eq(&lists.table, table)
        {
            return Ok(Arc::clone(lists));
        }
        match (catalog.listed().await, &*current) {
            (Ok(listed), _) => {
                let lists = Arc::new(TableLists::new(table, Arc::new(listed)));
                *current = Some(Arc::clone(&lists));
                Ok(lists)
            }
            (Err(_), Some(before)) => {
                let listed = Arc::clone(&before.listed);
                Ok(Arc::new(TableLists::new(table, listed)))
            }
            (Err(unavailable), None) => Err(unavailable.into()),
        }
    }
}

impl TableLists {
    fn new(table: &Arc<RoutingTable>, listed: Arc<Vec<ListedModel>>) -> Self {
        Self {
            table: Arc::clone(table),
            listed,
            agents: SyncMutex::default(),
            entries: AtomicUsize::new(0),
        }
    }

    /// Where the list of an agent is kept.
    fn kept(&self, agent: &str) -> Arc<OnceCell<List>> {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if self.entries.load(Ordering::Relaxed) > MOST_ENTRIES {
            agents.clear();
            self.entries.store(0, Ordering::Relaxed);
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
        self.entries.fetch_add(list.len(), Ordering::Relaxed);
        Ok(Arc::new(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CatalogUnavailable;
    use crate::tests::fixture::snapshot;
    use async_trait::async_trait;

    /// A catalog with as many models as it was read times, or none at all.
    #[derive(Default)]
    struct Catalog {
        reads: AtomicUsize,
        is_unavailable: bool,
    }

    #[async_trait]
    impl ModelCatalog for Catalog {
        async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
            let reads = self.reads.fetch_add(1, Ordering::Relaxed) + 1;
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

    #[tokio::test]
    async fn a_catalog_that_cannot_be_read_gives_what_it_listed_before() {
        let unavailable = Catalog {
            is_unavailable: true,
            ..Catalog::default()
        };
        let lists = ModelLists::default();
        let refused = lists.of(&table(), "a", &unavailable).await;
        assert_eq!(refused.unwrap_err().code, "overloaded");
        let (catalog, before, after) = (Catalog::default(), table(), table());
        assert_eq!(count(&lists, &before, &catalog).await, 1);
        assert_eq!(count(&lists, &after, &unavailable).await, 1);
        // It is read again as soon as it can be.
        assert_eq!(count(&lists, &after, &catalog).await, 2);
    }
}
