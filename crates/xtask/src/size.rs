//! What the first visit to the Gateways tab loads, compressed, part by part, and what is loaded
//! later.

use crate::error::{Context, Failure, Outcome};
use crate::layout::{self, files};
use std::fs;
use std::path::Path;

/// What the first visit may load at the most, in bytes over the wire.
const LIMIT: u64 = 300_000;

/// Prints the parts and their sum, and fails where the sum is over the limit.
pub(crate) fn report() -> Outcome {
    let dist = layout::dist();
    let page = dist.join("index.html");
    let html = fs::read_to_string(&page).context(format_args!("cannot read {}", page.display()))?;
    let mut first = Vec::new();
    let mut later = Vec::new();
    for path in files(&dist)? {
        let name = path
            .strip_prefix(&dist)
            .unwrap_or(&path)
            .to_string_lossy()
            .into_owned();
        if is_loaded(&name, &html) {
            first.push((size_over_the_wire(&path)?, name));
        } else if name.ends_with(".wasm") {
            later.push((size_over_the_wire(&path)?, name));
        }
    }
    println!(
        "\nLoaded when a page, a dialog or the palette first needs it, in bytes over the wire:"
    );
    list(&mut later);
    println!("\nFirst load of the Gateways tab, in bytes over the wire (brotli):");
    list(&mut first);
    let total: u64 = first.iter().map(|(size, _)| size).sum();
    println!("{total:>9}  of {LIMIT} allowed");
    if total > LIMIT {
        return Err(Failure::new(format!(
            "the first load of the Gateways tab is {total} bytes; {LIMIT} are allowed"
        )));
    }
    Ok(())
}

/// Prints files, the largest first.
fn list(parts: &mut [(u64, String)]) {
    parts.sort_by(|one, other| other.cmp(one));
    for (size, name) in parts {
        println!("{size:>9}  {name}");
    }
}

/// Whether a file of the dashboard is loaded with the page: the page itself, what it names, and
/// the JavaScript that what it names imports.
fn is_loaded(name: &str, html: &str) -> bool {
    !name.ends_with(".br")
        && (name == "index.html" || name.starts_with("snippets/") || html.contains(name))
}

/// The size of a file as it is sent: of its compressed neighbour, where there is one.
fn size_over_the_wire(path: &Path) -> Outcome<u64> {
    let mut compressed = path.as_os_str().to_owned();
    compressed.push(".br");
    let length = |path: &Path| fs::metadata(path).map(|metadata| metadata.len());
    length(Path::new(&compressed))
        .or_else(|_| length(path))
        .context(format_args!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::is_loaded;

    #[test]
    fn what_the_page_names_is_counted() {
        let html = "<script type=module>import init from '/app-1f.js'</script>";
        assert!(is_loaded("index.html", html));
        assert!(is_loaded("app-1f.js", html));
        assert!(is_loaded("snippets/leptos/inline0.js", html));
        assert!(!is_loaded("robots.txt", html));
        assert!(!is_loaded("catalog-2e.wasm", html));
    }
}
