//! Where a database is: a `postgres://` URL without a password.

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::fmt;
use std::str::FromStr;
use url::Url;

/// The parameters that a URL may have. Others are refused, and so are passwords.
const PARAMETERS: [&str; 5] = ["host", "sslmode", "sslrootcert", "sslcert", "sslkey"];

/// The address of a PostgreSQL database: `postgres://user@host:port/database`, with `?host=/folder` for a
/// Unix socket, and `sslmode`, `sslrootcert`, `sslcert`, `sslkey`. It has no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl(Url);

/// A URL that is no address of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDatabaseUrl(String);

impl fmt::Display for InvalidDatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for InvalidDatabaseUrl {}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    /// Reads an address. No error repeats the text, which may have a password.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |message: &str| InvalidDatabaseUrl(message.to_owned());
        let url = Url::parse(text)
            .ok()
            .filter(|url| ["postgres", "postgresql"].contains(&url.scheme()))
            .ok_or_else(|| invalid("expected a URL such as postgres://user@host/database"))?;
        if url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password") {
            return Err(invalid(
                "leave the password out of the URL, which other users of the machine can read. Put it into the file that PGPASSFILE names, or set DATABASE_URL to the same URL with the password",
            ));
        }
        if url.path().trim_matches('/').is_empty() {
            return Err(invalid(
                "the URL names no database: expected postgres://user@host/database",
            ));
        }
        for (key, _) in url.query_pairs() {
            if !PARAMETERS.contains(&&*key) {
                return Err(InvalidDatabaseUrl(format!(
                    "unknown parameter. Known ones are {}",
                    PARAMETERS.join(", ")
                )));
            }
        }
        if url.fragment().is_some() {
            return Err(invalid("the URL has a fragment"));
        }
        PgConnectOptions::from_str(url.as_str())
            .map_err(|error| InvalidDatabaseUrl(error.to_string()))?;
        Ok(Self(url))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str())
    }
}

impl DatabaseUrl {
    /// How to connect. The password is that of `with_password`, a URL, if it names the same user, server
    /// and database; else that of the file that `PGPASSFILE` names.
    pub(super) fn options(
        &self,
        with_password: Option<&str>,
    ) -> Result<PgConnectOptions, sqlx::Error> {
        let mut url = self.0.clone();
        if let Some(other) = with_password.and_then(|text| Url::parse(text).ok())
            && same_place(&url, &other)
        {
            // What cannot have a password has no host either, and was refused.
            let _ = url.set_password(other.password());
        }
        let mut options = PgConnectOptions::from_str(url.as_str())?;
        let has_mode = self.0.query_pairs().any(|(key, _)| key == "sslmode");
        if !has_mode && !is_local(&options) {
            options = options.ssl_mode(PgSslMode::VerifyFull);
        }
        Ok(options
            .application_name("waypost")
            // The server ends what takes too long, and gives the lock of a process that hangs to others.
            .options([
                ("statement_timeout", "30s"),
                ("lock_timeout", "10s"),
                ("idle_in_transaction_session_timeout", "30s"),
            ])
            .disable_statement_logging())
    }
}

/// Whether a connection stays on this machine.
fn is_local(options: &PgConnectOptions) -> bool {
    options.get_socket().is_some()
        || options.get_host().starts_with('/')
        || options.get_host() == "localhost"
        || options
            .get_host()
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether two URLs name the same user, server and database.
fn same_place(one: &Url, other: &Url) -> bool {
    let place = |url: &Url| {
        let folder = url.query_pairs().find(|(key, _)| key == "host");
        (
            url.host_str().unwrap_or_default().to_owned(),
            url.port().unwrap_or(5432),
            folder.map(|(_, folder)| folder.into_owned()),
            url.username().to_owned(),
            url.path().trim_matches('/').to_owned(),
        )
    };
    place(one) == place(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DatabaseUrl, String> {
        text.parse()
            .map_err(|error: InvalidDatabaseUrl| error.to_string())
    }

    #[test]
    fn an_address_is_read_and_has_no_password() {
        for text in [
            "postgres://waypost@db.example/waypost",
            "postgresql://waypost@db.example:6432/waypost?sslmode=require",
            "postgres://waypost@localhost/waypost?host=/run/postgresql",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        for (text, words) in [
            ("mysql://db.example/waypost", "such as postgres://"),
            ("", "such as postgres://"),
            ("postgres://waypost@db.example", "names no database"),
            ("postgres://waypost:hunter2@db.example/w", "PGPASSFILE"),
            ("postgres://db.example/w?password=hunter2", "PGPASSFILE"),
            ("postgres://db.example/w?passwd=hunter2", "sslmode"),
            ("postgres://db.example/w?sslmode=always", "always"),
            ("postgres://db.example/w#hunter2", "fragment"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn beyond_this_machine_the_certificate_is_checked_unless_the_url_says_otherwise() {
        for (text, mode) in [
            ("postgres://w@db.example/w", "VerifyFull"),
            ("postgres://w@10.0.0.7/w", "VerifyFull"),
            ("postgres://w@db.example/w?sslmode=disable", "Disable"),
            ("postgres://w@127.0.0.1/w", "Prefer"),
            ("postgres://w@localhost/w", "Prefer"),
            ("postgres://w@[::1]/w", "Prefer"),
            ("postgres://w@x/w?host=/run/postgresql", "Prefer"),
        ] {
            let options = parse(text).unwrap().options(None).unwrap();
            assert_eq!(format!("{:?}", options.get_ssl_mode()), mode, "{text}");
        }
    }

    #[test]
    fn the_password_of_another_place_is_not_used() {
        let url = parse("postgres://w@localhost/w").unwrap();
        let has_password = |with: &str| {
            let options = url.options(Some(with)).unwrap();
            options.to_url_lossy().password().map(str::to_owned)
        };
        assert_eq!(
            has_password("postgres://w:hunter%402@localhost:5432/w?sslmode=disable"),
            Some("hunter%402".to_owned())
        );
        for other in [
            "postgres://w:x@db.example/w",
            "postgres://w:x@localhost/other",
            "postgres://someone:x@localhost/w",
            "postgres://w:x@localhost:1/w",
            "postgres://w:x@localhost/w?host=/run",
            "postgres://w@localhost/w",
            "not a URL",
        ] {
            assert_eq!(has_password(other), None, "{other}");
        }
    }
}
