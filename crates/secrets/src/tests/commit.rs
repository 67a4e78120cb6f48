//! An edit that changes a row and two secrets ends in the old or the new state, whichever call
//! fails and wherever the process dies.

use super::faults::{FAULTS, Fault, Steps};
use super::*;

const AUTH: &str = "sources/gw/auth-value";
const HEADERS: &str = "sources/gw/headers";

/// Two secrets and the row they belong to.
struct Source {
    workspace: Workspace,
    backend: Arc<MemoryBackend>,
    steps: Arc<Steps>,
}

/// What the secrets of a row must be: the values of `AUTH` and `HEADERS`, with their origin.
type Values = (&'static str, Option<&'static str>, Option<&'static str>);

/// An edit, with the values before and after it.
struct Edit {
    name: &'static str,
    before: Values,
    after: Values,
}

const EDITS: [Edit; 7] = [
    Edit {
        name: "add",
        before: (A, None, None),
        after: (A, Some("a2"), Some("h2")),
    },
    Edit {
        name: "replace both",
        before: (A, Some("a1"), Some("h1")),
        after: (A, Some("a2"), Some("h2")),
    },
    Edit {
        name: "move to another origin",
        before: (A, Some("a1"), Some("h1")),
        after: (B, Some("a2"), Some("h2")),
    },
    Edit {
        name: "move and drop the headers",
        before: (A, Some("a1"), Some("h1")),
        after: (B, Some("a2"), None),
    },
    Edit {
        name: "add headers and remove the key",
        before: (A, Some("a1"), None),
        after: (A, None, Some("h2")),
    },
    Edit {
        name: "delete",
        before: (A, Some("a1"), Some("h1")),
        after: (A, None, None),
    },
    Edit {
        name: "replace one",
        before: (A, Some("a1"), None),
        after: (A, Some("a2"), None),
    },
];

fn changes(before: Values, after: Values) -> Vec<SecretChange> {
    [(AUTH, before.1, after.1), (HEADERS, before.2, after.2)]
        .into_iter()
        .filter_map(|(name, before, to)| match (before, to) {
            (_, Some(text)) => Some(put(name, after.0, text)),
            (Some(_), None) => Some(SecretChange::remove(name.to_owned())),
            (None, None) => None,
        })
        .collect()
}

impl Source {
    /// A source whose secrets are stored, with revisions or as the previous release left them.
    async fn with(values: Values, previous_release: bool) -> Self {
        let steps = Arc::<Steps>::default();
        let workspace = Workspace {
            records: Arc::new(MemoryRecords::with(steps.clone())),
            ..Workspace::new()
        };
        let backend = Arc::new(MemoryBackend::with(steps.clone()));
        let store = workspace.over(backend.clone()).await;
        let stored = changes((values.0, None, None), values);
        workspace.edit(&store, stored, "before").await.ok().unwrap();
        if previous_release {
            for (name, text) in [(AUTH, values.1), (HEADERS, values.2)] {
                let Some(text) = text else { continue };
                backend.store(name, &document(None, values.0, text));
                let mut rows = workspace.records.rows.lock().unwrap();
                let record = rows.records.get_mut(name).unwrap();
                record.expected.as_mut().unwrap().revision = None;
            }
        }
        Self {
            workspace,
            backend,
            steps,
        }
    }

    /// The values belong to the row: all of the one state, or all of the other.
    async fn assert_whole(&self, store: &SecretStore, edit: &Edit, context: &str) {
        let expected = match self.workspace.records.row().as_str() {
            "before" => edit.before,
            "after" => edit.after,
            other => panic!("{context}: {other}"),
        };
        for (name, text) in [(AUTH, expected.1), (HEADERS, expected.2)] {
            for origin in [A, B] {
                let wanted = text.filter(|_| origin == expected.0);
                let found = store.for_origin(name, origin).await;
                let found = found.unwrap_or_else(|error| panic!("{context}: {name}: {error}"));
                let found = found.as_ref().map(SecretText::expose);
                assert_eq!(found, wanted, "{context}: {name} for {origin}");
            }
        }
    }

    /// Nothing is left in the backend that does not count.
    fn assert_clean(&self, edit: &Edit, context: &str) {
        let expected = match self.workspace.records.row().as_str() {
            "before" => edit.before,
            _ => edit.after,
        };
        for (name, text) in [(AUTH, expected.1), (HEADERS, expected.2)] {
            let document = self.backend.document(name);
            assert_eq!(document.is_some(), text.is_some(), "{context}: {name}");
            assert!(
                document.is_none_or(|document| document.previous.is_none()),
                "{context}: {name}"
            );
            let unsettled = self.workspace.records.record(name);
            assert!(
                unsettled.is_none_or(|record| !record.unsettled && record.expected.is_some()),
                "{context}: {name}"
            );
        }
    }
}

#[tokio::test]
async fn an_edit_ends_in_the_old_or_the_new_state_at_every_failing_call() {
    let mut tried = 0;
    for edit in &EDITS {
        for previous_release in [false, true] {
            for fault in FAULTS {
                for number in 0.. {
                    let context = format!(
                        "{}, {fault:?} at call {number}, previous release: {previous_release}",
                        edit.name
                    );
                    let source = Source::with(edit.before, previous_release).await;
                    let store = source.workspace.over(source.backend.clone()).await;
                    source.steps.plan(number, fault);
                    let changes = changes(edit.before, edit.after);
                    let result = source.workspace.edit(&store, changes, "after").await;
                    let calls = source.steps.clear();
                    let row = source.workspace.records.row();
                    if result.is_ok() {
                        assert_eq!(row, "after", "{context}");
                    } else if matches!(fault, Fault::Fails) {
                        assert_eq!(row, "before", "{context}");
                    }
                    // The same process goes on, unless it died.
                    if matches!(fault, Fault::Fails | Fault::AnswerLost) {
                        source.assert_whole(&store, edit, &context).await;
                        store.check().await;
                        source.assert_whole(&store, edit, &context).await;
                        source.assert_clean(edit, &context);
                        assert!(store.is_settled(), "{context}");
                    }
                    drop(store);
                    // A process that starts now reads the same, before and after its check.
                    let store = source.workspace.over(source.backend.clone()).await;
                    source.assert_whole(&store, edit, &context).await;
                    store.check().await;
                    source.assert_whole(&store, edit, &context).await;
                    source.assert_clean(edit, &context);
                    tried += 1;
                    if number >= calls {
                        assert!(result.is_ok(), "{context}");
                        break;
                    }
                }
            }
        }
    }
    assert!(tried > 400, "only {tried} points were tried");
}

#[tokio::test]
async fn an_edit_that_is_dropped_half_way_changes_nothing() {
    let edit = &EDITS[2];
    let source = Source::with(edit.before, false).await;
    let store = source.workspace.over(source.backend.clone()).await;
    let prepared = store.prepare(changes(edit.before, edit.after)).await;
    drop(prepared.ok().unwrap());
    source.assert_whole(&store, edit, "dropped").await;
    store.check().await;
    source.assert_whole(&store, edit, "checked").await;
    source.assert_clean(edit, "checked");
}

#[tokio::test]
async fn a_write_that_timed_out_and_lands_later_changes_nothing() {
    let edit = &EDITS[2];
    let source = Source::with(edit.before, false).await;
    let backend = source.backend.clone();
    let store = source
        .workspace
        .over_with(backend.clone(), Duration::from_millis(20))
        .await;
    backend
        .changes_hang
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let error = source
        .workspace
        .edit(&store, changes(edit.before, edit.after), "after")
        .await
        .err()
        .unwrap();
    assert_eq!(error.code(), "secrets_unavailable");
    source.assert_whole(&store, edit, "while it hangs").await;
    backend.land();
    let late = backend.document(AUTH).unwrap();
    assert_eq!(late.current.value.expose(), "a2", "the write did land");
    source.assert_whole(&store, edit, "after it landed").await;
    store.check().await;
    source.assert_whole(&store, edit, "after the check").await;
    source.assert_clean(edit, "after the check");
}

#[tokio::test]
async fn a_value_that_cannot_be_read_any_more_can_be_replaced_and_removed() {
    for replace in [true, false] {
        let source = Source::with((A, Some("a1"), None), false).await;
        let store = source.workspace.over(source.backend.clone()).await;
        let damaged = b"damaged".to_vec();
        source
            .backend
            .entries
            .lock()
            .unwrap()
            .insert(AUTH.to_owned(), damaged);
        assert_eq!(read_error(&store, AUTH, A).await, "missing_api_key");
        let change = match replace {
            true => put(AUTH, A, "a2"),
            false => SecretChange::remove(AUTH.to_owned()),
        };
        let before = source.workspace.edit(&store, vec![change], "after").await;
        assert!(before.ok().unwrap().unreadable);
        let found = value(&store, AUTH, A).await;
        assert_eq!(found.as_deref(), replace.then_some("a2"));
    }
}

#[tokio::test]
async fn what_an_edit_gives_back_restores_the_values_as_they_were() {
    let source = Source::with((A, Some("a1"), Some("h1")), false).await;
    let store = source.workspace.over(source.backend.clone()).await;
    let shown = store.inventory().stored[AUTH].meta.clone();
    let edit = changes((A, Some("a1"), Some("h1")), (B, Some("a2"), None));
    let before = source.workspace.edit(&store, edit, "after").await;
    let back = before.ok().unwrap().changes;
    let undone = source.workspace.edit(&store, back, "before").await;
    assert!(undone.is_ok());
    assert_eq!(value(&store, AUTH, A).await.as_deref(), Some("a1"));
    assert_eq!(value(&store, HEADERS, A).await.as_deref(), Some("h1"));
    assert_eq!(store.inventory().stored[AUTH].meta, shown);
}
