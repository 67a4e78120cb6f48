//! Runs checks in two lanes and stops at the first that fails.

use crate::error::{Failure, Outcome};
use crate::runner::Runner;
use crate::timings::Elapsed;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// A check with the name it goes by.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) lane: Lane,
    /// The checks that must have passed before, where they are part of the run at all. Those of the
    /// same lane that come earlier have.
    pub(crate) needs: &'static [&'static str],
    pub(crate) run: fn(&Runner) -> Outcome,
}

/// Where a check runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Foreground,
    Background,
}

/// Checks that run together.
pub(crate) struct Plan {
    checks: Vec<Check>,
    progress: Mutex<Progress>,
    changed: Condvar,
}

#[derive(Default)]
struct Progress {
    passed: Vec<&'static str>,
    failed: Vec<&'static str>,
}

impl Plan {
    pub(crate) fn new(checks: Vec<Check>) -> Self {
        Self {
            checks,
            progress: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Runs every check, then prints how long each step took and, as the last line, how many checks
    /// passed and failed.
    pub(crate) fn run(&self, runner: &Runner) -> Outcome {
        let start = Instant::now();
        let background = runner.in_background()?;
        thread::scope(|scope| {
            scope.spawn(move || self.run_lane(Lane::Background, &background));
            self.run_lane(Lane::Foreground, runner);
        });
        print!("\n{}", runner.timings());
        println!("{:>12}  in all", Elapsed(start.elapsed()).to_string());
        let progress = self.progress();
        let not_run = self.checks.len() - progress.passed.len() - progress.failed.len();
        if not_run > 0 {
            println!("Stopped at the first failure; {not_run} steps were not run.");
        }
        println!("{}", progress.summary());
        match progress.failed.is_empty() {
            true => Ok(()),
            false => Err(Failure::Reported),
        }
    }

    fn run_lane(&self, lane: Lane, runner: &Runner) {
        // The other lane would wait forever for a lane that panicked.
        let _stop = StopOnPanic { plan: self, runner };
        let checks = self.checks.iter().enumerate();
        for (index, check) in checks.filter(|(_, check)| check.lane == lane) {
            if !self.wait_for(check.needs, runner) {
                return;
            }
            let title = format!("[{}/{}] {}", index + 1, self.checks.len(), check.name);
            match runner.step(&title, || (check.run)(runner)) {
                Ok(()) => self.progress().passed.push(check.name),
                Err(Failure::Stopped) => return,
                Err(failure) => {
                    if let Failure::Message(message) = failure {
                        println!("   {message}");
                    }
                    println!("── FAILED: {}", check.name);
                    // Under the lock, so that the other lane cannot miss it between its look and
                    // its wait.
                    let mut progress = self.progress();
                    progress.failed.push(check.name);
                    runner.stop();
                }
            }
            self.changed.notify_all();
        }
    }

    /// Waits until checks have passed; `false` once any check failed.
    fn wait_for(&self, needs: &[&str], runner: &Runner) -> bool {
        let is_selected = |name: &&str| self.checks.iter().any(|check| check.name == *name);
        let mut progress = self.progress();
        loop {
            if runner.is_stopped() {
                return false;
            }
            let mut needs = needs.iter().filter(|name| is_selected(name));
            if needs.all(|name| progress.passed.contains(name)) {
                return true;
            }
            progress = self
                .changed
                .wait(progress)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    fn summary(&self) -> String {
        format!("{} passed, {} failed", self.passed.len(), self.failed.len())
    }
}

struct StopOnPanic<'plan> {
    plan: &'plan Plan,
    runner: &'plan Runner,
}

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _progress = self.plan.progress();
            self.runner.stop();
            self.plan.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        name: &'static str,
        lane: Lane,
        needs: &'static [&'static str],
        run: fn(&Runner) -> Outcome,
    ) -> Check {
        Check {
            name,
            lane,
            needs,
            run,
        }
    }

    fn pass(_: &Runner) -> Outcome {
        Ok(())
    }

    fn fail(_: &Runner) -> Outcome {
        Err(Failure::new("no"))
    }

    fn run(checks: Vec<Check>) -> (Outcome, Vec<&'static str>, String) {
        let plan = Plan::new(checks);
        let outcome = plan.run(&Runner::new().expect("the repository is there"));
        let progress = plan.progress();
        (outcome, progress.passed.clone(), progress.summary())
    }

    #[test]
    fn lanes_wait_for_what_they_need() {
        let (outcome, passed, summary) = run(vec![
            check("end", Lane::Foreground, &["middle"], pass),
            check("begin", Lane::Background, &["not selected"], pass),
            check("middle", Lane::Background, &["begin"], pass),
        ]);
        assert!(outcome.is_ok());
        assert_eq!(passed, ["begin", "middle", "end"]);
        assert_eq!(summary, "3 passed, 0 failed");
    }

    #[test]
    fn a_failure_stops_both_lanes() {
        let (outcome, passed, summary) = run(vec![
            check("first", Lane::Foreground, &[], pass),
            check("broken", Lane::Background, &["first"], fail),
            check("after it", Lane::Background, &[], pass),
            check("in need of it", Lane::Foreground, &["broken"], pass),
        ]);
        assert!(matches!(outcome, Err(Failure::Reported)));
        assert_eq!(passed, ["first"]);
        assert_eq!(summary, "1 passed, 1 failed");
    }

    #[test]
    fn a_stopped_check_counts_neither_as_passed_nor_as_failed() {
        fn stop_and_run(runner: &Runner) -> Outcome {
            runner.stop();
            runner.run(runner.command("true"))
        }
        let (_, passed, summary) = run(vec![check("stopped", Lane::Foreground, &[], stop_and_run)]);
        assert!(passed.is_empty());
        assert_eq!(summary, "0 passed, 0 failed");
    }
}
