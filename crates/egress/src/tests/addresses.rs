//! Which addresses are called: by literal, by name, and by names that change their mind.

use super::*;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

fn base(text: &str) -> BaseUrl {
    BaseUrl::parse(text).unwrap()
}

/// Every way of writing this machine's own address, to a port at which someone really listens.
#[tokio::test]
async fn no_spelling_of_loopback_is_called_without_a_grant() {
    let v4 = Tripwire::on("127.0.0.1");
    let port = v4.address.port();
    let v6 = Tripwire::at(SocketAddr::new("::1".parse().unwrap(), port));
    let (egress, dials) = TestEgress::new().build();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "１２７.0.0.1",
        "user:pw@127.0.0.1",
        "127.0.0.1\\@1.1.1.1",
        "ok.example#@127.0.0.1",
        "ok.example?@127.0.0.1",
    ] {
        let text = if host.contains(['#', '?', '\\']) {
            format!("http://{host}")
        } else {
            format!("http://{host}:{port}")
        };
        // Either it is no base URL at all, or the guard refuses it.
        if let Ok(base) = BaseUrl::parse(&text) {
            let (outcome, message) = failed(get(&egress, &base, false).await);
            assert_eq!(outcome, FailureKind::AddressNotAllowed, "{text}: {message}");
        }
        v4.assert_untouched(&text);
        v6.assert_untouched(&text);
    }
    // The names alone came as far as the connector, which asks the resolver.
    assert!(dials.load(Ordering::SeqCst) <= 2);
}

#[tokio::test]
async fn what_is_never_called_is_not_called_with_a_grant_either() {
    let (egress, dials) = TestEgress::new().build();
    for host in [
        "0.0.0.0",
        "[::]",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.1.1",
        "100.100.100.200",
        "224.0.0.1",
        "255.255.255.255",
        "[fe80::1]",
        "[ff02::1]",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::a9fe:a9fe]",
        "[2002:a9fe:a9fe::]",
        "[::169.254.169.254]",
        "metadata.google.internal",
        "METADATA.google.internal",
        "metadata.goog",
    ] {
        let Ok(base) = BaseUrl::parse(&format!("http://{host}/v1")) else {
            continue;
        };
        let (outcome, message) = failed(get(&egress, &base, true).await);
        assert_eq!(outcome, FailureKind::AddressNotAllowed, "{host}: {message}");
        assert!(message.contains("never calls"), "{host}: {message}");
    }
    assert_eq!(dials.load(Ordering::SeqCst), 0, "no connection was begun");
}

#[tokio::test]
async fn a_grant_opens_loopback_by_address_and_by_name() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let egress = TestEgress::new().client();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let text = format!("http://{host}:{}", upstream.address.port());
        let Ok(base) = BaseUrl::parse(&text) else {
            continue;
        };
        let answer = get(&egress, &base, true).await.ok().unwrap();
        assert_eq!(answer.status, 200, "{host}");
    }
    assert!(upstream.received().len() >= 2);
}

#[tokio::test]
async fn a_name_that_leads_to_private_addresses_is_refused_whatever_it_is_called() {
    for address in [
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "169.254.169.254",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
    ] {
        let trap = Tripwire::on("127.0.0.1");
        let names = Names::in_turn(&[&[address]]);
        let egress = TestEgress::new().names(&names).client();
        let base = base(&format!(
            "http://models.example.com:{}",
            trap.address.port()
        ));
        let (outcome, message) = failed(get(&egress, &base, false).await);
        assert_eq!(outcome, FailureKind::AddressNotAllowed, "{address}");
        assert!(message.starts_with(base.as_str()), "{message}");
        assert_eq!(names.asked(), 1);
        trap.assert_untouched(address);
    }
}

/// Time-of-check against time-of-use: the name is harmless when it is looked at and not when it is
/// called. There is no moment between the two: what was checked is what is dialled.
#[tokio::test]
async fn a_name_that_changes_its_address_between_two_calls_is_checked_each_time() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let names = Names::in_turn(&[&["127.0.0.1"], &["169.254.169.254"], &["127.0.0.1"]]);
    let egress = TestEgress::new().names(&names).client();
    let base = base(&format!(
        "http://rebind.example:{}",
        upstream.address.port()
    ));
    let origin = egress.origin(&base, true, &[]).ok().unwrap();
    let url = origin.base().join("models").unwrap();
    assert_eq!(origin.get(&url).await.ok().unwrap().status, 200);
    let (outcome, _) = failed(origin.get(&url).await);
    assert_eq!(outcome, FailureKind::AddressNotAllowed);
    assert_eq!(origin.get(&url).await.ok().unwrap().status, 200);
    assert_eq!(upstream.received().len(), 2);
    assert_eq!(
        names.asked(),
        3,
        "each call looks up once and dials the answer"
    );
}

#[tokio::test]
async fn of_a_mixed_answer_only_the_allowed_addresses_are_dialled() {
    // Loopback is allowed by the grant; the other is never allowed, and stands first.
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let names = Names::in_turn(&[&["169.254.169.254", "127.0.0.1", "0.0.0.0"]]);
    let egress = TestEgress::new().names(&names).client();
    let base = base(&format!("http://mixed.example:{}", upstream.address.port()));
    assert_eq!(get(&egress, &base, true).await.ok().unwrap().status, 200);

    // Without the grant nothing of it is left.
    let (outcome, _) = failed(get(&egress, &base, false).await);
    assert_eq!(outcome, FailureKind::AddressNotAllowed);
    assert_eq!(upstream.received().len(), 1);
}

#[tokio::test]
async fn a_name_without_an_address_is_said() {
    let names = Names::in_turn(&[&[]]);
    let egress = TestEgress::new().names(&names).client();
    let (outcome, message) = failed(get(&egress, &base("https://gatway.example/v1"), false).await);
    assert_eq!(outcome, FailureKind::ConnectFailed);
    assert_eq!(
        message,
        "The name in https://gatway.example has no address. Check its spelling and this machine's DNS."
    );
}

#[tokio::test]
async fn of_waypost_itself_only_the_sample_is_called() {
    let own = Upstream::always(Reply::json(200, "[]")).await;
    let port = own.address.port();
    let names = Names::in_turn(&[&["127.0.0.1"]]);
    let egress = TestEgress::new()
        .names(&names)
        .listening_at(own.address)
        .client();
    for host in ["127.0.0.1", "waypost.example", "[::1]", "127.0.0.2"] {
        for path in [
            "",
            "/api/v1",
            "/samples",
            "/x/sample/",
            "/sample%2f..",
            "/api/sample",
        ] {
            let Ok(base) = BaseUrl::parse(&format!("http://{host}:{port}{path}")) else {
                continue;
            };
            let (outcome, message) = failed(get(&egress, &base, true).await);
            assert_eq!(outcome, FailureKind::AddressNotAllowed, "{base}");
            assert!(
                message.contains("only its own sample under /sample/"),
                "{message}"
            );
        }
    }
    assert!(own.received().is_empty());

    let sample = base(&format!("http://127.0.0.1:{port}/sample/v1"));
    assert_eq!(get(&egress, &sample, true).await.ok().unwrap().status, 200);
    // The grant is needed there too, and the session does not leave the sample.
    let (outcome, _) = failed(get(&egress, &sample, false).await);
    assert_eq!(outcome, FailureKind::AddressNotAllowed);
    let origin = egress.origin(&sample, true, &[]).ok().unwrap();
    for path in [
        "/api/v1/providers",
        "/sample/../api",
        "/sample/%2e%2e/api",
        "/sample/v1/%2e%2e%2fapi",
    ] {
        let url = origin.base().join(path).unwrap();
        let (outcome, _) = failed(origin.get(&url).await);
        assert_eq!(outcome, FailureKind::AddressNotAllowed, "{path}");
    }
    assert_eq!(own.received().len(), 1);
}

#[tokio::test]
async fn a_listener_on_every_address_is_known_by_each_of_them() {
    let own = Upstream::always(Reply::json(200, "[]")).await;
    let everywhere = SocketAddr::new("0.0.0.0".parse().unwrap(), own.address.port());
    let egress = TestEgress::new().listening_at(everywhere).client();
    let (outcome, message) = failed(get(&egress, &own.base(""), true).await);
    assert_eq!(outcome, FailureKind::AddressNotAllowed);
    assert!(message.contains("resolves to Waypost itself"), "{message}");
    assert!(own.received().is_empty());
}

#[tokio::test]
async fn a_session_does_not_leave_its_origin() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let other = Tripwire::on("127.0.0.1");
    let egress = TestEgress::new().client();
    let origin = egress
        .origin(&upstream.base("/v1"), true, &[])
        .ok()
        .unwrap();
    for target in [
        format!("http://{}/v1/models", other.address),
        format!("https://{}/v1/models", upstream.address),
        format!("http://localhost:{}/v1/models", upstream.address.port()),
        format!("http://user@{}/v1/models", upstream.address),
        format!("http://{}/v1/models#x", upstream.address),
        format!("http://{}/{}", upstream.address, "x".repeat(5000)),
    ] {
        let (outcome, _) = failed(origin.get(&target.parse().unwrap()).await);
        assert_eq!(outcome, FailureKind::AddressNotAllowed, "{target}");
    }
    other.assert_untouched("another origin");
    assert!(upstream.received().is_empty());
}
