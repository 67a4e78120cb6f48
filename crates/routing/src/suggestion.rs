//! Which known name someone probably meant.

/// The longest name that is compared. Names of providers and sources are no longer than 64 bytes.
const MAX_LENGTH: usize = 66;

/// The most typos that a name may have to be recognised.
const MOST_TYPOS: usize = 2;

/// Names that refs are compared with again and again, laid out so that most of them are passed
/// over without being looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownNames {
    /// Every name, one after the other.
    text: String,
    names: Vec<KnownName>,
}

/// A name and what can be said of it at once.
#[derive(Clone, Copy, Debug)]
struct KnownName {
    letters: u64,
    start: usize,
    end: usize,
}

impl KnownNames {
    /// The name that `typed` is probably meant to be. See [`closest`].
    pub(crate) fn closest(&self, typed: &str) -> Option<&str> {
        let letters = letters(typed.as_bytes());
        let near = self.names.iter().filter(|name| {
            (name.end - name.start).abs_diff(typed.len()) <= MOST_TYPOS
                && may_be_near(letters, name.letters, MOST_TYPOS)
        });
        closest(typed, near.map(|name| &self.text[name.start..name.end]))
    }
}

impl<'a> FromIterator<&'a str> for KnownNames {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut known = Self::default();
        for name in names {
            let start = known.text.len();
            known.text.push_str(name);
            known.names.push(KnownName {
                letters: letters(name.as_bytes()),
                start,
                end: known.text.len(),
            });
        }
        known
    }
}

/// The known name that `typed` is probably meant to be: one that differs only in case, else the
/// nearest by at most a small typo. `None` where nothing is near, or two names are equally near.
pub(crate) fn closest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for name in known {
        let Some(distance) = small_distance(typed.as_bytes(), name.as_bytes()) else {
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
/// name (`moonshotai` is no mistyped `moonshot`). Names are ASCII, so that bytes are characters.
fn small_distance(typed: &[u8], known: &[u8]) -> Option<usize> {
    let shorter = typed.len().min(known.len());
    let longer = typed.len().max(known.len());
    if typed.eq_ignore_ascii_case(known) {
        return Some(0);
    }
    let limit = if shorter >= 8 { MOST_TYPOS } else { 1 };
    if shorter < 3 || longer > MAX_LENGTH || longer - shorter > limit {
        return None;
    }
    let is_extension =
        longer - shorter == 2 && typed[..shorter].eq_ignore_ascii_case(&known[..shorter]);
    if is_extension || !may_be_near(letters(typed), letters(known), limit) {
        return None;
    }
    let (typed, known) = without_common_ends(typed, known);
    if limit == 1 && typed.len().max(known.len()) > 2 {
        // One typo changes at most two neighbouring characters.
        return None;
    }
    edit_distance(typed, known, limit)
}

/// The letters that a text has, whatever their case, each a bit.
fn letters(text: &[u8]) -> u64 {
    text.iter()
        .fold(0, |letters, byte| letters | 1 << ((byte | 0x20) & 63))
}

/// Whether no more letters are in only one of two texts than so many typos can bring and take: one
/// each. Most names are far away and end here.
fn may_be_near(own: u64, other: u64, limit: usize) -> bool {
    has_at_most(own & !other, limit) && has_at_most(other & !own, limit)
}

/// Whether a set has at most so many members. Not every processor counts bits.
fn has_at_most(mut set: u64, members: usize) -> bool {
    for _ in 0..members {
        set &= set.wrapping_sub(1);
    }
    set == 0
}

/// The two texts without what they begin and end with in common, which no typo lies in.
fn without_common_ends<'t>(left: &'t [u8], right: &'t [u8]) -> (&'t [u8], &'t [u8]) {
    let same = |(left, right): &(&u8, &u8)| left.eq_ignore_ascii_case(right);
    let start = left.iter().zip(right).take_while(same).count();
    let (left, right) = (&left[start..], &right[start..]);
    let end = left
        .iter()
        .rev()
        .zip(right.iter().rev())
        .take_while(same)
        .count();
    (&left[..left.len() - end], &right[..right.len() - end])
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two texts;
/// `None` where it is over the limit, which is [`MOST_TYPOS`] or less.
///
/// Only the last three rows of the table are kept, and of each only what lies within the limit of
/// the diagonal: the cell of a column is the one at `column + limit + 1 - row`, so that the cell
/// above it to the left is at the same place in the row before. At either end one more is always
/// far away.
fn edit_distance(left: &[u8], right: &[u8], limit: usize) -> Option<usize> {
    if left.len().abs_diff(right.len()) > limit {
        return None;
    }
    let far = limit + 1;
    let mut before_last = [far; 2 * MOST_TYPOS + 3];
    let mut last = before_last;
    for column in 0..=limit {
        last[column + far] = column;
    }
    let same = |row: usize, column: usize| left[row - 1].eq_ignore_ascii_case(&right[column - 1]);
    let mut last_least = 0;
    for row in 1..=left.len() {
        let mut current = [far; 2 * MOST_TYPOS + 3];
        let mut least = far;
        for column in row.saturating_sub(limit)..=right.len().min(row + limit) {
            let place = column + far - row;
            let mut cell = row;
            if column > 0 {
                let replaced = last[place] + usize::from(!same(row, column));
                cell = replaced
                    .min(last[place + 1] + 1)
                    .min(current[place - 1] + 1);
            }
            let swapped = row > 1 && column > 1 && same(row, column - 1) && same(row - 1, column);
            if swapped {
                cell = cell.min(before_last[place] + 1);
            }
            current[place] = cell.min(far);
            least = least.min(cell);
        }
        // Every way to the end leads through one of two neighbouring rows.
        if least.min(last_least) > limit {
            return None;
        }
        last_least = least;
        before_last = last;
        last = current;
    }
    Some(last[right.len() + far - left.len()]).filter(|distance| *distance <= limit)
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

    /// The same without any shortcut.
    fn plain_distance(left: &[u8], right: &[u8]) -> usize {
        let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
        for row in 0..=left.len() {
            for column in 0..=right.len() {
                let same = |row: usize, column: usize| left[row - 1] == right[column - 1];
                let mut least = if row == 0 || column == 0 {
                    row + column
                } else {
                    let replaced = table[row - 1][column - 1] + usize::from(!same(row, column));
                    let removed = table[row - 1][column] + 1;
                    replaced.min(removed).min(table[row][column - 1] + 1)
                };
                if row > 1 && column > 1 && same(row, column - 1) && same(row - 1, column) {
                    least = least.min(table[row - 2][column - 2] + 1);
                }
                table[row][column] = least;
            }
        }
        table[left.len()][right.len()]
    }

    #[test]
    fn the_distance_within_the_limit_is_that_of_the_whole_table() {
        // Every text of at most five letters of a small alphabet, which has every kind of typo.
        let mut texts: Vec<Vec<u8>> = vec![Vec::new()];
        for length in 0..5 {
            let longer: Vec<Vec<u8>> = texts
                .iter()
                .filter(|text| text.len() == length)
                .flat_map(|text| {
                    b"abc"
                        .iter()
                        .map(move |letter| [text, &[*letter][..]].concat())
                })
                .collect();
            texts.extend(longer);
        }
        for left in &texts {
            for right in &texts {
                let plain = plain_distance(left, right);
                for limit in [1, 2] {
                    let expected = (plain <= limit).then_some(plain);
                    assert_eq!(edit_distance(left, right, limit), expected);
                }
            }
        }
    }
}
