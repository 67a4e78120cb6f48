//! What several pages share. Unlike components, features know the API and the app's state.

pub(crate) mod add_header;
pub(crate) mod base_url_field;
pub(crate) mod conflict;
pub(crate) mod connection_lost;
pub(crate) mod first_field;
pub(crate) mod first_run;
pub(crate) mod impact;
pub(crate) mod key_check;
pub(crate) mod loadable;
pub(crate) mod new_models_field;
pub(crate) mod on_demand;
pub(crate) mod owner_row;
pub(crate) mod page_address;
pub(crate) mod palette;
pub(crate) mod private_address;
pub(crate) mod providers;
pub(crate) mod remedy;
pub(crate) mod removal;
pub(crate) mod removed_models;
pub(crate) mod replace_model;
pub(crate) mod report_panel;
pub(crate) mod sample_workspace;
pub(crate) mod staged_keys;
pub(crate) mod tokens;
pub(crate) mod unsaved_changes;
pub(crate) mod used_by;
