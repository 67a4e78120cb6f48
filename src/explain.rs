//! A [`Resolution`](waypost_routing::resolution::Resolution) in words: pure functions that the
//! ref box and Route preview draw from, so that both say the same about the same route.

mod curl;
mod host;
mod stations;
mod summary;
mod value;

pub use curl::{Curl, Variable, body_stub, curl};
pub use host::host;
pub use stations::{Station, StationShape, stations};
pub use summary::{Part, kind_word, plain, summary};
pub use value::{Piece, pieces};
