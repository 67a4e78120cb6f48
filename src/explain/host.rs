//! Parts of a URL, in words.

/// The host and port of a URL, for places where the whole of it would be too long.
#[must_use]
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_cut_out_with_its_port() {
        assert_eq!(host("http://127.0.0.1:4000/v1/models"), "127.0.0.1:4000");
        assert_eq!(host("https://gateway.example"), "gateway.example");
    }
}
