//! `waypost secrets copy`.

use super::aws_options::AwsArguments;
use super::database::WorkspaceOption;
use super::egress_options::EgressOptions;
use super::vault_options::VaultArguments;
use super::{CommandOutcome, Failure, serve, tell, tell_error};
use crate::secret_records::StoredRecords;
use clap::{Args, Subcommand};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use waypost_egress::Egress;
use waypost_secrets::{BackendOptions, CopyMode, CopyOutcome, SecretsBackendKind, SecretsCopy};

/// `waypost secrets …`
#[derive(Subcommand)]
pub(super) enum Secrets {
    /// Copy every secret of a workspace to another backend, and check each one by reading it back. The
    /// server must be stopped. Exits with 0 if all are there, 1 if not.
    Copy(Box<Copy>),
}

/// The options of `waypost secrets copy`.
#[derive(Args)]
pub(super) struct Copy {
    /// The backend to copy from
    #[arg(long, value_name = "BACKEND", value_parser = serve::secrets_backend)]
    from: SecretsBackendKind,
    /// The backend to copy to
    #[arg(long, value_name = "BACKEND", value_parser = serve::secrets_backend)]
    to: SecretsBackendKind,
    /// Write nothing, and say what would be copied
    #[arg(long)]
    dry_run: bool,
    /// Replace keys that another program wrote into the target
    #[arg(long)]
    overwrite: bool,
    /// Make the target this workspace's backend, if every secret is there
    #[arg(long, conflicts_with = "dry_run")]
    switch: bool,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workspace: WorkspaceOption,
    #[command(flatten)]
    vault: VaultArguments,
    #[command(flatten)]
    aws: AwsArguments,
    #[command(flatten)]
    egress: EgressOptions,
}

pub(super) async fn run(command: &Secrets) -> Result<CommandOutcome, Failure> {
    let Secrets::Copy(options) = command;
    copy(options).await
}

async fn copy(options: &Copy) -> Result<CommandOutcome, Failure> {
    if options.from == options.to {
        return Err(Failure::new("--from and --to name the same backend"));
    }
    let (_, store) = options.workspace.open().await?;
    let data_dir = options.workspace.data_dir()?;
    // A server would go on writing to the source.
    let _lock = serve::data_dir::lock(&data_dir)?;
    let workspace_id = store.workspace_id().await?;
    // Nothing listens here.
    let own = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let egress = Egress::with_listeners(own, Vec::new(), options.egress.proxy()?);
    let backends = BackendOptions {
        vault: options.vault.options(|name| std::env::var(name).ok()),
        aws: options.aws.options(),
        ..BackendOptions::local(&data_dir, &workspace_id, egress)
    };
    let records = Arc::new(StoredRecords::new(store.clone()));
    let copy = SecretsCopy::new(options.from, options.to, &backends, records).await?;
    let mode = CopyMode {
        dry_run: options.dry_run,
        overwrite: options.overwrite,
    };
    let mut done = Vec::new();
    for name in copy.names() {
        let outcome = copy.copy(name, mode).await;
        if !options.json {
            tell(&format!("{:9} {name}{}", outcome.name(), reason(&outcome)));
        }
        done.push((name, outcome));
    }
    let failures = done
        .iter()
        .filter(|(_, outcome)| !outcome.is_good())
        .count();
    let switched = options.switch && failures == 0;
    if switched {
        copy.switch().await?;
    }
    if options.json {
        tell(&json(options, &done, switched));
    } else {
        tell_error(&summary(options, &done, failures, switched));
    }
    store.close().await;
    Ok(match failures {
        0 => CommandOutcome::Good,
        _ => CommandOutcome::Bad,
    })
}

/// What to do about an outcome.
fn reason(outcome: &CopyOutcome) -> String {
    match outcome {
        CopyOutcome::Copied | CopyOutcome::Unchanged => String::new(),
        CopyOutcome::Missing => " (not in the source: enter it again in the dashboard)".to_owned(),
        CopyOutcome::Differs => {
            " (another program wrote it into the target: --overwrite replaces it)".to_owned()
        }
        CopyOutcome::Failed(reason) => format!(" ({reason})"),
    }
}

fn summary(
    options: &Copy,
    done: &[(&str, CopyOutcome)],
    failures: usize,
    switched: bool,
) -> String {
    let all = done.len();
    let there = all - failures;
    let words = if options.dry_run { "would be" } else { "are" };
    let next = match (switched, failures) {
        (true, _) => format!(
            ". The workspace uses the {} from now on. The {} still has its copies",
            options.to.label(),
            options.from.label()
        ),
        (false, 0) if !options.dry_run => {
            ". The workspace still uses its backend: --switch changes it".to_owned()
        }
        _ => String::new(),
    };
    format!(
        "{there} of {all} secrets {words} in the {}{next}",
        options.to.label()
    )
}

fn json(options: &Copy, done: &[(&str, CopyOutcome)], switched: bool) -> String {
    let items = done.iter().map(|(name, outcome)| {
        let message = match outcome {
            CopyOutcome::Failed(reason) => Some(reason),
            _ => None,
        };
        json!({ "name": name, "outcome": outcome.name(), "message": message })
    });
    let value = json!({
        "from": options.from.name(),
        "to": options.to.name(),
        "dry_run": options.dry_run,
        "switched": switched,
        "items": items.collect::<Vec<_>>(),
    });
    format!("{value:#}")
}
