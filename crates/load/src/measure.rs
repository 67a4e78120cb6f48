//! What can be measured. The servers are measured in turns, in one run, so that whatever else the
//! machine does slows all of them down.

use crate::Error;
use crate::connection::Connection;
use crate::percentiles::{Percentiles, median};
use crate::streams;
use crate::target::Target;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// What to measure.
#[derive(Deserialize)]
#[serde(tag = "measure", rename_all = "snake_case")]
pub(crate) enum Measurement {
    /// The time of one request after the other. The first round does not count.
    Latency {
        targets: Vec<Target>,
        rounds: usize,
        requests: usize,
    },
    /// Requests over several connections, for a number of seconds in each round.
    Throughput {
        targets: Vec<Target>,
        rounds: usize,
        connections: usize,
        seconds: f64,
    },
    /// Requests at a fixed rate over several connections. Times count from when a request is due, so
    /// that a server that stalls is charged for those that wait meanwhile.
    Paced {
        targets: Vec<Target>,
        connections: u32,
        per_second: u32,
        seconds: f64,
    },
    /// One stream after the other.
    Stream {
        targets: Vec<Target>,
        rounds: usize,
        events: u64,
    },
    /// Streams at the same time, over the targets in turns.
    ManyStreams {
        targets: Vec<Target>,
        streams: u64,
        events: u64,
        milliseconds: u64,
    },
}

/// Measures, and gives the results by the names of the targets.
pub(crate) async fn measure(measurement: Measurement) -> Result<Value, Error> {
    match measurement {
        Measurement::Latency {
            targets,
            rounds,
            requests,
        } => latency(&targets, rounds, requests).await,
        Measurement::Throughput {
            targets,
            rounds,
            connections,
            seconds,
        } => {
            let seconds = Duration::from_secs_f64(seconds);
            throughput(targets, rounds, connections, seconds).await
        }
        Measurement::Paced {
            targets,
            connections,
            per_second,
            seconds,
        } => {
            let seconds = Duration::from_secs_f64(seconds);
            paced(targets, connections, per_second, seconds).await
        }
        Measurement::Stream {
            targets,
            rounds,
            events,
        } => stream(&targets, rounds, events).await,
        Measurement::ManyStreams {
            targets,
            streams,
            events,
            milliseconds,
        } => {
            let pause = Duration::from_millis(milliseconds);
            let complete = streams::read_many(targets, streams, events, pause).await?;
            Ok(json!({ "complete": complete }))
        }
    }
}

/// Connections to the targets, in their order.
async fn connect(targets: &[Target]) -> Result<Vec<Connection>, Error> {
    let mut connections = Vec::new();
    for target in targets {
        connections.push(Connection::open(target).await?);
    }
    Ok(connections)
}

fn by_name(targets: &[Target], results: impl Iterator<Item = Value>) -> Value {
    let names = targets.iter().map(|target| target.name.clone());
    names.zip(results).collect::<serde_json::Map<_, _>>().into()
}

async fn latency(targets: &[Target], rounds: usize, requests: usize) -> Result<Value, Error> {
    let mut connections = connect(targets).await?;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); targets.len()];
    for round in 0..=rounds {
        for ((target, connection), times) in targets.iter().zip(&mut connections).zip(&mut times) {
            for _ in 0..requests {
                let time = connection.exchange(target.request("")?).await?;
                if round > 0 {
                    times.push(time);
                }
            }
        }
    }
    let results = times.into_iter().map(|times| json!(Percentiles::of(times)));
    Ok(by_name(targets, results))
}

async fn stream(targets: &[Target], rounds: usize, events: u64) -> Result<Value, Error> {
    let mut connections = connect(targets).await?;
    let mut firsts: Vec<Vec<Duration>> = vec![Vec::new(); targets.len()];
    let mut wholes = firsts.clone();
    for round in 0..=rounds {
        for (index, (target, connection)) in targets.iter().zip(&mut connections).enumerate() {
            let times = streams::read(connection, target, round as u64, events, None).await?;
            if round > 0 {
                firsts[index].push(times.first_event);
                wholes[index].push(times.whole);
            }
        }
    }
    let results = firsts.into_iter().zip(wholes).map(|(firsts, wholes)| {
        json!({ "first_event": Percentiles::of(firsts), "whole": Percentiles::of(wholes) })
    });
    Ok(by_name(targets, results))
}

async fn throughput(
    targets: Vec<Target>,
    rounds: usize,
    connections: usize,
    period: Duration,
) -> Result<Value, Error> {
    let targets: Vec<Arc<Target>> = targets.into_iter().map(Arc::new).collect();
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); targets.len()];
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); targets.len()];
    for _ in 0..rounds {
        for (index, target) in targets.iter().enumerate() {
            let begun = Instant::now();
            let mut loading = JoinSet::new();
            for _ in 0..connections {
                loading.spawn(load(Arc::clone(target), begun + period));
            }
            let before = times[index].len();
            while let Some(joined) = loading.join_next().await {
                times[index].extend(joined??);
            }
            let count = times[index].len() - before;
            rates[index].push(count as f64 / begun.elapsed().as_secs_f64());
        }
    }
    let mut results = serde_json::Map::new();
    for ((target, rates), times) in targets.iter().zip(rates).zip(times) {
        let result = json!({ "rate": median(rates), "times": Percentiles::of(times) });
        results.insert(target.name.clone(), result);
    }
    Ok(results.into())
}

async fn paced(
    targets: Vec<Target>,
    connections: u32,
    per_second: u32,
    period: Duration,
) -> Result<Value, Error> {
    let mut results = serde_json::Map::new();
    for target in targets.into_iter().map(Arc::new) {
        // Each connection has its share of the rate, and they take turns.
        let pause = Duration::from_secs(1) * connections / per_second;
        let begun = tokio::time::Instant::now() + pause;
        let mut loading = JoinSet::new();
        for number in 0..connections {
            let due = begun + pause * number / connections;
            loading.spawn(send_on_time(
                Arc::clone(&target),
                due,
                pause,
                begun + period,
            ));
        }
        let mut times = Vec::new();
        while let Some(joined) = loading.join_next().await {
            times.extend(joined??);
        }
        let count = times.len();
        let result = json!({ "count": count, "times": Percentiles::of(times) });
        results.insert(target.name.clone(), result);
    }
    Ok(results.into())
}

/// Sends a request whenever one is due, or as soon as the one before has been answered.
async fn send_on_time(
    target: Arc<Target>,
    mut due: tokio::time::Instant,
    pause: Duration,
    end: tokio::time::Instant,
) -> Result<Vec<Duration>, Error> {
    let mut connection = Connection::open(&target).await?;
    let mut times = Vec::new();
    while due < end {
        let request = target.request("")?;
        tokio::time::sleep_until(due).await;
        connection.exchange(request).await?;
        times.push(due.elapsed());
        due += pause;
    }
    Ok(times)
}

/// Sends one request after the other until the end of the round.
async fn load(target: Arc<Target>, end: Instant) -> Result<Vec<Duration>, Error> {
    let mut connection = Connection::open(&target).await?;
    let mut times = Vec::new();
    while Instant::now() < end {
        times.push(connection.exchange(target.request("")?).await?);
    }
    Ok(times)
}
