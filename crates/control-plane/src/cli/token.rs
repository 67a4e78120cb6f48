//! `waypost token create`, `list` and `revoke`.

use super::database::WorkspaceOption;
use super::{Failure, tell, tell_error};
use crate::tokens::{self, NewToken, TokenFilter};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use waypost_api_types::{Role, TokenInput, TokenKind, TokenView};
use waypost_store::Actor;

/// `waypost token …`
#[derive(Subcommand)]
pub(super) enum Token {
    /// Create a token and print it. The token is shown only once.
    Create(Create),
    /// List the tokens.
    List(List),
    /// Revoke a token. A running server refuses it within 2 seconds.
    Revoke(Revoke),
}

/// The options of `waypost token create`.
#[derive(Args)]
pub(super) struct Create {
    /// The agent that the token belongs to
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "role",
        required_unless_present = "role"
    )]
    agent: Option<String>,
    /// The role of a service token: admin or viewer
    #[arg(long, value_name = "ROLE", value_parser = super::sign_in::role)]
    role: Option<Role>,
    /// A label for the token
    #[arg(long, value_name = "LABEL", default_value = "")]
    label: String,
    /// When the token expires, such as 90d or 12w [default: 90d for a service token, never for an
    /// agent's]
    #[arg(long, value_name = "DURATION", value_parser = days)]
    expires: Option<u32>,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workspace: WorkspaceOption,
}

/// The options of `waypost token list`.
#[derive(Args)]
pub(super) struct List {
    /// Print one JSON value
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workspace: WorkspaceOption,
}

/// The options of `waypost token revoke`.
#[derive(Args)]
pub(super) struct Revoke {
    /// The id of the token, from `waypost token list`
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    workspace: WorkspaceOption,
}

/// A number of days, written `90d`, or of weeks, written `12w`.
fn days(text: &str) -> Result<u32, String> {
    let help = || "expected a number of days or weeks, such as 90d or 12w".to_owned();
    let (number, unit) = match text.strip_suffix('w') {
        Some(number) => (number, 7),
        None => (text.strip_suffix('d').ok_or_else(help)?, 1),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(help());
    }
    let number: u32 = number.parse().map_err(|_| help())?;
    number
        .checked_mul(unit)
        .filter(|days| *days > 0)
        .ok_or_else(help)
}

pub(super) async fn run(command: &Token) -> Result<(), Failure> {
    match command {
        Token::Create(options) => create(options).await,
        Token::List(options) => list(options).await,
        Token::Revoke(options) => revoke(options).await,
    }
}

async fn create(options: &Create) -> Result<(), Failure> {
    let (_, store) = options.workspace.open().await?;
    let input = TokenInput {
        kind: match options.agent {
            Some(_) => TokenKind::Agent,
            None => TokenKind::Service,
        },
        agent: options.agent.clone(),
        role: options.role,
        label: options.label.clone(),
        expires_in_days: options.expires,
    };
    let created = tokens::create(&*store, &Actor::system(), input).await;
    store.close().await;
    let NewToken { view, token } = created?;
    if options.json {
        let mut json = serde_json::to_value(&view)?;
        if let Value::Object(fields) = &mut json {
            fields.insert("token".to_owned(), token.expose().into());
        }
        tell(&format!("{json:#}"));
        return Ok(());
    }
    // The token alone goes to the standard output, so that a script can take it.
    tell(token.expose());
    let expires = match view.expires_at {
        Some(at) => format!("expires {}", date(at)),
        None => "does not expire".to_owned(),
    };
    tell_error(&format!(
        "created token {} ({}), which {expires}. The token is shown only once",
        view.id,
        owner(&view)
    ));
    Ok(())
}

async fn list(options: &List) -> Result<(), Failure> {
    let (_, store) = options.workspace.open().await?;
    let listed = tokens::list(&*store, &TokenFilter::default()).await;
    store.close().await;
    let listed = listed?;
    if options.json {
        tell(&format!("{:#}", json!({ "items": listed })));
        return Ok(());
    }
    if listed.is_empty() {
        tell("No tokens. Create one with `waypost token create`.");
        return Ok(());
    }
    for line in table(&listed) {
        tell(line.trim_end());
    }
    Ok(())
}

async fn revoke(options: &Revoke) -> Result<(), Failure> {
    let (_, store) = options.workspace.open().await?;
    let revoked = tokens::revoke(&*store, &Actor::system(), &options.id).await;
    store.close().await;
    revoked?;
    tell(&format!(
        "Revoked token {}. A running server refuses it within 2 seconds.",
        options.id
    ));
    Ok(())
}

/// The lines of a table with a heading, its columns as wide as what they hold.
fn table(tokens: &[TokenView]) -> Vec<String> {
    let heading = [
        "ID",
        "FOR",
        "LABEL",
        "TOKEN",
        "CREATED",
        "LAST USED",
        "EXPIRES",
    ];
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(tokens.iter().map(|token| {
        let prefix = match token.kind {
            TokenKind::Agent => "wpa_",
            TokenKind::Service => "wps_",
        };
        [
            token.id.clone(),
            owner(token),
            token.label.clone(),
            format!("{prefix}…{}", token.hint),
            date(token.created_at),
            token.last_used_at.map_or_else(|| "never".to_owned(), date),
            token.expires_at.map_or_else(|| "never".to_owned(), date),
        ]
    }));
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(widths);
            cells
                .map(|(cell, width)| format!("{cell:width$}  "))
                .collect()
        })
        .collect()
}

/// Whose a token is: `agent support-bot`, `viewer`.
fn owner(token: &TokenView) -> String {
    match (&token.agent, token.role) {
        (Some(agent), _) => format!("agent {agent}"),
        (None, Some(Role::Admin)) => "role admin".to_owned(),
        (None, _) => "role viewer".to_owned(),
    }
}

/// A day of UTC, such as `2026-11-30`.
fn date(unix_seconds: i64) -> String {
    jiff::Timestamp::from_second(unix_seconds)
        .map(|at| at.to_string().chars().take("2026-11-30".len()).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_written_in_days_or_weeks() {
        assert_eq!(days("90d"), Ok(90));
        assert_eq!(days("12w"), Ok(84));
        for wrong in [
            "",
            "90",
            "d",
            "0d",
            "-1d",
            "+5d",
            "1.5d",
            "90 d",
            "1y",
            "9999999999d",
            "999999999w",
        ] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_is_that_of_utc() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(1_796_083_199), "2026-11-30");
    }
}
