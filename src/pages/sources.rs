//! The tab Custom sources: the list, and the form of one.

mod cells;
mod delete;
mod draft;
mod fields;
mod form;
mod headers;
mod list;
mod origin;
mod row;
mod saved;
mod sent;
mod tested;

pub use form::SourceFormPage;
pub use list::SourcesPage;
