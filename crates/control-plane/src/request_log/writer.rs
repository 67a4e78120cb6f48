//! Writes records in batches.

use super::conversion;
use super::health::Health;
use crate::store::{NewRecord, RequestLog, Retention};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use waypost_forwarding::RequestRecord;
use waypost_system::clock;

/// How long the first record of a batch waits for others.
const GATHER: Duration = Duration::from_millis(100);

/// How many records a transaction has at most.
const BATCH: usize = 1_024;

/// How often old records are looked for while there are no new ones.
const IDLE: Duration = Duration::from_secs(60);

/// How long to wait after a failure, and how often a batch is tried.
const RETRY: Duration = Duration::from_secs(1);
const TRIES: u32 = 60;

pub(super) struct Writer {
    pub(super) store: Arc<dyn RequestLog>,
    pub(super) keep: Retention,
    pub(super) health: Arc<Health>,
    pub(super) written: watch::Sender<u64>,
    /// True once what waits is to be written for the last time.
    pub(super) closing: watch::Receiver<bool>,
}

impl Writer {
    /// Writes until the log is closed.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<RequestRecord>) {
        while !*self.closing.borrow() {
            let first = tokio::select! {
                first = queue.recv() => first,
                () = until_closing(&mut self.closing) => break,
                () = sleep(IDLE) => {
                    while queue.is_empty() && !*self.closing.borrow() && self.prune().await {}
                    continue;
                }
            };
            let Some(first) = first else {
                break;
            };
            // Nothing wakes the writer for each record in the meantime.
            self.pause(GATHER).await;
            let mut batch = vec![conversion::logged(first)];
            loop {
                fill(&mut queue, &mut batch);
                if batch.is_empty() {
                    break;
                }
                self.write(&batch).await;
                // A step deletes more than a batch adds.
                self.prune().await;
                batch.clear();
            }
        }
        queue.close();
        let mut batch = Vec::new();
        loop {
            fill(&mut queue, &mut batch);
            if batch.is_empty() {
                return;
            }
            self.write(&batch).await;
            batch.clear();
        }
    }

    async fn write(&mut self, batch: &[NewRecord]) {
        for _ in 0..TRIES {
            match self.store.append(batch).await {
                Ok(()) => {
                    self.health.note_success();
                    self.written.send_modify(|count| *count += 1);
                    return;
                }
                Err(error) => self.health.note_failure(&error),
            }
            if *self.closing.borrow() {
                break;
            }
            self.pause(RETRY).await;
        }
        self.health.add_dropped(batch.len() as u64);
    }

    /// Deletes some of what is not to be kept. Returns whether there is more.
    async fn prune(&self) -> bool {
        let pruned = self.store.prune(self.keep, clock::now()).await;
        pruned.unwrap_or_else(|error| {
            self.health.note_failure(&error);
            false
        })
    }

    async fn pause(&mut self, duration: Duration) {
        tokio::select! {
            () = sleep(duration) => {}
            () = until_closing(&mut self.closing) => {}
        }
    }
}

async fn until_closing(closing: &mut watch::Receiver<bool>) {
    // An error says that the log is gone, and with it what could be waited for.
    let _ = closing.wait_for(|closing| *closing).await;
}

fn fill(queue: &mut mpsc::Receiver<RequestRecord>, batch: &mut Vec<NewRecord>) {
    while batch.len() < BATCH
        && let Ok(record) = queue.try_recv()
    {
        batch.push(conversion::logged(record));
    }
}
