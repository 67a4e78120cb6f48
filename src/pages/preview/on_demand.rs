//! What Route preview needs in some modes only, loaded when one of them is chosen.

use super::batch::{Batch, BatchForm, BatchTable};
use super::document::{Document, DocumentForm};
use super::inputs::Inputs;
use crate::features::on_demand::OnDemand;
use crate::lazy::part;
use crate::state::SharedTable;
use leptos::prelude::*;

/// What the editor of a document is given.
type Editor = (Inputs, Document, Memo<Option<SharedTable>>);

part!(load_batch_form, batch, Batch, |batch| {
    view! { <BatchForm batch=batch /> }.into_any()
});
part!(load_batch_table, batch, Batch, |batch| {
    view! { <BatchTable batch=batch /> }.into_any()
});
part!(load_document, document, Editor, |(
    inputs,
    document,
    table,
)| {
    view! { <DocumentForm inputs=inputs document=document table=table /> }.into_any()
});

/// The input of a batch.
#[component]
pub(super) fn LazyBatchForm(batch: Batch) -> impl IntoView {
    view! { <OnDemand load=load_batch_form given=batch label="Loading the batch" /> }
}

/// The outcomes of a batch.
#[component]
pub(super) fn LazyBatchTable(batch: Batch) -> impl IntoView {
    view! { <OnDemand load=load_batch_table given=batch label="Loading the table" /> }
}

/// The YAML of the agent.
#[component]
pub(super) fn LazyDocumentForm(
    inputs: Inputs,
    document: Document,
    table: Memo<Option<SharedTable>>,
) -> impl IntoView {
    let given = (inputs, document, table);
    view! { <OnDemand load=load_document given=given label="Loading the editor" /> }
}
