//! Lists that come in pages.

use super::*;
use std::sync::Arc;

#[tokio::test]
async fn anthropics_pages_are_read_to_the_end() {
    let upstream = Upstream::start(|request| {
        Reply::json(
            200,
            match request.target.as_str() {
                "/v1/models" => r#"{"data":[{"id":"a b","display_name":"A"}],"has_more":true,"last_id":"a b&c=é"}"#,
                "/v1/models?after_id=a+b%26c%3D%C3%A9" => r#"{"data":[{"id":"b"}],"has_more":true,"last_id":"b"}"#,
                "/v1/models?after_id=b" => r#"{"data":[{"id":"c"}],"has_more":false,"last_id":"c"}"#,
                other => panic!("asked for {other}"),
            },
        )
    })
    .await;
    let seen: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let progress = move |models, pages| kept.lock().unwrap().push((models, pages));
    let egress = TestEgress::new().client();
    let discovery = discover(&egress, &with_key(upstream.base("/v1")), &progress).await;
    assert_eq!(ids(&discovery), ["a b", "b", "c"]);
    assert_eq!(*seen.lock().unwrap(), [(1, 1), (2, 2), (3, 3)]);
    for request in upstream.received() {
        assert_eq!(
            request.header("authorization"),
            Some("Bearer sk-canary-1234")
        );
    }
}

#[tokio::test]
async fn openrouters_links_are_followed_on_the_same_origin() {
    let upstream = Upstream::start(|request| {
        Reply::json(
            200,
            &match request.target.as_str() {
                "/api/v1/models" => r#"{"data":[{"id":"a"}],"links":{"next":"/api/v1/models?page=2#x"}}"#.to_owned(),
                "/api/v1/models?page=2" => format!(
                    r#"{{"data":[{{"id":"b"}}],"links":{{"next":"http://{}/api/v1/models?page=3"}}}}"#,
                    request.header("host").unwrap()
                ),
                _ => r#"{"data":[{"id":"c"}],"links":{"next":null}}"#.to_owned(),
            },
        )
    })
    .await;
    let discovery = discovered(&with_key(upstream.base("/api/v1"))).await;
    assert_eq!(ids(&discovery), ["a", "b", "c"]);
    assert_eq!(upstream.received().len(), 3);
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_asked_for_and_nothing_is_taken() {
    let trap = Tripwire::on("127.0.0.1");
    let port = trap.address.port();
    for link in [
        format!("http://127.0.0.1:{port}/models"),
        format!("//127.0.0.1:{port}/models"),
        format!("http://sk-canary-1234@127.0.0.1:{port}/"),
        "file:///etc/passwd".to_owned(),
        "x".repeat(3000),
        "http://[".to_owned(),
    ] {
        let body = format!(r#"{{"data":[{{"id":"a"}}],"links":{{"next":"{link}"}}}}"#);
        let discovery = of(Reply::json(200, &body)).await;
        assert_eq!(discovery.outcome, CheckOutcome::BadResponse, "{link}");
        assert!(discovery.models.is_empty());
        trap.assert_untouched(&link);
    }
}

/// The origin is the right one, but another path of it would get the credential too.
#[tokio::test]
async fn a_next_page_of_another_path_is_not_asked_for_and_nothing_is_taken() {
    for link in [
        "/v1/chat/completions",
        "/v1/models/",
        "/v1/models/x?page=2",
        "/v1/models;x",
        "/v1/%6dodels",
        "/V1/models",
        "//v1/models",
        "../admin/delete?id=1",
        "x",
        "/",
    ] {
        let body = format!(r#"{{"data":[{{"id":"a"}}],"links":{{"next":"{link}"}}}}"#);
        let upstream = Upstream::always(Reply::json(200, &body)).await;
        let discovery = discovered(&with_key(upstream.base("/v1"))).await;
        assert_eq!(discovery.outcome, CheckOutcome::BadResponse, "{link}");
        assert!(discovery.models.is_empty());
        assert_eq!(upstream.received().len(), 1, "{link}");
    }
}

#[tokio::test]
async fn an_id_that_looks_like_a_path_stays_in_the_query() {
    let upstream = Upstream::start(|request| {
        let body = if request.target.contains("after_id") {
            r#"{"data":["b"],"has_more":false}"#
        } else {
            r#"{"data":["a"],"has_more":true,"last_id":"/../../admin?x=1#y"}"#
        };
        Reply::json(200, body)
    })
    .await;
    let discovery = discovered(&with_key(upstream.base("/v1"))).await;
    assert_eq!(ids(&discovery), ["a", "b"]);
    let next = &upstream.received()[1].target;
    assert_eq!(next, "/v1/models?after_id=%2F..%2F..%2Fadmin%3Fx%3D1%23y");
}

#[tokio::test]
async fn a_user_name_in_the_next_link_is_not_sent_to_the_same_origin_either() {
    let upstream = Upstream::start(|request| {
        let host = request.header("host").unwrap();
        Reply::json(
            200,
            &format!(
                r#"{{"data":["{host}"],"links":{{"next":"http://a:b@{host}/v1/models?p=2"}}}}"#
            ),
        )
    })
    .await;
    let discovery = discovered(&with_key(upstream.base("/v1"))).await;
    assert_eq!(discovery.outcome, CheckOutcome::BadResponse);
    assert_eq!(upstream.received().len(), 1);
}

#[tokio::test]
async fn pages_that_go_in_a_circle_end() {
    // The same page again and again, and one that writes its link anew each time.
    let same = of(Reply::json(
        200,
        r#"{"data":["a"],"has_more":true,"last_id":"a"}"#,
    ))
    .await;
    assert_eq!(same.outcome, CheckOutcome::BadResponse);
    assert!(same.message.contains("repeat. Waypost"), "{}", same.message);

    let counter = std::sync::atomic::AtomicU64::new(0);
    let upstream = Upstream::start(move |_| {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Reply::json(
            200,
            &format!(r#"{{"data":["a"],"links":{{"next":"?p={number}"}}}}"#),
        )
    })
    .await;
    let anew = discovered(&with_key(upstream.base("/v1"))).await;
    assert!(anew.message.contains("repeat. Waypost"), "{}", anew.message);
    assert_eq!(upstream.received().len(), 2);
}

#[tokio::test]
async fn pages_without_end_are_given_up() {
    let counter = std::sync::atomic::AtomicU64::new(0);
    let upstream = Upstream::start(move |_| {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Reply::json(
            200,
            &format!(r#"{{"data":["m{number}"],"has_more":true,"last_id":"m{number}"}}"#),
        )
    })
    .await;
    let discovery = discovered(&with_key(upstream.base("/v1"))).await;
    assert_eq!(discovery.outcome, CheckOutcome::TooLarge);
    assert!(
        discovery.message.contains("more than 200 pages"),
        "{}",
        discovery.message
    );
    assert_eq!(upstream.received().len(), 200);
}

#[tokio::test]
async fn a_page_that_fails_takes_the_others_with_it() {
    let upstream = Upstream::start(|request| {
        if request.target.contains("after_id") {
            return Reply::json(503, "{}");
        }
        Reply::json(200, r#"{"data":["a"],"has_more":true,"last_id":"a"}"#)
    })
    .await;
    let discovery = discovered(&with_key(upstream.base("/v1"))).await;
    assert_eq!(discovery.outcome, CheckOutcome::ServerError);
    assert_eq!(discovery.status, Some(503));
    assert!(discovery.models.is_empty());
}
