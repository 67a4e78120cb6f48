//! The keychain, for real: a message bus and a keyring daemon of this test's own.
//!
//! The bus and the daemon are found through the environment of a process, which a test cannot
//! change for itself. So the test starts its own program again, for one test, inside
//! `dbus-run-session`.

use super::*;
use crate::blocking::Blocking;
use crate::keychain::Keychain;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

const INSIDE: &str = "WAYPOST_TEST_INSIDE_KEYRING";

/// Starts `tests::keychain::inside` inside a session with an unlocked keyring.

#[test]
fn a_keyring_daemon_keeps_secrets() {
    in_a_session(
        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null",
        "inside",
    );
}

/// Without a sign-in, the daemon has nothing but a collection for the session.
#[test]
fn a_keychain_that_forgets_is_not_used() {
    in_a_session(
        "gnome-keyring-daemon --start --components=secrets >/dev/null",
        "without_a_collection",
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a_keychain_that_forgets_is_not_used in a separate session"]
async fn without_a_collection() {
    assert!(
        std::env::var_os(INSIDE).is_some(),
        "run by the test above only"
    );
    let workspace = Workspace::new();
    let error = workspace
        .open(Some(SecretsBackendKind::Keychain))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("no collection that outlives the session"),
        "{error}"
    );
    assert!(error.contains("or start with --secrets file"), "{error}");
    let recorded = workspace.records.backend();
    assert_eq!(recorded.await.unwrap(), None);
    let secrets = workspace.open(None).await.ok().unwrap();
    assert_eq!(secrets.backend(), SecretsBackendKind::File);
}

/// Runs one of the tests below after a command, in a session with a message bus.
fn in_a_session(daemon: &str, test: &str) {
    for tool in ["dbus-run-session", "dbus-send", "gnome-keyring-daemon"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .any(|folder| folder.join(tool).is_file());
        assert!(
            found,
            "{tool} is missing. Install it: apt-get install dbus gnome-keyring"
        );
    }
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
    let script =
        format!("{daemon} && exec \"$0\" --exact tests::keychain::{test} --ignored --nocapture");
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", &runtime)
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "the inner test ran: {text}");
}

/// The test inside the session. Outside of one it would touch the developer's own keyring.

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a_keyring_daemon_keeps_secrets in a separate session"]
async fn inside() {
    assert!(
        std::env::var_os(INSIDE).is_some(),
        "run by the test above only"
    );

    // Two workspaces on one keychain. The first has no chosen backend.
    let (one, other) = (Workspace::new(), Workspace::new());
    let first = one.open(None).await.ok().unwrap();
    assert_eq!(first.backend(), SecretsBackendKind::Keychain);
    let second = other
        .open(Some(SecretsBackendKind::Keychain))
        .await
        .ok()
        .unwrap();
    let backend = |workspace: &Workspace| Blocking::new(Keychain::new(&workspace.id));
    super::contract::holds_for(&backend(&one), 100_000).await;

    one.put(&first, KEY, A, "gsk-of-the-first").await.unwrap();
    assert_eq!(value(&second, KEY, A).await, None);
    other
        .put(&second, KEY, A, "gsk-of-the-second")
        .await
        .unwrap();
    assert_eq!(
        value(&first, KEY, A).await.as_deref(),
        Some("gsk-of-the-first")
    );
    assert_eq!(value(&first, KEY, B).await, None);

    // Replaced in place, and long enough for a source's headers.
    let long = "x".repeat(100_000);
    one.put(&first, KEY, A, &long).await.unwrap();
    assert_eq!(value(&first, KEY, A).await, Some(long));
    first.check().await;
    let inventory = first.inventory();
    assert_eq!(inventory.unavailable, None);
    assert_eq!(inventory.state(KEY), Some(SecretState::Present));

    // A restart finds it, and the state is known at once.
    let again = one.open(None).await.ok().unwrap();
    assert_eq!(again.inventory().state(KEY), Some(SecretState::Present));
    assert!(again.for_origin(KEY, A).await.unwrap().is_some());

    // Removed here; removed by a person in the keychain's own window.
    assert!(one.remove(&first, KEY).await.unwrap());
    assert!(first.inventory().stored.is_empty());
    assert!(backend(&one).get(KEY).await.unwrap().is_none());
    assert!(backend(&other).delete(KEY).await.unwrap());
    assert_eq!(read_error(&second, KEY, A).await, "missing_api_key");
    assert_eq!(second.inventory().state(KEY), Some(SecretState::Absent));
    second.check().await;
    assert!(second.view().available);

    other.put(&second, KEY, A, "kept").await.unwrap();
    hangs_and_comes_back(&other).await;
    is_locked(&other).await;
}

/// Another service on the same keychain, with less patience and no memory of earlier answers.
async fn impatient(workspace: &Workspace) -> SecretStore {
    let backend = Arc::new(Blocking::new(Keychain::new(&workspace.id)));
    workspace.over_with(backend, Duration::from_secs(1)).await
}

/// A daemon that is stopped in the middle of its life, and goes on later.
async fn hangs_and_comes_back(workspace: &Workspace) {
    let reply = bus(&[
        "--dest=org.freedesktop.DBus",
        "/",
        "org.freedesktop.DBus.GetConnectionUnixProcessID",
        "string:org.freedesktop.secrets",
    ]);
    let daemon = reply.split_whitespace().last().unwrap().to_owned();
    let signal = |signal: &str| {
        let status = Command::new("kill").args([signal, &daemon]).status();
        assert!(status.unwrap().success());
    };
    let secrets = impatient(workspace).await;
    signal("-STOP");
    secrets.check().await;
    let problem = secrets.inventory().unavailable.clone().unwrap();
    assert_eq!(problem, "no answer from the keychain within 1 seconds");
    assert!(secrets.for_origin(KEY, A).await.is_err());
    signal("-CONT");
    let back = async {
        while secrets.for_origin(KEY, A).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), back)
        .await
        .expect("it answers again");
    assert_eq!(value(&secrets, KEY, A).await.as_deref(), Some("kept"));
}

/// A locked keychain that no user unlocks.
async fn is_locked(workspace: &Workspace) {
    bus(&[
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
    ]);
    let secrets = impatient(workspace).await;
    secrets.check().await;
    let problem = secrets.inventory().unavailable.clone().unwrap();
    assert!(problem.contains("locked"), "{problem}");
    let error = workspace.put(&secrets, KEY, A, "new").await.unwrap_err();
    assert_eq!(error.code(), "secrets_unavailable");
}

/// Asks the session's bus.
fn bus(arguments: &[&str]) -> String {
    let output = Command::new("dbus-send")
        .args(["--session", "--print-reply"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Without a bus the keychain is unavailable, and the first start takes the file.

#[test]
fn without_a_keychain_the_first_start_takes_the_file_and_says_why_if_the_option_named_another() {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "tests::keychain::no_bus",
            "--ignored",
            "--nocapture",
        ])
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("XDG_RUNTIME_DIR", empty.path())
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// What is tested without a bus.

#[tokio::test]
#[ignore = "started by the test above with no bus in its environment"]
async fn no_bus() {
    assert!(
        std::env::var_os(INSIDE).is_some(),
        "run by the test above only"
    );
    let workspace = Workspace::new();
    let error = workspace
        .open(Some(SecretsBackendKind::Keychain))
        .await
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("or start with --secrets file"),
        "{error}"
    );
    let recorded = workspace.records.backend();
    assert_eq!(
        recorded.await.unwrap(),
        None,
        "a failed start records nothing"
    );
    let secrets = workspace.open(None).await.ok().unwrap();
    assert_eq!(secrets.backend(), SecretsBackendKind::File);

    // A workspace that was begun with the keychain stays with it, and its state is unknown.
    let begun = Workspace::new();
    begun
        .records
        .record_backend(SecretsBackendKind::Keychain)
        .await
        .unwrap();
    let secrets = begun.open(None).await.ok().unwrap();
    assert_eq!(secrets.backend(), SecretsBackendKind::Keychain);
    let problem = secrets.inventory().unavailable.clone().unwrap();
    assert!(problem.contains("cannot be reached"), "{problem}");
    assert!(!begun.folder.path().join("secrets.json").exists());
}
