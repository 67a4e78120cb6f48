//! What is known about a key from its last use.

use super::{Tone, ago};
use waypost_api_types::{KeyView, Verification, VerificationState};

/// What is known about a key in words: `Verified 2 min ago`.
#[must_use]
pub fn verification_words(known: &Verification, now: i64) -> String {
    let word = match known.state {
        VerificationState::NotVerified => return "Not verified".to_owned(),
        VerificationState::Verified => "Verified",
        VerificationState::Refused => "Refused",
    };
    match known.at {
        Some(at) => format!("{word} {}", ago(now, at)),
        None => word.to_owned(),
    }
}

/// What it means for the reader.
#[must_use]
pub fn verification_tone(known: &Verification) -> Tone {
    match known.state {
        VerificationState::NotVerified => Tone::None,
        VerificationState::Verified => Tone::Ok,
        VerificationState::Refused => Tone::Bad,
    }
}

/// Since when the key in use is the current one, in Unix seconds; `None` where it is not a stored
/// key, or its time is not known. An outcome from before that is about another key.
#[must_use]
pub fn current_since(key: &KeyView) -> Option<i64> {
    let is_stored = key
        .from
        .as_ref()
        .is_none_or(|from| from.env_variable().is_none());
    key.set_at.filter(|_| is_stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_api_types::KeyState;
    use waypost_routing::provenance::Provenance;

    #[test]
    fn the_state_is_a_word_with_its_age() {
        let known = |state, at| Verification {
            state,
            at,
            ..Verification::default()
        };
        for (known, words) in [
            (known(VerificationState::NotVerified, None), "Not verified"),
            (
                known(VerificationState::Verified, Some(880)),
                "Verified 2 min ago",
            ),
            (
                known(VerificationState::Refused, Some(990)),
                "Refused just now",
            ),
        ] {
            assert_eq!(verification_words(&known, 1_000), words);
        }
    }

    #[test]
    fn only_a_stored_key_has_a_beginning() {
        let stored = KeyView {
            state: KeyState::Configured,
            from: Some(Provenance::Secret("litellm/api-key".to_owned())),
            secret_name: "litellm/api-key".to_owned(),
            hint: None,
            set_at: Some(1_000),
            bound_origin: None,
            next: None,
            previous: None,
        };
        assert_eq!(current_since(&stored), Some(1_000));
        let of_environment = KeyView {
            from: Some(Provenance::Env("LITELLM_MASTER_KEY".to_owned())),
            ..stored
        };
        assert_eq!(current_since(&of_environment), None);
    }
}
