//! What Route preview needs in some modes only, loaded when one of them is chosen.

use super::batch::{Batch, BatchForm, BatchTable};
use super::document::{Document, DocumentForm};
use super::inputs::Inputs;
use crate::components::{Button, Loading, Notice, Tone};
use crate::lazy::{Coming, Part, Stage, part};
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

/// A part of the page that may still have to be loaded.
#[component]
fn OnDemand<G: Copy + Send + Sync + 'static>(
    /// What loads it.
    load: fn() -> Coming<G>,
    /// What it draws.
    given: G,
    /// What is said until then.
    label: &'static str,
) -> impl IntoView {
    let part = Part::new(load);
    part.ask();
    move || {
        match part.stage() {
        Stage::There(draw) => draw(given),
        Stage::Failed => view! {
            <Notice tone=Tone::Bad text="This part of the page could not be loaded. Check the connection to the control plane.">
                <Button press=move || part.ask()>"Try again"</Button>
            </Notice>
        }
        .into_any(),
        Stage::Unasked | Stage::Coming => view! { <Loading label=label rows=3 /> }.into_any(),
    }
    }
}
