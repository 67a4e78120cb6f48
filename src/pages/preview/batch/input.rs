//! The form of batch mode: pasted refs, and chosen or dropped files.

use super::{Batch, Chosen};
use crate::components::{Button, FieldFrame, FieldIds, Notice, Tone};
use crate::dom;
use crate::explain::batch::{MOST, Questions, of_documents, of_lines};
use crate::format::{count, names, thousands};
use crate::task::spawn_scoped;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// How long typing must pause before everything is resolved again.
const REST: Duration = Duration::from_millis(200);

/// The field for refs and the fields for files.
#[component]
pub(in super::super) fn BatchForm(batch: Batch) -> impl IntoView {
    let ids = FieldIds::new();
    let help = "One ref per line, at most 10,000. Not included in the link.";
    let described = ids.described_by(true, false, false);
    let area = NodeRef::<html::Textarea>::new();
    // A long text is taken over when typing pauses, not on each keystroke.
    let take = move || {
        let Some(area) = area.try_get_untracked().flatten() else {
            return;
        };
        let text = area.value();
        if batch.text.with_untracked(|known| *known != text) {
            batch.files.set(None);
            batch.questions.set(Arc::new(of_lines(&text)));
            batch.text.set(text);
        }
    };
    let rest = StoredValue::new_local(debounce(REST, move |()| take()));
    view! {
        <FieldFrame ids=ids.clone() label="Model refs" help=help>
            <textarea
                class="input"
                data-code="true"
                id=ids.control
                rows="8"
                wrap="off"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby=described
                prop:value=batch.text
                node_ref=area
                on:input=move |_| rest.update_value(|rest| rest(()))
                on:change=move |_| take()
            ></textarea>
        </FieldFrame>
        <div class="many-files">
            <FileField batch=batch label="Agents' YAML files" directory=false />
            <FileField batch=batch label="A directory of agents" directory=true />
        </div>
        <FilesSummary batch=batch />
    }
}

/// A field for files, which takes what is dropped on it, too.
#[component]
fn FileField(batch: Batch, label: &'static str, directory: bool) -> impl IntoView {
    let ids = FieldIds::new();
    let input = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(input) = input.get().filter(|_| directory) {
            dom::take_directories(&input);
        }
    });
    let read = move || {
        let Some(input) = dom::mounted(input) else {
            return;
        };
        let mut files: Vec<(String, dom::LocalFile)> = dom::take_files(&input)
            .into_iter()
            .map(|file| (file.path(), file))
            .filter(|(path, _)| is_yaml(path))
            .collect();
        files.sort_by(|one, other| one.0.cmp(&other.0));
        let left_out = files.len().saturating_sub(MOST);
        spawn_scoped(async move {
            let mut documents = Vec::with_capacity(files.len() - left_out);
            let mut unreadable = Vec::new();
            for (path, file) in files.into_iter().take(MOST) {
                match file.text().await {
                    Some(text) => documents.push((path, text)),
                    None => unreadable.push(path),
                }
            }
            let questions = of_documents(&documents);
            // The page may be gone by now.
            batch.files.try_set(Some(Arc::new(Chosen {
                files: documents.len(),
                unreadable,
            })));
            batch.questions.try_set(Arc::new(Questions {
                left_out,
                ..questions
            }));
        });
    };
    view! {
        <FieldFrame ids=ids.clone() label=label>
            <input
                class="input file"
                id=ids.control
                type="file"
                multiple
                accept=(!directory).then_some(".yaml,.yml")
                node_ref=input
                on:change=move |_| read()
            />
        </FieldFrame>
    }
}

fn is_yaml(path: &str) -> bool {
    let end = path.rsplit('.').next().unwrap_or_default();
    end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml")
}

/// What was left out of what was given, and the way back from files to the pasted refs.
#[component]
fn FilesSummary(batch: Batch) -> impl IntoView {
    move || {
        let left_out = batch.questions.with(|questions| questions.left_out) as u64;
        let chosen = batch.files.get();
        let unit = match chosen {
            Some(_) => ("file", "files"),
            None => ("line", "lines"),
        };
        let too_many = (left_out > 0).then(|| {
            let text = format!(
                "{} more than {} were given and are not in the table. Your text is kept. Paste the \
                 rest separately.",
                count(left_out, unit.0, unit.1),
                thousands(MOST as u64)
            );
            view! { <Notice tone=Tone::Warn title="Left out" text=text /> }
        });
        let of_files = chosen.map(|chosen| {
            let unreadable = (!chosen.unreadable.is_empty()).then(|| {
                let text = format!("Could not read {}.", names(&chosen.unreadable, 3));
                view! { <Notice tone=Tone::Bad text=text /> }
            });
            let found = match chosen.files {
                0 => "No YAML files found.".to_owned(),
                files => format!("{} read.", count(files as u64, "file", "files")),
            };
            let back = move || {
                batch.files.set(None);
                batch
                    .questions
                    .set(Arc::new(batch.text.with_untracked(|text| of_lines(text))));
            };
            view! {
                <p class="small many-taken">
                    {found}
                    " "
                    <Button press=back>"Back to the pasted refs"</Button>
                </p>
                {unreadable}
            }
        });
        view! {
            {too_many}
            {of_files}
        }
    }
}
