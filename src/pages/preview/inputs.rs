//! The inputs of the page, as its address has them.

use crate::paths::{Path, PreviewAddress, PreviewMode};
use crate::state::use_scenario;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use waypost_routing::operation::Operation;

/// The inputs, a signal each, so that fields update independently.
#[derive(Clone, Copy)]
pub(super) struct Inputs {
    pub(super) mode: RwSignal<PreviewMode>,
    /// The ref; beside an agent, the model string that it sends instead of its primary.
    pub(super) text: RwSignal<String>,
    pub(super) agent: RwSignal<String>,
    /// The alias; empty for the agent itself.
    pub(super) subagent: RwSignal<String>,
    pub(super) operation: RwSignal<Operation>,
    pub(super) scenario: RwSignal<Vec<String>>,
}

impl Inputs {
    /// The inputs of an address, with the scenario that outlives the page.
    pub(super) fn new(address: PreviewAddress) -> Self {
        let scenario = use_scenario();
        scenario.take(address.scenario);
        Self {
            mode: RwSignal::new(address.mode),
            text: RwSignal::new(address.model_ref),
            agent: RwSignal::new(address.agent),
            subagent: RwSignal::new(address.subagent),
            operation: RwSignal::new(address.operation),
            scenario: scenario.texts(),
        }
    }

    /// Takes the inputs of another address.
    pub(super) fn show(self, address: PreviewAddress) {
        self.mode.set(address.mode);
        self.text.set(address.model_ref);
        self.agent.set(address.agent);
        self.subagent.set(address.subagent);
        self.operation.set(address.operation);
        // As for a new page: another ref does not end the scenario.
        if !address.scenario.is_empty() {
            self.scenario.set(address.scenario);
        }
    }

    /// The address of the inputs. Inputs of other modes are left out.
    pub(super) fn address(self) -> PreviewAddress {
        let mode = self.mode.get();
        let when = |wanted: bool, signal: RwSignal<String>| match wanted {
            true => signal.get(),
            false => String::new(),
        };
        let of_agent = mode == PreviewMode::Agent;
        PreviewAddress {
            mode,
            model_ref: when(mode != PreviewMode::Many, self.text),
            agent: when(of_agent, self.agent),
            subagent: when(of_agent, self.subagent),
            operation: self.operation.get(),
            scenario: self.scenario.get(),
        }
    }

    /// The alias of the chosen subagent.
    pub(super) fn alias(self) -> Option<String> {
        self.subagent
            .with(|alias| (!alias.is_empty()).then(|| alias.clone()))
    }
}

/// Reads the query of an address.
pub(super) fn read(query: &ParamsMap) -> PreviewAddress {
    let text = |name: &str| query.get(name).unwrap_or_default();
    let agent = text("agent");
    let named = text("mode");
    let mode = PreviewMode::ALL
        .into_iter()
        .find(|mode| mode.name() == named);
    let mode = mode.unwrap_or(match agent.is_empty() {
        true => PreviewMode::Ref,
        false => PreviewMode::Agent,
    });
    let operation = query.get_str("operation").and_then(Operation::from_name);
    PreviewAddress {
        mode,
        model_ref: text("ref"),
        agent,
        subagent: text("subagent"),
        operation: operation.unwrap_or_default(),
        scenario: query.get_all("draft").unwrap_or_default(),
    }
}

/// The absolute link to the inputs.
pub(super) fn link(address: PreviewAddress) -> String {
    let mut link = crate::dom::location_origin();
    link.push_str(&Path::Preview(address).to_string());
    link
}
