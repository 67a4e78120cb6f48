//! The options that limit how long things may take and how much there may be of them.

use crate::cli::Failure;
use clap::Args;
use jiff::SignedDuration;
use std::time::Duration;
use waypost_forwarding::ForwardingLimits;

/// No limit of time is longer.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// More requests at once than one process serves.
const MOST_REQUESTS: usize = 1_000_000;

/// A body needs at least so many bytes.
const SMALLEST_BODY: usize = 1024;

/// The limits of `waypost serve`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitOptions {
    /// For connecting to an upstream, name lookup and TLS included
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time)]
    connect_timeout: Duration,
    /// Until an upstream begins to answer
    #[arg(long, value_name = "TIME", default_value = "600s", value_parser = time)]
    first_byte_timeout: Duration,
    /// Between two bytes of an upstream's answer
    #[arg(long, value_name = "TIME", default_value = "300s", value_parser = time)]
    idle_timeout: Duration,
    /// For an answer that is not a stream of events, from the request to its last byte
    #[arg(long, value_name = "TIME", default_value = "900s", value_parser = time)]
    answer_timeout: Duration,
    /// For a caller to read the next bytes of its answer
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    caller_timeout: Duration,
    /// The largest request body, decoded, such as 64MiB
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    max_body: usize,
    /// All request bodies that wait for an answer
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = size)]
    max_buffered: usize,
    /// Forwarded requests at once
    #[arg(long, value_name = "NUMBER", default_value = "4096", value_parser = count)]
    max_requests: usize,
    /// Forwarded requests of one agent at once
    #[arg(long, value_name = "NUMBER", default_value = "256", value_parser = count)]
    max_requests_per_agent: usize,
    /// For forwarded requests to finish after SIGTERM. A second signal stops at once
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    drain: Duration,
    /// For forwarding to go on without contact with the database
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = time)]
    max_stale: Duration,
}

impl LimitOptions {
    /// Refuses limits of which one could never be reached.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.max_body > self.max_buffered {
            return Err(Failure::new(
                "--max-body is larger than --max-buffered, so that no such body could be accepted. Lower it, or raise --max-buffered",
            ));
        }
        Ok(())
    }

    pub(super) fn forwarding(&self) -> ForwardingLimits {
        ForwardingLimits {
            connect: self.connect_timeout,
            first_byte: self.first_byte_timeout,
            idle: self.idle_timeout,
            whole: self.answer_timeout,
            body_bytes: self.max_body,
            buffered_bytes: self.max_buffered,
            requests: self.max_requests,
            requests_per_agent: self.max_requests_per_agent,
        }
    }

    /// How long a caller may read nothing of its answer.
    pub(super) fn stalled_write(&self) -> Duration {
        self.caller_timeout
    }

    /// How long forwarded requests may go on after a stop.
    pub(super) fn drain(&self) -> Duration {
        self.drain
    }

    /// How long forwarding goes on without contact with the database.
    pub(super) fn max_stale(&self) -> Duration {
        self.max_stale
    }
}

/// Reads a time with its unit, such as `500ms`, `5s`, `15m` or `1h 30m`.
fn time(text: &str) -> Result<Duration, String> {
    let expected = "expected a time from 1ms to 7 days with its unit, such as 500ms, 90s or 15m";
    let time: SignedDuration = text.parse().map_err(|_| expected.to_owned())?;
    let time = Duration::try_from(time).map_err(|_| expected.to_owned())?;
    match (Duration::from_millis(1)..=LONGEST).contains(&time) {
        true => Ok(time),
        false => Err(expected.to_owned()),
    }
}

/// Reads a number of bytes with its unit.
fn size(text: &str) -> Result<usize, String> {
    let expected = "expected a size from 1KiB with its unit (KiB, MiB or GiB), such as 64MiB";
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
    let bytes = units.iter().find_map(|(unit, bytes)| {
        let number = text.strip_suffix(unit)?.trim_end();
        number.parse::<usize>().ok()?.checked_mul(*bytes)
    });
    bytes
        .filter(|bytes| *bytes >= SMALLEST_BODY)
        .ok_or_else(|| expected.to_owned())
}

/// Reads a number of requests.
fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=MOST_REQUESTS).contains(&count) => Ok(count),
        _ => Err(format!("expected a whole number from 1 to {MOST_REQUESTS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        limits: LimitOptions,
    }

    fn read(arguments: &[&str]) -> Result<LimitOptions, String> {
        let arguments = ["waypost"].iter().chain(arguments);
        match Command::try_parse_from(arguments) {
            Ok(command) => Ok(command.limits),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn without_an_option_the_limits_are_the_documented_ones() {
        let limits = read(&[]).unwrap();
        assert_eq!(limits.forwarding(), ForwardingLimits::default());
        assert_eq!(limits.stalled_write(), Duration::from_secs(60));
        assert_eq!(limits.drain(), Duration::from_secs(300));
        assert_eq!(limits.max_stale(), Duration::from_secs(900));
        assert!(limits.check().is_ok());
    }

    #[test]
    fn each_option_sets_its_own_limit() {
        let seconds = Duration::from_secs;
        let limits = read(&[
            "--connect-timeout=1500ms",
            "--first-byte-timeout=2s",
            "--idle-timeout=3s",
            "--answer-timeout=1h 30m",
            "--caller-timeout=4s",
            "--max-body=5KiB",
            "--max-buffered=6 MiB",
            "--max-requests=7",
            "--max-requests-per-agent=6",
            "--drain=8s",
            "--max-stale=9m",
        ])
        .unwrap();
        let expected = ForwardingLimits {
            connect: Duration::from_millis(1500),
            first_byte: seconds(2),
            idle: seconds(3),
            whole: seconds(5400),
            body_bytes: 5 << 10,
            buffered_bytes: 6 << 20,
            requests: 7,
            requests_per_agent: 6,
        };
        assert_eq!(limits.forwarding(), expected);
        assert_eq!(limits.stalled_write(), seconds(4));
        assert_eq!(
            (limits.drain(), limits.max_stale()),
            (seconds(8), seconds(540))
        );
    }

    #[test]
    fn an_error_names_the_option_and_what_it_takes() {
        for (argument, expected) in [
            ("--connect-timeout=5", "such as 500ms"),
            ("--connect-timeout=0s", "from 1ms"),
            ("--connect-timeout=-5s", "from 1ms"),
            ("--idle-timeout=8d", "7 days"),
            ("--drain=soon", "such as 500ms"),
            ("--max-body=64", "such as 64MiB"),
            ("--max-body=64MB", "such as 64MiB"),
            ("--max-body=0KiB", "from 1KiB"),
            ("--max-buffered=99999999999GiB", "such as 64MiB"),
            ("--max-requests=0", "from 1 to"),
            ("--max-requests-per-agent=many", "from 1 to"),
        ] {
            let error = read(&[argument]).unwrap_err();
            let option = argument.split('=').next().unwrap();
            assert!(
                error.contains(option) && error.contains(expected),
                "{error}"
            );
        }
        let error = read(&["--max-body=2GiB"]).unwrap().check().unwrap_err();
        assert!(error.to_string().contains("--max-buffered"), "{error}");
    }
}
