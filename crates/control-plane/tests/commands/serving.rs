//! A server in another process.

use crate::support::Home;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Stdio};
use std::thread::{self, JoinHandle};

/// Sends one request by hand; what comes back can be read from the stream.
pub(crate) fn send_to(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{headers}connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// A server process, on a port that the system chose.
pub(crate) struct Serving {
    process: Child,
    output: BufReader<ChildStdout>,
    /// Reads the log all the while: a full pipe would make the server wait.
    log: JoinHandle<String>,
    link: String,
}

impl Serving {
    pub(crate) fn start(home: &Home) -> Self {
        Self::start_with(home, &[])
    }

    /// With further options. Secrets are in the file, unless the options say otherwise.
    pub(crate) fn start_with(home: &Home, options: &[&str]) -> Self {
        Self::start_in(home, options, &[])
    }

    /// With further options and these variables.
    pub(crate) fn start_in(home: &Home, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let file: &[&str] = match options.contains(&"--secrets") {
            true => &[],
            false => &["--secrets", "file"],
        };
        let mut process = home
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .args(file)
            .args(options)
            .envs(variables.iter().copied())
            // Log everything, for the tests that look for what must not be logged.
            .env("WAYPOST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = process.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            errors.read_to_string(&mut log).unwrap();
            log
        });
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut link = String::new();
        while !link.contains("/#token=") {
            link.clear();
            assert_ne!(
                output.read_line(&mut link).unwrap(),
                0,
                "it ended without a link"
            );
        }
        Self {
            process,
            output,
            log,
            link: link.trim().to_owned(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let host = self.link.strip_prefix("http://").unwrap();
        host.split('/').next().unwrap().parse().unwrap()
    }

    pub(crate) fn token(&self) -> &str {
        self.link.split_once("#token=").unwrap().1
    }

    /// One request without a session.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.send(method, path, "", body)
    }

    /// One request by hand; the whole answer.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = send_to(self.address(), method, path, headers, body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// One request with a cookie.
    pub(crate) fn ask_as(&self, cookie: &str, method: &str, path: &str, body: &str) -> String {
        self.send(method, path, &format!("cookie: {cookie}\r\n"), body)
    }

    pub(crate) fn sign_in(&self, token: &str) -> String {
        self.ask(
            "POST",
            "/api/v1/session",
            &format!("{{\"token\":\"{token}\"}}"),
        )
    }

    /// Signs in with its own link; the cookie.
    pub(crate) fn cookie(&self) -> String {
        let signed_in = self.sign_in(self.token());
        let (_, cookie) = signed_in.split_once("set-cookie: ").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Asks it to stop.
    pub(crate) fn ask_to_stop(&self) {
        let stopped = std::process::Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status()
            .unwrap();
        assert!(stopped.success());
    }

    /// Asks it to stop; its exit status, what else it printed, and its log.
    pub(crate) fn stop(self) -> (Option<i32>, String, String) {
        self.ask_to_stop();
        self.ended()
    }

    /// Waits for its end; its exit status, what else it printed, and its log.
    pub(crate) fn ended(mut self) -> (Option<i32>, String, String) {
        let status = self.process.wait().unwrap();
        let mut output = String::new();
        self.output.read_to_string(&mut output).unwrap();
        let log = std::mem::replace(&mut self.log, thread::spawn(String::new));
        (status.code(), output, log.join().unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Where a test has failed, the process must not outlive it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
