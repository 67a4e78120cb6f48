//! The contract on every database that there is.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod request_log;
mod sessions;
mod suite;
mod tokens;
mod verifications;

use std::sync::Arc;
use tempfile::TempDir;
use waypost_store::postgres::testing::TestDatabase;
use waypost_store::{RequestLog, Store, sqlite};

/// One test per part of the contract and database, on the stores that factories make. What a factory
/// returns beside the store lives as long as the test.
macro_rules! contract {
    ($suite:ident, { $($database:ident: $factory:path),* $(,)? }, $parts:tt) => {
        $(contract!(@ $database, $suite, $factory, $parts);)*
    };
    (@ $database:ident, $suite:ident, $factory:path, [$($part:ident),* $(,)?]) => {
        mod $database {
            $(#[tokio::test]
            async fn $part() {
                let (store, _keep) = $factory().await;
                super::$suite::$part(&*store).await;
            })*
        }
    };
}

async fn in_sqlite() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite::open(folder.path()).await.unwrap();
    (Arc::new(store), folder)
}

async fn log_in_sqlite() -> (Arc<dyn RequestLog>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let log = sqlite::SqliteRequestLog::new(folder.path());
    (Arc::new(log), folder)
}

async fn in_postgres() -> (Arc<dyn Store>, TestDatabase) {
    let database = TestDatabase::create().await;
    let (store, _) = database.open().await;
    (Arc::new(store), database)
}

async fn log_in_postgres() -> (Arc<dyn RequestLog>, TestDatabase) {
    let database = TestDatabase::create().await;
    let (_, log) = database.open().await;
    (Arc::new(log), database)
}

contract!(
    request_log,
    {
        sqlite_request_log: super::log_in_sqlite,
        postgres_request_log: super::log_in_postgres,
    },
    [
        records_come_back_as_they_were,
        each_filter_lets_pass_what_it_says,
        pages_follow_each_other,
        a_route_is_kept_as_long_as_its_records,
        what_is_too_old_or_too_much_is_deleted,
        traffic_is_counted_by_window,
        tokens_beyond_measure_are_counted_up_to_a_limit,
        of_many_keys_the_busiest_have_a_row_each,
    ]
);

contract!(
    suite,
    {
        sqlite_store: super::in_sqlite,
        postgres_store: super::in_postgres,
    },
    [
        a_new_workspace_has_defaults,
        a_transaction_that_is_dropped_changes_nothing,
        a_name_belongs_to_one_provider_or_source,
        of_two_that_want_a_name_at_once_one_gets_it,
        versions_rise_with_edits_only_and_never_come_back,
        rows_and_versions_are_of_one_moment,
        deleted_rows_come_back_as_they_were,
        the_audit_log_comes_in_pages,
        values_belong_to_the_event_recorded_last,
        the_audit_log_is_filtered,
        models_are_merged_and_keep_what_was_chosen,
        models_are_sorted_and_limited_to_refs,
        agents_come_in_pages_and_by_version,
        secrets_are_described_and_settled,
        what_routing_reads_has_a_generation,
        what_routing_does_not_read_leaves_the_generation,
        routing_hears_of_ids_that_it_must_know,
        a_transaction_tells_what_it_changed,
    ]
);

contract!(
    sessions,
    {
        sqlite_sessions: super::in_sqlite,
        postgres_sessions: super::in_postgres,
    },
    [
        a_link_opens_one_session_once,
        a_session_is_known_by_its_browser_and_address,
        a_person_is_known_by_name_and_subject,
        whether_links_are_accepted_is_recorded,
        an_invalid_link_waits_for_no_writer,
        sessions_end_when_they_idle_and_when_they_are_old,
        signing_in_again_ends_the_session_before,
        ending_all_leaves_neither_session_nor_link,
    ]
);

contract!(
    tokens,
    {
        sqlite_tokens: super::in_sqlite,
        postgres_tokens: super::in_postgres,
    },
    [
        a_token_is_read_as_it_was_added_and_deleted_once,
        an_id_and_a_digest_are_there_once,
        live_tokens_are_counted_by_agent_label_and_time,
        uses_only_move_forward_and_wait_for_no_writer,
        renaming_an_agent_keeps_its_id_and_tokens,
        deleting_an_agent_deletes_its_tokens_and_undo_restores_both,
    ]
);

contract!(
    verifications,
    {
        sqlite_verifications: super::in_sqlite,
        postgres_verifications: super::in_postgres,
    },
    [
        the_last_check_of_a_credential_counts,
        few_credentials_of_an_owner_are_remembered,
        verifications_go_and_come_back_with_their_owner,
        refusals_are_forgotten_and_other_outcomes_kept,
        the_end_of_a_previous_key_belongs_to_its_owner,
    ]
);
