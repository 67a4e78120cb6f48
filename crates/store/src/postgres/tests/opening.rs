use super::super::testing::{TestDatabase, folder};
use super::super::{DatabaseUrl, open, open_current};
use crate::{Store as _, StoreError, StoreErrorKind};

fn url(database: &str, rest: &str) -> DatabaseUrl {
    let url = format!("postgres://{database}?host={}{rest}", folder());
    url.parse().unwrap()
}

async fn refused(url: &DatabaseUrl, with_password: Option<&str>) -> StoreError {
    open(url, with_password).await.err().unwrap()
}

#[tokio::test]
async fn processes_that_start_at_once_migrate_once() {
    let database = TestDatabase::create().await;
    tokio::join!(database.open(), database.open(), database.open());
    let versions = "SELECT version::text FROM waypost_migrations AS done ORDER BY done.version";
    let migrations = super::super::open::migrations();
    let all: Vec<_> = migrations.iter().map(|it| it.version.to_string()).collect();
    assert_eq!(database.texts(versions).await, all);
    let store = open_current(&database.url, None).await.unwrap();
    store.configuration().await.unwrap();
}

#[tokio::test]
async fn another_version_is_refused() {
    let database = TestDatabase::create().await;
    let older = open_current(&database.url, None).await.err().unwrap();
    assert_eq!(older.kind(), StoreErrorKind::Older, "{older}");
    let tables =
        database.texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'");
    assert!(tables.await.is_empty(), "nothing is created");
    database.open().await;
    database
        .execute("INSERT INTO waypost_migrations SELECT 1000, description, installed_on, success, checksum, execution_time FROM waypost_migrations LIMIT 1")
        .await;
    let newer = refused(&database.url, None).await;
    assert_eq!(newer.kind(), StoreErrorKind::Newer);
    assert!(newer.to_string().contains("its version is 1000"), "{newer}");
    let newer = open_current(&database.url, None).await.err().unwrap();
    assert_eq!(newer.kind(), StoreErrorKind::Newer, "{newer}");
}

#[tokio::test]
async fn a_database_of_something_else_stays_as_it_is() {
    let database = TestDatabase::create().await;
    database.execute("CREATE TABLE settings (x text)").await;
    let error = refused(&database.url, None).await;
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
    assert!(error.to_string().contains("a table `settings`"), "{error}");
    let tables =
        database.texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'");
    assert_eq!(tables.await, ["settings"]);
}

#[tokio::test]
async fn another_encoding_is_refused() {
    let database = TestDatabase::create().await;
    database
        .execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
        .await;
    let error = refused(&url("waypost@localhost/latin", ""), None).await;
    assert!(error.to_string().contains("encoding LATIN1"), "{error}");
}

#[tokio::test]
async fn a_refused_connection_says_what_to_do() {
    let database = TestDatabase::create().await;
    // `pg_hba.conf` asks this role for a password.
    database
        .execute("CREATE ROLE guarded LOGIN PASSWORD 'right@horse'")
        .await;
    database
        .execute("CREATE DATABASE guarded OWNER guarded")
        .await;
    let guarded = url("guarded@localhost/guarded", "");
    let with = |password: &str| {
        let text = guarded.to_string();
        text.replace("guarded@", &format!("guarded:{password}@"))
    };
    for with_password in [None, Some(with("wrong"))] {
        let error = refused(&guarded, with_password.as_deref())
            .await
            .to_string();
        assert!(
            error.contains("refuses the password of `guarded`"),
            "{error}"
        );
        assert!(error.contains("PGPASSFILE"), "{error}");
        assert!(!error.contains("wrong"), "{error}");
    }
    open(&guarded, Some(&with("right%40horse"))).await.unwrap();

    let error = refused(&url("waypost@localhost/none", ""), None).await;
    assert!(error.to_string().contains("createdb"), "{error}");
    let error = refused(&url("stranger@localhost/postgres", ""), None).await;
    assert!(error.to_string().contains("stranger"), "{error}");
    let error = refused(&url("waypost@localhost/postgres", "&sslmode=require"), None).await;
    assert!(error.to_string().contains("offers no TLS"), "{error}");
    // Nothing listens there: the port was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let nowhere = format!("postgres://w@127.0.0.1:{port}/w").parse().unwrap();
    let error = refused(&nowhere, None).await;
    assert_eq!(error.kind(), StoreErrorKind::Unreachable);
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}
