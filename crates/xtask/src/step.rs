//! Headings with a running number and the time each step took.

use crate::error::{Failure, Outcome};
use std::fmt;
use std::io::Write;
use std::time::{Duration, Instant};

/// Runs one thing under a heading and says how long it took.
pub(crate) fn step<T>(title: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    heading(title);
    let start = Instant::now();
    let outcome = work();
    match &outcome {
        Ok(_) => println!("── {title}: done in {}", Elapsed(start.elapsed())),
        Err(_) => println!("── {title}: failed after {}", Elapsed(start.elapsed())),
    }
    outcome
}

/// A line that starts a step.
pub(crate) fn heading(title: &str) {
    println!("\n── {title}");
    flush();
}

/// Standard output is shared with the programs that are started, so that nothing may linger in it.
pub(crate) fn flush() {
    // A closed terminal is no reason to stop a build.
    let _ = std::io::stdout().flush();
}

/// Counts the steps of a longer piece of work and stops at the first that fails.
pub(crate) struct Plan {
    total: usize,
    passed: usize,
    start: Instant,
    timings: Vec<(String, Duration)>,
}

impl Plan {
    /// A plan of so many steps.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            passed: 0,
            start: Instant::now(),
            timings: Vec::new(),
        }
    }

    /// Runs the next step.
    pub(crate) fn run(&mut self, name: &str, work: impl FnOnce() -> Outcome) -> Outcome {
        let number = self.timings.len() + 1;
        heading(&format!(
            "[{number}/{}] {name} · {} since the start",
            self.total,
            Elapsed(self.start.elapsed())
        ));
        let start = Instant::now();
        let outcome = work();
        let elapsed = start.elapsed();
        self.timings.push((name.to_owned(), elapsed));
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("── {name}: passed in {}", Elapsed(elapsed));
                Ok(())
            }
            Err(failure) => {
                println!("── {name}: FAILED after {}", Elapsed(elapsed));
                if let Failure::Message(message) = failure {
                    println!("   {message}");
                }
                Err(Failure::Reported)
            }
        }
    }

    /// Prints the timings and the closing line, which counts steps and nothing else.
    pub(crate) fn close(&self) {
        println!();
        for (name, elapsed) in &self.timings {
            println!("{:>8}  {name}", Elapsed(*elapsed).to_string());
        }
        println!("{:>8}  in all", Elapsed(self.start.elapsed()).to_string());
        let not_run = self.total - self.timings.len();
        if not_run > 0 {
            println!("Stopped at the first failure; {not_run} steps were not run.");
        }
        println!("{}", self.summary());
        flush();
    }

    fn summary(&self) -> String {
        let failed = self.timings.len() - self.passed;
        format!("{} passed, {failed} failed", self.passed)
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
    fn the_closing_line_counts_what_ran() {
        let mut plan = Plan::new(3);
        plan.run("one", || Ok(())).expect("it passes");
        assert_eq!(plan.summary(), "1 passed, 0 failed");
        let failure = plan.run("two", || Err(Failure::new("no")));
        assert!(matches!(failure, Err(Failure::Reported)));
        assert_eq!(plan.summary(), "1 passed, 1 failed");
    }

    #[test]
    fn elapsed_times_read_well() {
        assert_eq!(Elapsed(Duration::from_millis(4_240)).to_string(), "4.2 s");
        assert_eq!(Elapsed(Duration::from_secs(185)).to_string(), "3 min 05 s");
    }
}
