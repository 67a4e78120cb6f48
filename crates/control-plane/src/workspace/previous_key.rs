//! The key that another one replaced. It is kept for an hour, for a way back.

use super::key_names::KeyNames;
use waypost_secrets::SecretChange;
use waypost_system::clock;

/// How long the key that was replaced is kept, in seconds.
const LIFE: i64 = 60 * 60;

/// What becomes of the previous key when another one replaces the current key: the replaced one is
/// kept for an hour, if it could be sent.
pub(super) fn replaced_key(names: &KeyNames, keeps: bool) -> (SecretChange, Option<i64>) {
    let previous = names.previous.clone();
    match keeps {
        true => {
            let copy = SecretChange::copy(previous, names.current.clone());
            (copy, Some(clock::now() + LIFE))
        }
        false => (SecretChange::remove(previous), None),
    }
}

/// Whether a previous key with this end is still kept.
pub(super) fn is_kept(until: Option<i64>) -> bool {
    until.is_some_and(|until| until > clock::now())
}
