//! The keychain, for real: a message bus and a keyring daemon of this test's own.
//!
//! The bus and the daemon are found through the environment of a process, which a test cannot
//! change for itself. So the test starts its own program again, for one test, inside
//! `dbus-run-session`.

use super::super::keychain::Keychain;
use super::*;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

const INSIDE: &str = "WAYPOST_TEST_INSIDE_KEYRING";
const A: &str = "https://a.example";
const KEY: &str = "groq/api-key";

/// Starts `secrets::tests::keychain::inside` inside a session with an unlocked keyring.

#[test]
fn a_keyring_daemon_keeps_secrets() {
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
    let script = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null \
                  && exec \"$0\" --exact secrets::tests::keychain::inside --ignored --nocapture";
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
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

/// What is tested inside. By itself it would touch the keyring of whoever runs the tests.

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a_keyring_daemon_keeps_secrets in a session of its own"]
async fn inside() {
    assert!(
        std::env::var_os(INSIDE).is_some(),
        "run by the test above only"
    );

    // Two workspaces on one keychain. The first is not told what to use.
    let (one, other) = (Workspace::new().await, Workspace::new().await);
    let first = one.open(None).await.ok().unwrap();
    assert_eq!(first.backend(), SecretsBackend::Keychain);
    let second = other
        .open(Some(SecretsBackend::Keychain))
        .await
        .ok()
        .unwrap();
    first.put(KEY, A, secret("gsk-of-the-first")).await.unwrap();
    assert_eq!(value(&second, KEY, A).await, None);
    second
        .put(KEY, A, secret("gsk-of-the-second"))
        .await
        .unwrap();
    assert_eq!(
        value(&first, KEY, A).await.as_deref(),
        Some("gsk-of-the-first")
    );
    assert_eq!(value(&first, KEY, "https://b.example").await, None);

    // Replaced in place, and long enough for a source's headers.
    let long = "x".repeat(100_000);
    first.put(KEY, A, secret(&long)).await.unwrap();
    assert_eq!(value(&first, KEY, A).await, Some(long));
    let inventory = first.inventory().await;
    assert_eq!(inventory.unavailable, None);
    assert_eq!(
        inventory.stored.len(),
        1,
        "the round trip left nothing behind"
    );

    // A restart finds it, and a workspace's id is in the entry.
    let again = one.open(None).await.ok().unwrap();
    assert!(again.for_origin(KEY, A).await.unwrap().is_some());
    let names = Keychain::new(&one.id);
    let names = tokio::task::spawn_blocking(move || names.names())
        .await
        .unwrap();
    assert_eq!(names.unwrap(), BTreeSet::from([KEY.to_owned()]));

    // Removed here; removed by a person in the keychain's own window.
    assert!(first.remove(KEY).await.unwrap());
    assert!(first.inventory().await.stored.is_empty());
    let outside = Keychain::new(&other.id);
    tokio::task::spawn_blocking(move || outside.delete(KEY))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(value(&second, KEY, A).await, None);
    assert!(second.inventory().await.stored.is_empty());
    assert!(second.view().await.available);

    second.put(KEY, A, secret("kept")).await.unwrap();
    hangs_and_comes_back(&other).await;
    is_locked(&other).await;
}

/// Another service on the same keychain, with less patience and no memory of earlier answers.
fn impatient(workspace: &Workspace) -> Secrets {
    Secrets::with_backend(
        Arc::new(Keychain::new(&workspace.id)),
        Duration::from_secs(1),
        workspace.folder.path(),
        workspace.store.clone(),
    )
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
    let secrets = impatient(workspace);
    signal("-STOP");
    let problem = secrets.inventory().await.unavailable.unwrap();
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

/// A keychain that its owner has locked, with nobody there to unlock it.
async fn is_locked(workspace: &Workspace) {
    bus(&[
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
    ]);
    let secrets = impatient(workspace);
    let problem = secrets.inventory().await.unavailable.unwrap();
    assert!(problem.contains("locked"), "{problem}");
    let error = secrets.put(KEY, A, secret("new")).await.unwrap_err();
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
fn without_a_keychain_the_first_start_takes_the_file_and_says_why_where_it_was_told_otherwise() {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "secrets::tests::keychain::no_bus",
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
    let workspace = Workspace::new().await;
    let error = workspace
        .open(Some(SecretsBackend::Keychain))
        .await
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("or start with --secrets file"),
        "{error}"
    );
    let recorded = workspace.store.secrets_backend();
    assert_eq!(
        recorded.await.unwrap(),
        None,
        "a failed start records nothing"
    );
    let secrets = workspace.open(None).await.ok().unwrap();
    assert_eq!(secrets.backend(), SecretsBackend::File);

    // A workspace that was begun with the keychain stays with it, and its state is unknown.
    let begun = Workspace::new().await;
    begun
        .store
        .record_secrets_backend(SecretsBackend::Keychain)
        .await
        .unwrap();
    let secrets = begun.open(None).await.ok().unwrap();
    assert_eq!(secrets.backend(), SecretsBackend::Keychain);
    let problem = secrets.inventory().await.unavailable.unwrap();
    assert!(problem.contains("cannot be reached"), "{problem}");
    assert!(!begun.folder.path().join("secrets.json").exists());
}
