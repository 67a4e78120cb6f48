//! Figures, and how each way of measuring tells them.

use crate::error::{Context, Failure, Outcome};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// One thing that was measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    /// What: `resolve/gateway`.
    pub(crate) name: String,
    /// How much: the fastest and the median, or a single number.
    pub(crate) values: Vec<f64>,
}

/// What criterion left in its folder. The fastest sample is what the machine can do; the median is
/// what it did, with all that ran beside it.
pub(crate) fn of_criterion(folder: &Path) -> Outcome<Vec<Figure>> {
    let context = format!("cannot read {}", folder.display());
    let mut figures = Vec::new();
    for entry in fs::read_dir(folder).context(&context)? {
        let results = entry.context(&context)?.path().join("new");
        let read = |name: &str| fs::read_to_string(results.join(name)).ok();
        let (Some(about), Some(sample)) = (read("benchmark.json"), read("sample.json")) else {
            continue;
        };
        let figure = of_sample(&about, &sample);
        figures.push(figure.ok_or_else(|| unreadable("criterion's results", &about))?);
    }
    figures.sort_by(|one: &Figure, other| one.name.cmp(&other.name));
    Ok(figures)
}

/// The figure of one benchmark of criterion's.
fn of_sample(about: &str, sample: &str) -> Option<Figure> {
    let about: Value = serde_json::from_str(about).ok()?;
    let sample: Value = serde_json::from_str(sample).ok()?;
    let numbers = |name: &str| -> Option<Vec<f64>> {
        let values = sample.get(name)?.as_array()?;
        values.iter().map(Value::as_f64).collect()
    };
    let mut times: Vec<f64> = std::iter::zip(numbers("times")?, numbers("iters")?)
        .map(|(time, count)| time / count)
        .collect();
    times.sort_by(f64::total_cmp);
    Some(Figure {
        name: about.get("full_id")?.as_str()?.to_owned(),
        values: vec![*times.first()?, *times.get(times.len() / 2)?],
    })
}

/// What gungraun printed: a line that names the benchmark, and below it the instructions.
pub(crate) fn of_callgrind(output: &str) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut name = String::new();
    for line in output.lines() {
        if let Some((_, benchmark)) = line.split_once("::routing::") {
            name = name_of(benchmark);
        } else if let Some(counts) = line.trim().strip_prefix("Instructions:") {
            let count = counts.trim().split('|').next().unwrap_or_default();
            let count = count.parse().map_err(|_| unreadable("gungraun", line))?;
            figures.push(Figure {
                name: name.clone(),
                values: vec![count],
            });
        }
    }
    Ok(figures)
}

/// `resolve_without_trace gateway:(table_and_ref(0))` as the other reports call it.
fn name_of(benchmark: &str) -> String {
    let (function, case) = benchmark.split_once(' ').unwrap_or((benchmark, ""));
    let what = function.split('_').next().unwrap_or(function);
    match case.split_once(':') {
        Some((case, _)) => format!("{what}/{case}"),
        None => what.to_owned(),
    }
}

/// Lines such as `figure: NAME 1.5 1.75`, in the order in which they were printed.
pub(crate) fn of_lines(output: &str) -> Outcome<Vec<Figure>> {
    let lines = output
        .lines()
        .filter_map(|line| line.split_once("figure: "));
    let figures: Outcome<Vec<Figure>> = lines
        .map(|(_, line)| {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or_default().to_owned();
            let values: Result<Vec<f64>, _> = words.map(str::parse).collect();
            match values {
                Ok(values) if !values.is_empty() => Ok(Figure { name, values }),
                _ => Err(unreadable("a figure", line)),
            }
        })
        .collect();
    match figures?.as_slice() {
        [] => Err(Failure::new("nothing was measured")),
        figures => Ok(figures.to_vec()),
    }
}

fn unreadable(what: &str, text: &str) -> Failure {
    Failure::new(format!("cannot make out {what}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, values: &[f64]) -> Figure {
        Figure {
            name: name.into(),
            values: values.into(),
        }
    }

    #[test]
    fn criterion_tells_times_and_counts() {
        let about = r#"{"full_id": "resolve/gateway"}"#;
        let sample = r#"{"iters": [1.0, 2.0, 4.0], "times": [9.0, 10.0, 24.0]}"#;
        assert_eq!(
            of_sample(about, sample),
            Some(figure("resolve/gateway", &[5.0, 6.0]))
        );
        assert_eq!(of_sample(about, "{}"), None);
    }

    #[test]
    fn gungraun_tells_names_above_counts() {
        let output = "instructions::routing::parse\n  Instructions:    1100|N/A   (***)\n  L1 Hits: 3|N/A\ninstructions::routing::impact_of one_source_moves:(tables_before_and_after(0))\n  Instructions: 52|51 (+1%)\n";
        assert_eq!(
            of_callgrind(output).expect("it is well-formed"),
            [
                figure("parse", &[1100.0]),
                figure("impact/one_source_moves", &[52.0]),
            ]
        );
    }

    #[test]
    fn lines_tell_a_name_and_its_values() {
        let output = "started\nconsole.log figure: parse 1.5 2\nfigure: at_rest 20\ndone";
        assert_eq!(
            of_lines(output).expect("it is well-formed"),
            [figure("parse", &[1.5, 2.0]), figure("at_rest", &[20.0])]
        );
        assert!(of_lines("nothing").is_err());
        assert!(of_lines("figure: parse soon").is_err());
    }
}
