//! Whatever is done, and whatever fails on the way, a value never comes out for another origin
//! than the one it was entered for, and never beside a row that it does not belong to.

use super::faults::{FAULTS, Fault, Steps};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const NAMES: [&str; 2] = ["groq/api-key", "sources/own/auth-value"];
const ORIGINS: [&str; 3] = [A, B, "http://a.example"];

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    /// One edit of both secrets: the origin of the new value, or none to remove it.
    Edit {
        to: [Option<Option<usize>>; 2],
        fault: Option<(usize, Fault)>,
    },
    /// The process ends and starts again.
    Restart,
    Down(bool),
    Check,
    /// Another program stores a value, which names its own origin.
    Foreign {
        name: usize,
        origin: usize,
    },
    /// Another program deletes a value.
    Deleted {
        name: usize,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let (name, origin) = (0..NAMES.len(), 0..ORIGINS.len());
    let to = proptest::option::weighted(0.7, proptest::option::weighted(0.7, origin.clone()));
    let fault = proptest::option::of((0_usize..16, proptest::sample::select(&FAULTS)));
    prop_oneof![
        6 => ([to.clone(), to], fault).prop_map(|(to, fault)| Event::Edit { to, fault }),
        1 => Just(Event::Restart),
        1 => any::<bool>().prop_map(Event::Down),
        1 => Just(Event::Check),
        1 => (name.clone(), origin).prop_map(|(name, origin)| Event::Foreign { name, origin }),
        1 => name.prop_map(|name| Event::Deleted { name }),
    ]
}

struct Run {
    workspace: Workspace,
    backend: Arc<MemoryBackend>,
    steps: Arc<Steps>,
    store: SecretStore,
    /// The value that each secret has by the last row that was committed: its origin and number.
    committed: BTreeMap<usize, (usize, usize)>,
    /// Values that another program put or deleted: no longer known before they are read.
    tampered: [bool; 2],
    number: usize,
}

impl Run {
    async fn begin() -> Self {
        let steps = Arc::<Steps>::default();
        let workspace = Workspace {
            records: Arc::new(MemoryRecords::with(steps.clone())),
            ..Workspace::new()
        };
        let backend = Arc::new(MemoryBackend::with(steps.clone()));
        let store = workspace.over(backend.clone()).await;
        Self {
            workspace,
            backend,
            steps,
            store,
            committed: BTreeMap::new(),
            tampered: [false; 2],
            number: 0,
        }
    }

    async fn restart(&mut self) {
        self.store = self.workspace.over(self.backend.clone()).await;
    }

    async fn happens(&mut self, event: Event) {
        match event {
            Event::Edit { to, fault } => self.edit(to, fault).await,
            Event::Restart => self.restart().await,
            Event::Down(down) => self.backend.set_down(down),
            Event::Check => self.store.check().await,
            Event::Foreign { name, origin } => {
                let text = format!("foreign for {}", ORIGINS[origin]);
                let document = document(None, ORIGINS[origin], &text);
                self.backend.store(NAMES[name], &document);
                self.tampered[name] = true;
            }
            Event::Deleted { name } => {
                self.backend.entries.lock().unwrap().remove(NAMES[name]);
                self.tampered[name] = true;
            }
        }
    }

    async fn edit(&mut self, to: [Option<Option<usize>>; 2], fault: Option<(usize, Fault)>) {
        self.number += 1;
        let changes = to.iter().enumerate().filter_map(|(name, to)| {
            Some(match (*to)? {
                None => SecretChange::remove(NAMES[name].to_owned()),
                Some(origin) => {
                    let text = format!("{} for {}", self.number, ORIGINS[origin]);
                    put(NAMES[name], ORIGINS[origin], &text)
                }
            })
        });
        let row = self.number.to_string();
        if let Some((number, fault)) = fault {
            self.steps.plan(number, fault);
        }
        let result = self
            .workspace
            .edit(&self.store, changes.collect(), &row)
            .await;
        self.steps.clear();
        let took_effect = self.workspace.records.row() == row;
        assert!(took_effect || result.is_err());
        if took_effect {
            for (name, to) in to.iter().enumerate() {
                match to {
                    None => {}
                    Some(None) => {
                        self.committed.remove(&name);
                        // What another program stored under a name without a record stays.
                        self.tampered[name] &= self.backend.document(NAMES[name]).is_some();
                    }
                    Some(Some(origin)) => {
                        self.committed.insert(name, (*origin, self.number));
                        self.tampered[name] = false;
                    }
                }
            }
        }
        if fault.is_some_and(|(_, fault)| matches!(fault, Fault::CrashBefore | Fault::CrashAfter)) {
            self.restart().await;
        }
    }

    async fn assert_bound(&self) {
        let is_down = self.backend.down.load(std::sync::atomic::Ordering::SeqCst);
        for (index, name) in NAMES.iter().enumerate() {
            for (position, origin) in ORIGINS.iter().enumerate() {
                let found = self.store.for_origin(name, origin).await;
                if let Ok(Some(value)) = &found {
                    assert!(value.expose().ends_with(&format!("for {origin}")), "{name}");
                }
                if self.tampered[index] {
                    continue;
                }
                // Known to the last digit: the committed value, for its origin and no other.
                let expected = self.committed.get(&index).filter(|(at, _)| *at == position);
                match found {
                    Ok(found) => assert_eq!(
                        found.as_ref().map(|value| value.expose().to_owned()),
                        expected.map(|(_, number)| format!("{number} for {origin}")),
                        "{name}"
                    ),
                    Err(error) => assert!(is_down && error.is_unavailable(), "{name}: {error}"),
                }
            }
        }
    }

    /// Once the backend answers, every state is known and true, and nothing is left over.
    async fn assert_settled(&self) {
        self.backend.set_down(false);
        self.store.check().await;
        assert!(self.store.is_settled());
        let inventory = self.store.inventory();
        for (index, name) in NAMES.iter().enumerate() {
            let Some(stored) = inventory.stored.get(*name) else {
                // Another program's value under a name that no record knows is left alone.
                assert!(
                    self.tampered[index] || self.backend.document(name).is_none(),
                    "{name}"
                );
                continue;
            };
            let read = self.store.for_origin(name, &stored.meta.origin).await;
            match stored.state {
                SecretState::Present => assert!(matches!(read, Ok(Some(_)))),
                SecretState::Absent | SecretState::Changed => {
                    assert!(self.tampered[index], "{name} is missing without a reason");
                    assert_eq!(read.err().unwrap().code(), "missing_api_key");
                }
                SecretState::Unknown => panic!("the backend answers"),
            }
            if let Some(document) = self.backend.document(name) {
                assert!(document.previous.is_none(), "{name}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_value_comes_out_for_its_own_origin_alone(events in proptest::collection::vec(event(), 1..24)) {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let mut run = Run::begin().await;
                for event in events {
                    run.happens(event).await;
                    run.assert_bound().await;
                }
                run.assert_settled().await;
            });
    }
}
