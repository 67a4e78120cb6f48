//! Formatting of values. Pure: no clock, no browser.

mod code;
mod date;
mod key;
mod model;
mod outcome;
mod request;
mod tone;
mod verification;

pub use code::code_label;
pub use date::LocalTime;
pub use key::{
    current_key, has_stored_key, key_end, key_tone, key_variable, key_word, previous_kept,
    stored_key, stored_key_words,
};
pub use model::{context, price, prices};
pub use outcome::{changes, changes_of, outcome_tone, outcome_word, tested_with, time_taken};
pub use request::{bytes, elapsed, request_outcome_label, request_status, request_tone, tokens};
pub use tone::Tone;
pub use verification::{current_since, verification_tone, verification_words};

pub use waypost_routing::numbers::thousands;

use waypost_routing::credential::agent_key_of;
use waypost_routing::provenance::Provenance;

/// How long ago a time was: `just now`, `2 min ago`, `1 h ago`, `12 days ago`.
#[must_use]
pub fn ago(now: i64, at: i64) -> String {
    match age(now, at) {
        None => "just now".to_owned(),
        Some(age) => format!("{age} ago"),
    }
}

/// The age of something: `2 min`, `1 h`, `12 days`; `None` below a minute.
#[must_use]
pub fn age(now: i64, at: i64) -> Option<String> {
    let seconds = now.saturating_sub(at);
    let text = match seconds {
        ..60 => return None,
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    };
    Some(text)
}

/// What an agent itself is called among its subagents.
pub const MAIN_AGENT: &str = "main agent";

/// A number with its noun: `1 model`, `1,204 models`.
#[must_use]
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

/// The label of the checkbox that selects everything that matches: `Select all 34 that match`.
#[must_use]
pub fn select_all_label(number: u64) -> String {
    match number {
        1 => "Select the 1 that matches".to_owned(),
        _ => format!("Select all {} that match", thousands(number)),
    }
}

/// A duration: `182 ms`, `2.4 s`.
#[must_use]
pub fn duration(milliseconds: u64) -> String {
    if milliseconds < 1_000 {
        format!("{milliseconds} ms")
    } else {
        format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
    }
}

/// A `from` of the API in words: `built-in`, `providers file`, `from OPENROUTER_API_KEY`.
#[must_use]
pub fn origin_word(from: &Provenance) -> String {
    match from {
        Provenance::Builtin => "built-in".to_owned(),
        Provenance::UserLocal => "from the providers file".to_owned(),
        Provenance::Workspace => "set in this workspace".to_owned(),
        Provenance::AgentYaml => "from the agent".to_owned(),
        Provenance::Waypost => "set by Waypost".to_owned(),
        Provenance::Env(variable) => format!("from {variable}"),
        Provenance::Secret(name) => match agent_key_of(name) {
            Some((_, gateway)) => format!("the agent's own key for {gateway}"),
            None => format!("secret {name}"),
        },
        Provenance::Source(slug) => format!("source {slug}"),
    }
}

/// The last part of a path, `/` and `\` alike.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A list of names as a sentence has it: `a`, `a and b`, `a, b and 3 more`.
#[must_use]
pub fn names(all: &[String], shown: usize) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        _ if all.len() <= shown => {
            let (head, last) = all.split_at(all.len() - 1);
            format!("{} and {}", head.join(", "), last.join(", "))
        }
        _ => {
            let more = (all.len() - shown) as u64;
            format!("{} and {} more", all[..shown].join(", "), thousands(more))
        }
    }
}

/// Who changed something: a session by its browser, a token by its label, or Waypost itself.
#[must_use]
pub fn actor(actor: &str) -> String {
    let Some((kind, rest)) = actor.split_once(':') else {
        return if actor == "system" { "Waypost" } else { actor }.to_owned();
    };
    // A label may follow the id.
    let (id, label) = rest.split_once(' ').unwrap_or((rest, ""));
    match (kind, label) {
        ("session", "") => format!("Unknown browser {}", short_id(id)),
        ("session", label) => label.to_owned(),
        ("token", "") => format!("token {}", short_id(id)),
        ("token", label) => format!("token {label}"),
        _ => actor.to_owned(),
    }
}

/// The same in a list to choose from, where two sessions may have the same browser.
#[must_use]
pub fn actor_choice(text: &str) -> String {
    let name = actor(text);
    let id = text
        .strip_prefix("session:")
        .and_then(|rest| rest.split_once(' '));
    match id {
        Some((id, _)) => format!("{name} · {}", short_id(id)),
        None => name,
    }
}

/// The beginning of a public id.
fn short_id(id: &str) -> String {
    id.chars().take(6).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_by_its_browser() {
        let firefox = "session:f0695afab27cea63 Firefox on Linux";
        assert_eq!(actor(firefox), "Firefox on Linux");
        assert_eq!(actor_choice(firefox), "Firefox on Linux · f0695a");
        assert_eq!(actor_choice("token:f0695afab27cea63 ci"), "token ci");
        // Of an earlier release, or of a program that names no browser.
        let unknown = "session:f0695afab27cea63";
        assert_eq!(actor(unknown), "Unknown browser f0695a");
        assert_eq!(actor_choice(unknown), "Unknown browser f0695a");
        assert_eq!(actor("token:f0695afab27cea63 ci main"), "token ci main");
        assert_eq!(actor("token:f0695afab27cea63"), "token f0695a");
        assert_eq!(actor("system"), "Waypost");
    }

    #[test]
    fn one_match_is_not_all() {
        assert_eq!(select_all_label(1), "Select the 1 that matches");
        assert_eq!(select_all_label(2_019), "Select all 2,019 that match");
    }

    #[test]
    fn ages_take_the_largest_unit_that_fits() {
        assert_eq!(ago(1_000, 990), "just now");
        assert_eq!(ago(1_000, 1_200), "just now");
        assert_eq!(ago(1_000, 880), "2 min ago");
        assert_eq!(ago(10_000, 10_000 - 3_600), "1 h ago");
        assert_eq!(ago(1_000_000, 1_000_000 - 86_400), "1 day ago");
        assert_eq!(ago(10_000_000, 10_000_000 - 12 * 86_400), "12 days ago");
    }

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(count(0, "model", "models"), "0 models");
        assert_eq!(count(1, "model", "models"), "1 model");
        assert_eq!(count(4_553, "model", "models"), "4,553 models");
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(thousands(100), "100");
    }

    #[test]
    fn durations_change_unit_at_a_second() {
        assert_eq!(duration(182), "182 ms");
        assert_eq!(duration(2_449), "2.4 s");
    }

    #[test]
    fn places_are_said_in_words() {
        assert_eq!(origin_word(&Provenance::Builtin), "built-in");
        assert_eq!(
            origin_word(&Provenance::Env("LITELLM_BASE_URL".into())),
            "from LITELLM_BASE_URL"
        );
        assert_eq!(
            origin_word(&Provenance::Secret("litellm/api-key".into())),
            "secret litellm/api-key"
        );
    }

    #[test]
    fn long_lists_of_names_end_in_a_count() {
        let all: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).into();
        assert_eq!(names(&all, 2), "a, b and 2 more");
        assert_eq!(names(&all, 4), "a, b, c and d");
        assert_eq!(names(&all[..2], 1), "a and b");
    }
}
