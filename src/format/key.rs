//! The key of a provider or source in words.

use super::{LocalTime, Tone, age};
use waypost_api_types::{KeyState, KeyView, PreviousKey};

/// The badge of a key. Where requests may go without one, it is fine to have none.
#[must_use]
pub fn key_word(state: KeyState, is_optional: bool) -> &'static str {
    match state {
        KeyState::Configured => "Configured",
        KeyState::Missing if is_optional => "No key",
        KeyState::Missing => "Not configured",
        KeyState::Unknown => "Unknown",
        KeyState::NeedsReentry => "Needs re-entry",
    }
}

/// The tone of that badge.
#[must_use]
pub fn key_tone(state: KeyState) -> Tone {
    match state {
        KeyState::Configured => Tone::Ok,
        KeyState::Missing => Tone::None,
        KeyState::Unknown | KeyState::NeedsReentry => Tone::Warn,
    }
}

/// The environment variable that a key comes from.
#[must_use]
pub fn key_variable(key: &KeyView) -> Option<&str> {
    key.from.as_ref()?.env_variable()
}

/// Whether a key is stored: the one in use, a staged one or one that can be switched back to.
#[must_use]
pub fn has_stored_key(key: &KeyView) -> bool {
    key.set_at.is_some() || key.next.is_some() || key.previous.is_some()
}

/// The stored key in a row: `••••9f2c · set 12 days ago`.
#[must_use]
pub fn stored_key(key: &KeyView, now: i64) -> Option<String> {
    let set_at = key.set_at?;
    Some(stored_key_words(key.hint.as_deref(), set_at, now))
}

/// A key by its end, in a sentence: `the next key ••••9f2c`.
#[must_use]
pub fn key_end(which: &str, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{which} ••••{hint}"),
        None => which.to_owned(),
    }
}

/// A key by its end and its age: `••••9f2c · set 12 days ago`.
#[must_use]
pub fn stored_key_words(hint: Option<&str>, set_at: i64, now: i64) -> String {
    let set = format!("set {}", since(now, set_at));
    match hint {
        Some(hint) => format!("••••{hint} · {set}"),
        None => set,
    }
}

/// The stored key for the field that replaces it: `Current key ••••9f2c, set 12 days ago`.
#[must_use]
pub fn current_key(key: &KeyView, now: i64) -> Option<String> {
    let set = since(now, key.set_at?);
    let hint = key.hint.as_ref().map(|hint| format!(" ••••{hint}"));
    Some(format!(
        "Current key{}, set {set}",
        hint.unwrap_or_default()
    ))
}

/// The key that was replaced and can be switched back to: `previous key ••••9f2c kept until 15:04`.
/// `until` is the end of that time as the reader's clock shows it.
#[must_use]
pub fn previous_kept(previous: &PreviousKey, until: &LocalTime) -> String {
    let which = key_end("previous key", previous.hint.as_deref());
    [&*which, " kept until ", &until.clock()].concat()
}

fn since(now: i64, at: i64) -> String {
    age(now, at).map_or_else(|| "just now".to_owned(), |age| format!("{age} ago"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::provenance::Provenance;

    fn key() -> KeyView {
        KeyView {
            state: KeyState::Configured,
            from: Some(Provenance::Secret("litellm/api-key".to_owned())),
            secret_name: "litellm/api-key".to_owned(),
            hint: Some("9f2c".to_owned()),
            set_at: Some(1_000),
            bound_origin: Some("http://127.0.0.1:4000".to_owned()),
            next: None,
            previous: None,
        }
    }

    #[test]
    fn a_stored_key_shows_its_end_and_its_age() {
        let now = 1_000 + 12 * 86_400;
        assert_eq!(
            stored_key(&key(), now).as_deref(),
            Some("••••9f2c · set 12 days ago")
        );
        assert_eq!(
            stored_key(&key(), 1_010).as_deref(),
            Some("••••9f2c · set just now")
        );
        assert_eq!(
            current_key(&key(), now).as_deref(),
            Some("Current key ••••9f2c, set 12 days ago")
        );
        assert_eq!(key_variable(&key()), None);
        assert_eq!(
            key_end("the next key", Some("9f2c")),
            "the next key ••••9f2c"
        );
        assert_eq!(key_end("the next key", None), "the next key");
    }

    #[test]
    fn a_key_of_the_environment_is_not_a_stored_one() {
        assert!(has_stored_key(&key()));
        let mut of_environment = key();
        of_environment.from = Some(Provenance::Env("LITELLM_MASTER_KEY".to_owned()));
        of_environment.set_at = None;
        assert!(!has_stored_key(&of_environment));
        of_environment.previous = Some(PreviousKey {
            until: 0,
            hint: None,
        });
        assert!(has_stored_key(&of_environment));
    }

    #[test]
    fn a_previous_key_says_until_when_it_is_kept() {
        let until = LocalTime {
            hour: 15,
            minute: 4,
            ..LocalTime::default()
        };
        let mut previous = PreviousKey {
            until: 0,
            hint: Some("9f2c".to_owned()),
        };
        let words = previous_kept(&previous, &until);
        assert_eq!(words, "previous key ••••9f2c kept until 15:04");
        previous.hint = None;
        let words = previous_kept(&previous, &until);
        assert_eq!(words, "previous key kept until 15:04");
    }

    #[test]
    fn a_lacking_key_is_a_fault_only_where_one_is_needed() {
        assert_eq!(key_word(KeyState::Missing, true), "No key");
        assert_eq!(key_word(KeyState::Missing, false), "Not configured");
        assert_eq!(key_word(KeyState::Configured, true), "Configured");
    }
}
