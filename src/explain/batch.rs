//! Many requests at once: the requests, a table of outcomes, and that table as a file.

mod export;
mod questions;
mod table;

pub use export::{csv, json};
pub use questions::{Question, Questions, of_documents, of_lines};
pub use table::{Field, Row, Sorting, TableView, order};

/// How many refs or agents' documents are taken at a time.
pub const MOST: usize = 10_000;
