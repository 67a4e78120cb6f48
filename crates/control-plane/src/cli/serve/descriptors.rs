//! How many files and sockets the process may open at once.

/// What all connections and what runs beside them use at most, unless more requests are allowed.
pub(super) const MOST: usize = 10_240;

/// What the database, the log, calls of the control plane and kept connections use, and each thread to
/// wait for its sockets.
pub(super) fn others() -> usize {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    320 + 4 * threads
}

/// Raises the soft limit as far as the hard one allows, up to `wanted`, and returns how many may be
/// open.
#[cfg(unix)]
pub(super) fn raise_limit(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let most = wanted as u64;
    let limit = getrlimit(Resource::Nofile);
    let soft = limit.current.unwrap_or(most);
    let hard = limit.maximum.unwrap_or(most);
    let highest = hard.min(most);
    let raised = Rlimit {
        current: Some(highest),
        maximum: limit.maximum,
    };
    let open = match soft < highest && setrlimit(Resource::Nofile, raised).is_ok() {
        true => highest,
        false => soft,
    };
    usize::try_from(open).unwrap_or(wanted).min(wanted)
}

/// Other systems have no limit that matters here.
#[cfg(not(unix))]
pub(super) fn raise_limit(wanted: usize) -> usize {
    wanted
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn the_limit_is_raised_as_far_as_it_may_be() {
        let before = getrlimit(Resource::Nofile);
        let open = raise_limit(MOST) as u64;
        let after = getrlimit(Resource::Nofile);
        let wanted = before.maximum.unwrap_or(u64::MAX).min(MOST as u64);
        assert_eq!(open, wanted);
        assert!(after.current.is_none_or(|soft| soft >= open));
        assert_eq!(after.maximum, before.maximum);
    }
}
