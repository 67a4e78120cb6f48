//! Rules about the source of this crate.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") {
            // Tests are their own upstreams and are in no binary.
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Whoever can name a client that is not guarded can call what should not be called.
#[test]
fn only_outbound_names_an_http_client_or_opens_a_connection() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 30, "the sources were found");
    let outbound = root.join("outbound");
    let mut named_inside = false;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for name in [
            "reqwest",
            "hyper_util::client",
            "TcpStream::connect",
            "UdpSocket",
            "rustls",
        ] {
            let names_it = text.contains(name);
            if file.starts_with(&outbound) {
                named_inside |= names_it;
            } else {
                assert!(!names_it, "{} names {name}", file.display());
            }
        }
    }
    assert!(named_inside, "the rule looks for something that is there");
}
