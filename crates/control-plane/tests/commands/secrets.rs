//! A workspace whose secrets move from the encrypted file to Vault: a real OpenBao server.

use crate::serving::Serving;
use crate::support::Home;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const TOKEN: &str = "root-of-the-test";
const FIRST: &str = "sk-first-canary-0001";
const SECOND: &str = "sk-second-canary-0002";
const KEY: &str = "/api/v1/providers/litellm/key";

/// An OpenBao server in memory.
struct Bao {
    address: String,
    child: Child,
}

impl Drop for Bao {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program: that of the environment, of the search path, or of xtask's cache.
fn program() -> PathBuf {
    let named = std::env::var_os("WAYPOST_BAO").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("bao"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache")));
    let in_cache = cache.map(|cache| cache.join("waypost/openbao-2.7.2/bin/bao"));
    let mut places = named.into_iter().chain(in_cache).chain(on_path);
    places
        .find(|place| place.is_file())
        .expect("OpenBao is missing. Install it: cargo xtask tools")
}

impl Bao {
    fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap();
        drop(free);
        let mut child = Command::new(program())
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={TOKEN}"))
            .arg(format!("-dev-listen-address={listen}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = |line: &Result<String, _>| {
            let line: &String = line.as_ref().unwrap();
            line.contains("Development mode should NOT be used")
        };
        assert!(lines.any(|line| ready(&line)), "OpenBao did not start");
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self {
            address: format!("http://{listen}"),
            child,
        }
    }

    fn get(&self, field: &str) -> String {
        let output = Command::new(program())
            .args(["kv", "get", &format!("-field={field}")])
            .arg("secret/litellm/api-key")
            .env("BAO_ADDR", &self.address)
            .env("BAO_TOKEN", TOKEN)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

fn enter(serving: &Serving, cookie: &str, value: &str) {
    let body = format!("{{\"value\":\"{value}\"}}");
    let answer = serving.ask_as(cookie, "PUT", KEY, &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_workspace_moves_its_secrets_to_vault_and_keeps_them_there() {
    let bao = Bao::start();
    let home = Home::new();
    let serving = Serving::start(&home);
    enter(&serving, &serving.cookie(), FIRST);
    let copy = |more: &[&str], vault: &str| {
        let arguments = ["secrets", "copy", "--from", "file", "--to", "vault"];
        let variables = [("VAULT_ADDR", vault), ("VAULT_TOKEN", TOKEN)];
        home.run(&[&arguments[..], more].concat(), &variables)
    };
    let running = copy(&[], &bao.address);
    assert_eq!(running.status(), 1);
    assert!(
        running
            .errors()
            .contains("another `waypost serve` already uses"),
        "{}",
        running.errors()
    );
    assert_eq!(serving.stop().0, Some(0));

    let unset = copy(&[], "");
    assert_eq!(unset.status(), 1);
    assert!(
        unset.errors().contains("VAULT_ADDR is not set"),
        "{}",
        unset.errors()
    );
    let dry = copy(&["--dry-run", "--json"], &bao.address);
    assert_eq!(dry.status(), 0, "{}", dry.errors());
    assert_eq!(dry.json()["items"][0]["outcome"], "copied");
    assert_eq!(bao.get("value"), "");
    let done = copy(&["--switch"], &bao.address);
    assert_eq!(done.status(), 0, "{}", done.errors());
    assert_eq!(done.output(), "copied    litellm/api-key\n");
    assert!(
        done.errors()
            .contains("1 of 1 secrets are in the Vault server"),
        "{}",
        done.errors()
    );
    assert_eq!(bao.get("value"), FIRST);
    let again = copy(&["--json"], &bao.address).json();
    assert_eq!(again["items"][0]["outcome"], "unchanged");

    // The recorded backend is Vault now, and what is entered is found there.
    let token_file = home.path().join("vault-token");
    std::fs::write(&token_file, TOKEN).unwrap();
    let token_file = token_file.to_str().unwrap().to_owned();
    let options = [
        "--secrets",
        "vault",
        "--vault-addr",
        &bao.address,
        "--vault-credential-file",
        &token_file,
    ];
    let serving = Serving::start_with(&home, &options);
    let cookie = serving.cookie();
    let mut answers = serving.ask_as(&cookie, "GET", "/api/v1/providers", "");
    assert!(answers.contains("\"configured\""), "{answers}");
    enter(&serving, &cookie, SECOND);
    assert_eq!(bao.get("value"), SECOND);
    assert_eq!(bao.get("origin"), "http://localhost:4000");
    let settings = serving.ask_as(&cookie, "GET", "/api/v1/settings", "");
    for part in ["\"backend\":\"vault\"", &bao.address, "\"login\":\"token\""] {
        assert!(settings.contains(part), "{settings}");
    }
    answers.push_str(&settings);
    let removed = serving.ask_as(&cookie, "DELETE", KEY, "");
    assert!(removed.starts_with("HTTP/1.1 2"), "{removed}");
    assert_eq!(bao.get("value"), "");
    let (status, output, log) = serving.stop();
    assert_eq!(status, Some(0));
    let folder = home.path().join(".waypost");
    let database = std::fs::read(folder.join("waypost.db")).unwrap();
    for canary in [FIRST, SECOND, TOKEN] {
        let bytes = canary.as_bytes();
        assert!(!database.windows(bytes.len()).any(|window| window == bytes));
        for text in [&answers, &output, &log, &done.output(), &done.errors()] {
            assert!(!text.contains(canary), "{canary}");
        }
    }
    // Another backend than the recorded one is refused, with the way to change it.
    let file = home.run(
        &["serve", "--listen", "127.0.0.1:0", "--secrets", "file"],
        &[],
    );
    assert_eq!(file.status(), 1);
    let errors = file.errors();
    assert!(
        errors.contains("secrets copy --from vault --to file --switch"),
        "{errors}"
    );
}
