//! Which lines of two documents differ. Pure.

/// A line, and whether the other document lacks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its text.
    pub(super) text: String,
    /// Whether the other document lacks it at this place.
    pub(super) differs: bool,
}

/// How many pairs of lines are compared at most. Beyond that, all between the first and the last
/// difference counts as different.
const PAIRS: usize = 4_000_000;

/// The lines of both documents, each with whether the other has it, too.
pub(super) fn differences(one: &str, other: &str) -> (Vec<Line>, Vec<Line>) {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    let same_start = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (rest_one, rest_other) = (&one[same_start..], &other[same_start..]);
    let same_end = rest_one
        .iter()
        .rev()
        .zip(rest_other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let middle_one = &rest_one[..rest_one.len() - same_end];
    let middle_other = &rest_other[..rest_other.len() - same_end];
    let (kept_one, kept_other) = common(middle_one, middle_other);
    let lines = |all: &[&str], kept: &[bool]| {
        all.iter()
            .enumerate()
            .map(|(at, text)| Line {
                text: (*text).to_owned(),
                differs: at
                    .checked_sub(same_start)
                    .and_then(|at| kept.get(at))
                    .is_some_and(|kept| !kept),
            })
            .collect()
    };
    (lines(&one, &kept_one), lines(&other, &kept_other))
}

/// Which lines of each belong to the longest common subsequence.
fn common(one: &[&str], other: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let mut kept = (vec![false; one.len()], vec![false; other.len()]);
    let width = other.len() + 1;
    if one.len().saturating_mul(other.len()) > PAIRS {
        return kept;
    }
    // How long the longest common subsequence of the two ends is, from each pair of places.
    let mut longest = vec![0_u32; (one.len() + 1) * width];
    for a in (0..one.len()).rev() {
        for b in (0..other.len()).rev() {
            longest[a * width + b] = if one[a] == other[b] {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < one.len() && b < other.len() {
        if one[a] == other[b] {
            kept.0[a] = true;
            kept.1[b] = true;
            a += 1;
            b += 1;
        } else if longest[(a + 1) * width + b] >= longest[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(lines: &[Line]) -> String {
        lines
            .iter()
            .map(|line| format!("{}{}\n", if line.differs { "* " } else { "" }, line.text))
            .collect()
    }

    #[test]
    fn only_the_lines_that_the_other_lacks_differ() {
        let (theirs, mine) = differences(
            "name: a\nb: 1\nc: 2\nd: 3\n",
            "name: a\nx: 0\nc: 2\nd: 4\ne: 5\n",
        );
        assert_eq!(marked(&theirs), "name: a\n* b: 1\nc: 2\n* d: 3\n");
        assert_eq!(marked(&mine), "name: a\n* x: 0\nc: 2\n* d: 4\n* e: 5\n");
    }

    #[test]
    fn equal_and_empty_documents_have_no_differences() {
        let (one, other) = differences("a\nb", "a\nb\n");
        assert_eq!(
            (marked(&one), marked(&other)),
            ("a\nb\n".into(), "a\nb\n".into())
        );
        let (one, other) = differences("", "a");
        assert_eq!(
            (marked(&one), marked(&other)),
            (String::new(), "* a\n".into())
        );
    }
}
