//! The setting for models that a refresh finds for the first time.

use crate::api::types::NewModels;
use crate::components::{Choice, Select};
use leptos::prelude::*;

/// The field.
#[component]
pub(crate) fn NewModelsField(
    /// The choice.
    value: RwSignal<NewModels>,
) -> impl IntoView {
    let choices = vec![
        Choice::new("inherit", "Use workspace setting"),
        Choice::new("enabled", "Start enabled"),
        Choice::new("disabled", "Start disabled"),
    ];
    let name = move || {
        match value.get() {
            NewModels::Inherit => "inherit",
            NewModels::Enabled => "enabled",
            NewModels::Disabled => "disabled",
        }
        .to_owned()
    };
    let choose = move |name: String| {
        value.set(match name.as_str() {
            "enabled" => NewModels::Enabled,
            "disabled" => NewModels::Disabled,
            _ => NewModels::Inherit,
        });
    };
    view! {
        <Select
            label="New models"
            choices=choices
            value=Signal::derive(name)
            choose=choose
            help="The state of models found for the first time."
        />
    }
}
