//! Gateways and direct providers: the list, its rows and their dialogs. Both tabs show it.

mod cells;
mod configure_dialog;
mod deletion_conflict;
mod dialogs;
mod entry_dialogs;
mod entry_form;
mod entry_snapshot;
mod entry_text;
mod file_problems;
mod key_facts;
mod labels;
mod list;
mod remove_key;
mod row;
mod sample_offer;

pub use list::ProviderList;
