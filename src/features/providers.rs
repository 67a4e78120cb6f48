//! Gateways and direct providers: the list, its rows and their dialogs. Both tabs show it.

mod cells;
mod configure_dialog;
mod configure_managed;
mod configure_request;
mod delete;
mod dialogs;
mod file_problems;
mod labels;
mod list;
mod remove_key;
mod row;

pub(crate) use configure_managed::ConfigureManaged;
pub use list::ProviderList;
