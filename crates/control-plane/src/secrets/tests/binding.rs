//! Whatever is done, and whatever fails on the way, a value never comes out for another origin
//! than the one it was entered for.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const NAMES: [&str; 2] = ["groq/api-key", "sources/own/auth-value"];
const ORIGINS: [&str; 3] = ["https://a.example", "https://b.example", "http://a.example"];

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    Put {
        name: usize,
        origin: usize,
    },
    Remove {
        name: usize,
    },
    /// The process ends and starts again.
    Restart,
    Down(bool),
    AnswersAreLost(bool),
    Look,
}

fn event() -> impl Strategy<Value = Event> {
    let name = 0..NAMES.len();
    prop_oneof![
        4 => (name.clone(), 0..ORIGINS.len()).prop_map(|(name, origin)| Event::Put { name, origin }),
        2 => name.prop_map(|name| Event::Remove { name }),
        1 => Just(Event::Restart),
        1 => any::<bool>().prop_map(Event::Down),
        1 => any::<bool>().prop_map(Event::AnswersAreLost),
        1 => Just(Event::Look),
    ]
}

/// Runs the events. Each value says which origin it was entered for.
async fn run(events: Vec<Event>) {
    let workspace = Workspace::new().await;
    let backend = Arc::new(Unsteady::default());
    let start = || {
        Secrets::with_backend(
            backend.clone(),
            Duration::from_secs(5),
            workspace.folder.path(),
            workspace.store.clone(),
        )
    };
    let mut secrets = start();
    // What the last change that was acknowledged left, where none failed after it.
    let mut certain: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    for event in events {
        match event {
            Event::Put { name, origin } => {
                let value = secret(&format!("entered for {}", ORIGINS[origin]));
                match secrets.put(NAMES[name], ORIGINS[origin], value).await {
                    Ok(_) => certain.insert(name, Some(origin)),
                    Err(_) => certain.remove(&name),
                };
            }
            Event::Remove { name } => {
                match secrets.remove(NAMES[name]).await {
                    Ok(_) => certain.insert(name, None),
                    Err(_) => certain.remove(&name),
                };
            }
            Event::Restart => secrets = start(),
            Event::Down(down) => backend.down.store(down, Ordering::SeqCst),
            Event::AnswersAreLost(lost) => backend.answers_are_lost.store(lost, Ordering::SeqCst),
            Event::Look => {
                secrets.inventory().await;
            }
        }
        let is_down = backend.down.load(Ordering::SeqCst);
        for (index, name) in NAMES.iter().enumerate() {
            for (position, origin) in ORIGINS.iter().enumerate() {
                let Ok(found) = secrets.for_origin(name, origin).await else {
                    assert!(is_down);
                    continue;
                };
                if let Some(value) = &found {
                    assert_eq!(value.expose(), format!("entered for {origin}"));
                }
                if let Some(expected) = certain.get(&index) {
                    assert_eq!(
                        found.is_some(),
                        *expected == Some(position),
                        "{name} {origin}"
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_value_comes_out_for_its_own_origin_alone(events in proptest::collection::vec(event(), 1..24)) {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(run(events));
    }
}
