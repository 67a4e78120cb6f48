//! Where runtimes send inference requests.

use crate::base_path;
use crate::dom;
use crate::state::use_workspace;
use leptos::prelude::*;

/// The URL that takes inference requests: the dashboard's, or its host with another port;
/// `None` if this Waypost does not forward.
pub(crate) fn use_inference_origin() -> Memo<Option<String>> {
    let settings = use_workspace().settings;
    Memo::new(move |_| {
        let (forwards, port) = settings
            .with(|settings| (settings.forwards, settings.inference_port))
            .unwrap_or((true, None));
        forwards.then(|| match port {
            Some(port) => with_port(&dom::location_origin(), port),
            None => base_path::public_url(),
        })
    })
}

/// The same host with another port. Waypost itself serves plain HTTP there.
fn with_port(origin: &str, port: u16) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let has_port = |(_, port): &(&str, &str)| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = host
        .rsplit_once(':')
        .filter(has_port)
        .map_or(host, |(host, _)| host);
    format!("http://{host}:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_stays_whatever_its_form() {
        for (origin, expected) in [
            ("http://127.0.0.1:8700", "http://127.0.0.1:8701"),
            ("https://waypost.example", "http://waypost.example:8701"),
            ("http://[::1]:8700", "http://[::1]:8701"),
            ("http://[::1]", "http://[::1]:8701"),
        ] {
            assert_eq!(with_port(origin, 8701), expected);
        }
    }
}
