//! The provider that the address asks to configure.

use crate::paths::Opening;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};

/// A provider, and what its dialog is opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfigureRequest {
    /// Its name.
    pub(super) name: String,
    /// What for.
    pub(super) opening: Opening,
}

/// What the address asks for. It is taken out of the address once it is read, so that neither a
/// reload nor Back asks again.
pub(super) fn configure_request() -> RwSignal<Option<ConfigureRequest>> {
    let query = use_query_map();
    let (navigate, here) = (use_navigate(), use_location());
    let request = RwSignal::new(None);
    Effect::new(move || {
        let found = query.with(|query| {
            let name = query.get("configure")?;
            let opening = Opening::read(|parameter| query.get(parameter));
            Some(ConfigureRequest { name, opening })
        });
        if found.is_some() {
            request.set(found);
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&here.pathname.get_untracked(), options);
        }
    });
    request
}
