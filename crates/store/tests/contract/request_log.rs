//! The contract of the request log.

use std::time::Duration;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{RouteKind, Rule};
use waypost_routing::vocabulary::{RequestOutcome, TrafficBy, TrafficWindow};
use waypost_store::{
    LogFilter, LoggedAttempt, LoggedRequest, LoggedRoute, NewRecord, RequestId, RequestLog,
    Retention, StoredRecord,
};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 24 * 60 * 60;

fn id(number: u32) -> RequestId {
    RequestId::parse(&format!("{number:032x}")).unwrap()
}

/// A request of an agent that ended at a moment, with everything that can be recorded.
fn request(number: u32, agent: &str, ended_at: i64) -> LoggedRequest {
    LoggedRequest {
        id: id(number),
        at: ended_at - 2,
        ended_at,
        agent: Some(agent.to_owned()),
        agent_id: Some("a1b2".to_owned()),
        token: Some("t0".to_owned()),
        subagent: Some("writer".to_owned()),
        operation: Some(Operation::Chat),
        model: Some("litellm/openai/gpt-4o".to_owned()),
        outcome: RequestOutcome::Ok,
        status: Some(200),
        code: None,
        fallback: Some("status_503".to_owned()),
        flags: vec!["body_may_reroute".to_owned(), "other".to_owned()],
        first_byte: Some(Duration::from_millis(120)),
        total: Duration::from_millis(1_900),
        tokens_in: Some(8_120),
        tokens_out: Some(902),
        tokens_cached: Some(6_400),
        bytes_in: 14_200,
        bytes_out: 3_100,
        generation: 17,
        attempts: vec![
            LoggedAttempt {
                status: Some(503),
                ..attempt("litellm", RouteKind::Gateway)
            },
            LoggedAttempt {
                code: Some("upstream_closed".to_owned()),
                ..attempt("openrouter", RouteKind::Gateway)
            },
        ],
    }
}

fn attempt(provider: &str, kind: RouteKind) -> LoggedAttempt {
    LoggedAttempt {
        kind: Some(kind),
        rule: Some(Rule::Gateway),
        provider: Some(provider.to_owned()),
        origin: Some(format!("https://{provider}.example")),
        wire_model: Some("openai/gpt-4o".to_owned()),
        credential: Some(format!("secret:{provider}/api-key")),
        status: Some(200),
        code: None,
        sent: true,
        begun: Duration::from_micros(81),
        connect: Some(Duration::from_micros(300)),
        first_byte: Some(Duration::from_millis(50)),
        total: Duration::from_millis(90),
    }
}

fn without_route(record: LoggedRequest) -> NewRecord {
    NewRecord {
        record,
        route: None,
    }
}

async fn append(log: &dyn RequestLog, records: impl IntoIterator<Item = LoggedRequest>) {
    let records: Vec<NewRecord> = records.into_iter().map(without_route).collect();
    log.append(&records).await.unwrap();
}

/// The ids of a filter's first page.
async fn ids(log: &dyn RequestLog, filter: &LogFilter) -> Vec<RequestId> {
    let page = log.page(filter, 100).await.unwrap();
    page.records.iter().map(|stored| stored.record.id).collect()
}

async fn all(log: &dyn RequestLog) -> Vec<StoredRecord> {
    log.page(&LogFilter::default(), 1_000)
        .await
        .unwrap()
        .records
}

pub(crate) async fn records_come_back_as_they_were(log: &dyn RequestLog) {
    let full = request(1, "bot", NOW);
    let empty = LoggedRequest {
        agent: None,
        agent_id: None,
        token: None,
        subagent: None,
        operation: None,
        model: None,
        outcome: RequestOutcome::Cancelled,
        status: None,
        fallback: None,
        flags: Vec::new(),
        first_byte: None,
        tokens_in: None,
        tokens_out: None,
        tokens_cached: None,
        attempts: Vec::new(),
        ..request(2, "", NOW)
    };
    append(log, [full.clone(), empty.clone()]).await;
    // A batch that is written again, because it is not known whether it was, changes nothing.
    append(log, [full.clone()]).await;
    let traffic = log.traffic(TrafficBy::Agent, TrafficWindow::Hour, NOW);
    let counted: Vec<u64> = traffic
        .await
        .unwrap()
        .iter()
        .map(|row| row.requests)
        .collect();
    assert_eq!(counted, [1], "nor is it counted twice");
    let stored = all(log).await;
    let records: Vec<&LoggedRequest> = stored.iter().map(|stored| &stored.record).collect();
    assert_eq!(records, [&empty, &full]);
    assert!(stored[0].number > stored[1].number);
    assert!(log.latest().await.unwrap() >= stored[0].number);
    let after = log.after(stored[1].number, 10).await.unwrap();
    assert_eq!(after, [stored[0].clone()]);
    let (found, route) = log.find(id(1)).await.unwrap().unwrap();
    assert_eq!((&found.record, route), (&full, None));
    assert_eq!(log.find(id(3)).await.unwrap(), None);
}

pub(crate) async fn each_filter_lets_pass_what_it_says(log: &dyn RequestLog) {
    let mut other = request(2, "other", NOW + 10);
    other.outcome = RequestOutcome::Failed;
    other.code = Some("connect_failed".to_owned());
    other.model = Some("own/100%_x".to_owned());
    other.attempts = vec![attempt("own", RouteKind::Passthrough)];
    append(log, [request(1, "bot", NOW), other]).await;
    let words = |words: &[&str]| LogFilter {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        ..LogFilter::default()
    };
    let text = |value: &str| Some(value.to_owned());
    let first = [
        LogFilter {
            agent: text("bot"),
            ..LogFilter::default()
        },
        LogFilter {
            provider: text("openrouter"),
            ..LogFilter::default()
        },
        LogFilter {
            kind: Some(RouteKind::Gateway),
            ..LogFilter::default()
        },
        LogFilter {
            outcome: Some(RequestOutcome::Ok),
            ..LogFilter::default()
        },
        words(&["GPT-4O", "writer", "litellm"]),
        words(&["openrouter.example"]),
        words(&["00000000000000000000000000000001"]),
    ];
    for filter in &first {
        // A word may be the beginning of an id, and the wire model of the other is the same.
        assert!(ids(log, filter).await.contains(&id(1)), "{filter:?}");
    }
    for filter in &first[..4] {
        assert_eq!(ids(log, filter).await, [id(1)], "{filter:?}");
    }
    for filter in [
        LogFilter {
            since: Some(NOW + 10),
            ..LogFilter::default()
        },
        words(&["100%_x"]),
        words(&["CONNECT_failed"]),
        LogFilter {
            kind: Some(RouteKind::Passthrough),
            agent: text("other"),
            ..words(&["own"])
        },
    ] {
        assert_eq!(ids(log, &filter).await, [id(2)], "{filter:?}");
    }
    for filter in [
        words(&["1000_x"]),
        words(&["nothing-has-this"]),
        LogFilter {
            since: Some(NOW + 11),
            ..LogFilter::default()
        },
        LogFilter {
            agent: text("bot"),
            ..words(&["connect_failed"])
        },
        LogFilter {
            agent: text("BOT"),
            ..LogFilter::default()
        },
    ] {
        assert_eq!(ids(log, &filter).await, [], "{filter:?}");
    }
}

pub(crate) async fn pages_follow_each_other(log: &dyn RequestLog) {
    append(log, (1..=200).map(|number| request(number, "bot", NOW))).await;
    let mut filter = LogFilter {
        agent: Some("bot".to_owned()),
        ..LogFilter::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = log.page(&filter, 60).await.unwrap();
        seen.extend(page.records.iter().map(|stored| stored.record.id));
        // What arrives in between is on none of the later pages.
        append(
            log,
            [request(
                1_000 + u32::try_from(seen.len()).unwrap(),
                "bot",
                NOW,
            )],
        )
        .await;
        filter.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    let expected: Vec<RequestId> = (1..=200).rev().map(id).collect();
    assert_eq!(seen, expected);
}

fn route(json: &str, digest: u8) -> LoggedRoute {
    LoggedRoute {
        digest: [digest; 32],
        json: json.into(),
    }
}

pub(crate) async fn a_route_is_kept_as_long_as_its_records(log: &dyn RequestLog) {
    let with = |number, ended_at, route: &LoggedRoute| NewRecord {
        record: request(number, "bot", ended_at),
        route: Some(route.clone()),
    };
    let (old, used) = (route("{\"old\":1}", 1), route("{\"used\":1}", 2));
    let records = [
        with(1, NOW - 8 * DAY, &old),
        with(2, NOW - 8 * DAY, &used),
        with(3, NOW, &used),
    ];
    log.append(&records).await.unwrap();
    let (_, found) = log.find(id(1)).await.unwrap().unwrap();
    assert_eq!(found.as_deref(), Some("{\"old\":1}"));
    while log.prune(Retention::default(), NOW).await.unwrap() {}
    let (_, found) = log.find(id(3)).await.unwrap().unwrap();
    assert_eq!(found.as_deref(), Some("{\"used\":1}"));
    // One that was deleted is stored again when it is used again.
    log.append(&[with(4, NOW, &old)]).await.unwrap();
    let (_, found) = log.find(id(4)).await.unwrap().unwrap();
    assert_eq!(found.as_deref(), Some("{\"old\":1}"));
}

pub(crate) async fn what_is_too_old_or_too_much_is_deleted(log: &dyn RequestLog) {
    let old = (1..=30).map(|number| request(number, "bot", NOW - 8 * DAY));
    append(
        log,
        old.chain((31..=60).map(|number| request(number, "bot", NOW))),
    )
    .await;
    let last = log.latest().await.unwrap();
    let keep = Retention {
        days: 7,
        records: 20,
    };
    let mut steps = 0;
    while log.prune(keep, NOW).await.unwrap() {
        steps += 1;
        assert!(steps < 10, "it ends");
    }
    let kept: Vec<RequestId> = all(log)
        .await
        .iter()
        .map(|stored| stored.record.id)
        .collect();
    let expected: Vec<RequestId> = (41..=60).rev().map(id).collect();
    assert_eq!(kept, expected);
    // All of them, and the numbers are not used again.
    while log.delete_before(NOW + 1).await.unwrap().1 {}
    assert_eq!(all(log).await, []);
    append(log, [request(61, "bot", NOW)]).await;
    assert!(all(log).await[0].number > last);
}

pub(crate) async fn traffic_is_counted_by_window(log: &dyn RequestLog) {
    let mut failed = request(1, "bot", NOW - 30);
    failed.outcome = RequestOutcome::UpstreamError;
    append(log, [failed]).await;
    append(
        log,
        [
            request(2, "bot", NOW - 30),
            request(3, "old", NOW - 2 * 60 * 60),
            request(4, "older", NOW - 2 * DAY),
        ],
    )
    .await;
    let rows = async |by, window| {
        let rows = log.traffic(by, window, NOW).await.unwrap();
        rows.into_iter()
            .map(|row| {
                (
                    row.key,
                    row.requests,
                    row.failed,
                    row.tokens_in,
                    row.tokens_out,
                )
            })
            .collect::<Vec<_>>()
    };
    let row = |key: &str, requests, failed, tokens_in, tokens_out| {
        (key.to_owned(), requests, failed, tokens_in, tokens_out)
    };
    assert_eq!(
        rows(TrafficBy::Agent, TrafficWindow::Hour).await,
        [row("bot", 2, 1, 16_240, 1_804)]
    );
    assert_eq!(
        rows(TrafficBy::Provider, TrafficWindow::Hour).await,
        [
            row("litellm", 2, 2, 0, 0),
            row("openrouter", 2, 1, 16_240, 1_804)
        ]
    );
    assert_eq!(rows(TrafficBy::Source, TrafficWindow::Day).await, []);
    let agents = rows(TrafficBy::Agent, TrafficWindow::Day).await;
    assert_eq!(
        agents.iter().map(|row| &*row.0).collect::<Vec<_>>(),
        ["bot", "old"]
    );
    let of_bot = log.traffic(TrafficBy::Agent, TrafficWindow::Hour, NOW);
    let median = of_bot.await.unwrap()[0].total.quantile(0.5).unwrap();
    assert!((1.8..2.0).contains(&median.as_secs_f64()), "{median:?}");
    // Deleting records leaves what was counted.
    while log.delete_before(NOW).await.unwrap().1 {}
    while log.prune(Retention::default(), NOW).await.unwrap() {}
    assert_eq!(rows(TrafficBy::Agent, TrafficWindow::Hour).await.len(), 1);
    assert_eq!(rows(TrafficBy::Agent, TrafficWindow::Day).await.len(), 2);
}

pub(crate) async fn tokens_beyond_measure_are_counted_up_to_a_limit(log: &dyn RequestLog) {
    for number in 0..3 {
        let mut record = request(number, "bot", NOW);
        record.tokens_in = Some(u64::MAX);
        append(log, [record]).await;
    }
    let rows = log.traffic(TrafficBy::Agent, TrafficWindow::Hour, NOW);
    let rows = rows.await.unwrap();
    assert_eq!(
        (rows[0].requests, rows[0].tokens_in),
        (3, 4_000_000_000_000_000)
    );
}

pub(crate) async fn of_many_keys_the_busiest_have_a_row_each(log: &dyn RequestLog) {
    let agent = |number: u32| format!("bot{number}");
    append(
        log,
        (0..600).map(|number| request(number, &agent(number), NOW)),
    )
    .await;
    append(
        log,
        (1_000..1_010).map(|number| request(number, "busy", NOW)),
    )
    .await;
    let rows = log.traffic(TrafficBy::Agent, TrafficWindow::Day, NOW);
    let rows = rows.await.unwrap();
    assert_eq!(rows.len(), 501);
    assert_eq!((&*rows[0].key, rows[0].requests), ("busy", 10));
    assert!(
        rows[..500]
            .iter()
            .all(|row| row.total.quantile(0.5).is_some())
    );
    assert_eq!((&*rows[500].key, rows[500].requests), ("…", 101));
    // An agent may send any model string.
    let models = (2_000..2_400).map(|number| {
        let mut record = request(number, "bot", NOW);
        record.attempts[1].wire_model = Some(format!("m{number}"));
        record
    });
    append(log, models).await;
    let rows = log.traffic(TrafficBy::Model, TrafficWindow::Hour, NOW);
    let rows = rows.await.unwrap();
    assert!(rows.len() <= 201, "{}", rows.len());
    let counted: u64 = rows.iter().map(|row| row.requests).sum();
    assert_eq!(counted, 2 * 1_010);
}
