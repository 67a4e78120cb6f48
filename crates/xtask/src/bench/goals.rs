//! Whether what was measured reaches its goals.

use super::figures::Figure;
use super::page::Section;

/// Which goals of a section are met, in words.
pub(super) fn report(section: &Section, figures: &[Figure]) -> String {
    let judged: Vec<(bool, String)> = figures
        .iter()
        .filter_map(|figure| {
            let goal = (section.limit)(&figure.name)?;
            let value = figure.values.get(section.judged)?;
            let shown = (section.show)(&figure.name, *value);
            let text = format!("{}: {shown}, goal {goal}", figure.name);
            Some((is_met(&shown, goal)?, text))
        })
        .collect();
    let missed: Vec<&str> = judged
        .iter()
        .filter(|(met, _)| !met)
        .map(|(_, text)| text.as_str())
        .collect();
    let mut report = format!(
        "{} of {} goals are met.",
        judged.len() - missed.len(),
        judged.len()
    );
    for text in missed {
        report.push_str("\n  missed: ");
        report.push_str(text);
    }
    report
}

/// Whether a value as it is shown reaches a goal such as `≤ 1 µs`; `None` where they cannot be
/// compared.
fn is_met(shown: &str, goal: &str) -> Option<bool> {
    let (order, limit) = goal.split_once(' ')?;
    let (value, limit) = (number(shown)?, number(limit)?);
    match order {
        "≤" => Some(value <= limit),
        "≥" => Some(value >= limit),
        _ => None,
    }
}

/// A number as the page shows it. Times are in nanoseconds.
fn number(text: &str) -> Option<f64> {
    let (digits, unit) = text.split_once(' ').unwrap_or((text, ""));
    let digits: String = digits.chars().filter(|char| *char != ',').collect();
    let factor = match unit {
        "µs" => 1e3,
        "ms" => 1e6,
        _ => 1.0,
    };
    Some(digits.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::page::{CONTROL_PLANE, NATIVE};

    #[test]
    fn what_is_shown_is_compared_with_its_goal() {
        for (shown, goal, met) in [
            ("980 ns", "≤ 1 µs", Some(true)),
            ("1.01 µs", "≤ 1 µs", Some(false)),
            ("0.51 ×", "≥ 0.5 ×", Some(true)),
            ("1,100", "≤ 1,000", Some(false)),
            ("30.0 MB", "≤ 30 MB", Some(true)),
            ("", "≤ 30 MB", None),
        ] {
            assert_eq!(is_met(shown, goal), met, "{shown} {goal}");
        }
    }

    #[test]
    fn goals_that_are_missed_are_listed() {
        let figure = |name: &str, value| Figure {
            name: name.into(),
            values: vec![value, 1e9],
        };
        let figures = [
            figure("parse", 79.0),
            figure("table", 1e9),
            figure("resolve/x", 2e3),
        ];
        assert_eq!(
            report(&NATIVE, &figures),
            "1 of 2 goals are met.\n  missed: resolve/x: 2.00 µs, goal ≤ 1 µs"
        );
        assert_eq!(
            report(&CONTROL_PLANE, &[figure("ready_after", 9e6)]),
            "1 of 1 goals are met."
        );
    }
}
