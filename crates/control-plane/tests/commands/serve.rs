//! `waypost serve` and the commands around signing in.

use crate::serving::Serving;
use crate::support::Home;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn it_prints_a_link_that_signs_in_and_stops_when_asked() {
    let home = Home::new();
    let serving = Serving::start(&home);
    let token = serving.token().to_owned();
    assert!(
        serving
            .ask("GET", "/readyz", "")
            .starts_with("HTTP/1.1 200 OK")
    );
    assert!(serving.sign_in(&token).starts_with("HTTP/1.1 200 OK"));
    assert!(serving.sign_in(&token).starts_with("HTTP/1.1 401"));
    let (status, _, log) = serving.stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("backend=\"file\""), "{log}");
    assert!(!log.contains(&token), "{log}");
}

#[test]
fn a_request_is_logged_with_the_id_of_its_answer() {
    let home = Home::new();
    let serving = Serving::start(&home);
    let answer = serving.ask("GET", "/api/v1/session", "");
    let (_, id) = answer.split_once("x-request-id: ").unwrap();
    let id = id.lines().next().unwrap().to_owned();
    serving.ask("GET", "/readyz", "");
    let (status, _, log) = serving.stop();
    assert_eq!(status, Some(0), "{log}");
    let line = |part: &str| log.lines().find(|line| line.contains(part)).unwrap();
    // What a server logs unless it is asked for more.
    let request = line(&format!("id={id} "));
    assert!(request.contains(" INFO "), "{request}");
    assert!(
        request.contains("method=GET path=\"/api/v1/session\" status=401"),
        "{request}"
    );
    // Probes come every few seconds.
    let probe = line("path=\"/readyz\"");
    assert!(probe.contains(" DEBUG "), "{probe}");
}

#[test]
fn idle_and_half_sent_requests_do_not_hold_up_a_stop() {
    let home = Home::new();
    let serving = Serving::start(&home);
    let idle = TcpStream::connect(serving.address()).unwrap();
    let mut half = TcpStream::connect(serving.address()).unwrap();
    write!(half, "GET / HTTP/1.1\r\n").unwrap();
    assert!(serving.ask("GET", "/healthz", "").contains(" 200 OK"));
    let begun = Instant::now();
    let (status, _, log) = serving.stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(!log.contains("still running"), "{log}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{log}");
    drop((idle, half));
}

#[test]
fn it_can_be_stopped_as_soon_as_it_has_printed_its_link() {
    let home = Home::new();
    let (status, _, log) = Serving::start(&home).stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("stopped"), "{log}");
}

#[test]
fn a_link_is_made_while_it_serves_and_every_session_can_be_ended() {
    let home = Home::new();
    let early = home.run(&["sign-in-link"], &[]);
    assert_eq!(early.status(), 1);
    assert!(
        early.errors().contains("there is no workspace in"),
        "{}",
        early.errors()
    );

    let serving = Serving::start(&home);
    let made = home.run(&["sign-in-link"], &[]);
    assert_eq!(made.status(), 0, "{}", made.errors());
    let (dashboard, token) = made
        .output()
        .trim()
        .split_once("/#token=")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(dashboard, format!("http://{}", serving.address()));
    let signed_in = serving.sign_in(&token);
    assert!(signed_in.starts_with("HTTP/1.1 200 OK"));
    let (_, cookie) = signed_in.split_once("set-cookie: ").unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let shown = || serving.ask_as(cookie, "GET", "/api/v1/session", "");
    assert!(shown().starts_with("HTTP/1.1 200 OK"));

    let ended = home.run(&["sign-out-all"], &[]);
    assert_eq!(
        (ended.status(), ended.output().as_str()),
        (0, "Ended 1 session.\n")
    );
    // The server holds sessions in memory, and hears of this within two seconds.
    let begun = Instant::now();
    while !shown().starts_with("HTTP/1.1 401") {
        assert!(begun.elapsed() < Duration::from_secs(2), "still signed in");
        thread::yield_now();
    }
    assert!(serving.sign_in(serving.token()).starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn a_link_is_not_made_in_a_database_that_another_version_serves() {
    use waypost_control_plane::store::{Store as _, sqlite};
    let home = Home::new();
    let store = sqlite::open(home.path()).await.unwrap();
    store.close().await;
    let sql = "SELECT CAST(user_version AS TEXT) FROM pragma_user_version";
    let latest = sqlite::testing::texts(home.path(), sql).await.remove(0);
    sqlite::testing::execute(home.path(), "PRAGMA user_version = 4").await;
    let folder = home.path().display().to_string();
    let done = home.run(&["sign-in-link", "--data-dir", &folder], &[]);
    assert_eq!(done.status(), 1);
    assert!(done.errors().contains("has version 4"), "{}", done.errors());
    assert!(done.errors().contains(&folder), "{}", done.errors());
    let version = sqlite::testing::texts(home.path(), sql);
    assert_eq!(version.await, ["4"], "it was not migrated");

    let restore = format!("PRAGMA user_version = {latest}");
    sqlite::testing::execute(home.path(), &restore).await;
    let done = home.run(&["sign-in-link", "--data-dir", &folder], &[]);
    assert!(
        done.errors().contains("no server has used"),
        "{}",
        done.errors()
    );
    assert!(done.errors().contains(&folder), "{}", done.errors());
}

#[test]
fn a_link_can_be_made_for_a_viewer() {
    let home = Home::new();
    let serving = Serving::start(&home);
    for (arguments, role) in [
        (&["sign-in-link", "--role", "viewer"][..], "viewer"),
        (&["sign-in-link", "--role", "admin"], "admin"),
    ] {
        let made = home.run(arguments, &[]);
        assert_eq!(made.status(), 0, "{}", made.errors());
        let link = made.output();
        let token = link.trim().split_once("/#token=").unwrap().1;
        let answer = serving.sign_in(token);
        let wanted = format!("\"role\":\"{role}\"");
        assert!(answer.contains(&wanted), "{answer}");
    }
}

#[test]
fn what_keeps_it_from_starting_is_said_with_what_to_do() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = home.run(&["serve", "--listen", &address], &[]);
    assert_eq!(done.status(), 1);
    assert!(
        done.errors()
            .contains("is in use. Stop the program that listens there"),
        "{}",
        done.errors()
    );

    let done = home.run(&["serve", "--listen", "0.0.0.0:0"], &[]);
    assert_eq!(done.status(), 1);
    assert!(
        done.errors().contains("--public-url is required"),
        "{}",
        done.errors()
    );

    for arguments in [
        &["serve", "--public-url", "http://waypost.example"][..],
        &["serve", "--secrets", "paper"],
        &["serve", "--listen", "8700"],
        &["serve", "--env-keys", "TEAM_KEY,*"],
        &["serve", "--env-keys", "TEAM_KEY@gw.example"],
    ] {
        assert_eq!(home.run(arguments, &[]).status(), 2, "{arguments:?}");
    }

    let serving = Serving::start(&home);
    let second = home.run(&["serve", "--listen", "127.0.0.1:0"], &[]);
    assert_eq!(second.status(), 1);
    assert!(
        second
            .errors()
            .contains("another `waypost serve` already uses"),
        "{}",
        second.errors()
    );
    drop(serving);
}

#[test]
fn its_directory_and_its_database_are_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let serving = Serving::start(&home);
    let mode = |name: &str| {
        let path = home.path().join(".waypost").join(name);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("waypost.db")), (0o700, 0o600));
    drop(serving);
}

#[test]
fn no_secret_is_in_the_log_the_database_or_an_answer() {
    const CANARIES: [&str; 4] = [
        "canary-key-0123456789",
        "canary-typed-0123456789",
        "canary-value-0123456789",
        "canary-header-0123456789",
    ];
    let home = Home::new();
    let serving = Serving::start(&home);
    let signed_in = serving.sign_in(serving.token());
    let (_, cookie) = signed_in.split_once("set-cookie: ").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let own = serving.address();
    let mut answers = String::new();
    for (method, path, body) in [
        (
            "PUT",
            "/api/v1/providers/litellm/key",
            format!("{{\"value\":\"{}\"}}", CANARIES[0]),
        ),
        (
            "POST",
            "/api/v1/providers/litellm/test",
            format!("{{\"value\":\"{}\"}}", CANARIES[1]),
        ),
        (
            "POST",
            "/api/v1/providers/litellm/test",
            format!("{{\"valeu\":\"{}\"}}", CANARIES[1]),
        ),
        (
            "POST",
            "/api/v1/providers/litellm/test",
            format!("{{\"value\":[\"{}\"]}}", CANARIES[1]),
        ),
        (
            "POST",
            "/api/v1/providers/litellm/test",
            format!("{{\"value\":\"{}", CANARIES[1]),
        ),
        ("POST", "/api/v1/providers/litellm/refresh", String::new()),
        (
            "POST",
            "/api/v1/sources",
            format!(
                "{{\"name\":\"Mine\",\"base_url\":\"http://{own}/sample/v1\",\"allow_private\":true,\
                 \"auth_value\":\"{}\",\"headers\":{{\"X-Tenant\":\"{}\"}}}}",
                CANARIES[2], CANARIES[3]
            ),
        ),
        ("POST", "/api/v1/sources/mine/refresh", String::new()),
        ("GET", "/api/v1/sources", String::new()),
        ("GET", "/api/v1/snapshot", String::new()),
        ("GET", "/api/v1/audit", String::new()),
        ("POST", "/api/v1/route", "{\"ref\":\"mine/m\"}".to_owned()),
    ] {
        answers.push_str(&serving.ask_as(&cookie, method, path, &body));
    }
    assert!(answers.contains("\"slug\":\"mine\""), "{answers}");
    assert!(
        answers.contains("\"status\":404"),
        "the sample was asked: {answers}"
    );
    let removed = serving.ask_as(&cookie, "DELETE", "/api/v1/sources/mine", "");
    let (_, undo) = removed.split_once("\"token\":\"").unwrap();
    let undo = undo.split('"').next().unwrap();
    // Also at an address that is slightly wrong.
    for path in ["/api/v1/undo/{}/", "/api/v1/undo/{}"] {
        serving.ask_as(&cookie, "POST", &path.replace("{}", undo), "");
    }
    let (status, output, log) = serving.stop();
    assert_eq!(status, Some(0));
    assert!(
        log.contains("method=POST path=\"/api/v1/undo/{token}\" status=200"),
        "the log tells all it can: {log}"
    );
    let leak = log.lines().find(|line| line.contains(undo));
    assert_eq!(leak, None, "the undo token is in the log");
    let folder = home.path().join(".waypost");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for canary in CANARIES {
            let found = bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes());
            assert!(!found, "{canary} is in {}", path.display());
        }
    }
    for canary in CANARIES {
        for (name, text) in [("answers", &answers), ("output", &output), ("log", &log)] {
            assert!(!text.contains(canary), "{canary} is in the {name}");
        }
    }
    let token = cookie.split_once('=').unwrap().1;
    assert!(!log.contains(token), "the session is in the log");
}

#[test]
fn tokens_are_created_and_revoked_beside_a_running_server() {
    let home = Home::new();
    let serving = Serving::start(&home);
    let create = ["token", "create", "--role", "viewer", "--label", "ci"];
    let done = home.run(&create, &[]);
    assert_eq!(done.status(), 0, "{}", done.errors());
    let output = done.output();
    let token = output.trim_end();
    assert!(token.starts_with("wps_") && token.len() == 53 && output.lines().count() == 1);
    assert!(
        done.errors().contains("The token is shown only once"),
        "{}",
        done.errors()
    );
    assert!(!done.errors().contains(token));

    // The limit is part of the contract: 2 seconds after the command has ended.
    let until = |status: &str| {
        let deadline = Instant::now() + Duration::from_secs(2);
        let headers = format!("authorization: Bearer {token}\r\n");
        loop {
            let answer = serving.send("GET", "/api/v1/agents", &headers, "");
            if answer.starts_with(status) {
                return;
            }
            assert!(Instant::now() < deadline, "{answer}");
            thread::sleep(Duration::from_millis(20));
        }
    };
    until("HTTP/1.1 200");
    let listed = home.run(&["token", "list", "--json"], &[]).json();
    assert_eq!(listed["items"][0]["label"], "ci");
    let id = listed["items"][0]["id"].as_str().unwrap();
    let table = home.run(&["token", "list"], &[]).output();
    for part in [
        "LAST USED",
        id,
        "role viewer",
        "ci",
        &format!("wps_…{}", &token[49..]),
    ] {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
    assert!(!table.contains(token));

    let revoked = home.run(&["token", "revoke", id], &[]);
    assert_eq!(revoked.status(), 0, "{}", revoked.errors());
    // 401, or 429 since this test has tried so often.
    until("HTTP/1.1 4");
    let again = home.run(&["token", "revoke", id], &[]);
    assert_eq!(again.status(), 1);
    assert!(
        again.errors().contains("There is no token"),
        "{}",
        again.errors()
    );
    let (_, _, log) = serving.stop();
    assert!(!log.contains(token), "the token is in the log");
}

#[test]
fn a_token_command_says_what_is_wrong() {
    let home = Home::new();
    let nowhere = home.run(&["token", "list"], &[]);
    assert_eq!(nowhere.status(), 1);
    assert!(
        nowhere.errors().contains("there is no workspace in"),
        "{}",
        nowhere.errors()
    );
    for wrong in [
        vec!["token", "create"],
        vec!["token", "create", "--agent", "bot", "--role", "admin"],
        vec!["token", "create", "--role", "owner"],
        vec!["token", "create", "--role", "admin", "--expires", "90"],
    ] {
        assert_eq!(home.run(&wrong, &[]).status(), 2, "{wrong:?}");
    }
    let serving = Serving::start(&home);
    let unknown = home.run(&["token", "create", "--agent", "bot"], &[]);
    assert_eq!(unknown.status(), 1);
    assert!(
        unknown.errors().contains("There is no agent `bot`"),
        "{}",
        unknown.errors()
    );
    let long = home.run(
        &["token", "create", "--role", "admin", "--expires", "366d"],
        &[],
    );
    assert!(
        long.errors().contains("must expire after 1 to 365 days"),
        "{}",
        long.errors()
    );
    drop(serving);
}
