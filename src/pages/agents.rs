//! Agents: the list with the routes of each, and the editor of one.

mod bulk;
mod conflict;
mod delete;
mod differences;
mod editor;
mod filter;
mod form_page;
mod group_list;
mod groups;
mod import_candidate;
mod import_dialog;
mod import_line;
mod import_queue;
mod list;
mod list_state;
mod live_routes;
mod own_addresses;
mod own_keys;
mod route_summary;
mod row;
mod selection;
mod table;

pub use form_page::AgentFormPage;
pub use list::AgentsPage;
