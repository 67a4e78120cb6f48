//! Which known name someone probably meant.

/// The known name that `typed` is probably meant to be: one that differs only in case, else the
/// nearest by at most a small typo. `None` where nothing is near, or two names are equally near.
pub(crate) fn closest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = typed.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for name in known {
        let Some(distance) = small_distance(&folded, &name.to_lowercase()) else {
            continue;
        };
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => tied = true,
            _ => {
                best = Some((distance, name));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, name)| name)
}

/// How many typing mistakes lie between two names, where it is few enough to be a typo: one, or
/// two in a name of at least eight characters. A name with two letters more at its end is another
/// name (`moonshotai` is no mistyped `moonshot`).
fn small_distance(typed: &str, known: &str) -> Option<usize> {
    let typed: Vec<char> = typed.chars().collect();
    let known: Vec<char> = known.chars().collect();
    let shorter = typed.len().min(known.len());
    if typed.len().abs_diff(known.len()) > 2 || shorter < 3 {
        return (typed == known).then_some(0);
    }
    let distance = edit_distance(&typed, &known);
    let limit = if shorter >= 8 { 2 } else { 1 };
    let is_extension = distance == 2 && (typed.starts_with(&known) || known.starts_with(&typed));
    (distance <= limit && !is_extension).then_some(distance)
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two texts.
fn edit_distance(left: &[char], right: &[char]) -> usize {
    let width = right.len() + 1;
    let mut rows = vec![vec![0_usize; width]; left.len() + 1];
    for (index, row) in rows.iter_mut().enumerate() {
        row[0] = index;
    }
    for (index, cell) in rows[0].iter_mut().enumerate() {
        *cell = index;
    }
    for row in 1..=left.len() {
        for column in 1..width {
            let same = left[row - 1] == right[column - 1];
            let mut least = (rows[row - 1][column] + 1)
                .min(rows[row][column - 1] + 1)
                .min(rows[row - 1][column - 1] + usize::from(!same));
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                least = least.min(rows[row - 2][column - 2] + 1);
            }
            rows[row][column] = least;
        }
    }
    rows[left.len()][right.len()]
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
}
