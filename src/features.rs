//! What several pages share: more than a component, since it knows the API and the app's state.

pub mod sample;
