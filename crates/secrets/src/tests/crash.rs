//! The encrypted file under a process that is killed in the middle of its work.

use super::*;
use crate::blocking::BlockingBackend as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

const DIRECTORY: &str = "WAYPOST_TEST_CRASH_DIRECTORY";

/// What is written by the process that is killed: entry after entry, each one acknowledged on its
/// standard output when it is stored. It runs until it is killed.
#[test]
#[ignore = "started, and killed, by the test below"]
fn writes_until_it_is_killed() {
    let directory = std::env::var_os(DIRECTORY).expect("run by the test below only");
    let file = EncryptedFile::new(directory.as_ref());
    let begun = (0..)
        .take_while(|number| stored(&file, *number).is_some())
        .count();
    for number in begun.. {
        let name = format!("n{number}/api-key");
        let document = document(None, A, &format!("value {number}"));
        file.put(&name, &document).unwrap();
        let mut output = std::io::stdout().lock();
        writeln!(output, "stored {number}").unwrap();
        output.flush().unwrap();
    }
}

fn stored(file: &EncryptedFile, number: usize) -> Option<String> {
    let document = file.get(&format!("n{number}/api-key")).ok()??;
    Some(document.current.value.expose().to_owned())
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_the_file_opens() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::crash::writes_until_it_is_killed"])
            .args(["--ignored", "--nocapture"])
            .env(DIRECTORY, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let last = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("stored ")?.parse::<usize>().ok())
            // Each round ends at another moment of the work after an acknowledgement.
            .take(1 + round % 4)
            .last()
            .expect("the child stores something");
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = acknowledged.max(last);

        let file = EncryptedFile::new(folder.path());
        file.health().expect("the file opens after a kill");
        for number in 0..=acknowledged {
            let value = stored(&file, number);
            assert_eq!(value, Some(format!("value {number}")), "acknowledged");
        }
    }
}
