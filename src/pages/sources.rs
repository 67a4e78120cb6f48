//! The tab Custom sources: the list, and the form of one.

mod cells;
mod delete;
mod fields;
mod form;
mod form_page;
mod form_snapshot;
mod headers;
mod last_refresh;
mod list;
mod request_preview;
mod row;

pub use form_page::SourceFormPage;
pub use list::SourcesPage;
