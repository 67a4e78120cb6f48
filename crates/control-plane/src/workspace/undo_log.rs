//! The deletions that can be undone, and for how long.
//!
//! What was deleted is kept in the memory of this process alone, under the digest of a random
//! token, for the session that deleted it; it is written nowhere else, and after ten seconds, or
//! with the process, it is gone. Secrets are kept in the type that wipes itself.

use super::Workspace;
use super::deletion::{Deleted, Deletion};
use crate::store::{Actor, TokenHash, token_hash};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use waypost_api_types::UndoTicket;
use waypost_system::random;
use zeroize::Zeroizing;

/// How long a deletion can be taken back.
pub(super) const LIFE: Duration = Duration::from_secs(10);

/// The most deletions that are kept; beyond it, the oldest is dropped early. A person does not make
/// so many in ten seconds, and a script must not fill the memory.
const MOST: usize = 16;

/// One deletion.
pub(super) struct UndoEntry {
    hash: TokenHash,
    actor: Actor,
    until: Instant,
    pub(super) deletion: Deletion,
}

/// The deletions of the last seconds, the oldest first.
#[derive(Default)]
pub(super) struct UndoLog(Mutex<VecDeque<UndoEntry>>);

impl UndoLog {
    /// Keeps a deletion from now on. Only the digest of its token is kept with it.
    pub(super) fn keep(
        &self,
        actor: &Actor,
        deletion: Deletion,
        now: Instant,
    ) -> Zeroizing<String> {
        let token = random::token();
        let mut all = self.all();
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back(UndoEntry {
            hash: token_hash(&token),
            actor: actor.clone(),
            until: now + LIFE,
            deletion,
        });
        token
    }

    /// Takes out what a token of this actor stands for, where its time is not over.
    pub(super) fn take(&self, actor: &Actor, token: &str, now: Instant) -> Option<UndoEntry> {
        self.expire(now);
        let hash = token_hash(token);
        let mut all = self.all();
        let place = all
            .iter()
            .position(|kept| kept.hash == hash && kept.actor == *actor)?;
        all.remove(place)
    }

    /// Puts back what was taken and not used, for the rest of its time.
    pub(super) fn put_back(&self, kept: UndoEntry, now: Instant) {
        if kept.until > now {
            let mut all = self.all();
            let place = all.partition_point(|other| other.until <= kept.until);
            all.insert(place, kept);
        }
    }

    /// Forgets what is over.
    pub(super) fn expire(&self, now: Instant) {
        self.all().retain(|kept| kept.until > now);
    }

    /// Forgets the key of a provider: a name that is used again inherits none.
    pub(super) fn forget_key_of(&self, provider: &str) {
        self.all().retain(|kept| {
            !matches!(kept.deletion.deleted, Deleted::ProviderKey) || kept.deletion.name != provider
        });
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<UndoEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workspace {
    /// Keeps deleted data for a while, and returns the ticket that restores it.
    pub(super) fn keep(&self, deletion: Deletion) -> UndoTicket {
        let token = self
            .inner
            .undos
            .keep(self.actor(), deletion, Instant::now());
        // A timer drops it, so that no secret waits in memory for the next request.
        let inner = self.inner.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LIFE).await;
            inner.undos.expire(Instant::now());
        });
        UndoTicket {
            token: token.to_string(),
            seconds: LIFE.as_secs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DeletedRows;

    fn agent(name: &str) -> Deletion {
        Deletion {
            deleted: Deleted::Agent,
            name: name.to_owned(),
            rows: DeletedRows::default(),
            secrets: None,
            default_model: None,
        }
    }

    #[test]
    fn it_is_there_for_ten_seconds_and_not_a_moment_longer() {
        let undos = UndoLog::default();
        let (me, now) = (Actor::session("a", ""), Instant::now());
        let token = undos.keep(&me, agent("bot"), now);
        let nearly = now + LIFE - Duration::from_millis(1);
        let kept = undos.take(&me, &token, nearly).unwrap();
        assert_eq!(kept.deletion.name, "bot");
        assert!(undos.take(&me, &token, nearly).is_none(), "taken twice");
        undos.put_back(kept, nearly);
        assert!(undos.take(&me, &token, now + LIFE).is_none());
        assert_eq!(undos.len(), 0);
    }

    #[test]
    fn it_is_for_the_session_that_deleted() {
        let undos = UndoLog::default();
        let (me, now) = (Actor::session("a", ""), Instant::now());
        let token = undos.keep(&me, agent("bot"), now);
        assert!(undos.take(&Actor::session("b", ""), &token, now).is_none());
        assert!(undos.take(&me, "another-token", now).is_none());
        assert!(undos.take(&me, &token, now).is_some());
    }

    #[test]
    fn no_script_fills_the_memory() {
        let undos = UndoLog::default();
        let (me, now) = (Actor::session("a", ""), Instant::now());
        let first = undos.keep(&me, agent("bot"), now);
        for _ in 0..MOST {
            undos.keep(&me, agent("other"), now);
        }
        assert_eq!(undos.len(), MOST);
        assert!(undos.take(&me, &first, now).is_none());
    }
}
