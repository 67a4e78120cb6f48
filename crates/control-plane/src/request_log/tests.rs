use super::*;
use crate::store::{
    LogFilter, LogPage, NewRecord, RequestId, StoreError, StoreErrorKind, StoredRecord, TrafficRow,
};
use async_trait::async_trait;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use waypost_api_types::{RequestOutcome, TrafficBy, TrafficWindow};
use waypost_forwarding::{Attempt, Outcome, TokenUsage};

/// A store that writes, fails, or never answers.
#[derive(Default)]
struct Memory {
    written: Mutex<Vec<NewRecord>>,
    is_full: AtomicBool,
    hangs: AtomicBool,
    cannot_read: AtomicBool,
    /// Counts the looks at the end of the log.
    reads: AtomicU64,
    /// How many steps of pruning there are to do.
    to_prune: AtomicU64,
    /// Counts the steps.
    pruned: watch::Sender<u64>,
}

impl Memory {
    fn note_read(&self) -> Result<(), StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        match self.cannot_read.load(Ordering::SeqCst) {
            true => Err(StoreError::of_kind(StoreErrorKind::Damaged)),
            false => Ok(()),
        }
    }

    fn ids(&self) -> Vec<String> {
        let written = self.written.lock().unwrap();
        written
            .iter()
            .map(|new| new.record.id.to_string())
            .collect()
    }
}

#[async_trait]
impl store::RequestLog for Memory {
    async fn append(&self, records: &[NewRecord]) -> Result<(), StoreError> {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::of_kind(StoreErrorKind::DiskFull));
        }
        self.written.lock().unwrap().extend_from_slice(records);
        Ok(())
    }

    async fn page(&self, _: &LogFilter, _: u32) -> Result<LogPage, StoreError> {
        Err(StoreError::of_kind(StoreErrorKind::Damaged))
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<StoredRecord>, StoreError> {
        self.note_read()?;
        let written = self.written.lock().unwrap();
        let numbered = written
            .iter()
            .zip(1..)
            .skip(usize::try_from(number).unwrap());
        let records = numbered
            .take(limit as usize)
            .map(|(new, number)| StoredRecord {
                number,
                record: new.record.clone(),
            });
        Ok(records.collect())
    }

    async fn latest(&self) -> Result<i64, StoreError> {
        self.note_read()?;
        Ok(i64::try_from(self.written.lock().unwrap().len()).unwrap())
    }

    async fn find(
        &self,
        _: RequestId,
    ) -> Result<Option<(StoredRecord, Option<String>)>, StoreError> {
        Ok(None)
    }

    async fn prune(&self, _: Retention, _: i64) -> Result<bool, StoreError> {
        let left = self.to_prune.load(Ordering::SeqCst);
        self.to_prune
            .store(left.saturating_sub(1), Ordering::SeqCst);
        self.pruned.send_modify(|steps| *steps += 1);
        tokio::task::yield_now().await;
        Ok(left > 0)
    }

    async fn delete_before(&self, _: i64) -> Result<(u64, bool), StoreError> {
        Ok((0, false))
    }

    async fn traffic(
        &self,
        _: TrafficBy,
        _: TrafficWindow,
        _: i64,
    ) -> Result<Vec<TrafficRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn close(&self) {}
}

fn record(number: u128) -> RequestRecord {
    RequestRecord {
        id: format!("{number:032x}"),
        at: 1_800_000_000,
        agent: "bot".to_owned(),
        agent_id: None,
        token: "t1".to_owned(),
        subagent: None,
        operation: None,
        model: None,
        route: None,
        generation: 0,
        attempts: Vec::new(),
        fallback: None,
        status: 200,
        outcome: Outcome::Answered,
        trace: None,
        has_error: false,
        usage: TokenUsage::default(),
        flags: Vec::new(),
        bytes_in: 0,
        bytes_out: 0,
        first_byte: None,
        total: Duration::from_millis(1_500),
    }
}

fn log(memory: &Arc<Memory>, capacity: usize) -> RequestLog {
    RequestLog::with(Some(memory.clone()), Retention::default(), capacity)
}

#[tokio::test]
async fn what_waits_is_written_before_the_log_closes() {
    let memory = Arc::<Memory>::default();
    let log = log(&memory, 10_000);
    for number in 0..5_000 {
        log.record(record(number));
    }
    log.close().await;
    let expected: Vec<String> = (0..5_000_u128)
        .map(|number| format!("{number:032x}"))
        .collect();
    assert_eq!(memory.ids(), expected);
    assert_eq!(log.dropped(), 0);
}

#[tokio::test]
async fn while_nothing_can_be_written_records_are_dropped_and_no_request_waits() {
    let memory = Arc::<Memory>::default();
    memory.hangs.store(true, Ordering::SeqCst);
    let log = log(&memory, 10);
    // It does not even yield, so that nothing could be taken out of the queue.
    for number in 0..100 {
        log.record(record(number));
    }
    assert_eq!(log.dropped(), 90);
    assert_eq!(log.status().dropped, 90);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_shown_and_what_waits_is_written_once_it_has_space() {
    let memory = Arc::<Memory>::default();
    memory.is_full.store(true, Ordering::SeqCst);
    let log = log(&memory, 100);
    log.record(record(1));
    let mut written = log.changes();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let status = log.status();
    assert_eq!(status.state, RequestLogState::Failing);
    assert!(status.message.unwrap().contains("disk is full"));
    log.record(record(2));
    memory.is_full.store(false, Ordering::SeqCst);
    written.changed().await.unwrap();
    assert_eq!(log.status().state, RequestLogState::Ok);
    log.close().await;
    assert_eq!(memory.ids().len(), 2);
    assert_eq!(log.dropped(), 0);
}

#[tokio::test(start_paused = true)]
async fn records_are_written_in_the_middle_of_a_long_deletion() {
    let memory = Arc::<Memory>::default();
    memory.to_prune.store(1_000, Ordering::SeqCst);
    let log = log(&memory, 100);
    let mut pruned = memory.pruned.subscribe();
    pruned.changed().await.unwrap();
    let mut written = log.changes();
    log.record(record(1));
    written.changed().await.unwrap();
    assert!(
        memory.to_prune.load(Ordering::SeqCst) > 900,
        "it did not wait for the end"
    );
    log.close().await;
}

#[tokio::test]
async fn a_log_whose_writer_is_gone_says_so() {
    let log = log(&Arc::default(), 1);
    log.writer().take().unwrap().abort();
    log.0.queue.closed().await;
    assert_eq!(log.status().state, RequestLogState::Failing);
}

#[tokio::test]
async fn a_log_that_cannot_be_read_says_so_on_an_empty_page() {
    let log = log(&Arc::default(), 1);
    let page = log
        .page(RequestsQuery::default(), None, None)
        .await
        .unwrap();
    assert_eq!(
        (page.items.len(), page.log.state),
        (0, RequestLogState::Failing)
    );
    assert!(page.log.message.unwrap().contains("damaged"));
}

#[tokio::test]
async fn requests_without_a_token_cannot_fill_the_log() {
    let mut per_minute = PerMinute::default();
    let passed = (0..1_000).filter(|_| per_minute.lets_pass(600)).count();
    assert_eq!(passed, WITHOUT_TOKEN as usize);
    assert!(per_minute.lets_pass(660));
    let memory = Arc::<Memory>::default();
    let log = log(&memory, 10_000);
    for number in 0..1_000 {
        log.record(RequestRecord {
            token: String::new(),
            agent: String::new(),
            ..record(number)
        });
    }
    log.record(record(5_000));
    log.close().await;
    let written = memory.ids().len();
    // The minute may have ended in between.
    assert!(written <= 2 * WITHOUT_TOKEN as usize + 1, "{written}");
    assert_eq!(
        log.dropped(),
        0,
        "what is not to be recorded is not missing"
    );
}

#[tokio::test]
async fn a_log_that_is_off_says_so() {
    let log = RequestLog::off();
    log.record(record(1));
    let page = log
        .page(RequestsQuery::default(), None, None)
        .await
        .unwrap();
    assert_eq!(page.log.state, RequestLogState::Off);
    assert_eq!((page.latest, log.dropped()), (0, 0));
    log.close().await;
}

#[test]
fn outcomes_say_who_could_not_do_what() {
    let answered = Attempt {
        status: Some(200),
        ..Attempt::default()
    };
    let failed = |code: &str| Outcome::Failed(code.to_owned());
    let cases = [
        (
            200,
            Outcome::Answered,
            false,
            true,
            RequestOutcome::Ok,
            None,
        ),
        (
            404,
            Outcome::Answered,
            false,
            true,
            RequestOutcome::UpstreamError,
            None,
        ),
        (
            200,
            Outcome::Answered,
            true,
            true,
            RequestOutcome::UpstreamError,
            Some("error_in_answer"),
        ),
        (
            422,
            failed("no_route"),
            false,
            false,
            RequestOutcome::Refused,
            Some("no_route"),
        ),
        (
            502,
            failed("connect_failed"),
            false,
            false,
            RequestOutcome::Failed,
            Some("connect_failed"),
        ),
        // It broke off in the middle.
        (
            200,
            failed("upstream_closed"),
            false,
            true,
            RequestOutcome::Failed,
            Some("upstream_closed"),
        ),
        (
            0,
            Outcome::Cancelled,
            false,
            false,
            RequestOutcome::Cancelled,
            None,
        ),
    ];
    for (status, outcome, has_error, has_answer, expected, code) in cases {
        let logged = conversion::logged(RequestRecord {
            status,
            outcome,
            has_error,
            attempts: has_answer.then(|| answered.clone()).into_iter().collect(),
            ..record(1)
        });
        let logged = logged.record;
        assert_eq!((logged.outcome, logged.code.as_deref()), (expected, code));
        assert_eq!(logged.status, Some(status).filter(|status| *status > 0));
        assert_eq!(logged.ended_at, 1_800_000_001);
    }
}

#[test]
fn a_model_string_is_cut_between_characters() {
    let model = "ä".repeat(1_000);
    let logged = conversion::logged(RequestRecord {
        model: Some(model),
        ..record(1)
    });
    assert_eq!(logged.record.model.unwrap().len(), conversion::MODEL_BYTES);
}

/// The numbers of the next records.
async fn numbers(follower: &mut Follower, count: usize) -> Vec<i64> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        match follower.next().await {
            Followed::Record { number, json } => {
                assert!(json.contains(&format!("\"number\":{number},")), "{json}");
                numbers.push(number);
            }
            reset @ Followed::Reset(_) => panic!("{reset:?}"),
        }
    }
    numbers
}

/// How often the log is read while so many follow it, each of which gets each record once.
async fn reads_of(followers: usize) -> u64 {
    let memory = Arc::<Memory>::default();
    let log = log(&memory, 1_000);
    let mut following = Vec::new();
    for _ in 0..followers {
        let mut follower = log.follow(None);
        assert_eq!(follower.begin().await, Some(0));
        following.push(tokio::spawn(async move {
            let numbers = numbers(&mut follower, 100).await;
            assert_eq!(numbers, (1..=100).collect::<Vec<i64>>());
        }));
    }
    for number in 0..100 {
        log.record(record(number));
        if number % 10 == 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
    for follower in following {
        follower.await.unwrap();
    }
    memory.reads.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_log_is_read_once_however_many_follow_it() {
    let of_one = reads_of(1).await;
    assert!(of_one > 10, "{of_one} reads");
    assert_eq!(reads_of(50).await, of_one);
}

#[tokio::test(start_paused = true)]
async fn a_follower_goes_on_where_it_ended_and_one_that_is_far_behind_begins_anew() {
    let memory = Arc::<Memory>::default();
    let log = log(&memory, 10_000);
    let mut first = log.follow(None);
    assert_eq!(first.begin().await, Some(0));
    for number in 0..600 {
        log.record(record(number));
        // It is given time to read them in several pieces.
        if number % 300 == 299 {
            numbers(&mut first, 300).await;
        }
    }
    let mut close = log.follow(Some(590));
    assert_eq!(close.begin().await, Some(590));
    assert_eq!(
        numbers(&mut close, 10).await,
        (591..=600).collect::<Vec<i64>>()
    );
    assert_eq!(log.follow(Some(1)).next().await, Followed::Reset(600));

    // `close` reads nothing while more arrive than wait for it.
    for number in 600..2_000 {
        log.record(record(number));
        if number % 200 == 199 {
            numbers(&mut first, 200).await;
        }
    }
    let Followed::Reset(number) = close.next().await else {
        panic!("it is too far behind");
    };
    assert_eq!(number, 2_000);
    log.record(record(2_000));
    assert_eq!(numbers(&mut close, 1).await, [2_001]);
}

#[tokio::test(start_paused = true)]
async fn followers_wait_for_a_log_that_cannot_be_read() {
    let memory = Arc::<Memory>::default();
    memory.cannot_read.store(true, Ordering::SeqCst);
    let log = log(&memory, 10);
    for number in 0..3 {
        log.record(record(number));
    }
    let mut follower = log.follow(Some(1));
    let mut later = log.follow(None);
    assert_eq!(later.begin().await, None);
    memory.cannot_read.store(false, Ordering::SeqCst);
    assert_eq!(numbers(&mut follower, 2).await, [2, 3]);
    log.record(record(3));
    assert_eq!(numbers(&mut follower, 1).await, [4]);

    // The last one that leaves ends the reading, and the next one starts it again.
    drop((follower, later));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let reads = memory.reads.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(memory.reads.load(Ordering::SeqCst), reads);
    let mut again = log.follow(Some(3));
    assert_eq!(numbers(&mut again, 1).await, [4]);
}
