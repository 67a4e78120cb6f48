//! Tells cargo what the binary embeds, so that a new build of the dashboard
//! is never missed.

fn main() {
    // The folder must exist: a missing path would make cargo run this, and rebuild the crate,
    // every time. Empty, it means that the dashboard has not been built.
    let dashboard = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    if let Err(error) = std::fs::create_dir_all(&dashboard) {
        println!(
            "cargo::warning=cannot create {}: {error}",
            dashboard.display()
        );
    }
    println!("cargo::rerun-if-changed={}", dashboard.display());
}
