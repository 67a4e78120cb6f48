//! A [`Resolution`](waypost_routing::resolution::Resolution) in words: pure functions that the
//! ref box and Route preview draw from, so that both say the same about the same route.

mod agent_document;
pub mod batch;
mod curl;
mod header_value;
mod host;
mod impact;
mod litellm;
mod route_outcome;
#[cfg(test)]
mod sample;
mod scenario;
mod sender;
mod stations;
mod summary;
mod yaml_text;

pub use agent_document::agent_document;
pub use curl::{Curl, Variable, body_stub, curl};
pub use header_value::{Piece, pieces};
pub use host::host;
pub use impact::{AffectedAgents, ImpactRow, ImpactSide};
pub use litellm::{ModelListEntry, model_list_entry};
pub use route_outcome::RouteOutcome;
pub use scenario::change_words;
pub use sender::{ROOT, Sender, expectation_of, model_of};
pub use stations::{Station, StationShape, stations, stations_of};
pub use summary::{Part, kind_word, plain, summary};
