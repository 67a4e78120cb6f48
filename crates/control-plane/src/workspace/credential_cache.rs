//! The values of stored secrets in memory, so that forwarded requests do not wait for the backend.
//!
//! A value is kept for its name, its origin and the id that its record gives it. An edit gives it
//! another id, so that no request is sent with the value before an edit that was answered.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};
use waypost_secrets::SecretText;

/// How long a value is used before it is read again, behind the request's back.
const FRESH: Duration = Duration::from_secs(60);

/// How long to wait before a value that could not be read is read again.
const RETRY: Duration = Duration::from_secs(10);

/// How long a value is used while it cannot be read.
const USABLE: Duration = Duration::from_secs(15 * 60);

/// The values, by name and origin.
#[derive(Default)]
pub(super) struct CredentialCache(RwLock<HashMap<String, HashMap<String, Cached>>>);

struct Cached {
    value: SecretText,
    /// [`waypost_secrets::StoredSecret::value_id`] at the time of the read.
    value_id: String,
    read_at: Instant,
    /// When it replaced another value in memory, if it did.
    since: Option<Instant>,
    is_being_read: bool,
    /// When it could last not be read again.
    failed_at: Option<Instant>,
}

/// What is kept of values that can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CacheContent {
    /// How many there are.
    pub(crate) count: usize,
    /// How long the first of them can be used if it is not read again.
    pub(crate) first_end: Option<Duration>,
    /// The age of the oldest one that could not be read again.
    pub(crate) oldest_unread: Duration,
}

/// What is known of a value.
pub(super) enum Lookup {
    /// It can be used.
    Fresh(SecretText),
    /// It can be used, and the caller is to read it again.
    Aged(SecretText),
    /// It must be read first.
    Absent,
}

impl CredentialCache {
    /// The value for an origin, if it is the one with this id.
    pub(super) fn find(&self, name: &str, origin: &str, value_id: &str, now: Instant) -> Lookup {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = values.get(name).and_then(|origins| origins.get(origin));
        let Some(cached) = found.filter(|cached| cached.value_id == value_id) else {
            return Lookup::Absent;
        };
        let age = now.saturating_duration_since(cached.read_at);
        if age >= USABLE {
            return Lookup::Absent;
        }
        let value = cached.value.clone();
        let failed = cached.failed_at;
        let is_too_early = failed.is_some_and(|at| now.saturating_duration_since(at) < RETRY);
        if age < FRESH || cached.is_being_read || is_too_early {
            return Lookup::Fresh(value);
        }
        drop(values);
        match self.begin_reading(name, origin) {
            true => Lookup::Aged(value),
            false => Lookup::Fresh(value),
        }
    }

    /// Whether this caller is the first who begins to read the value again.
    fn begin_reading(&self, name: &str, origin: &str) -> bool {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let cached = values
            .get_mut(name)
            .and_then(|origins| origins.get_mut(origin));
        cached.is_some_and(|cached| !std::mem::replace(&mut cached.is_being_read, true))
    }

    /// Keeps a value that was read.
    pub(super) fn put(
        &self,
        name: &str,
        origin: &str,
        value_id: String,
        value: SecretText,
        now: Instant,
    ) {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let origins = values.entry(name.to_owned()).or_default();
        let since = match origins.values().next() {
            None => None,
            Some(before) if before.value_id == value_id => before.since,
            Some(_) => Some(now),
        };
        let cached = Cached {
            value,
            value_id,
            read_at: now,
            since,
            is_being_read: false,
            failed_at: None,
        };
        // A secret belongs to one origin, so that the one before is of no more use.
        origins.clear();
        origins.insert(origin.to_owned(), cached);
    }

    /// Whether every request that began at this moment or later used the value with this id.
    pub(super) fn is_since(
        &self,
        name: &str,
        origin: &str,
        value_id: &str,
        begun: Instant,
    ) -> bool {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = values.get(name).and_then(|origins| origins.get(origin));
        let cached = found.filter(|cached| cached.value_id == value_id);
        cached.is_some_and(|cached| cached.since.is_none_or(|since| since <= begun))
    }

    /// Notes that a value could not be read again. It stays usable for as long as before. Returns for
    /// how long, if this is news.
    pub(super) fn note_unread(&self, name: &str, origin: &str, now: Instant) -> Option<Duration> {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let cached = values
            .get_mut(name)
            .and_then(|origins| origins.get_mut(origin));
        let cached = cached?;
        cached.is_being_read = false;
        let is_news = cached.failed_at.replace(now).is_none();
        let age = now.saturating_duration_since(cached.read_at);
        is_news.then_some(USABLE.saturating_sub(age))
    }

    /// What is kept at this moment.
    pub(super) fn content(&self, now: Instant) -> CacheContent {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut content = CacheContent::default();
        for cached in values.values().flat_map(HashMap::values) {
            let age = now.saturating_duration_since(cached.read_at);
            let Some(left) = USABLE.checked_sub(age) else {
                continue;
            };
            content.count += 1;
            content.first_end = Some(content.first_end.map_or(left, |end| end.min(left)));
            if cached.failed_at.is_some() {
                content.oldest_unread = content.oldest_unread.max(age);
            }
        }
        content
    }

    /// Forgets every value but those that count, and those that are too old to be used.
    pub(super) fn retain(&self, now: Instant, counts: impl Fn(&str, &str, &str) -> bool) {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        values.retain(|name, origins| {
            origins.retain(|origin, cached| {
                let age = now.saturating_duration_since(cached.read_at);
                age < USABLE && counts(name, origin, &cached.value_id)
            });
            !origins.is_empty()
        });
    }

    /// Forgets a value that is no longer there.
    pub(super) fn remove(&self, name: &str) {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        values.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://gw.example";

    fn found(cache: &CredentialCache, origin: &str, id: &str, now: Instant) -> (String, bool) {
        match cache.find("gw/api-key", origin, id, now) {
            Lookup::Fresh(value) => (value.expose().to_owned(), false),
            Lookup::Aged(value) => (value.expose().to_owned(), true),
            Lookup::Absent => (String::new(), false),
        }
    }

    fn cache(now: Instant) -> CredentialCache {
        let cache = CredentialCache::default();
        let value = SecretText::new("sk-1".to_owned());
        cache.put("gw/api-key", ORIGIN, "one".to_owned(), value, now);
        cache
    }

    #[test]
    fn a_value_is_found_for_its_origin_and_id_alone() {
        let now = Instant::now();
        let cache = cache(now);
        assert_eq!(found(&cache, ORIGIN, "one", now).0, "sk-1");
        assert_eq!(found(&cache, ORIGIN, "two", now).0, "");
        assert_eq!(found(&cache, "https://other.example", "one", now).0, "");
        cache.remove("gw/api-key");
        assert_eq!(found(&cache, ORIGIN, "one", now).0, "");
    }

    #[test]
    fn a_request_from_before_a_change_says_nothing_about_the_new_value() {
        let start = Instant::now();
        let cache = cache(start);
        let second = Duration::from_secs(1);
        let is_since = |id, begun| cache.is_since("gw/api-key", ORIGIN, id, begun);
        // The first value was there before the request that made it be read.
        assert!(is_since("one", start));
        assert!(!is_since("two", start + second));
        let put = |id: &str, now| {
            let value = SecretText::new("sk".to_owned());
            cache.put("gw/api-key", ORIGIN, id.to_owned(), value, now);
        };
        put("two", start + 2 * second);
        assert!(!is_since("two", start + second));
        assert!(is_since("two", start + 2 * second));
        put("two", start + 3 * second);
        assert!(
            is_since("two", start + 2 * second),
            "the same value, read again"
        );
    }

    #[test]
    fn what_no_longer_counts_is_forgotten() {
        let start = Instant::now();
        let cache = cache(start);
        let count = || cache.content(start).count;
        cache.retain(start, |name, origin, id| {
            (name, origin, id) == ("gw/api-key", ORIGIN, "one")
        });
        assert_eq!(count(), 1);
        cache.retain(start, |_, _, id| id == "two");
        assert_eq!(count(), 0);
        let cache = self::cache(start);
        cache.retain(start + USABLE, |_, _, _| true);
        assert_eq!(cache.content(start), CacheContent::default());
    }

    #[test]
    fn an_old_value_is_read_again_by_one_request_and_used_by_all() {
        let start = Instant::now();
        let cache = cache(start);
        let later = start + FRESH;
        assert_eq!(
            found(&cache, ORIGIN, "one", later),
            ("sk-1".to_owned(), true)
        );
        assert_eq!(
            found(&cache, ORIGIN, "one", later),
            ("sk-1".to_owned(), false)
        );
        let left = cache.note_unread("gw/api-key", ORIGIN, later);
        assert_eq!(left, Some(USABLE - FRESH));
        let content = cache.content(later);
        assert_eq!(content.first_end, Some(USABLE - FRESH));
        assert_eq!((content.count, content.oldest_unread), (1, FRESH));
        assert_eq!(
            found(&cache, ORIGIN, "one", later),
            ("sk-1".to_owned(), false),
            "a backend that does not answer is not asked by every request"
        );
        let later = later + RETRY;
        assert_eq!(
            found(&cache, ORIGIN, "one", later),
            ("sk-1".to_owned(), true)
        );
        let left = cache.note_unread("gw/api-key", ORIGIN, later);
        assert_eq!(left, None, "that is known");
        let last = start + USABLE - Duration::from_secs(1);
        assert_eq!(found(&cache, ORIGIN, "one", last).0, "sk-1");
        assert_eq!(found(&cache, ORIGIN, "one", start + USABLE).0, "");
    }
}
