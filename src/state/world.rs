//! The state of the world that refs are resolved in, here in the browser.

use std::sync::Arc;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::world::{Snapshot, World};

/// A world that was built once from a snapshot and is shared by all that resolve in it.
#[derive(Clone)]
pub struct KnownWorld(Arc<World>);

impl PartialEq for KnownWorld {
    /// Two are equal when they are the same one: a new snapshot makes a new world.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl KnownWorld {
    /// The world of a snapshot.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        Self(Arc::new(World::new(snapshot)))
    }

    /// Where a request would go. Nothing is sent, not even to the control plane.
    #[must_use]
    pub fn resolve(&self, model_ref: &str, operation: Operation) -> Resolution {
        resolve(&self.0, &Request::new(model_ref, operation))
    }

    /// The snapshot it was built from.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        self.0.snapshot()
    }
}
