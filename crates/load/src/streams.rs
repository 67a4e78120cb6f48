//! Streams of events: how soon the first event arrives, and whether all do.

use crate::Error;
use crate::connection::Connection;
use crate::events::Checker;
use crate::target::Target;
use http_body_util::BodyExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The time between the starts of two streams that run at the same time.
const STAGGER: Duration = Duration::from_millis(1);

/// The times of one stream, from the request on.
pub(crate) struct StreamTimes {
    pub(crate) first_event: Duration,
    pub(crate) whole: Duration,
}

/// Reads one stream to its end. `pause` is the time between two events; without one, they come as
/// fast as they can be read.
pub(crate) async fn read(
    connection: &mut Connection,
    target: &Target,
    stream: u64,
    count: u64,
    pause: Option<Duration>,
) -> Result<StreamTimes, Error> {
    let mut query = format!("events={count}&stream={stream}");
    if let Some(pause) = pause {
        query.push_str(&format!("&milliseconds={}", pause.as_millis()));
    }
    let request = target.request(&query)?;
    let begun = Instant::now();
    let mut body = connection.send(request).await?.into_body();
    let mut first_event = None;
    let mut checker = Checker::new(stream, count);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            first_event.get_or_insert_with(|| begun.elapsed());
            checker.take(&data)?;
        }
    }
    if !checker.is_complete() {
        return Err(format!("stream {stream} ends early").into());
    }
    Ok(StreamTimes {
        first_event: first_event.unwrap_or_default(),
        whole: begun.elapsed(),
    })
}

/// Reads streams at the same time, each on its own connection and the targets in turns, and gives
/// how many were complete.
pub(crate) async fn read_many(
    targets: Vec<Target>,
    streams: u64,
    count: u64,
    pause: Duration,
) -> Result<u64, Error> {
    let targets: Vec<Arc<Target>> = targets.into_iter().map(Arc::new).collect();
    let mut reading = JoinSet::new();
    for (stream, target) in (0..streams).zip(targets.iter().cycle()) {
        let target = Arc::clone(target);
        reading.spawn(async move {
            let mut connection = Connection::open(&target).await?;
            read(&mut connection, &target, stream, count, Some(pause)).await
        });
        sleep(STAGGER).await;
    }
    let mut complete = 0;
    while let Some(joined) = reading.join_next().await {
        joined??;
        complete += 1;
    }
    Ok(complete)
}
