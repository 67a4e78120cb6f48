//! `waypost`: the control plane's binary.

use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// Gives memory back that a burst of refreshes or streams took: the system's allocator keeps
/// most of it in pieces. Its options are in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    waypost_control_plane::cli::run().await
}
