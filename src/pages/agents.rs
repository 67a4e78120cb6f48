//! Agents: the list with the routes of each, and the editor of one.

mod candidate;
mod conflict;
mod delete;
mod differences;
mod editor;
mod filter;
mod form;
mod glance;
mod import;
mod importing;
mod list;
mod live;
mod row;
mod table;

pub use form::AgentFormPage;
pub use list::AgentsPage;
