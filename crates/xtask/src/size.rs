//! What the first visit to each page loads, in bytes over the wire, and the limits of that.

use crate::dashboard::Document;
use crate::error::{Context, Failure, Outcome};
use crate::layout;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The page that people land on.
const LANDING: &str = "/models/gateways";

/// What the first visit to it may load, in bytes over the wire.
const LANDING_LIMIT: u64 = 260_000;

/// What the first visit to any other page may load.
const LIMIT: u64 = 480_000;

/// Prints what each page loads, and fails where that is over the limit.
pub(crate) fn report() -> Outcome {
    let dist = layout::dist();
    let document = Document::read_from(&dist.join("index.html"))?;
    let parts = document.modules()?;
    let mut sizes = BTreeMap::new();
    for name in names(document.text()) {
        sizes.insert(name.to_owned(), size_over_the_wire(&dist.join(name))?);
    }
    sizes.insert(
        "index.html".to_owned(),
        size_over_the_wire(&dist.join("index.html"))?,
    );
    println!("\nThe dashboard's files, in bytes over the wire (brotli):");
    for (name, size) in &sizes {
        println!("{size:>9}  {name}");
    }
    println!("\nThe first visit to each page:");
    let mut over = Vec::new();
    for (address, _, part, _) in document.pages()? {
        let modules = parts.get(&part).map(Vec::as_slice).unwrap_or_default();
        let total = first_visit(&sizes, &parts, modules);
        let limit = if address == LANDING {
            LANDING_LIMIT
        } else {
            LIMIT
        };
        println!("{total:>9}  of {limit} allowed: {address}");
        if total > limit {
            over.push(address);
        }
    }
    if over.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the first visit loads more than is allowed: {}",
        over.join(", ")
    )))
}

/// The sum of what every page loads and of the modules of one.
fn first_visit(
    sizes: &BTreeMap<String, u64>,
    parts: &BTreeMap<String, Vec<String>>,
    modules: &[String],
) -> u64 {
    let later: BTreeSet<&String> = parts.values().flatten().collect();
    sizes
        .iter()
        .filter(|(name, _)| {
            let path = format!("/{name}");
            !later.contains(&path) || modules.contains(&path)
        })
        .map(|(_, size)| size)
        .sum()
}

/// The files that a document names by their addresses.
fn names(html: &str) -> BTreeSet<&str> {
    html.split('"')
        .filter_map(|text| text.strip_prefix('/'))
        .filter(|name| {
            let kind = name.rsplit_once('.').map(|(_, kind)| kind);
            matches!(kind, Some("js" | "css" | "wasm" | "svg"))
        })
        .collect()
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
    use super::*;

    #[test]
    fn what_the_page_names_is_counted() {
        let html = r#"<script src="/app-1f.js"></script> "/agents-2e.wasm" <a href="/agents">"#;
        assert_eq!(
            names(html).into_iter().collect::<Vec<_>>(),
            ["agents-2e.wasm", "app-1f.js"]
        );
    }

    #[test]
    fn a_page_loads_its_own_modules_and_no_others() {
        let sizes = [
            ("app-1f.js", 1),
            ("agents-2e.wasm", 10),
            ("routes-3d.wasm", 100),
        ];
        let sizes = sizes.map(|(name, size)| (name.to_owned(), size)).into();
        let parts: BTreeMap<_, _> = ["agents", "routes"]
            .into_iter()
            .zip([
                vec!["/agents-2e.wasm".to_owned()],
                vec!["/routes-3d.wasm".to_owned()],
            ])
            .map(|(part, files)| (part.to_owned(), files))
            .collect();
        assert_eq!(first_visit(&sizes, &parts, &[]), 1);
        assert_eq!(first_visit(&sizes, &parts, &parts["agents"]), 11);
    }
}
