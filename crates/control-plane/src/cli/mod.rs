//! The command line: its commands and shared options.

mod agent;
mod aws_options;
mod check;
mod database;
mod egress_options;
mod local_routing;
mod migrate;
mod oidc_options;
mod providers;
mod route;
mod secrets;
pub mod serve;
mod sign_in;
mod token;
mod vault_options;

pub(crate) use sign_in::announce;

use clap::{Args, Parser, Subcommand};
use serve::ServeOptions;
use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Decides where every LLM request goes, and shows the route before a request is sent.
#[derive(Parser)]
#[command(name = "waypost", version)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the dashboard and its API, and print a sign-in link.
    Serve(Box<ServeOptions>),
    /// Show the request that a model ref or an agent resolves to. Exits with 0 if it is routed, 1 if not.
    Route(route::Route),
    /// Check agent documents.
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Check the providers file.
    #[command(subcommand)]
    Providers(providers::Providers),
    /// Copy the secrets to another backend.
    #[command(subcommand)]
    Secrets(secrets::Secrets),
    /// Create a single-use sign-in link.
    SignInLink(sign_in::SignInLink),
    /// Create, list and revoke API tokens.
    #[command(subcommand)]
    Token(token::Token),
    /// Copy the workspace of a data directory to an empty PostgreSQL database.
    MigrateTo(migrate::MigrateTo),
    /// End every session and every unused sign-in link.
    SignOutAll(database::WorkspaceOption),
}

/// Where the workspace is kept.
#[derive(Args, Clone, Debug)]
pub struct DataDir {
    /// The data directory [default: $WAYPOST_DATA_DIR or ~/.waypost]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
}

impl DataDir {
    /// The directory, which need not exist.
    ///
    /// # Errors
    /// Where none was named and there is no home directory.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        let named = self.data_dir.clone();
        match named.or_else(|| variable("WAYPOST_DATA_DIR")) {
            Some(path) => Ok(path),
            None => std::env::home_dir()
                .map(|home| home.join(".waypost"))
                .ok_or_else(|| {
                    Failure::new(
                        "there is no home directory: set the workspace's directory with --data-dir",
                    )
                }),
        }
    }
}

/// Which providers file is read.
#[derive(Args, Clone, Debug)]
pub struct ProvidersOption {
    /// The providers file [default: $WAYPOST_PROVIDERS_FILE or ~/.waypost/providers.local.yaml]
    #[arg(long, value_name = "FILE")]
    providers: Option<PathBuf>,
}

impl ProvidersOption {
    /// The file that was named, here or in the environment; `None` stands for the usual places.
    #[must_use]
    pub fn named(&self) -> Option<PathBuf> {
        let named = self.providers.clone();
        named.or_else(|| variable("WAYPOST_PROVIDERS_FILE"))
    }
}

/// A path from the environment. A blank variable counts as unset.
fn variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name)?;
    let blank = value.to_str().is_some_and(|text| text.trim().is_empty());
    (!blank).then(|| PathBuf::from(value))
}

/// What a command that judges something found.
enum CommandOutcome {
    /// It is routed, or valid.
    Good,
    /// It is rejected, or invalid.
    Bad,
}

/// Why a command failed, as a message for its caller.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// With this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Reads the command line and does what it asks.
pub async fn run() -> ExitCode {
    let command_line = CommandLine::parse();
    let good = |()| CommandOutcome::Good;
    let done = match command_line.command {
        Command::Serve(options) => serve::serve(*options).await.map(good),
        Command::Route(options) => Ok(route::run(&options)),
        Command::Agent(command) => Ok(agent::run(&command)),
        Command::Providers(command) => Ok(providers::run(&command)),
        Command::Secrets(command) => secrets::run(&command).await,
        Command::SignInLink(options) => sign_in::link(&options).await.map(good),
        Command::Token(command) => token::run(&command).await.map(good),
        Command::MigrateTo(options) => migrate::run(&options).await.map(good),
        Command::SignOutAll(workspace) => sign_in::out_all(&workspace).await.map(good),
    };
    match done {
        Ok(CommandOutcome::Good) => ExitCode::SUCCESS,
        Ok(CommandOutcome::Bad) => ExitCode::FAILURE,
        Err(failure) => {
            tell_error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to the standard output, and ignores a closed pipe.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn tell_error(line: &str) {
    let _ = writeln!(std::io::stderr(), "waypost: {line}");
}
