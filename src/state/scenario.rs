//! The scenario of Route preview.

use leptos::prelude::*;

/// The changes that are tried in Route preview, as the texts that its address carries. They outlive
/// the page, so that looking at an agent in between does not lose them.
#[derive(Clone, Copy)]
pub struct ScenarioTexts(RwSignal<Vec<String>>);

impl ScenarioTexts {
    /// No scenario.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// The texts.
    #[must_use]
    pub fn texts(self) -> RwSignal<Vec<String>> {
        self.0
    }

    /// Takes the scenario of an address. One without a scenario, such as the link in the rail, keeps
    /// the present one.
    pub fn take(self, of_address: Vec<String>) {
        if !of_address.is_empty() {
            self.0.set(of_address);
        }
    }
}

impl Default for ScenarioTexts {
    fn default() -> Self {
        Self::new()
    }
}

/// The scenario.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_scenario() -> ScenarioTexts {
    use_context().expect("the app provides the scenario")
}
