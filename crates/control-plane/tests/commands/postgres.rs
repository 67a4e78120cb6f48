//! `waypost serve --database` and the other commands on PostgreSQL.

use crate::serving::Serving;
use crate::support::Home;
use std::thread;
use std::time::{Duration, Instant};
use waypost_control_plane::store::postgres::testing::TestDatabase;

/// How soon a change is seen by another process.
const SOON: Duration = Duration::from_secs(2);

/// How long anything else may take.
const EVENTUALLY: Duration = Duration::from_secs(60);

/// Waits until something holds.
#[track_caller]
fn until(limit: Duration, what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        thread::yield_now();
    }
}

fn edit(serving: &Serving, cookie: &str, gateway: &str) -> String {
    let body = format!("{{\"managed_gateway\":\"{gateway}\"}}");
    serving.ask_as(cookie, "PATCH", "/api/v1/settings", &body)
}

/// Whether a ref without a provider is routed by this gateway. The answer comes from memory.
fn routes_by(serving: &Serving, cookie: &str, gateway: &str) -> bool {
    let answer = serving.ask_as(cookie, "POST", "/api/v1/route", "{\"ref\":\"alias\"}");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer.contains(&format!("\"provider\":\"{gateway}\""))
}

#[tokio::test]
async fn a_workspace_is_served_from_postgres_and_opened_by_commands() {
    let database = TestDatabase::create().await;
    let home = Home::new();
    let url = database.url.to_string();
    let on_database = ["--database", &url];
    let early = home.run(&["sign-in-link", "--database", &url], &[]);
    assert!(
        early.errors().contains("has version 0"),
        "{}",
        early.errors()
    );
    let serving = Serving::start_with(&home, &on_database);
    let cookie = serving.cookie();
    let edited = edit(&serving, &cookie, "openrouter");
    assert!(edited.starts_with("HTTP/1.1 200"), "{edited}");
    assert!(routes_by(&serving, &cookie, "openrouter"));

    let made = home.run(&["sign-in-link"], &[("WAYPOST_DATABASE", &url)]);
    assert_eq!(made.status(), 0, "{}", made.errors());
    let token = made
        .output()
        .trim()
        .split_once("#token=")
        .unwrap()
        .1
        .to_owned();
    assert!(serving.sign_in(&token).starts_with("HTTP/1.1 200"));
    let created = home.run(
        &["token", "create", "--role", "viewer", "--database", &url],
        &[],
    );
    assert_eq!(created.status(), 0, "{}", created.errors());
    let bearer = format!("authorization: Bearer {}\r\n", created.output().trim());
    until(SOON, "the token is accepted", || {
        let answer = serving.send("GET", "/api/v1/settings", &bearer, "");
        answer.starts_with("HTTP/1.1 200")
    });
    let (status, _, log) = serving.stop();
    assert_eq!(status, Some(0), "{log}");
    for secret in [&token, created.output().trim()] {
        assert!(!log.contains(secret));
    }
    assert!(!home.path().join(".waypost/waypost.db").exists());

    // What was written is there after a restart.
    let again = Serving::start_with(&home, &on_database);
    assert!(routes_by(&again, &cookie, "openrouter"));
}

#[tokio::test]
async fn two_processes_on_one_database_follow_each_other() {
    let database = TestDatabase::create().await;
    let (home, other_home) = (Home::new(), Home::new());
    let url = database.url.to_string();
    let one = Serving::start_with(&home, &["--database", &url]);
    let other = Serving::start_with(&other_home, &["--database", &url]);
    // Signed in on one, and known to the other.
    let cookie = one.cookie();
    until(SOON, "the session is known", || {
        let answer = other.ask_as(&cookie, "GET", "/api/v1/session", "");
        answer.starts_with("HTTP/1.1 200")
    });
    let processes = [(&one, &other, "openrouter"), (&other, &one, "litellm")];
    for (editing, following, gateway) in processes {
        let edited = edit(editing, &cookie, gateway);
        assert!(edited.starts_with("HTTP/1.1 200"), "{edited}");
        until(SOON, gateway, || routes_by(following, &cookie, gateway));
    }
    // A commit without a notification is found, too.
    database
        .execute(
            "UPDATE settings SET managed_gateway = 'openrouter';
             UPDATE version_counter SET last = last + 1",
        )
        .await;
    for serving in [&one, &other] {
        until(SOON, "not notified", || {
            routes_by(serving, &cookie, "openrouter")
        });
    }
    // Each edits on top of what the other has written.
    for (serving, gateway) in [(&one, "litellm"), (&other, "openrouter"), (&one, "litellm")] {
        assert!(edit(serving, &cookie, gateway).starts_with("HTTP/1.1 200"));
        assert!(routes_by(serving, &cookie, gateway));
    }
    let signed_out = other.ask_as(&cookie, "DELETE", "/api/v1/session", "");
    assert!(signed_out.starts_with("HTTP/1.1 204"), "{signed_out}");
    until(SOON, "signed out", || {
        let answer = one.ask_as(&cookie, "GET", "/api/v1/session", "");
        answer.starts_with("HTTP/1.1 401")
    });
}

#[tokio::test]
async fn a_workspace_is_copied_from_sqlite_once_and_served_as_before() {
    let database = TestDatabase::create().await;
    let url = database.url.to_string();
    let home = Home::new();
    let serving = Serving::start(&home);
    let cookie = serving.cookie();
    let refused = home.run(&["migrate-to", &url], &[]);
    assert_eq!(refused.status(), 1);
    assert!(refused.errors().contains("Stop it"), "{}", refused.errors());
    for (method, path, body) in [
        (
            "POST",
            "/api/v1/agents",
            r#"{"yaml":"name: bot\nmodel: { primary: alias }\n"}"#,
        ),
        (
            "POST",
            "/api/v1/sources",
            r#"{"name":"Gw","base_url":"https://gw.example/v1","auth_value":"sk-canary-0123456789"}"#,
        ),
        (
            "PATCH",
            "/api/v1/settings",
            r#"{"managed_gateway":"openrouter"}"#,
        ),
    ] {
        let answer = serving.ask_as(&cookie, method, path, body);
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }
    let lists = [
        "snapshot",
        "agents",
        "sources",
        "settings",
        "audit?action=source",
    ];
    let read = |serving: &Serving| {
        lists.map(|list| {
            let answer = serving.ask_as(&cookie, "GET", &format!("/api/v1/{list}"), "");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            let body = answer.split_once("\r\n\r\n").unwrap().1;
            let mut body: serde_json::Value = serde_json::from_str(body).unwrap();
            // Each start reads the file anew.
            if let Some(file) = body.get_mut("providers_file") {
                file["read_at"].take();
            }
            if let Some(database) = body.get_mut("database") {
                database.take();
            }
            body
        })
    };
    let before = read(&serving);
    assert_eq!(serving.stop().0, Some(0));

    let copied = home.run(&["migrate-to", &url], &[]);
    assert_eq!(copied.status(), 0, "{}", copied.errors());
    let output = copied.output();
    assert!(output.contains("1000 routes were compared"), "{output}");
    assert!(output.contains("agents"), "{output}");
    let again = home.run(&["migrate-to", &url], &[]);
    assert_eq!(again.status(), 1);
    assert!(
        again.errors().contains("there is a workspace already"),
        "{}",
        again.errors()
    );

    // The session, the key and every answer are as before.
    let serving = Serving::start_with(&home, &["--database", &url]);
    assert_eq!(read(&serving), before);
    let routed = serving.ask_as(&cookie, "POST", "/api/v1/route", r#"{"ref":"gw/m"}"#);
    assert!(routed.starts_with("HTTP/1.1 200"), "{routed}");
    assert!(routed.contains("names_managed_source"), "{routed}");
    // Numbers go on where they were.
    let edited = edit(&serving, &cookie, "litellm");
    assert!(edited.starts_with("HTTP/1.1 200"), "{edited}");
}

#[tokio::test]
async fn while_the_database_is_away_routes_are_shown_and_edits_say_why_not() {
    let database = TestDatabase::create().await;
    let home = Home::new();
    let link = home.path().join("socket");
    let url = database.behind(&link).to_string();
    let serving = Serving::start_with(&home, &["--database", &url]);
    let cookie = serving.cookie();
    assert!(edit(&serving, &cookie, "openrouter").starts_with("HTTP/1.1 200"));

    database.interrupt(&link).await;
    let refused = edit(&serving, &cookie, "litellm");
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("database_unreachable"), "{refused}");
    assert!(routes_by(&serving, &cookie, "openrouter"));
    let snapshot = serving.ask_as(&cookie, "GET", "/api/v1/snapshot", "");
    assert!(snapshot.starts_with("HTTP/1.1 200"), "{snapshot}");
    let is_ready = |what: &str| {
        let answer = serving.ask("GET", &format!("/readyz{what}"), "");
        answer.starts_with("HTTP/1.1 200")
    };
    until(EVENTUALLY, "not ready for writes", || {
        !is_ready("?for=writes")
    });
    assert!(is_ready(""));

    std::os::unix::fs::symlink(database.folder(), &link).unwrap();
    until(EVENTUALLY, "ready again", || is_ready("?for=writes"));
    let edited = edit(&serving, &cookie, "litellm");
    assert!(edited.starts_with("HTTP/1.1 200"), "{edited}");
    assert!(routes_by(&serving, &cookie, "litellm"));
}

#[tokio::test]
async fn a_password_is_taken_from_a_file_or_a_variable_and_is_never_shown() {
    let database = TestDatabase::create().await;
    database
        .execute("CREATE ROLE guarded LOGIN PASSWORD 'hunter2'")
        .await;
    database
        .execute("CREATE DATABASE guarded OWNER guarded")
        .await;
    let folder = database.folder();
    let url = format!("postgres://guarded@localhost/guarded?host={folder}");
    let with_password = url.replace("guarded@", "guarded:hunter2@");
    let home = Home::new();
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--secrets",
        "file",
        "--database",
    ];
    let refused = |url: &str, variables: &[(&str, &str)], words: &str| {
        let mut arguments = serve.to_vec();
        arguments.push(url);
        let done = home.run(&arguments, variables);
        assert_eq!(done.status(), 1, "{}", done.errors());
        assert!(done.errors().contains(words), "{}", done.errors());
        assert!(!done.errors().contains("hunter2"), "{}", done.errors());
    };
    refused(&url, &[], "refuses the password of `guarded`");
    refused(&with_password, &[], "leave the password out of the URL");
    let elsewhere = with_password.replace("localhost", "db.example");
    refused(
        &url,
        &[("DATABASE_URL", &elsewhere)],
        "refuses the password",
    );

    let file = home.path().join("pgpass");
    std::fs::write(&file, "*:*:guarded:guarded:hunter2\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let file = file.display().to_string();
    for variable in [("PGPASSFILE", &file), ("DATABASE_URL", &with_password)] {
        let variables = [(variable.0, variable.1.as_str())];
        let serving = Serving::start_in(&home, &["--database", &url], &variables);
        let (status, output, log) = serving.stop();
        assert_eq!(status, Some(0), "{log}");
        assert!(!log.contains("hunter2") && !output.contains("hunter2"));
    }
}
