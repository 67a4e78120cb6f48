//! How many live streams are open, in all and for each caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Streams at once.
const STREAMS: usize = 64;

/// Streams of one session or token at once.
const OF_CALLER: usize = 8;

/// The places. Clones share them.
#[derive(Clone, Default)]
pub(super) struct StreamPlaces(Arc<Mutex<HashMap<String, usize>>>);

/// A place for one stream, given back when it is dropped.
pub struct StreamPlace {
    places: StreamPlaces,
    caller: String,
}

impl StreamPlaces {
    pub(super) fn take(&self, caller: &str) -> Option<StreamPlace> {
        let mut taken = self.lock();
        let of_caller = taken.get(caller).copied().unwrap_or(0);
        if of_caller >= OF_CALLER || taken.values().sum::<usize>() >= STREAMS {
            return None;
        }
        taken.insert(caller.to_owned(), of_caller + 1);
        Some(StreamPlace {
            places: self.clone(),
            caller: caller.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(of_caller) = taken.get_mut(&self.caller) {
            *of_caller -= 1;
            if *of_caller == 0 {
                taken.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_few_places_and_all_of_them_have_more() {
        let places = StreamPlaces::default();
        let mut taken: Vec<_> = (0..OF_CALLER).map(|_| places.take("a").unwrap()).collect();
        assert!(places.take("a").is_none());
        for caller in 0..STREAMS / OF_CALLER - 1 {
            let caller = format!("b{caller}");
            taken.extend((0..OF_CALLER).map(|_| places.take(&caller).unwrap()));
        }
        assert!(places.take("c").is_none());
        taken.pop();
        assert!(places.take("c").is_some());
        taken.clear();
        assert!(places.lock().is_empty());
    }
}
