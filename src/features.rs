//! What several pages share: more than a component, since it knows the API and the app's state.

pub(crate) mod address;
pub(crate) mod conflict;
pub(crate) mod effects;
pub(crate) mod last_calls;
pub(crate) mod leave;
pub(crate) mod providers;
pub(crate) mod ref_box;
pub(crate) mod report;
pub(crate) mod sample;
