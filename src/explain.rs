//! A [`Resolution`](waypost_routing::resolution::Resolution) in words: pure functions that the
//! palette and Route preview draw from, so that both say the same about the same route.

pub mod batch;
mod host;
mod impact;
mod origin;
mod route_outcome;
#[cfg(test)]
mod sample;
mod scenario;
mod sender;
mod stations;
mod summary;

pub use host::host;
pub use impact::{AffectedAgents, ImpactRow, ImpactSide, fold_notes};
pub use origin::{is_never_called, is_private, meant_origin, moves, origin};
pub use route_outcome::RouteOutcome;
pub use scenario::change_words;
pub use sender::{ROOT, Sender, expectation_of, model_of};
pub use stations::{Station, StationShape, stations, stations_of};
pub use summary::{Part, kind_word, plain, rule_word, summary};
