//! Routes as they were decided, in JSON, each made once per routing table.

use serde_json::to_string;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use waypost_routing::model_ref;
use waypost_routing::operation::Operation;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::Resolution;
use waypost_routing::resolve::Plan;
use waypost_routing::routing_table::RoutingTable;

/// How many routes are kept. An agent may send any model string; then all are made anew.
const MOST_ROUTES: usize = 1_024;

/// The longest model string whose route is kept, in bytes: a ref and the scope of a subagent. A longer one
/// is refused.
const MODEL_BYTES: usize = 2 * model_ref::MAX_LENGTH;

/// The longest JSON that is kept, in bytes.
const JSON_BYTES: usize = 64 * 1024;

/// The resolution that a request was sent by, as Route preview showed it at that moment, without the values
/// of configured headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedRoute {
    /// The SHA-256 of the JSON.
    pub digest: [u8; 32],
    /// The resolution in JSON.
    pub json: Arc<str>,
}

/// The routes that requests of late took. Words and JSON take longer than deciding, so that requests
/// that are alike share them.
#[derive(Default)]
pub(crate) struct DecidedRoutes {
    hasher: RandomState,
    of_table: Mutex<OfTable>,
}

/// The routes of one table.
#[derive(Default)]
struct OfTable {
    /// Keeps the table's address from being used again, but not the table.
    table: Weak<RoutingTable>,
    routes: HashMap<u64, Entry>,
}

struct Entry {
    agent: String,
    model: String,
    operation: Operation,
    route: Arc<DecidedRoute>,
}

impl DecidedRoutes {
    /// The route of a plan, by what was planned: an agent's request for a model, in a table. `None` if it is
    /// too long to be kept.
    pub(crate) fn of(
        &self,
        table: &Arc<RoutingTable>,
        plan: &Plan<'_>,
        agent: &str,
        model: &str,
    ) -> Option<Arc<DecidedRoute>> {
        if model.len() > MODEL_BYTES {
            return None;
        }
        let operation = plan.operation();
        let hash = self.hasher.hash_one((agent, model, operation));
        let is_this = |entry: &&Entry| {
            entry.agent == agent && entry.model == model && entry.operation == operation
        };
        {
            let mut of_table = self.lock();
            if std::ptr::eq(of_table.table.as_ptr(), Arc::as_ptr(table)) {
                if let Some(entry) = of_table.routes.get(&hash).filter(is_this) {
                    return Some(Arc::clone(&entry.route));
                }
            } else {
                of_table.table = Arc::downgrade(table);
                of_table.routes.clear();
            }
        }
        // Without the lock: other requests need not wait for the words.
        let mut resolution = plan.resolution();
        hide_header_values(&mut resolution);
        let json = to_string(&resolution).expect("a resolution is JSON");
        if json.len() > JSON_BYTES {
            return None;
        }
        let route = Arc::new(DecidedRoute {
            digest: Sha256::digest(&json).into(),
            json: json.into(),
        });
        let mut of_table = self.lock();
        if std::ptr::eq(of_table.table.as_ptr(), Arc::as_ptr(table)) {
            if of_table.routes.len() >= MOST_ROUTES {
                of_table.routes.clear();
            }
            let entry = Entry {
                agent: agent.to_owned(),
                model: model.to_owned(),
                operation,
                route: Arc::clone(&route),
            };
            of_table.routes.insert(hash, entry);
        }
        Some(route)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, OfTable> {
        self.of_table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Replaces the values of configured headers by digests: what an administrator or an agent wrote there is
/// not recorded, and whether it has changed can still be seen. Where a secret goes, its place remains.
pub fn hide_header_values(resolution: &mut Resolution) {
    for header in resolution
        .route
        .iter_mut()
        .flat_map(|route| &mut route.headers)
    {
        let is_shown = match &header.from {
            Provenance::Waypost | Provenance::Secret(_) | Provenance::Env(_) => true,
            // From the server, the value of a source's header is always the place of a secret.
            Provenance::Source(_) => header.value.starts_with("{{secret:"),
            _ => false,
        };
        if !is_shown {
            let digest = Sha256::digest(&header.value);
            let start: String = digest[..6]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            header.value = format!("{{{{digest:{start}}}}}");
        }
    }
    if let Some(fallback) = &mut resolution.fallback {
        hide_header_values(fallback);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::resolve::{Request, plan};
    use waypost_routing::snapshot::Snapshot;

    #[test]
    fn requests_that_are_alike_share_a_route_until_the_table_changes() {
        let routes = DecidedRoutes::default();
        let table = Arc::new(RoutingTable::new(Snapshot::default()));
        let route = |table: &Arc<RoutingTable>, agent: &str, model: &str| {
            let request = Request::new(model, Operation::Chat);
            let route = routes.of(table, &plan(table, &request), agent, model);
            route.expect("it is short")
        };
        let first = route(&table, "a", "x/y");
        assert!(Arc::ptr_eq(&first, &route(&table, "a", "x/y")));
        let shown: Resolution = serde_json::from_str(&first.json).unwrap();
        assert_eq!(shown.model_ref, "x/y");
        for (agent, model) in [("b", "x/y"), ("a", "x/z")] {
            assert!(!Arc::ptr_eq(&first, &route(&table, agent, model)));
        }
        let next = Arc::new((*table).clone());
        let again = route(&next, "a", "x/y");
        assert!(!Arc::ptr_eq(&first, &again));
        assert_eq!(first, again, "the same route has the same digest");
        let other = route(&next, "a", "x/z");
        assert_ne!(first.digest, other.digest);
    }

    #[test]
    fn any_number_of_model_strings_takes_little_memory() {
        let routes = DecidedRoutes::default();
        let table = Arc::new(RoutingTable::new(Snapshot::default()));
        for number in 0..3 * MOST_ROUTES {
            let model = format!("x/{number}");
            let request = Request::new(&model, Operation::Chat);
            routes.of(&table, &plan(&table, &request), "a", &model);
            assert!(routes.lock().routes.len() <= MOST_ROUTES);
        }
        let long = "x".repeat(1024 * 1024);
        let request = Request::new(&long, Operation::Chat);
        let route = routes.of(&table, &plan(&table, &request), "a", &long);
        assert_eq!(route, None);
    }
}
