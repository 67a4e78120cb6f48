//! How long each step took.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The steps of a run in the order in which they began. Threads share it.
#[derive(Default)]
pub(crate) struct Timings(Mutex<Vec<Timing>>);

struct Timing {
    title: String,
    /// How many steps this one is part of.
    depth: usize,
    background: bool,
    /// `None` while the step runs.
    elapsed: Option<Duration>,
}

impl Timings {
    /// Notes that a step begins and returns its number.
    pub(crate) fn begin(&self, title: &str, depth: usize, background: bool) -> usize {
        let mut steps = self.steps();
        steps.push(Timing {
            title: title.to_owned(),
            depth,
            background,
            elapsed: None,
        });
        steps.len() - 1
    }

    /// Notes how long a step took.
    pub(crate) fn end(&self, step: usize, elapsed: Duration) {
        self.steps()[step].elapsed = Some(elapsed);
    }

    fn steps(&self) -> MutexGuard<'_, Vec<Timing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line per step: its time and its title, indented below the step it is part of. Steps of the
/// background follow those of the foreground, because they took no time of their own.
impl fmt::Display for Timings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps();
        for background in [false, true] {
            for step in steps.iter().filter(|step| step.background == background) {
                let indent = "  ".repeat(step.depth);
                let elapsed = match step.elapsed {
                    Some(elapsed) => Elapsed(elapsed).to_string(),
                    None => "not done".to_owned(),
                };
                let suffix = if background {
                    " · in the background"
                } else {
                    ""
                };
                writeln!(formatter, "{elapsed:>12}  {indent}{}{suffix}", step.title)?;
            }
        }
        Ok(())
    }
}

/// A time span for people: `4.2 s`, `3 min 05 s`.
pub(crate) struct Elapsed(pub(crate) Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        if seconds >= 60 {
            write!(formatter, "{} min {:02} s", seconds / 60, seconds % 60)
        } else {
            write!(formatter, "{:.1} s", self.0.as_secs_f64())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_times_read_well() {
        assert_eq!(Elapsed(Duration::from_millis(4_240)).to_string(), "4.2 s");
        assert_eq!(Elapsed(Duration::from_secs(185)).to_string(), "3 min 05 s");
    }

    #[test]
    fn each_step_is_listed_with_its_parts() {
        let timings = Timings::default();
        let outer = timings.begin("build", 0, false);
        let behind = timings.begin("npm ci", 0, true);
        let inner = timings.begin("control plane", 1, false);
        timings.end(inner, Duration::from_secs(90));
        timings.end(outer, Duration::from_secs(100));
        let running = timings.to_string();
        assert!(running.contains("not done  npm ci"), "{running}");
        timings.end(behind, Duration::from_secs(2));
        assert_eq!(
            timings.to_string(),
            "1 min 40 s  build\n1 min 30 s    control plane\n     2.0 s  npm ci · in the background\n"
                .lines()
                .map(|line| format!("  {line}\n"))
                .collect::<String>()
        );
    }
}
