//! URLs: joining and the base that Anthropic Messages are appended to.

use crate::support::{cases, object, text};
use waypost_routing::base_url::BaseUrl;
use waypost_routing::operation::Operation;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn url_join() {
    for case in cases("url_join") {
        let id = text(&case["id"]);
        let given = &case["given"];
        let base = BaseUrl::parse(text(&given["base_url"])).unwrap();
        for (word, url) in object(&case["expect"]) {
            let joined = match (word.as_str(), given["use"].as_str()) {
                ("models_url", None) | ("url", Some("discovery")) => {
                    base.operation_url(Operation::Models)
                }
                ("chat_url", None) | ("url", Some("completion_managed" | "completion_direct")) => {
                    base.operation_url(Operation::Chat)
                }
                ("url", Some("agent_direct" | "agent_managed")) => {
                    base.client_url(text(&given["request_path"]))
                }
                other => panic!("{id}: the adapter does not know {other:?}"),
            };
            assert_eq!(joined, text(url), "{id}");
        }
    }
}

#[test]
fn url_normalize() {
    for case in cases("url_normalize") {
        let base = BaseUrl::parse(text(&case["given"]["base_url"])).unwrap();
        let route_base = text(&case["expect"]["route_base_url"]);
        assert_eq!(
            base.operation_url(Operation::Messages),
            format!("{route_base}/v1/messages"),
            "{}",
            case["id"]
        );
    }
}
