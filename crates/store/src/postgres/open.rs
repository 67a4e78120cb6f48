//! Opening the database, and bringing it up to this version.

use super::connections::Connections;
use super::error::{code_of, failed, kind_of, silent};
use super::request_log::PostgresRequestLog;
use super::store::PostgresStore;
use super::url::DatabaseUrl;
use crate::database_description::DatabaseDescription;
use crate::error::{StoreError, StoreErrorKind};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use std::io::ErrorKind;
use std::time::Duration;

/// How long a start waits for PostgreSQL to let it in.
const CONNECT: Duration = Duration::from_secs(10);

/// The oldest PostgreSQL that is supported.
const OLDEST: i32 = 13;

/// The table that says which migrations ran.
const MIGRATIONS_TABLE: &str = "waypost_migrations";

/// How many connections the request log has.
const LOG_CONNECTIONS: u32 = 4;

pub(super) fn migrations() -> Migrator {
    static EMBEDDED: Migrator = sqlx::migrate!("./postgres_migrations");
    let mut migrator = Migrator::with_migrations(EMBEDDED.iter().cloned().collect());
    migrator.dangerous_set_table_name(MIGRATIONS_TABLE);
    // This module takes its lock before the version is read, and with a time limit.
    migrator.set_locking(false);
    migrator
}

/// The version that this build writes: its last migration's.
fn latest_version() -> i64 {
    let versions = migrations();
    let versions = versions.iter().map(|migration| migration.version);
    versions.max().unwrap_or(0)
}

/// Opens a database and migrates it to this version. Processes that start at once wait for each other.
///
/// The password is that of `with_password`, such as the value of `DATABASE_URL`, if it is a URL that
/// names the same user, server and database; else that of the file that `PGPASSFILE` names.
///
/// # Errors
/// Fails if the server cannot be reached, refuses the connection or is older than PostgreSQL 13, if the
/// database is not in UTF-8, belongs to something else or was written by a newer Waypost, or if it cannot
/// be migrated.
pub async fn open(
    url: &DatabaseUrl,
    with_password: Option<&str>,
) -> Result<(PostgresStore, PostgresRequestLog), StoreError> {
    let opening = Opening::connect(url, with_password).await?;
    opening.migrate().await
}

/// Opens a database that has this version. Nothing is created or migrated.
///
/// # Errors
/// Fails if the database has another version, or as [`open`].
pub async fn open_current(
    url: &DatabaseUrl,
    with_password: Option<&str>,
) -> Result<PostgresStore, StoreError> {
    let mut opening = Opening::connect(url, with_password).await?;
    let latest = latest_version();
    let found = opening.version().await?.unwrap_or(0);
    if found > latest {
        return Err(opening.newer(found));
    }
    if found < latest {
        return Err(opening.error(
            StoreErrorKind::Older,
            format!(
                "has version {found}, and this Waypost works with version {latest}. Run this command with the Waypost that serves it, or start `waypost serve` with this one"
            ),
        ));
    }
    let (store, _) = opening.finish().await?;
    Ok(store)
}

/// A database that is being opened.
struct Opening {
    url: DatabaseUrl,
    options: PgConnectOptions,
    connection: PgConnection,
}

impl Opening {
    async fn connect(url: &DatabaseUrl, with_password: Option<&str>) -> Result<Self, StoreError> {
        choose_cryptography();
        let options = url.options(with_password).map_err(|error| failed(&error))?;
        let connecting = PgConnection::connect_with(&options);
        let connection = tokio::time::timeout(CONNECT, connecting)
            .await
            .map_err(|_| silent(CONNECT.as_secs()))
            .and_then(|connected| connected.map_err(|error| explain(&options, &error)))
            .map_err(|error| {
                StoreError::new(error.kind(), format!("the database {url}: {error}"))
            })?;
        let mut opening = Self {
            url: url.clone(),
            options,
            connection,
        };
        opening.check().await?;
        Ok(opening)
    }

    fn error(&self, kind: StoreErrorKind, message: impl AsRef<str>) -> StoreError {
        StoreError::new(
            kind,
            format!("the database {} {}", self.url, message.as_ref()),
        )
    }

    fn unreadable(&self, error: &sqlx::Error) -> StoreError {
        self.error(kind_of(error), format!("cannot be read: {error}"))
    }

    fn newer(&self, found: i64) -> StoreError {
        self.error(
            StoreErrorKind::Newer,
            format!(
                "was written by a newer Waypost (its version is {found}, this one knows {}). Start the newer one, or use another database",
                latest_version()
            ),
        )
    }

    /// Refuses a server or a database that Waypost does not work with.
    async fn check(&mut self) -> Result<(), StoreError> {
        let (version, encoding, is_standby): (i32, String, bool) = sqlx::query_as(
            "SELECT current_setting('server_version_num')::integer,
                    current_setting('server_encoding'), pg_is_in_recovery()",
        )
        .fetch_one(&mut self.connection)
        .await
        .map_err(|error| self.unreadable(&error))?;
        if version / 10_000 < OLDEST {
            return Err(self.error(
                StoreErrorKind::Internal,
                format!(
                    "is on PostgreSQL {}, and Waypost needs PostgreSQL {OLDEST} or newer",
                    version / 10_000
                ),
            ));
        }
        if encoding != "UTF8" {
            return Err(self.error(
                StoreErrorKind::Internal,
                format!("has the encoding {encoding}, and Waypost needs UTF8: create it with `createdb --encoding=UTF8 --template=template0`"),
            ));
        }
        if is_standby {
            return Err(self.error(
                StoreErrorKind::Unreachable,
                "is on a standby, which cannot be written. Name the primary server",
            ));
        }
        Ok(())
    }

    /// The version of the last migration that ran; `None` if none has.
    async fn version(&mut self) -> Result<Option<i64>, StoreError> {
        let is_there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(MIGRATIONS_TABLE)
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| self.unreadable(&error))?;
        if !is_there {
            return Ok(None);
        }
        sqlx::query_scalar("SELECT max(version) FROM waypost_migrations WHERE success")
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| self.unreadable(&error))
    }

    async fn migrate(mut self) -> Result<(PostgresStore, PostgresRequestLog), StoreError> {
        let unmigrated = |opening: &Self, error: &dyn std::fmt::Display| {
            opening.error(
                StoreErrorKind::Internal,
                format!("could not be migrated: {error}. Nothing was changed"),
            )
        };
        // The lock ends with the connection. A migration may take longer than a statement of a request.
        sqlx::raw_sql(
            "SET statement_timeout = 0; SET lock_timeout = '60s';
             SET idle_in_transaction_session_timeout = 0;
             SELECT pg_advisory_lock(6296124911021716312)",
        )
        .execute(&mut self.connection)
        .await
        .map_err(|error| match code_of(&error) {
            Some("55P03") => self.error(
                StoreErrorKind::Busy,
                "is being migrated by another process. Start again once it has finished",
            ),
            _ => self.unreadable(&error),
        })?;
        let latest = latest_version();
        let found = self.version().await?;
        match found {
            Some(found) if found > latest => return Err(self.newer(found)),
            Some(found) if found == latest => return self.finish().await,
            Some(_) => {}
            None => self.refuse_other_tables().await?,
        }
        // `run` takes whatever can be acquired, which no trait object's future can prove to be `Send`.
        migrations()
            .run_direct(None, &mut self.connection, false)
            .await
            .map_err(|error| unmigrated(&self, &error))?;
        tracing::info!(from = found, to = latest, "migrated the database");
        self.finish().await
    }

    /// Refuses a database with the tables of something else.
    async fn refuse_other_tables(&mut self) -> Result<(), StoreError> {
        let other: Option<String> = sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()
             ORDER BY tablename LIMIT 1",
        )
        .fetch_optional(&mut self.connection)
        .await
        .map_err(|error| self.unreadable(&error))?;
        match other {
            None => Ok(()),
            Some(table) => Err(self.error(
                StoreErrorKind::Conflict,
                format!("belongs to something else: it has a table `{table}`. Give Waypost its own database"),
            )),
        }
    }

    async fn finish(mut self) -> Result<(PostgresStore, PostgresRequestLog), StoreError> {
        let version: String = sqlx::query_scalar("SELECT current_setting('server_version')")
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| self.unreadable(&error))?;
        // A distribution appends its own: `15.14 (Debian 15.14-0+deb12u1)`.
        let version = version.split(' ').next().unwrap_or_default().to_owned();
        let description = DatabaseDescription {
            product: "PostgreSQL",
            version,
            place: place_of(&self.options),
        };
        let closed = self.connection.close().await;
        closed.map_err(|error| failed(&error))?;
        let log = Connections::new(self.options.clone(), LOG_CONNECTIONS);
        Ok((
            PostgresStore::new(&self.options, description),
            PostgresRequestLog::new(log),
        ))
    }
}

/// Where a database is, without user and password.
fn place_of(options: &PgConnectOptions) -> String {
    let name = options
        .get_database()
        .unwrap_or_else(|| options.get_username());
    let host = options.get_host();
    match options.get_socket() {
        Some(folder) => format!("{}/{name}", folder.display()),
        // A folder of sockets.
        None if host.starts_with('/') => format!("{host}/{name}"),
        None => format!("{host}:{}/{name}", options.get_port()),
    }
}

/// Names the process's implementation of cryptography, unless it has one. Two are compiled in, and where
/// sqlx checks a certificate for any host, rustls panics unless one is named.
fn choose_cryptography() {
    let chosen = rustls::crypto::aws_lc_rs::default_provider().install_default();
    if chosen.is_err() {
        tracing::trace!("the process has an implementation of cryptography");
    }
}

/// Why no connection could be opened, with what to do.
fn explain(options: &PgConnectOptions, error: &sqlx::Error) -> StoreError {
    let kind = kind_of(error);
    let user = options.get_username();
    let message = match (code_of(error), error) {
        (Some("28P01"), _) => format!(
            "PostgreSQL refuses the password of `{user}`, or none was given. Put the right one into the file that PGPASSFILE names, or set DATABASE_URL to the same URL with the password"
        ),
        (Some("28000"), _) => format!("PostgreSQL does not let `{user}` in: {error}"),
        (Some("3D000"), _) => format!(
            "the server has no such database. Create it there: createdb --owner={user} {}",
            options.get_database().unwrap_or(user)
        ),
        (Some(_), _) => format!("PostgreSQL refuses the connection: {error}"),
        (None, sqlx::Error::Tls(cause)) if cause.to_string().contains("does not support TLS") => {
            format!(
                "the server offers no TLS, which {} needs. Turn `ssl` on there or, in a network that you trust, add `sslmode=disable` to the URL",
                mode_words(options)
            )
        }
        (None, sqlx::Error::Tls(cause)) => tls_words(options, cause),
        (None, sqlx::Error::Io(cause)) if cause.kind() == ErrorKind::InvalidData => {
            tls_words(options, cause)
        }
        (None, sqlx::Error::Io(cause)) => format!(
            "the server cannot be reached: {cause}. Check host and port, and whether PostgreSQL runs there"
        ),
        (None, error) => format!("no connection: {error}"),
    };
    StoreError::new(kind, message)
}

fn mode_words(options: &PgConnectOptions) -> &'static str {
    match options.get_ssl_mode() {
        PgSslMode::VerifyFull => "`sslmode=verify-full`, the default for other machines,",
        PgSslMode::VerifyCa => "`sslmode=verify-ca`",
        _ => "`sslmode=require`",
    }
}

fn tls_words(options: &PgConnectOptions, cause: &dyn std::fmt::Display) -> String {
    format!(
        "{} does not accept the server's certificate: {cause}. Name the file of the authority that signed it: `sslrootcert=FILE` in the URL",
        mode_words(options)
    )
}
