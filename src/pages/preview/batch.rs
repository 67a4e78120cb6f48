//! Batch mode: the outcome of many refs or agents' documents.

mod input;
mod table;

use super::inputs::Inputs;
use crate::dom;
use crate::explain::batch::{Question, Questions, Row, TableView, order};
use crate::state::SharedTable;
use crate::task::spawn_scoped;
use leptos::prelude::*;
use std::sync::Arc;

pub(super) use input::BatchForm;
pub(super) use table::BatchTable;

/// How many requests are resolved between two frames.
const CHUNK: usize = 1_000;

/// The requests and the table of their outcomes. The page keeps them in other modes, so that pasted
/// text is kept.
#[derive(Clone, Copy)]
pub(super) struct Batch {
    /// The refs as pasted.
    text: RwSignal<String>,
    /// The chosen files; `None` for pasted text.
    files: RwSignal<Option<Arc<Chosen>>>,
    questions: RwSignal<Arc<Questions>>,
    rows: RwSignal<Arc<Vec<Row>>>,
    /// How many requests are resolved, while some are not.
    answered: RwSignal<Option<usize>>,
    shown: RwSignal<TableView>,
}

/// The files that were chosen.
#[derive(Debug, PartialEq, Eq)]
struct Chosen {
    /// How many were read.
    files: usize,
    /// Those that could not be read as text.
    unreadable: Vec<String>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            files: RwSignal::new(None),
            questions: RwSignal::new(Arc::default()),
            rows: RwSignal::new(Arc::default()),
            answered: RwSignal::new(None),
            shown: RwSignal::new(TableView::default()),
        }
    }

    /// Resolves whenever the requests, the operation or the routing table change.
    pub(super) fn answer_in(self, inputs: Inputs, table: Memo<Option<SharedTable>>) {
        Effect::new(move || {
            let (questions, operation) = (self.questions.get(), inputs.operation.get());
            let Some(table) = table.get() else {
                return;
            };
            // The next change cancels this run.
            spawn_scoped(async move {
                let mut rows = Vec::with_capacity(questions.list.len());
                let mut answered = 0;
                for chunk in questions.list.chunks(CHUNK) {
                    if answered > 0 {
                        self.answered.try_set(Some(answered));
                        dom::pause(0).await;
                    }
                    let answer = |question: &Question| {
                        question.answer(table.table(), operation, &mut rows);
                    };
                    chunk.iter().for_each(answer);
                    answered += chunk.len();
                }
                self.answered.try_set(None);
                self.rows.try_set(Arc::new(rows));
            });
        });
    }

    /// The rows that are shown, in their order.
    fn order(self) -> Memo<Arc<Vec<usize>>> {
        Memo::new(move |_| {
            let rows = self.rows.get();
            self.shown.with(|shown| Arc::new(order(&rows, shown)))
        })
    }
}
