//! The static headers of a custom source. Names are shown, values are write-only.
//!
//! They are stored as one secret. So the stored set is kept, replaced or removed completely: a
//! value that is kept while another changes would have to be read back first.

use crate::api::SecretBody;
use crate::components::{Button, ButtonKind, SecretField, TextField};
use crate::dom;
use leptos::prelude::*;
use waypost_routing::header::check_name;
use waypost_routing::key_text::{self, Carrier, suspicion_of};

/// What happens to the stored headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadersAction {
    /// They are kept.
    Keep,
    /// The rows of the form replace them.
    Replace,
    /// They are removed.
    Remove,
}

/// A row of the form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct HeaderRow {
    id: u32,
    pub(super) name: RwSignal<String>,
    pub(super) value: RwSignal<String>,
    /// Whether a value that looks like something else is used anyway.
    accept: RwSignal<bool>,
}

impl HeaderRow {
    fn blank(self) -> bool {
        self.name.with(|name| name.trim().is_empty()) && self.value.with(String::is_empty)
    }

    /// The error of the name, unless the row is blank.
    fn name_error(self) -> Option<String> {
        let name = self.name.get();
        if self.blank() {
            return None;
        }
        check_name(name.trim()).err().map(|error| error.message())
    }

    /// How the value travels, which the name says.
    fn carrier(self) -> Carrier {
        self.name.with(|name| Carrier::of_static_header(name))
    }

    fn value_error(self) -> Option<String> {
        let carrier = self.carrier();
        self.value.with(|value| {
            let is_blank = value.trim().is_empty();
            let error = (!is_blank).then(|| key_text::read(value, carrier).err());
            error.flatten().map(|error| error.message_for(carrier))
        })
    }

    /// What the value looks like instead, unless it is to be used anyway.
    fn suspicious(self) -> Option<String> {
        let carrier = self.carrier();
        let found = self.value.with(|value| suspicion_of(value, carrier))?;
        (!self.accept.get()).then(|| found.message_for(carrier).to_owned())
    }
}

/// The headers of the form.
#[derive(Clone, Copy)]
pub(super) struct HeaderRows {
    stored: StoredValue<Vec<String>>,
    pub(super) action: RwSignal<HeadersAction>,
    pub(super) rows: RwSignal<Vec<HeaderRow>>,
    next: StoredValue<u32>,
    /// The owner of the rows' signals: the button that adds a row may disappear at once.
    form: StoredValue<Option<Owner>>,
}

impl HeaderRows {
    /// Keeps the stored headers, or begins with none.
    pub(super) fn new(stored: &[String]) -> Self {
        let action = if stored.is_empty() {
            HeadersAction::Replace
        } else {
            HeadersAction::Keep
        };
        Self {
            stored: StoredValue::new(stored.to_vec()),
            action: RwSignal::new(action),
            rows: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            form: StoredValue::new(Owner::current()),
        }
    }

    /// The names of the stored headers.
    pub(super) fn stored_names(self) -> Vec<String> {
        self.stored.get_value()
    }

    fn any_stored(self) -> bool {
        self.stored.with_value(|stored| !stored.is_empty())
    }

    /// Whether stored headers are to stay as they are.
    pub(super) fn are_kept(self) -> bool {
        self.action.get() == HeadersAction::Keep && self.any_stored()
    }

    fn add(self, name: &str) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let make = || HeaderRow {
            id,
            name: RwSignal::new(name.to_owned()),
            value: RwSignal::new(String::new()),
            accept: RwSignal::new(false),
        };
        let row = match self.form.get_value() {
            Some(form) => form.with(make),
            None => make(),
        };
        self.rows.update(|rows| rows.push(row));
    }

    /// Adds a row for a header of this name, unless it has one. Stored headers open for entry: they
    /// are one secret.
    pub(super) fn add_named(self, name: &str) {
        if self.action.get_untracked() != HeadersAction::Replace {
            self.replace();
        }
        let has_row = self.rows.with_untracked(|rows| {
            let mut names = rows.iter().map(|row| row.name.get_untracked());
            names.any(|own| own.trim().eq_ignore_ascii_case(name))
        });
        if !has_row {
            self.add(name);
        }
    }

    fn remove(self, id: u32) {
        self.rows.update(|rows| rows.retain(|row| row.id != id));
        focus_after(".headers-field .row-actions button");
    }

    fn decide(self, action: HeadersAction) {
        self.action.set(action);
        focus_after(".headers-field :is(input, button)");
    }

    /// Opens rows for the stored names, to be filled again.
    fn replace(self) {
        self.rows.set(Vec::new());
        for name in self.stored_names() {
            self.add(&name);
        }
        self.decide(HeadersAction::Replace);
    }

    /// The header names after saving; `None` if they stay the same. With another origin, headers
    /// that are not entered again are dropped.
    pub(super) fn names_after(self, moves: bool) -> Option<Vec<String>> {
        match self.action.get() {
            HeadersAction::Keep if !moves => None,
            HeadersAction::Keep | HeadersAction::Remove => Some(Vec::new()),
            HeadersAction::Replace => {
                let rows = self.filled().into_iter();
                Some(rows.map(|row| row.name.get().trim().to_owned()).collect())
            }
        }
    }

    /// Whether anything differs from what is stored.
    pub(super) fn dirty(self) -> bool {
        let typed = self.rows.with(|rows| rows.iter().any(|row| !row.blank()));
        match self.action.get() {
            HeadersAction::Keep => false,
            HeadersAction::Remove => true,
            HeadersAction::Replace => self.any_stored() || typed,
        }
    }

    /// The rows that hold something.
    pub(super) fn filled(self) -> Vec<HeaderRow> {
        let mut rows = self.rows.get();
        rows.retain(|row| !row.blank());
        rows
    }

    /// Whether a value that looks like something else is used anyway.
    pub(super) fn accepts_any(self) -> bool {
        self.filled().iter().any(|row| row.accept.get())
    }

    /// What a value looks like instead, unless it is to be used anyway.
    pub(super) fn suspicious(self) -> Option<String> {
        if self.action.get() != HeadersAction::Replace {
            return None;
        }
        self.filled().into_iter().find_map(HeaderRow::suspicious)
    }

    /// Why the rows cannot be saved, in one sentence.
    pub(super) fn problem(self) -> Option<String> {
        if self.action.get_untracked() != HeadersAction::Replace {
            return None;
        }
        self.filled().into_iter().find_map(|row| {
            let name = row.name.get_untracked();
            let error = row.name_error().or_else(|| row.value_error());
            if let Some(error) = error.or_else(|| row.suspicious()) {
                return Some(error);
            }
            row.value
                .with_untracked(String::is_empty)
                .then(|| format!("The header `{}` has no value.", name.trim()))
        })
    }

    /// Adds the headers' changes to a request body.
    pub(super) fn into_body(self, body: SecretBody) -> SecretBody {
        let rows = self.filled();
        match self.action.get_untracked() {
            HeadersAction::Keep => body,
            HeadersAction::Remove => body.clear("headers"),
            HeadersAction::Replace if rows.is_empty() && self.any_stored() => body.clear("headers"),
            HeadersAction::Replace if rows.is_empty() => body,
            HeadersAction::Replace => body.texts(
                "headers",
                rows.into_iter().map(|row| {
                    let name = row.name.get_untracked().trim().to_owned();
                    (name, row.value.get_untracked())
                }),
            ),
        }
    }
}

/// The pressed button disappears, so the focus moves to the next control.
fn focus_after(selector: &'static str) {
    request_animation_frame(move || {
        dom::focus(selector);
    });
}

/// The editor of the static headers.
#[component]
pub(super) fn HeadersField(
    /// The headers of the form.
    headers: HeaderRows,
    /// Whether the entered base URL has another origin than the stored headers.
    moves: Signal<bool>,
    /// The control plane's error.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <fieldset class="headers-field">
            <legend class="field-label">
                "Static headers" <small>"optional"</small>
            </legend>
            {move || match headers.action.get() {
                HeadersAction::Keep => view! { <KeptHeaders headers=headers moves=moves /> }.into_any(),
                HeadersAction::Remove => view! { <RemovedHeaders headers=headers /> }.into_any(),
                HeadersAction::Replace => view! { <HeaderInputs headers=headers /> }.into_any(),
            }}
            {move || {
                error.get().map(|error| view! { <p class="field-error" role="alert">{error}</p> })
            }}
            <p class="field-help">
                "Sent with every request to this source: test, refresh and inference."
            </p>
        </fieldset>
    }
}

#[component]
fn KeptHeaders(headers: HeaderRows, moves: Signal<bool>) -> impl IntoView {
    let names = headers
        .stored_names()
        .into_iter()
        .map(|name| view! { <li><code>{name}</code></li> })
        .collect_view();
    view! {
        <ul class="kept-headers">{names}</ul>
        <p class="field-help">
            {move || {
                if moves.get() {
                    "Their values belong to the old origin. Enter them again to use them here."
                } else {
                    "Their values are kept and never shown. To change one, enter all of them again."
                }
            }}
        </p>
        <div class="row-actions">
            <Button press=move || headers.replace()>"Replace headers"</Button>
            <Button kind=ButtonKind::Danger press=move || headers.decide(HeadersAction::Remove)>
                "Remove headers"
            </Button>
        </div>
    }
}

#[component]
fn RemovedHeaders(headers: HeaderRows) -> impl IntoView {
    view! {
        <p class="field-hint">
            {format!("Saving removes {}. ", headers.stored_names().join(", "))}
            <Button press=move || headers.decide(HeadersAction::Keep)>"Keep headers"</Button>
        </p>
    }
}

#[component]
fn HeaderInputs(headers: HeaderRows) -> impl IntoView {
    let again = headers.any_stored();
    view! {
        <div class="header-rows">
        <For each=move || headers.rows.get() key=|row| row.id let:row>
            <div class="header-row">
                <TextField
                    label="Header name"
                    value=row.name
                    code=true
                    placeholder="x-tenant"
                    error=Signal::derive(move || row.name_error())
                />
                <SecretField
                    label="Header value"
                    value=row.value
                    carrier=Signal::derive(move || Some(row.carrier()))
                    accept=row.accept
                />
                <Button
                    kind=ButtonKind::Danger
                    label=Signal::derive(move || format!("Remove header {}", row.name.get()))
                    press=move || headers.remove(row.id)
                >
                    "Remove"
                </Button>
            </div>
        </For>
        </div>
        <div class="row-actions">
            <Button press=move || {
                headers.add("");
                focus_after(".header-rows > :last-child input");
            }>"Add header"</Button>
            {again
                .then(|| {
                    view! {
                        <Button
                            kind=ButtonKind::Quiet
                            press=move || {
                                headers.rows.set(Vec::new());
                                headers.decide(HeadersAction::Keep);
                            }
                        >
                            "Keep stored headers"
                        </Button>
                    }
                })}
        </div>
    }
}
