//! What the tabs Gateways and Direct providers share: the list, its rows, and their dialogs.

mod cells;
mod configure;
mod dialogs;
mod entry;
mod entry_form;
mod entry_saved;
mod entry_text;
mod first_run;
mod key_facts;
mod list;
mod problems;
mod remove_key;
mod row;
mod taken;
mod words;

pub use list::ProviderList;
