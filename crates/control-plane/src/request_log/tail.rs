//! The end of the log, read once for all live streams.

use super::{CannotRead, RequestLog, views};
use crate::store;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep, timeout};
use waypost_api_types::RequestItem;

/// How many records a stream catches up with. One that missed more begins anew.
const MOST_MISSED: u32 = 500;

/// Records that wait for the streams. One that is further behind begins anew.
const WAITING: usize = 1_024;

/// How often the log is looked at if nothing says that it has changed: another process may write to it.
const CHECK: Duration = Duration::from_secs(1);

/// How long to wait between two looks at the log, however many requests there are.
const PAUSE: Duration = Duration::from_millis(250);

/// Reads the end of the log while streams follow it.
pub(super) struct Tail(Arc<Shared>);

struct Shared {
    events: broadcast::Sender<Followed>,
    /// The number of the last record that was handed out, or that there was at the beginning. It rises
    /// before the records are handed out.
    position: watch::Sender<Option<i64>>,
    /// Whether a task reads.
    is_running: Mutex<bool>,
}

/// What a stream receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// A request has ended.
    Record {
        /// The number of its record.
        number: i64,
        /// The record in JSON.
        json: Arc<str>,
    },
    /// There were more than are handed out. The next record is the one after this number.
    Reset(i64),
}

/// One stream's way through the log.
pub struct Follower {
    log: RequestLog,
    events: broadcast::Receiver<Followed>,
    position: watch::Receiver<Option<i64>>,
    last: Option<i64>,
    /// What it catches up with.
    missed: VecDeque<Followed>,
    /// Whether nothing is left between `last` and what is handed out to all.
    is_joined: bool,
}

impl Default for Tail {
    fn default() -> Self {
        Self(Arc::new(Shared {
            events: broadcast::Sender::new(WAITING),
            position: watch::Sender::new(None),
            is_running: Mutex::new(false),
        }))
    }
}

impl Tail {
    /// Follows the log from the record after this number, or from the next one.
    pub(super) fn follow(&self, log: &RequestLog, after: Option<i64>) -> Follower {
        let mut is_running = self.0.lock();
        // Before the position is read, so that nothing is between them.
        let events = self.0.events.subscribe();
        match &log.0.store {
            Some(store) if !*is_running => {
                *is_running = true;
                let reading = Reading {
                    shared: Arc::clone(&self.0),
                    store: Arc::clone(store),
                    written: log.changes(),
                    closing: log.0.closing.subscribe(),
                };
                tokio::spawn(reading.run());
            }
            Some(_) => {}
            // Without a log there is nothing to come.
            None => {
                self.0.position.send_replace(Some(0));
            }
        }
        Follower {
            log: log.clone(),
            events,
            position: self.0.position.subscribe(),
            last: after,
            missed: VecDeque::new(),
            is_joined: false,
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the task may end, since no stream follows. The next one starts another.
    fn ends(&self) -> bool {
        let mut is_running = self.lock();
        if self.events.receiver_count() > 0 {
            return false;
        }
        *is_running = false;
        self.position.send_replace(None);
        true
    }
}

struct Reading {
    shared: Arc<Shared>,
    store: Arc<dyn store::RequestLog>,
    written: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
}

impl Reading {
    async fn run(mut self) {
        let mut last = None;
        while !self.shared.ends() {
            // If the log cannot be read, its state says so, and the next look finds what was missed.
            if let Ok(latest) = self.store.latest().await {
                last = self.hand_out(last, latest).await;
            }
            tokio::select! {
                _ = self.written.changed() => {}
                () = sleep(CHECK) => {}
                _ = self.closing.wait_for(|is_closing| *is_closing) => return,
            }
            sleep(PAUSE).await;
        }
    }

    /// Hands out the records after a number. Returns the number of the last one.
    async fn hand_out(&self, last: Option<i64>, latest: i64) -> Option<i64> {
        let shared = &self.shared;
        let Some(last) = last else {
            shared.position.send_replace(Some(latest));
            return Some(latest);
        };
        if latest <= last {
            return Some(last);
        }
        let events = match is_too_far(last, latest) {
            true => vec![Followed::Reset(latest)],
            false => match self.store.after(last, MOST_MISSED).await {
                Ok(records) => records
                    .iter()
                    .map(|stored| followed(&views::item(stored)))
                    .collect(),
                Err(_) => return Some(last),
            },
        };
        let Some(end) = events.last().map(Followed::number) else {
            return Some(last);
        };
        shared.position.send_replace(Some(end));
        for event in events {
            // Fails while no stream follows.
            let _ = shared.events.send(event);
        }
        Some(end)
    }
}

fn is_too_far(last: i64, latest: i64) -> bool {
    latest - last > i64::from(MOST_MISSED)
}

fn followed(item: &RequestItem) -> Followed {
    Followed::Record {
        number: item.number,
        json: serde_json::to_string(item).expect("a view is JSON").into(),
    }
}

impl Followed {
    fn number(&self) -> i64 {
        match self {
            Self::Record { number, .. } | Self::Reset(number) => *number,
        }
    }
}

impl Follower {
    /// The number of the record that it begins after, once that is known. It waits for the log for a
    /// second at most.
    pub async fn begin(&mut self) -> Option<i64> {
        if self.last.is_none() {
            let known = timeout(CHECK, self.position.wait_for(Option::is_some)).await;
            self.last = known.ok().and_then(|position| *position.ok()?);
        }
        self.last
    }

    /// The next record, or that there were too many. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Followed {
        loop {
            if let Some(next) = self.missed.pop_front() {
                self.last = Some(next.number());
                return next;
            }
            if !self.is_joined {
                if self.join().await.is_err() {
                    sleep(CHECK).await;
                }
                continue;
            }
            match self.events.recv().await {
                // It was among what was caught up with.
                Ok(event) if self.last.is_some_and(|last| event.number() <= last) => {}
                Ok(event) => {
                    self.last = Some(event.number());
                    return event;
                }
                Err(broadcast::error::RecvError::Lagged(_)) => return self.begin_anew(),
                // The log has the sender, and this has the log.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// Reads what is between the last record and what is handed out to all.
    async fn join(&mut self) -> Result<(), CannotRead> {
        let known = self.position.wait_for(Option::is_some).await;
        let position = known.map_err(|_| CannotRead)?.ok_or(CannotRead)?;
        match self.last {
            None => self.last = Some(position),
            Some(last) if is_too_far(last, position) => {
                // What waits for it may be missing the beginning.
                self.missed.push_back(Followed::Reset(position));
            }
            Some(last) if position > last => {
                let missed = self.log.after(last, MOST_MISSED).await?;
                self.missed.extend(missed.iter().map(followed));
            }
            Some(_) => {}
        }
        self.is_joined = true;
        Ok(())
    }

    fn begin_anew(&mut self) -> Followed {
        self.events = self.events.resubscribe();
        let position = *self.position.borrow_and_update();
        let number = position.or(self.last).unwrap_or(0);
        self.last = Some(number);
        Followed::Reset(number)
    }
}
