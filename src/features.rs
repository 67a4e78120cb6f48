//! What several pages share. Unlike components, features know the API and the app's state.

pub(crate) mod check_outcome;
pub(crate) mod conflict;
pub(crate) mod connection_lost;
pub(crate) mod impact;
pub(crate) mod load_failure;
pub(crate) mod owner_row;
pub(crate) mod page_address;
pub(crate) mod palette;
pub(crate) mod providers;
pub(crate) mod report_panel;
pub(crate) mod sample_workspace;
pub(crate) mod tokens;
pub(crate) mod unsaved_changes;
