//! The snapshot is sent compressed, and once only as long as it stays the same.

use crate::support::Server;
use serde_json::json;

const PATH: &str = "/api/v1/snapshot";

#[tokio::test]
async fn a_snapshot_that_is_known_is_not_sent_again() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let first = admin.get(PATH).await;
    let tag = first.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "a strong tag: {tag}");
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let known = admin.get_with(PATH, "if-none-match", &tag).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(known.header("etag"), Some(&*tag));
    let yaml = json!({ "yaml": "name: bot\n" });
    admin.post("/api/v1/agents", yaml).await;
    let changed = admin.get_with(PATH, "if-none-match", &tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(&*tag));
    assert_eq!(changed.json()["agents"][0]["name"], "bot");
}

#[tokio::test]
async fn a_snapshot_is_compressed_as_the_client_accepts_it() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let plain = admin.get(PATH).await;
    assert_eq!(plain.header("content-encoding"), None);
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    for (accepted, encoding) in [("gzip", "gzip"), ("gzip, br", "br")] {
        let sent = admin.get_with(PATH, "accept-encoding", accepted).await;
        assert_eq!(sent.header("content-encoding"), Some(encoding));
        assert_eq!(sent.header("vary"), Some("accept-encoding"));
        assert_eq!(sent.header("content-type"), Some("application/json"));
        let mut text = Vec::new();
        match encoding {
            "br" => brotli::BrotliDecompress(&mut &*sent.body, &mut text).unwrap(),
            _ => {
                let mut decoder = flate2::read::GzDecoder::new(&*sent.body);
                std::io::copy(&mut decoder, &mut text).map(drop).unwrap();
            }
        }
        assert_eq!(text, plain.body);
        assert!(sent.body.len() * 2 < plain.body.len());
        tags.push(sent.header("etag").unwrap().to_owned());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "each form has a tag that is unique to it");
}
