//! Puts load on gateways, for `cargo xtask bench forwarding`.
//!
//! `waypost-load upstream` is the upstream that every gateway forwards to; it prints its address.
//! `waypost-load measure` reads what to measure from the standard input, as JSON, and prints what it
//! measured, as JSON. Both run on one thread each, on the cores that the gateway runs on too: where
//! there are few, the rates are also those of the client and the upstream.
#![allow(
    clippy::print_stdout,
    reason = "a command for a script: what it prints is its result"
)]

mod connection;
mod events;
mod measure;
mod percentiles;
mod streams;
mod target;
mod upstream;

use std::io::Read as _;
use std::process::ExitCode;

/// What went wrong, in words.
type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(Error::from)
        .and_then(|runtime| runtime.block_on(run()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    match std::env::args().nth(1).as_deref() {
        Some("upstream") => upstream::serve().await,
        Some("measure") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            println!("{}", measure::measure(serde_json::from_str(&text)?).await?);
            Ok(())
        }
        _ => Err("usage: waypost-load upstream | measure".into()),
    }
}
