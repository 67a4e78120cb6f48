//! The answer to what is asked.

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

/// The agent that is asked about.
#[derive(Clone, PartialEq)]
pub(super) enum Subject {
    /// No agent is stored under this name.
    Unknown(String),
    /// This one.
    Known(Arc<Agent>),
    /// What is typed has errors.
    Faulty,
}

impl Subject {
    /// The agent that the page is asked about; none in another mode, or before one is chosen.
    pub(super) fn inputs(inputs: Inputs, document: Document, table: &SharedTable) -> Option<Self> {
        if inputs.mode.get() != PreviewMode::Agent {
            return None;
        }
        if document.is_edited() {
            let agent = document.reading(table).agent;
            return Some(agent.map_or(Self::Faulty, |agent| Self::Known(Arc::new(agent))));
        }
        inputs.agent.with(|name| {
            if name.is_empty() {
                return None;
            }
            let mut agents = table.table().agents().iter();
            Some(match agents.find(|agent| agent.name == *name) {
                Some(agent) => Self::Known(Arc::new(agent.clone())),
                None => Self::Unknown(name.clone()),
            })
        })
    }
}

/// What the page says.
#[derive(Clone, PartialEq)]
pub(super) enum Outcome {
    /// Nothing is asked yet.
    Nothing,
    /// The configuration is not read yet.
    Waiting,
    /// The agent that is asked about is not stored.
    UnknownAgent(String),
    /// The document that is typed has errors.
    Faulty,
    /// The answer.
    Answer(Arc<ResolvedRoute>),
}

/// An answer with all that its words are made from.
#[derive(PartialEq)]
pub(super) struct ResolvedRoute {
    pub(super) resolution: Resolution,
    pub(super) operation: Operation,
    /// The agent that sends the request, if one does.
    pub(super) sender: Option<(Sender, Arc<Agent>)>,
}

/// Answers what is asked.
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
