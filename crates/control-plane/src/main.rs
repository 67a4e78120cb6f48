//! `waypost`: the control plane's binary.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    waypost_control_plane::cli::run().await
}
