//! A real OpenBao server of a test's own.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use waypost_egress::test_support::TestEgress;
use waypost_egress::{OutgoingRequest, RequestBody, ServiceClient, ServiceSettings};
use waypost_routing::base_url::BaseUrl;

/// The release that `cargo xtask tools` installs.
const RELEASE: &str = "openbao-2.7.2";

/// How long a server may take to start.
const START: Duration = Duration::from_secs(60);

/// A running server. Its disk, if it has one, lives as long.
pub(super) struct Bao {
    pub(super) address: BaseUrl,
    pub(super) token: String,
    /// The authority of its certificate, if it has one.
    pub(super) authority: Option<PathBuf>,
    unseal_key: Option<String>,
    folder: TempDir,
    child: Child,
}

impl Drop for Bao {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The program: that of the environment, of the search path, or of xtask's cache.
fn program() -> PathBuf {
    let named = std::env::var_os("WAYPOST_BAO").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("bao"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache")));
    let in_cache = cache.map(|cache| cache.join("waypost").join(RELEASE).join("bin/bao"));
    let mut places = named.into_iter().chain(in_cache).chain(on_path);
    places
        .find(|place| place.is_file())
        .expect("OpenBao is missing. Install it: cargo xtask tools")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts the program and waits for a line of its output.
fn start(arguments: &[&str], line: &str) -> Child {
    let mut child = Command::new(program())
        .args(arguments)
        .env_remove("VAULT_ADDR")
        .env_remove("BAO_ADDR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    let line = line.to_owned();
    // It reads on, because a full pipe would stop the server.
    std::thread::spawn(move || {
        for text in output.lines().map_while(Result::ok) {
            if text.contains(&line) {
                let _ = sender.send(());
            }
        }
    });
    if receiver.recv_timeout(START).is_err() {
        let _ = child.kill();
        panic!("OpenBao did not start");
    }
    child
}

impl Bao {
    /// A server in memory with a KV engine at `secret/`.
    pub(super) async fn in_memory() -> Self {
        Self::development("http", &[]).await
    }

    /// The same behind TLS, with a certificate of an authority that no system trusts.
    pub(super) async fn with_tls() -> Self {
        Self::development("https", &["-dev-tls"]).await
    }

    async fn development(scheme: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let listen = format!("-dev-listen-address=127.0.0.1:{port}");
        let certificates = format!("-dev-tls-cert-dir={}", folder.path().display());
        let mut all = vec!["server", "-dev", "-dev-root-token-id=root", &listen];
        all.extend(["-dev-no-store-token"]);
        all.extend(arguments);
        if scheme == "https" {
            all.push(&certificates);
        }
        let child = start(&all, "Development mode should NOT be used");
        let authority = find_authority(folder.path());
        Self {
            address: BaseUrl::parse(&format!("{scheme}://127.0.0.1:{port}")).unwrap(),
            token: "root".to_owned(),
            authority: authority.filter(|_| scheme == "https"),
            unseal_key: None,
            folder,
            child,
        }
    }

    /// A server on a disk, which outlives a restart and can be sealed.
    pub(super) async fn on_disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let (data, cluster) = (data.display(), free_port());
        let configuration = format!(
            r#"storage "raft" {{
                 path = "{data}"
                 node_id = "one"
                 performance_multiplier = 1
               }}
               listener "tcp" {{
                 address = "127.0.0.1:{port}"
                 cluster_address = "127.0.0.1:{cluster}"
                 tls_disable = true
               }}
               api_addr = "http://127.0.0.1:{port}"
               cluster_addr = "http://127.0.0.1:{cluster}"
            "#
        );
        std::fs::write(folder.path().join("bao.hcl"), configuration).unwrap();
        let child = start_on_disk(folder.path());
        let mut bao = Self {
            address: BaseUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap(),
            token: String::new(),
            authority: None,
            unseal_key: None,
            folder,
            child,
        };
        let shares = json!({ "secret_shares": 1, "secret_threshold": 1 });
        let made = bao.ask(Method::PUT, "sys/init", Some(shares)).await;
        bao.token = made["root_token"].as_str().unwrap().to_owned();
        bao.unseal_key = Some(made["keys"][0].as_str().unwrap().to_owned());
        bao.unseal().await;
        let engine = json!({ "type": "kv", "options": { "version": "2" } });
        bao.ask(Method::PUT, "sys/mounts/secret", Some(engine))
            .await;
        // A new engine is prepared in the background.
        bao.wait_for("secret/config").await;
        bao
    }

    pub(super) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts a server on a disk again. It is sealed.
    pub(super) fn start_again(&mut self) {
        self.child = start_on_disk(self.folder.path());
    }

    pub(super) async fn seal(&self) {
        self.ask(Method::PUT, "sys/seal", None).await;
    }

    pub(super) async fn unseal(&self) {
        let key = json!({ "key": self.unseal_key });
        let state = self.ask(Method::PUT, "sys/unseal", Some(key)).await;
        assert_eq!(state["sealed"], false);
        self.wait_for("sys/health").await;
    }

    /// Waits until a path is answered with success.
    async fn wait_for(&self, path: &str) {
        let begun = Instant::now();
        while self.ask_in("", Method::GET, path, None).await.0 != 200 {
            assert!(begun.elapsed() < START, "{path} is not answered");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn client(&self) -> ServiceClient {
        let authority = self.authority.as_ref();
        let authority = authority.map(|path| std::fs::read(path).unwrap());
        let settings = ServiceSettings {
            address: "VAULT_ADDR",
            authorities: "VAULT_CACERT",
        };
        TestEgress::new()
            .client()
            .service(&self.address, settings, authority.as_deref())
            .unwrap()
    }

    /// A request of an administrator, which must succeed.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.ask_in("", method, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// A request of an administrator in a namespace.
    pub(super) async fn ask_in(
        &self,
        namespace: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        headers.insert("x-vault-token", HeaderValue::from_str(&self.token).unwrap());
        if !namespace.is_empty() {
            let namespace = HeaderValue::from_str(namespace).unwrap();
            headers.insert("x-vault-namespace", namespace);
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = OutgoingRequest {
            method,
            path_and_query: format!("/v1/{path}").parse().unwrap(),
            headers,
            body: RequestBody::new([body, Bytes::new(), Bytes::new()]),
        };
        let answer = self.client().send(request).await.unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status, body)
    }

    /// A policy of this name with these rules.
    pub(super) async fn policy(&self, name: &str, rules: &str) {
        let path = format!("sys/policies/acl/{name}");
        let body = json!({ "policy": rules });
        self.ask(Method::PUT, &path, Some(body)).await;
    }

    /// A token with the default policy and this one.
    pub(super) async fn token_of(&self, policy: &str) -> String {
        let body = json!({ "policies": [policy] });
        let made = self.ask(Method::PUT, "auth/token/create", Some(body)).await;
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    }

    /// A role for AppRole: its id and a secret id.
    pub(super) async fn app_role(&self, role: Value) -> (String, String) {
        let engine = json!({ "type": "approle" });
        self.ask(Method::PUT, "sys/auth/approle", Some(engine))
            .await;
        let path = "auth/approle/role/waypost";
        self.ask(Method::PUT, path, Some(role)).await;
        let id = self
            .ask(Method::GET, &format!("{path}/role-id"), None)
            .await;
        let secret = self
            .ask(Method::PUT, &format!("{path}/secret-id"), None)
            .await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&id["data"]["role_id"]),
            text(&secret["data"]["secret_id"]),
        )
    }

    /// What the `bao` command prints.
    pub(super) fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(program())
            .args(arguments)
            .env("BAO_ADDR", self.address.as_str())
            .env("BAO_TOKEN", &self.token)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success(), text)
    }
}

fn start_on_disk(folder: &Path) -> Child {
    let configuration = format!("-config={}", folder.join("bao.hcl").display());
    start(&["server", &configuration], "OpenBao server started!")
}

fn find_authority(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths = files.map(|file| file.unwrap().path());
    paths.find(|path| path.to_string_lossy().ends_with("ca.pem"))
}
