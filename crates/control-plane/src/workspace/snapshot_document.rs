//! The snapshot as it is sent to browsers: written and compressed once for each routing table.

use super::Workspace;
use crate::panics::bad_end;
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use serde::Serialize;
use serde::ser::Serializer;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use tokio::sync::OnceCell;
use waypost_api_types::Snapshot;
use waypost_routing::routing_table::{AgentSet, RoutingTable};

/// Much faster than the levels above, and within a few per cent of them.
const BROTLI_QUALITY: u32 = 5;
/// What brotli looks back over, as a power of two in bytes.
const BROTLI_WINDOW: u32 = 22;

/// The forms in which the snapshot is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Compressed with gzip.
    Gzip,
    /// Compressed with brotli.
    Brotli,
}

/// The snapshot of one routing table as JSON.
pub struct SnapshotDocument {
    json: Bytes,
    digest: String,
    gzip: OnceCell<Bytes>,
    brotli: OnceCell<Bytes>,
}

impl SnapshotDocument {
    fn of(table: &RoutingTable) -> Self {
        let document = Document {
            snapshot: table.snapshot(),
            agents: table.agents(),
        };
        let json = serde_json::to_vec(&document).expect("a snapshot is JSON");
        let digest = Sha256::digest(&json);
        let digest = digest[..16].iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self {
            json: json.into(),
            digest,
            gzip: OnceCell::new(),
            brotli: OnceCell::new(),
        }
    }

    /// The first half of the SHA-256 digest of the JSON, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The bytes in this form. A form is made when it is first asked for.
    pub async fn bytes(&self, encoding: Encoding) -> Bytes {
        let cell = match encoding {
            Encoding::Identity => return self.json.clone(),
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        };
        let compress = match encoding {
            Encoding::Gzip => gzip,
            Encoding::Brotli | Encoding::Identity => brotli,
        };
        let made = cell.get_or_init(|| {
            let json = self.json.clone();
            async move { blocking(move || compress(&json).into()).await }
        });
        made.await.clone()
    }
}

/// The document of the table that was last asked about.
#[derive(Default)]
pub(super) struct SnapshotCache(ArcSwapOption<Cached>);

struct Cached {
    table: Arc<RoutingTable>,
    document: OnceCell<Arc<SnapshotDocument>>,
}

impl SnapshotCache {
    async fn of(&self, table: Arc<RoutingTable>) -> Arc<SnapshotDocument> {
        let cached = self.0.load_full();
        let cached = match cached.filter(|cached| Arc::ptr_eq(&cached.table, &table)) {
            Some(cached) => cached,
            None => {
                let document = OnceCell::new();
                let cached = Arc::new(Cached { table, document });
                self.0.store(Some(Arc::clone(&cached)));
                cached
            }
        };
        let made = cached.document.get_or_init(|| {
            let table = Arc::clone(&cached.table);
            blocking(move || Arc::new(SnapshotDocument::of(&table)))
        });
        Arc::clone(made.await)
    }
}

impl Workspace {
    /// The snapshot as it is now, ready to be sent. It waits for neither database nor secrets.
    pub async fn snapshot_document(&self) -> Arc<SnapshotDocument> {
        self.inner.routing.snapshots.of(self.routing_table()).await
    }
}

/// A [`Snapshot`] with its agents, without a copy of them.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    snapshot: &'a Snapshot,
    #[serde(skip_serializing_if = "AgentSet::is_empty", serialize_with = "agents")]
    agents: &'a AgentSet,
}

fn agents<S: Serializer>(agents: &&AgentSet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(agents.iter())
}

/// Runs work that takes milliseconds with thousands of agents, beside the requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => panic!("writing the snapshot failed: {}", bad_end(&error)),
    }
}

fn gzip(json: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(json).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

fn brotli(json: &[u8]) -> Vec<u8> {
    let mut encoder =
        brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_QUALITY, BROTLI_WINDOW);
    let written = encoder.write_all(json);
    written.expect("writing to memory does not fail");
    encoder.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::Agent;
    use waypost_routing::builtin_catalog::builtin;

    #[test]
    fn the_document_is_the_snapshot_with_its_agents() {
        let mut snapshot = Snapshot {
            managed_gateway: "litellm".to_owned(),
            providers: builtin(),
            ..Snapshot::default()
        };
        for agents in [0, 2] {
            let named = |number: usize| Agent {
                name: format!("bot{number}"),
                ..Agent::default()
            };
            snapshot.agents = (0..agents).map(named).collect();
            let expected = serde_json::to_string(&snapshot).unwrap();
            let document = SnapshotDocument::of(&RoutingTable::new(snapshot.clone()));
            assert_eq!(document.json, expected);
        }
    }
}
