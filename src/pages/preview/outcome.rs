//! The outcome of the inputs: a route, or why there is none.

use super::document::Document;
use super::inputs::Inputs;
use crate::explain::Sender;
use crate::paths::PreviewMode;
use crate::state::SharedTable;
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::agent::Agent;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;
use waypost_routing::resolve::{Request, resolve};

/// The chosen agent.
#[derive(Clone, PartialEq)]
pub(super) enum Subject {
    /// There is no agent of this name.
    Unknown(String),
    /// This one.
    Known(Arc<Agent>),
    /// The edited document has errors.
    Faulty,
}

impl Subject {
    /// The chosen agent; `None` in another mode, or before one is chosen.
    pub(super) fn inputs(inputs: Inputs, document: Document, table: &SharedTable) -> Option<Self> {
        if inputs.mode.get() != PreviewMode::Agent {
            return None;
        }
        if document.is_edited() {
            let agent = document.reading(table).agent;
            let chosen = inputs.agent.get();
            return Some(agent.map_or(Self::Faulty, |agent| {
                Self::Known(Arc::new(table.in_place_of(agent, &chosen)))
            }));
        }
        inputs.agent.with(|name| {
            if name.is_empty() {
                return None;
            }
            Some(match table.table().agent(name) {
                Some(agent) => Self::Known(Arc::new(agent.clone())),
                None => Self::Unknown(name.clone()),
            })
        })
    }
}

/// What the page shows.
#[derive(Clone, PartialEq)]
pub(super) enum Outcome {
    /// No input yet.
    Nothing,
    /// The configuration is not loaded yet.
    Waiting,
    /// The chosen agent is not stored.
    UnknownAgent(String),
    /// The edited document has errors.
    Faulty,
    /// The answer.
    Answer(Arc<ResolvedRoute>),
}

/// A resolution with what its texts need.
#[derive(PartialEq)]
pub(super) struct ResolvedRoute {
    pub(super) resolution: Resolution,
    pub(super) operation: Operation,
    /// The agent that sends the request, if one does.
    pub(super) sender: Option<(Sender, Arc<Agent>)>,
}

/// Resolves the inputs.
pub(super) fn outcome_of(
    inputs: Inputs,
    subject: Memo<Option<Subject>>,
    table: Option<&SharedTable>,
) -> Outcome {
    let mode = inputs.mode.get();
    let text = inputs.text.get();
    let nothing = match mode {
        PreviewMode::Ref => text.is_empty(),
        PreviewMode::Agent => inputs.agent.with(String::is_empty) && subject.with(Option::is_none),
        PreviewMode::Many => true,
    };
    if nothing {
        return Outcome::Nothing;
    }
    let Some(table) = table else {
        return Outcome::Waiting;
    };
    let operation = inputs.operation.get();
    let (resolution, sender) = match subject.get() {
        Some(Subject::Unknown(name)) => return Outcome::UnknownAgent(name),
        Some(Subject::Faulty) => return Outcome::Faulty,
        Some(Subject::Known(agent)) => {
            let alias = inputs.alias();
            let own = (!text.is_empty()).then_some(text.as_str());
            let sender = Sender::new(&agent, alias.as_deref(), own);
            let resolution = match own {
                None => table.resolve_agent(&agent, alias.as_deref(), operation),
                Some(text) => {
                    let request = Request::new(text, operation).sent_by(&agent, alias.as_deref());
                    resolve(table.table(), &request)
                }
            };
            (resolution, Some((sender, agent)))
        }
        None => (table.resolve(&text, operation), None),
    };
    Outcome::Answer(Arc::new(ResolvedRoute {
        resolution,
        operation,
        sender,
    }))
}
