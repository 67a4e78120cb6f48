//! The documents to import: chosen, dropped or pasted.

use super::import_candidate::{Candidate, Imported, MOST, ServerCheck, split_documents};
use crate::api::{Api, use_api};
use crate::dom::{self, LocalFile};
use crate::task::Scope;
use leptos::ev::DragEvent;
use leptos::prelude::*;

/// The documents to import. The queue outlives the dialog, so that closing it keeps them.
#[derive(Clone, Copy)]
pub(super) struct ImportQueue {
    /// Whether the dialog is open.
    pub(super) open: RwSignal<bool>,
    /// Whether files are dragged over the page.
    pub(super) over: RwSignal<bool>,
    /// The documents, in the order in which they came.
    pub(super) candidates: RwSignal<Vec<Candidate>>,
    /// Pasted text that is not in the queue yet.
    pub(super) pasted: RwSignal<String>,
    /// The page: files are read on after the dialog closes.
    page: Scope,
    /// The id of the next document.
    next: StoredValue<u32>,
    /// Whether documents are being checked by the control plane.
    checking: StoredValue<bool>,
    api: Api,
}

impl ImportQueue {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            over: RwSignal::new(false),
            candidates: RwSignal::new(Vec::new()),
            pasted: RwSignal::new(String::new()),
            page: Scope::current(),
            next: StoredValue::new(0),
            checking: StoredValue::new(false),
            api: use_api(),
        }
    }

    /// Something is dragged over the page.
    pub(super) fn drag(self, event: &DragEvent) {
        if dom::drags_files(event) {
            event.prevent_default();
            if !self.over.get_untracked() {
                self.over.set(true);
            }
        }
    }

    /// Something was dropped onto the page.
    pub(super) fn drop(self, event: &DragEvent) {
        self.over.set(false);
        let files = dom::dropped_files(event);
        if !files.is_empty() {
            event.prevent_default();
            self.open.set(true);
            self.take(files);
        }
    }

    /// Reads files, one after the other, in their order.
    pub(super) fn take(self, files: Vec<LocalFile>) {
        self.page.spawn(async move {
            for file in files {
                // Exact for every size that a file may have.
                #[allow(clippy::cast_precision_loss)]
                if file.size() > MOST as f64 {
                    let why = "Larger than 1 MiB, the limit for an agent document.";
                    self.add(file.name(), Err(why.to_owned()));
                    continue;
                }
                match file.text().await {
                    Some(text) => self.add_all(&file.name(), &text),
                    None => {
                        let why = "The browser could not read this file.";
                        self.add(file.name(), Err(why.to_owned()));
                    }
                }
            }
        });
    }

    /// Adds the pasted text.
    pub(super) fn take_pasted(self) {
        let text = self.pasted.get_untracked();
        if !text.trim().is_empty() {
            self.pasted.set(String::new());
            self.add_all("Pasted text", &text);
        }
    }

    /// Adds the documents of a text.
    fn add_all(self, from: &str, text: &str) {
        let documents = split_documents(text);
        let number = documents.len();
        for (at, document) in documents.into_iter().enumerate() {
            let from = match number {
                1 => from.to_owned(),
                _ => format!("{from}, document {}", at + 1),
            };
            self.add(from, Ok(document));
        }
    }

    /// Replaces the text of a document, which then can be imported again.
    pub(super) fn edit(self, id: u32, yaml: String) {
        self.candidates.update(|candidates| {
            if let Some(candidate) = candidates.iter_mut().find(|candidate| candidate.id == id) {
                candidate.yaml = Ok(yaml);
                candidate.checked = ServerCheck::Waiting;
                candidate.outcome = None;
            }
        });
        self.check_waiting();
    }

    /// Has the control plane check the documents that it has not checked yet, one after the other.
    fn check_waiting(self) {
        if self.checking.get_value() {
            return;
        }
        self.checking.set_value(true);
        self.page.spawn(async move {
            while let Some((id, yaml)) = self.next_unchecked() {
                let checked = match self.api.check_agent(yaml.clone()).await {
                    Ok(check) => ServerCheck::Done(check),
                    // The browser's own check stands, and importing asks again.
                    Err(_) => ServerCheck::Failed,
                };
                self.set_checked(id, &yaml, checked);
            }
            self.checking.try_set_value(false);
        });
    }

    fn next_unchecked(self) -> Option<(u32, String)> {
        self.candidates
            .try_with_untracked(|candidates| {
                let mut waiting = candidates
                    .iter()
                    .filter(|candidate| candidate.checked == ServerCheck::Waiting);
                waiting.find_map(|candidate| Some((candidate.id, candidate.yaml.clone().ok()?)))
            })
            .flatten()
    }

    /// Records the check of a document, unless it was edited meanwhile.
    pub(super) fn set_checked(self, id: u32, yaml: &str, checked: ServerCheck) {
        self.candidates.try_update(|candidates| {
            let found = candidates.iter_mut().find(|candidate| candidate.id == id);
            if let Some(candidate) = found.filter(|candidate| candidate.is_still(yaml)) {
                candidate.checked = checked;
            }
        });
    }

    /// How many documents, pasted text among them, would be lost with the queue.
    pub(super) fn kept(self) -> usize {
        let waiting = self.candidates.with(|candidates| {
            let waiting = candidates
                .iter()
                .filter(|candidate| !candidate.is_imported());
            waiting.count()
        });
        let pasted = self.pasted.with(|text| !text.trim().is_empty());
        waiting + usize::from(pasted)
    }

    /// Removes every document and the pasted text.
    pub(super) fn remove_all(self) {
        self.candidates.set(Vec::new());
        self.pasted.set(String::new());
    }

    /// Removes the documents that were imported.
    pub(super) fn remove_imported(self) {
        let any = self
            .candidates
            .with_untracked(|candidates| candidates.iter().any(Candidate::is_imported));
        if any {
            self.candidates
                .update(|candidates| candidates.retain(|candidate| !candidate.is_imported()));
        }
    }

    fn add(self, from: String, yaml: Result<String, String>) {
        let Some(id) = self.next.try_get_value() else {
            return;
        };
        self.next.set_value(id + 1);
        self.candidates.update(|candidates| {
            candidates.push(Candidate {
                id,
                from,
                checked: match yaml {
                    Ok(_) => ServerCheck::Waiting,
                    Err(_) => ServerCheck::Failed,
                },
                yaml,
                outcome: None,
            });
        });
        self.check_waiting();
    }

    /// Removes a document.
    pub(super) fn remove(self, id: u32) {
        self.candidates
            .update(|candidates| candidates.retain(|candidate| candidate.id != id));
    }

    /// Records the outcome of importing a document, unless it was edited meanwhile.
    pub(super) fn note(self, id: u32, yaml: &str, outcome: Result<Imported, String>) {
        self.candidates.try_update(|candidates| {
            if let Some(candidate) = candidates.iter_mut().find(|candidate| candidate.id == id) {
                candidate.record(yaml, outcome);
            }
        });
    }
}
