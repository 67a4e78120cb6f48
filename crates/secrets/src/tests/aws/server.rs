//! A real moto server of a test's own, behind a proxy that records requests and injects the faults that
//! moto cannot be brought to: a request for a name below `fault/CODE/` fails with that code. It also
//! plays the metadata service of a machine. Both are mocks, and labelled so here.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The release that `cargo xtask tools` installs.
const RELEASE: &str = "moto-5.2.5";

/// How long a server may take to start.
const START: Duration = Duration::from_secs(120);

pub(super) struct Moto {
    child: Child,
    proxy: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program: that of the environment, of the search path, or of xtask's cache.
fn program() -> PathBuf {
    let named = std::env::var_os("WAYPOST_MOTO").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("moto_server"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache")));
    let in_cache = cache.map(|cache| cache.join("waypost").join(RELEASE).join("bin/moto_server"));
    let mut places = named.into_iter().chain(in_cache).chain(on_path);
    places
        .find(|place| place.is_file())
        .expect("moto is missing. Install it: cargo xtask tools")
}

impl Moto {
    pub(super) fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = Command::new(program())
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let moto = Self {
            child,
            proxy: listener.local_addr().unwrap(),
            requests: Arc::default(),
        };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < START, "moto did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        let requests = Arc::clone(&moto.requests);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let requests = Arc::clone(&requests);
                std::thread::spawn(move || serve(stream, address, &requests));
            }
        });
        moto
    }

    /// The address of the proxy.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.proxy)
    }

    /// Every request so far, head and body.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Serves one request of a connection and closes it.
fn serve(mut stream: TcpStream, moto: SocketAddr, requests: &Mutex<Vec<String>>) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    requests.lock().unwrap().push(request.clone());
    let answer = match fault(&request) {
        Some(answer) => answer,
        None => forward(&request, moto),
    };
    let _ = stream.write_all(&answer);
}

fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            return Some(text.into_owned());
        }
    }
}

/// What the proxy answers itself.
fn fault(request: &str) -> Option<Vec<u8>> {
    let target = request.split(' ').nth(1)?;
    if let Some(path) = target.strip_prefix("/latest/") {
        return Some(metadata(path));
    }
    let (_, rest) = request.split_once("\"fault/")?;
    let (code, _) = rest.split_once('/')?;
    if code == "nothing" {
        return Some(Vec::new());
    }
    let status = if code.starts_with("Internal") {
        500
    } else {
        400
    };
    let body = format!("{{\"__type\":\"{code}\",\"message\":\"canary\"}}");
    Some(answer(status, "application/x-amz-json-1.1", &body))
}

fn metadata(path: &str) -> Vec<u8> {
    match path {
        "api/token" => answer(
            200,
            "text/plain\r\nx-aws-ec2-metadata-token-ttl-seconds: 600",
            "t",
        ),
        path if path.ends_with("/waypost") => answer(
            200,
            "application/json",
            r#"{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAMETADATA","SecretAccessKey":"s","Token":"t",
                "LastUpdated":"2026-01-01T00:00:00Z","Expiration":"2100-01-01T00:00:00Z"}"#,
        ),
        path if path.contains("security-credentials") => answer(200, "text/plain", "waypost"),
        _ => answer(404, "text/plain", ""),
    }
}

fn answer(status: u16, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Words\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn forward(request: &str, moto: SocketAddr) -> Vec<u8> {
    let mut stream = TcpStream::connect(moto).unwrap();
    let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// Starts one test of this module with the address of the server and further variables. An empty value
/// removes a variable.
pub(super) fn inside(test: &str, moto: &Moto, variables: &[(&str, &str)]) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", &format!("tests::aws::{test}")])
        .args(["--ignored", "--nocapture"])
        .env("HOME", home.path())
        .env("WAYPOST_TEST_MOTO", moto.endpoint())
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "secret-of-the-test")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    for name in [
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ] {
        command.env_remove(name);
    }
    for (name, value) in variables {
        match value.is_empty() {
            true => command.env_remove(name),
            false => command.env(name, value),
        };
    }
    let output = command.output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "the inner test ran: {text}");
}
