//! The origin of a base URL, for keys and private addresses. Pure.

use waypost_routing::base_url::{BaseUrl, hints};

/// The origin of a base URL; `None` where the text is none.
#[must_use]
pub fn origin(base_url: &str) -> Option<String> {
    BaseUrl::parse(base_url).ok().map(|base| base.origin())
}

/// The origin that is probably meant: of the text, or of its suggested correction.
#[must_use]
pub fn meant_origin(typed: &str) -> Option<String> {
    origin(typed).or_else(|| {
        let hints = hints(typed);
        hints.iter().find_map(|hint| origin(hint.suggestion()?))
    })
}

/// Whether the base URL, as entered or corrected, has another origin than the stored secrets. An
/// invalid text counts as unchanged: it cannot be saved.
#[must_use]
pub fn moves(stored_for: Option<&str>, typed: &str) -> bool {
    match (stored_for, meant_origin(typed)) {
        (Some(before), Some(now)) => before != now,
        _ => false,
    }
}

/// Whether the host is plainly this machine or a private network, so that an administrator has to
/// confirm it: a private or loopback address, or a name of one label, as in a cluster. Another name
/// may lead there too; that is found when it is called. Of a text that is no base URL yet, its
/// suggested correction counts.
#[must_use]
pub fn is_private(typed: &str) -> bool {
    if let Ok(base) = BaseUrl::parse(typed) {
        return leads_inside(&base);
    }
    // A single word may still become any host.
    let is_address = typed.contains([':', '/', '.']);
    let hints = hints(typed);
    let mut suggested = hints.iter().filter_map(|hint| hint.suggestion());
    suggested
        .find_map(|text| BaseUrl::parse(text).ok())
        .is_some_and(|base| is_address && leads_inside(&base))
}

/// Whether the host is an address that no administrator can allow.
#[must_use]
pub fn is_never_called(typed: &str) -> bool {
    BaseUrl::parse(typed).is_ok_and(|base| base.is_never_called())
}

fn leads_inside(base: &BaseUrl) -> bool {
    let host = base.host();
    base.is_private() || !host.contains(['.', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_make_the_origin() {
        let stored = Some("https://gateway.example");
        assert!(!moves(stored, "https://gateway.example:443/other/v2"));
        assert!(moves(stored, "http://gateway.example"));
        assert!(moves(stored, "https://gateway.example:8443"));
        assert!(moves(stored, "https://gateway-new.example/v1"));
        assert!(moves(stored, "https://other.example/v1/chat/completions"));
        assert!(!moves(stored, "not a url"));
        assert!(!moves(None, "https://gateway.example"));
    }

    #[test]
    fn private_hosts_are_known_by_their_address() {
        for base in [
            "http://localhost:4000",
            "http://127.0.0.1:4000/v1",
            "http://10.1.2.3",
            "https://192.168.0.4/v1",
            "http://172.20.0.1",
            "http://100.64.0.1",
            "http://[::1]:8080",
            "http://[fd00::1]",
            "http://litellm:4000",
            "http://gateway.localhost",
            // As pasted, with a correction to press.
            "localhost:4000/v1",
            "“http://litellm:4000”",
            "http://10.0.0.8/v1/chat/completions",
        ] {
            assert!(is_private(base), "{base}");
        }
        for base in [
            "https://gateway.example",
            "http://8.8.8.8",
            "http://172.32.0.1",
            "http://[2001:db8::1]",
            "https://litellm.internal.example",
            "nonsense",
            "gateway.example/v1",
        ] {
            assert!(!is_private(base), "{base}");
        }
    }
}
