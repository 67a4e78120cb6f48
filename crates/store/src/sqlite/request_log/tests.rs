use super::*;
use crate::request_log::LoggedRequest;
use sqlx::AssertSqlSafe;
use std::time::Duration;
use waypost_routing::vocabulary::RequestOutcome;

fn record(number: u128) -> NewRecord {
    NewRecord {
        record: LoggedRequest {
            id: RequestId::parse(&format!("{number:032x}")).unwrap(),
            at: 1_800_000_000,
            ended_at: 1_800_000_000,
            agent: Some("bot".to_owned()),
            agent_id: None,
            token: None,
            subagent: None,
            operation: None,
            model: Some(format!("model-{number}")),
            outcome: RequestOutcome::Ok,
            status: Some(200),
            code: None,
            fallback: None,
            flags: Vec::new(),
            first_byte: None,
            total: Duration::from_millis(1),
            tokens_in: None,
            tokens_out: None,
            tokens_cached: None,
            bytes_in: 0,
            bytes_out: 0,
            generation: 1,
            attempts: Vec::new(),
        },
        route: None,
    }
}

fn records(numbers: std::ops::Range<u128>) -> Vec<NewRecord> {
    numbers.map(record).collect()
}

async fn count(log: &SqliteRequestLog) -> usize {
    let page = log.page(&LogFilter::default(), 1_000).await.unwrap();
    page.records.len()
}

#[tokio::test]
async fn a_file_that_was_removed_is_begun_anew_with_higher_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteRequestLog::new(folder.path());
    let path = folder.path().join(REQUEST_LOG_FILE);
    assert!(
        !path.exists(),
        "it is created by the first call that needs it"
    );
    log.append(&records(0..3)).await.unwrap();
    let latest = log.latest().await.unwrap();
    std::fs::remove_file(&path).unwrap();
    log.append(&records(3..5)).await.unwrap();
    assert_eq!(count(&log).await, 2);
    let page = log.page(&LogFilter::default(), 10).await.unwrap();
    assert!(page.records.iter().all(|stored| stored.number > latest));
    log.close().await;
    assert!(path.exists());
    let again = SqliteRequestLog::new(folder.path());
    assert_eq!(count(&again).await, 2);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteRequestLog::new(folder.path());
    log.append(&records(0..1)).await.unwrap();
    for name in ["requests.db", "requests.db-wal"] {
        let metadata = std::fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_put_aside_and_a_new_one_begun() {
    for damage in [&b"this is no database, and it is longer than a hundred bytes ......................................"[..], b"SQLite format 3\0 and then nothing of use ....................................................................."] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(REQUEST_LOG_FILE), damage).unwrap();
        let log = SqliteRequestLog::new(folder.path());
        // Reading says so, and changes nothing.
        log.page(&LogFilter::default(), 10).await.unwrap_err();
        log.append(&records(0..2)).await.unwrap();
        assert_eq!(count(&log).await, 2);
        let aside = folder.path().join("requests.db.damaged");
        assert_eq!(std::fs::read(&aside).unwrap(), damage);
        // It is kept no longer than other records.
        let now = waypost_system::clock::now();
        log.prune(Retention::default(), now).await.unwrap();
        assert!(aside.exists());
        log.prune(Retention::default(), now + 8 * 24 * 60 * 60).await.unwrap();
        assert!(!aside.exists());
    }
}

#[tokio::test]
async fn pages_that_are_damaged_while_the_file_is_open_are_recovered_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(REQUEST_LOG_FILE);
    let log = SqliteRequestLog::new(folder.path());
    log.append(&records(0..500)).await.unwrap();
    log.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 8 * 4096);
    // All but the first page, which has the schema.
    bytes[4096..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    // The damage may be met in the middle of a batch, which is lost then.
    let _ = log.append(&records(500..600)).await;
    log.append(&records(600..650)).await.unwrap();
    let page = log.page(&LogFilter::default(), 50).await.unwrap();
    let last = page.records[0].record.model.as_deref();
    assert_eq!(last, Some("model-649"));
    assert!(folder.path().join("requests.db.damaged").exists());
}

#[tokio::test]
async fn writing_recovers_once_a_full_disk_has_space_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteRequestLog::new(folder.path());
    log.append(&records(0..10)).await.unwrap();
    let (mut writing, _) = log.begin().await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(writing.connection())
        .await
        .unwrap();
    let limit = format!("PRAGMA max_page_count = {pages}");
    sqlx::query(AssertSqlSafe(limit))
        .execute(writing.connection())
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let error = log.append(&records(10..2_000)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::DiskFull, "{error}");
    assert_eq!(count(&log).await, 10, "all of a batch or nothing");
    // The failed transaction took its connection, and the limit, along.
    log.append(&records(10..20)).await.unwrap();
    assert_eq!(count(&log).await, 20);
}

#[tokio::test]
async fn a_search_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteRequestLog::new(folder.path());
    log.append(&records(0..100)).await.unwrap();
    let mut filter = LogFilter {
        words: vec!["model-3".to_owned()],
        ..LogFilter::default()
    };
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let mut reading = log.opened().await.unwrap().readers.begin().await.unwrap();
        let page = read::page(reading.connection(), &filter, 4, 20)
            .await
            .unwrap();
        reading.end().await.unwrap();
        pages += 1;
        found.extend(
            page.records
                .into_iter()
                .filter_map(|stored| stored.record.model),
        );
        filter.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (30..40)
        .rev()
        .chain([3])
        .map(|number| format!("model-{number}"))
        .collect();
    assert_eq!(found, expected);
    assert!(pages > 4, "{pages}");
}
