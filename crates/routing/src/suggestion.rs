//! Which known name someone probably meant.

use strsim::osa_distance;

/// The longest name that is compared, in bytes. Names of providers and sources have at most 64.
const MAX_LENGTH: usize = 66;

/// The most typos that a name may have to be recognised.
const MAX_TYPOS: usize = 2;

/// The known name that `typed` is probably meant to be: one that differs only in case, else the
/// nearest by at most a small typo. `None` where nothing is near, or two names are equally near.
pub(crate) fn closest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for name in known {
        let Some(typos) = typos(typed, name) else {
            continue;
        };
        match best {
            Some((least, _)) if typos > least => {}
            Some((least, _)) if typos == least => tied = true,
            _ => {
                best = Some((typos, name));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, name)| name)
}

/// The number of typos (insertions, deletions, replacements, swaps of neighbours) between two
/// names, where it is small: one, or two in names of at least eight bytes. A name with two more
/// letters at its end is another name (`moonshotai` is not a mistyped `moonshot`).
fn typos(typed: &str, known: &str) -> Option<usize> {
    if typed.eq_ignore_ascii_case(known) {
        return Some(0);
    }
    let shorter = typed.len().min(known.len());
    let longer = typed.len().max(known.len());
    let limit = if shorter >= 8 { MAX_TYPOS } else { 1 };
    // Most names differ in length and end here, before anything is allocated.
    if shorter < 3 || longer > MAX_LENGTH || longer - shorter > limit {
        return None;
    }
    let (typed, known) = (typed.to_ascii_lowercase(), known.to_ascii_lowercase());
    let is_extension =
        longer - shorter == 2 && (typed.starts_with(&known) || known.starts_with(&typed));
    if is_extension {
        return None;
    }
    Some(osa_distance(&typed, &known)).filter(|typos| *typos <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 7] = [
        "openrouter",
        "litellm",
        "groq",
        "moonshot",
        "together",
        "gw",
        "local-1",
    ];

    fn closest_known(typed: &str) -> Option<&'static str> {
        closest(typed, KNOWN.into_iter())
    }

    #[test]
    fn case_and_small_typos_are_recognised() {
        for (typed, meant) in [
            ("OpenRouter", "openrouter"),
            ("GW", "gw"),
            ("openruoter", "openrouter"),
            ("opnruter", "openrouter"),
            ("xpenroutex", "openrouter"),
            ("oepnrouetr", "openrouter"),
            ("grqo", "groq"),
            ("Litellmm", "litellm"),
            ("litelm", "litellm"),
            ("grok", "groq"),
            ("openrouters", "openrouter"),
        ] {
            assert_eq!(closest_known(typed), Some(meant), "{typed}");
        }
    }

    #[test]
    fn other_names_are_left_alone() {
        for typed in [
            "openai",
            "anthropic",
            "moonshotai",
            "gx",
            "xai",
            "together_ai",
            "a",
            "mistral",
        ] {
            assert_eq!(closest_known(typed), None, "{typed}");
        }
    }

    #[test]
    fn two_equally_near_names_give_no_suggestion() {
        assert_eq!(closest("team-c", ["team-a", "team-b"].into_iter()), None);
        assert_eq!(
            closest("team-a", ["team-a", "team-b"].into_iter()),
            Some("team-a")
        );
    }

    #[test]
    fn each_kind_of_typo_counts_once_and_the_limit_depends_on_the_length() {
        for (typed, known, expected) in [
            ("grq", "groq", Some(1)),
            ("grooq", "groq", Some(1)),
            ("graq", "groq", Some(1)),
            ("gorq", "groq", Some(1)),
            ("ogrq", "groq", None),
            ("mistarl", "mistral", Some(1)),
            ("imstarl", "mistral", None),
            ("otgehter", "together", Some(2)),
            ("togther2", "together", Some(2)),
            ("otgehtre", "together", None),
            ("together", "together99", None),
            ("xxtogether", "together", Some(2)),
        ] {
            assert_eq!(typos(typed, known), expected, "{typed} {known}");
            assert_eq!(typos(known, typed), expected, "{known} {typed}");
        }
    }
}
