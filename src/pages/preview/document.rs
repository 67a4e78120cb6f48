//! The YAML of the agent: stored, or edited here.

use super::inputs::Inputs;
use crate::api::use_api;
use crate::components::{Button, DocumentEditor, DocumentProblem};
use crate::paths::PreviewMode;
use crate::state::SharedTable;
use crate::task::spawn_scoped;
use leptos::prelude::*;
use waypost_routing::agent::{AgentReading, read_agent};

/// Reads a document.
type Read = fn(&str) -> AgentReading;

/// The text in the editor and the stored one. Edits are neither in the address nor sent.
#[derive(Clone, Copy)]
pub(super) struct Document {
    text: RwSignal<String>,
    stored: RwSignal<String>,
    /// What was typed before another agent was chosen.
    kept: RwSignal<Option<String>>,
    /// What reads YAML; the editor brings it, since without the editor nothing has to be read.
    read: StoredValue<Option<Read>>,
}

impl Document {
    pub(super) fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            stored: RwSignal::new(String::new()),
            kept: RwSignal::new(None),
            read: StoredValue::new(None),
        }
    }

    /// Whether the text differs from the stored one.
    pub(super) fn is_edited(self) -> bool {
        self.text
            .with(|text| self.stored.with(|stored| text != stored))
    }

    /// The text of the editor; `None` until there is one.
    pub(super) fn text(self) -> Option<String> {
        self.text
            .with(|text| (!text.trim().is_empty()).then(|| text.clone()))
    }

    /// The parsed text of the editor.
    pub(super) fn reading(self, table: &SharedTable) -> AgentReading {
        let Some(read) = self.read.get_value() else {
            return AgentReading::default();
        };
        let reading = self.text.with(|text| read(text));
        table.table().check_document(reading)
    }

    /// Puts the stored document of the chosen agent into the editor once it is loaded. Earlier
    /// edits are kept.
    pub(super) fn follow(self, inputs: Inputs) {
        let api = use_api();
        let chosen = Memo::new(move |_| {
            let of_agent = inputs.mode.get() == PreviewMode::Agent;
            of_agent
                .then(|| inputs.agent.get())
                .filter(|name| !name.is_empty())
        });
        Effect::new(move || {
            let Some(name) = chosen.get() else {
                return;
            };
            spawn_scoped(async move {
                // A deleted agent has no text; the page says so.
                let yaml = api.agent(&name).await.map(|view| view.yaml);
                if chosen.try_get_untracked().flatten() == Some(name) {
                    self.show_stored(yaml.unwrap_or_default());
                }
            });
        });
    }

    fn show_stored(self, yaml: String) {
        if self.is_edited_now() && self.text.with_untracked(|text| !text.trim().is_empty()) {
            self.kept.set(Some(self.text.get_untracked()));
        }
        self.stored.set(yaml.clone());
        self.text.set(yaml);
    }

    fn is_edited_now(self) -> bool {
        untrack(|| self.is_edited())
    }
}

/// The editor, and the button to return to the stored text.
#[component]
pub(super) fn DocumentForm(
    inputs: Inputs,
    document: Document,
    table: Memo<Option<SharedTable>>,
) -> impl IntoView {
    document.read.set_value(Some(read_agent));
    let reading = Memo::new(move |_| {
        let nothing = document.text.with(|text| text.trim().is_empty());
        table.with(|table| match table {
            Some(table) if !nothing => document.reading(table),
            _ => AgentReading::default(),
        })
    });
    let problems = Signal::derive(move || {
        let problems = reading.with(|reading| reading.problems.clone()).into_iter();
        problems.map(DocumentProblem::from).collect::<Vec<_>>()
    });
    let shown =
        Signal::derive(move || reading.with(|reading| reading.lines_of(inputs.alias().as_deref())));
    let edited = Memo::new(move |_| document.is_edited());
    let stored = Memo::new(move |_| document.stored.with(|stored| !stored.is_empty()));
    view! {
        <DocumentEditor
            label="YAML of the agent"
            value=document.text
            problems=problems
            shown=shown
            placeholder="name: support-bot\nmodel:\n  primary: openrouter/moonshotai/kimi-k2"
        />
        {move || {
            edited
                .get()
                .then(|| {
                    view! {
                        <p class="small document-state">
                            "Edited here and not saved. Not included in the link."
                            {stored
                                .get()
                                .then(|| {
                                    let back = move || {
                                        document.kept.set(Some(document.text.get_untracked()));
                                        document.text.set(document.stored.get_untracked());
                                    };
                                    view! {
                                        " "
                                        <Button press=back>
                                            {move || format!("Use the saved {}", inputs.agent.get())}
                                        </Button>
                                    }
                                })}
                        </p>
                    }
                })
        }}
        {move || {
            document
                .kept
                .get()
                .map(|kept| {
                    let again = move || {
                        document.text.set(kept.clone());
                        document.kept.set(None);
                    };
                    view! {
                        <p class="small document-state">
                            "Your edits are kept. "
                            <Button press=again>"Restore them"</Button>
                        </p>
                    }
                })
        }}
    }
}
