//! The options that limit how long things may take and how much there may be of them.

use crate::cli::Failure;
use clap::Args;
use jiff::{Span, SpanRelativeTo};
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
    /// From a request until an upstream begins to answer it, the fallback included
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
    /// For a caller to send the body of its request
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    body_timeout: Duration,
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
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time_or_none)]
    drain: Duration,
    /// For forwarding to go on without contact with the database
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = stale_time)]
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
        if self.max_requests_per_agent > self.max_requests {
            return Err(Failure::new(
                "--max-requests-per-agent is larger than --max-requests. Lower it, or raise --max-requests",
            ));
        }
        if self.connect_timeout > self.first_byte_timeout {
            return Err(Failure::new(
                "--connect-timeout is longer than --first-byte-timeout, which includes it. Lower it, or raise --first-byte-timeout",
            ));
        }
        if self.first_byte_timeout > self.answer_timeout {
            return Err(Failure::new(
                "--first-byte-timeout is longer than --answer-timeout, which includes it. Lower it, or raise --answer-timeout",
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
            body_time: self.body_timeout,
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
    let expected = "expected a time from 1ms to 7d with its unit, such as 500ms, 90s or 15m";
    let time = read_time(text).filter(|time| *time >= Duration::from_millis(1));
    time.ok_or_else(|| expected.to_owned())
}

/// Reads a time that may be zero.
fn time_or_none(text: &str) -> Result<Duration, String> {
    let expected = "expected a time from 0s to 7d with its unit, such as 90s or 15m";
    read_time(text).ok_or_else(|| expected.to_owned())
}

/// Reads a time that leaves the poll of the database, which comes every second, some room.
fn stale_time(text: &str) -> Result<Duration, String> {
    let expected = "expected a time from 5s to 7d with its unit, such as 90s or 15m";
    let time = read_time(text).filter(|time| *time >= Duration::from_secs(5));
    time.ok_or_else(|| expected.to_owned())
}

fn read_time(text: &str) -> Option<Duration> {
    let time: Span = text.parse().ok()?;
    let days = SpanRelativeTo::days_are_24_hours();
    let time = Duration::try_from(time.to_duration(days).ok()?).ok()?;
    (time <= LONGEST).then_some(time)
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
            "--body-timeout=11s",
            "--max-body=5KiB",
            "--max-buffered=6 MiB",
            "--max-requests=7",
            "--max-requests-per-agent=6",
            "--drain=0s",
            "--max-stale=9m",
        ])
        .unwrap();
        let expected = ForwardingLimits {
            connect: Duration::from_millis(1500),
            first_byte: seconds(2),
            idle: seconds(3),
            whole: seconds(5400),
            body_time: seconds(11),
            body_bytes: 5 << 10,
            buffered_bytes: 6 << 20,
            requests: 7,
            requests_per_agent: 6,
        };
        assert_eq!(limits.forwarding(), expected);
        assert_eq!(limits.stalled_write(), seconds(4));
        assert_eq!(
            (limits.drain(), limits.max_stale()),
            (seconds(0), seconds(540))
        );
    }

    #[test]
    fn an_error_names_the_option_and_what_it_takes() {
        for (argument, expected) in [
            ("--connect-timeout=5", "such as 500ms"),
            ("--connect-timeout=0s", "from 1ms"),
            ("--connect-timeout=-5s", "from 1ms"),
            ("--idle-timeout=8d", "to 7d"),
            ("--max-stale=4s", "from 5s"),
            ("--drain=soon", "from 0s"),
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
        for (arguments, option) in [
            (&["--max-body=2GiB"][..], "--max-buffered"),
            (&["--max-requests=100"], "--max-requests-per-agent"),
            (&["--first-byte-timeout=2s"], "--connect-timeout"),
            (&["--answer-timeout=60s"], "--first-byte-timeout"),
        ] {
            let error = read(arguments).unwrap().check().unwrap_err();
            assert!(error.to_string().contains(option), "{error}");
        }
        let longest = read(&["--idle-timeout=7d"]).unwrap().forwarding().idle;
        assert_eq!(longest, LONGEST);
    }
}
