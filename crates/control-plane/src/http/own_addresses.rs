//! Which paths begin like an address of Waypost.

use super::api_routes;
use super::assets::PAGES;
use super::public_path::PublicPath;

/// Refuses the path of a public URL that begins like an address of Waypost: where a proxy removes the
/// path, such an address would look as if it still had it.
///
/// # Errors
/// If it does, with the segment.
pub fn refuse(path: &PublicPath) -> Result<(), String> {
    let first = first_segment(path.as_str());
    match own_first_segments().any(|own| own == first) {
        false => Ok(()),
        true => Err(format!(
            "the path begins with /{first}, which is an address of Waypost itself. Choose another, such as /waypost"
        )),
    }
}

fn first_segment(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// What the addresses of this server begin with.
fn own_first_segments() -> impl Iterator<Item = &'static str> {
    let endpoints = api_routes().into_iter().map(|row| row.path);
    let paths = endpoints.chain(PAGES).chain(["/v1"]);
    paths.map(first_segment).filter(|first| !first.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &str) -> Result<(), String> {
        let url = format!("https://host.example{path}").parse().unwrap();
        refuse(&PublicPath::of(&url).unwrap())
    }

    #[test]
    fn its_own_addresses_of_every_kind_are_refused() {
        for first in [
            "api", "v1", "healthz", "readyz", "metrics", "sample", "models", "sign-in",
        ] {
            let message = refused(&format!("/{first}/x")).unwrap_err();
            assert!(message.contains(&format!("/{first}, which")), "{message}");
        }
        for path in ["", "/", "/apis", "/waypost", "/a/api"] {
            assert_eq!(refused(path), Ok(()), "{path}");
        }
    }
}
