//! A PostgreSQL for tests, and reading and changing a database behind the store's back.

use super::url::DatabaseUrl;
use super::{PostgresRequestLog, PostgresStore, open};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Starts a server and stops it once its input ends, which it does when the test's process is gone.
///
/// `$1` is the folder of the server, `$2` that of the programs. `$3` is a TCP port on which it asks for TLS
/// and a password, with the certificate and key in the environment; 0 for none.
const SCRIPT: &str = r#"
folder=$1; programs=$2; port=$3; options=
umask 077
stop() { "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1; rm -rf "$folder"; }
trap 'stop; exit 1' HUP INT TERM
"$programs/initdb" -D "$folder/data" -U waypost --auth-local=trust --auth-host=scram-sha-256 \
    -E UTF8 --locale=C -N >"$folder/log" 2>&1 &&
sed -i '1i local all guarded scram-sha-256' "$folder/data/pg_hba.conf" &&
if [ "$port" != 0 ]; then
    echo "$CERTIFICATE" >"$folder/data/server.crt"; echo "$KEY" >"$folder/data/server.key"
    options="-c ssl=on -c listen_addresses=127.0.0.1 -p $port"
fi &&
"$programs/pg_ctl" -D "$folder/data" -w -t 120 -l "$folder/log" -o "-k $folder -c listen_addresses= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
    -c shared_buffers=32MB $options" start >/dev/null 2>&1 && echo ready || { cat "$folder/log"; echo failed; }
read -r _
stop
"#;

/// Ends every other connection to a database, as a server that stops does.
pub(super) const END_OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// The server of this test process, which runs for as long as the process.
static SERVER: Mutex<Option<Server>> = Mutex::new(None);

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A running server.
pub(super) struct Server {
    pub(super) folder: PathBuf,
    _process: Child,
    /// Its end stops the server.
    _input: ChildStdin,
}

/// Where and how a server is reached by TCP.
#[derive(Default)]
pub(super) struct TlsListener {
    pub(super) port: u16,
    /// In PEM.
    pub(super) certificate: String,
    /// In PEM.
    pub(super) key: String,
}

/// A database that a test has to itself.
#[derive(Clone)]
pub struct TestDatabase {
    /// Where it is.
    pub url: DatabaseUrl,
}

impl TestDatabase {
    /// Creates an empty database, and starts a server if this is the first one.
    ///
    /// # Panics
    /// Panics if no PostgreSQL is installed, or if it does not start.
    pub async fn create() -> Self {
        let folder = folder();
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let at = |database: &str| -> DatabaseUrl {
            format!("postgres://waypost@localhost/{database}?host={folder}")
                .parse()
                .expect("the address of a test's database")
        };
        let name = format!("test_{number}");
        execute(&at("postgres"), &format!("CREATE DATABASE {name}")).await;
        Self { url: at(&name) }
    }

    /// Opens it.
    ///
    /// # Panics
    /// Panics if it does not open.
    pub async fn open(&self) -> (PostgresStore, PostgresRequestLog) {
        open(&self.url, None)
            .await
            .expect("the test's database opens")
    }

    /// Where it is, by a link to the server's folder. While the link is away, so is the server.
    ///
    /// # Panics
    /// Panics if the link cannot be made.
    #[cfg(unix)]
    #[must_use]
    pub fn behind(&self, link: &Path) -> DatabaseUrl {
        let folder = folder();
        std::os::unix::fs::symlink(&folder, link).expect("the link is new");
        let url = self.url.to_string();
        let url = url.replace(
            &format!("host={folder}"),
            &format!("host={}", link.display()),
        );
        url.parse().expect("the address of a test's database")
    }

    /// The folder with the server's socket.
    #[must_use]
    pub fn folder(&self) -> String {
        folder()
    }

    /// Takes a link of [`TestDatabase::behind`] away, and breaks the connections that are open.
    ///
    /// # Panics
    /// Panics if the link is not there.
    pub async fn interrupt(&self, link: &Path) {
        std::fs::remove_file(link).expect("the link is there");
        self.execute(END_OTHERS).await;
    }

    /// Runs statements.
    ///
    /// # Panics
    /// Panics if a statement fails.
    pub async fn execute(&self, sql: &str) {
        execute(&self.url, sql).await;
    }

    /// Keeps others from writing a table until the connection is dropped.
    #[cfg(test)]
    pub(super) async fn lock(&self, table: &str) -> PgConnection {
        let mut connection = connect(&self.url).await;
        let lock = format!("BEGIN; LOCK TABLE {table} IN SHARE MODE");
        let locked = sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut connection);
        locked.await.expect("the test takes the lock");
        connection
    }

    /// Runs a statement that PostgreSQL is to refuse, and returns why it did.
    #[cfg(test)]
    pub(super) async fn refuses(&self, sql: &str) -> String {
        let mut connection = connect(&self.url).await;
        let refused = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection)
            .await;
        refused.expect_err("PostgreSQL refuses it").to_string()
    }

    /// The rows of a query, each as the text of its one column.
    ///
    /// # Panics
    /// Panics if the query fails.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let mut connection = connect(&self.url).await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut connection)
            .await
            .expect("the test's query runs")
    }
}

/// A connection of the test's own.
async fn connect(url: &DatabaseUrl) -> PgConnection {
    let options = url.options(None).expect("the address of a test's database");
    PgConnection::connect_with(&options)
        .await
        .expect("the test's database lets it in")
}

async fn execute(url: &DatabaseUrl, sql: &str) {
    let mut connection = connect(url).await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .expect("the test's statement runs");
    connection.close().await.expect("the connection closes");
}

/// The folder of the running server, where its socket is.
pub(super) fn folder() -> String {
    let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = server.get_or_insert_with(|| start("", &TlsListener::default()));
    server.folder.display().to_string()
}

/// Starts a server, whose folder's name has this ending.
pub(super) fn start(ending: &str, tls: &TlsListener) -> Server {
    let programs = programs();
    let is_root = std::env::var("USER").is_ok_and(|user| user == "root")
        || std::fs::metadata("/proc/self").is_ok_and(|own| is_owned_by_root(&own));
    // A socket's path must be short, and PostgreSQL must not run as root.
    let folder = PathBuf::from(format!("/tmp/waypost-pg-{}{ending}", std::process::id()));
    make_private(&folder).expect("the server's folder is new");
    let mut command = match is_root {
        true => {
            let given = Command::new("chown").arg("postgres").arg(&folder).status();
            assert!(
                given.is_ok_and(|status| status.success()),
                "no user `postgres`"
            );
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]);
            command.arg("sh");
            command
        }
        false => Command::new("sh"),
    };
    let mut process = command
        .args(["-c", SCRIPT, "sh"])
        .args([&folder, &programs])
        .arg(tls.port.to_string())
        .env("CERTIFICATE", &tls.certificate)
        .env("KEY", &tls.key)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell runs");
    let input = process.stdin.take().expect("the input is a pipe");
    let output = BufReader::new(process.stdout.take().expect("the output is a pipe"));
    let mut said = Vec::new();
    for line in output.lines().map_while(Result::ok) {
        match line.as_str() {
            "ready" => {
                return Server {
                    folder,
                    _process: process,
                    _input: input,
                };
            }
            "failed" => break,
            _ => said.push(line),
        }
    }
    panic!("PostgreSQL does not start:\n{}", said.join("\n"));
}

/// Other users of the machine must not reach the server's socket, which needs no password.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn is_owned_by_root(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == 0
}

#[cfg(not(unix))]
fn is_owned_by_root(_: &std::fs::Metadata) -> bool {
    false
}

/// The folder of PostgreSQL's programs: `WAYPOST_POSTGRES`, or the newest that Debian installed.
fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("WAYPOST_POSTGRES") {
        return PathBuf::from(folder);
    }
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = installed
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").exists())
        .max();
    let (_, folder) = newest.expect(
        "the tests need PostgreSQL: `cargo xtask tools` installs it, or set WAYPOST_POSTGRES to the folder of initdb",
    );
    folder
}
