//! The one table of endpoints.

use super::table::ApiRoute;
use super::{
    agents, audit, health, models, providers, routing, sample, session, settings, snapshot,
    sources, tokens, undo,
};
use axum::http::Method;
use waypost_api_types::{
    AgentView, AgentWrite, AuditEvent, DefaultModel, EnableModels, EnabledModels, KeyRemoved,
    ModelsPage, OutcomeReport, ProviderDraft, ProviderPatch, ProviderView, ProvidersPage,
    RefreshProgress, Resolution, Restored, RouteRequest, SampleView, SessionView, SettingsPatch,
    SettingsView, Snapshot, SourceView, TokenInput, TokenView,
};

const DELETE: Method = Method::DELETE;
const GET: Method = Method::GET;
const PATCH: Method = Method::PATCH;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;

/// Room for 50,000 refs.
const REFS_BYTES: usize = 16 * 1024 * 1024;

/// Room for a document of 1 MiB, even where JSON writes each of its bytes as six.
const DOCUMENT_BYTES: usize = 7 * 1024 * 1024;

/// Every endpoint.
#[must_use]
pub fn endpoints() -> Vec<ApiRoute> {
    let mut rows = server();
    rows.extend(of_providers());
    rows.extend(of_sources());
    rows.extend(of_models());
    rows.extend(of_agents());
    rows.extend(of_tokens());
    rows.extend(of_the_workspace());
    rows.extend(of_the_sample());
    rows
}

/// A row: method, path, operation, summary, handler.
macro_rules! row {
    ($method:ident $path:literal $operation:literal $summary:literal $handler:path) => {
        ApiRoute::new($method, $path, $operation, $summary, $handler)
    };
}

#[rustfmt::skip] // A table is read by its columns.
fn server() -> Vec<ApiRoute> {
    vec![
        row!(GET "/healthz" "health" "Whether the control plane lives." health::alive)
            .for_anyone().answers_text(),
        row!(GET "/readyz" "readiness" "Whether the control plane can work." health::ready)
            .for_anyone().answers_text(),
        row!(GET "/api/openapi.json" "openapi" "This document." health::document)
            .for_anyone().answers_document(),
        row!(POST "/api/v1/session" "signIn" "Trades a sign-in link's token for a session." session::sign_in)
            .for_anyone().takes::<session::SignIn>().answers::<SessionView>(200),
        row!(GET "/api/v1/session" "session" "Who is signed in." session::show)
            .for_people().answers::<SessionView>(200),
        row!(DELETE "/api/v1/session" "signOut" "Signs out." session::sign_out)
            .for_viewers().for_people(),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_providers() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/providers" "providers" "Every provider in force, with its effective values." providers::list)
            .answers::<ProvidersPage>(200),
        row!(POST "/api/v1/providers" "addProvider" "Adds a gateway or provider, or overrides a lower layer's." providers::add).versioned()
            .takes::<ProviderDraft>().answers::<ProviderView>(201),
        row!(GET "/api/v1/providers/{name}" "provider" "One provider." providers::show).versioned()
            .answers::<ProviderView>(200),
        row!(PATCH "/api/v1/providers/{name}" "editProvider" "Changes a provider of the workspace." providers::edit).versioned()
            .takes::<ProviderPatch>().answers::<ProviderView>(200),
        row!(DELETE "/api/v1/providers/{name}" "deleteProvider" "Deletes a provider of the workspace, its key first." providers::delete).deletes(),
        row!(PUT "/api/v1/providers/{name}/key" "setProviderKey" "Stores a key for the effective origin." providers::set_key).versioned()
            .takes::<providers::Key>().answers::<ProviderView>(200),
        row!(DELETE "/api/v1/providers/{name}/key" "removeProviderKey" "Removes the stored key." providers::remove_key).versioned()
            .answers::<KeyRemoved>(200),
        row!(POST "/api/v1/providers/{name}/test" "testProvider" "Lists the models and changes nothing. What the body holds is laid over what is stored." providers::test)
            .may_take::<providers::ProviderTest>().answers::<OutcomeReport>(200),
        row!(POST "/api/v1/providers/{name}/refresh" "refreshProvider" "Brings the catalog up to date; answers once that is done." providers::refresh)
            .answers::<OutcomeReport>(200),
        row!(GET "/api/v1/providers/{name}/refresh" "providerRefresh" "How far the refresh is." providers::progress)
            .answers::<RefreshProgress>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_sources() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/sources" "sources" "Every custom source, without secrets." sources::list)
            .answers_page::<SourceView>(),
        row!(POST "/api/v1/sources" "addSource" "Adds a custom source." sources::add).versioned()
            .takes::<sources::NewSource>().answers::<SourceView>(201),
        row!(POST "/api/v1/sources/test" "testSourceDraft" "Tests a draft; with a slug, what is absent is as stored." sources::test_draft)
            .takes::<sources::SourceTest>().answers::<OutcomeReport>(200),
        row!(GET "/api/v1/sources/{slug}" "source" "One custom source." sources::show).versioned()
            .answers::<SourceView>(200),
        row!(PATCH "/api/v1/sources/{slug}" "editSource" "Changes a custom source." sources::edit).versioned()
            .takes::<sources::ChangedSource>().answers::<SourceView>(200),
        row!(DELETE "/api/v1/sources/{slug}" "deleteSource" "Deletes a custom source, its secrets first." sources::delete).deletes(),
        row!(POST "/api/v1/sources/{slug}/test" "testSource" "Lists the models and changes nothing. What the body holds is laid over what is stored." sources::test)
            .may_take::<sources::ChangedSource>().answers::<OutcomeReport>(200),
        row!(POST "/api/v1/sources/{slug}/refresh" "refreshSource" "Brings the catalog up to date; answers once that is done." sources::refresh)
            .answers::<OutcomeReport>(200),
        row!(GET "/api/v1/sources/{slug}/refresh" "sourceRefresh" "How far the refresh is." sources::progress)
            .answers::<RefreshProgress>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_models() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/models" "models" "The organisation's models, page by page." models::list)
            .reads(models::PARAMETERS).answers::<ModelsPage>(200),
        row!(PATCH "/api/v1/models" "enableModels" "Switches models on or off." models::enable)
            .up_to(REFS_BYTES).takes::<EnableModels>().answers::<EnabledModels>(200),
        row!(GET "/api/v1/default-model" "defaultModel" "The organisation's default model." models::default_model).versioned()
            .answers::<DefaultModel>(200),
        row!(PUT "/api/v1/default-model" "setDefaultModel" "Sets or clears the default model." models::set_default_model).versioned()
            .takes::<DefaultModel>().answers::<DefaultModel>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_agents() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/agents" "agents" "The agents with their documents, page by page." agents::list)
            .reads(agents::PARAMETERS).answers_page::<AgentView>(),
        row!(POST "/api/v1/agents" "addAgent" "Adds an agent; a document with errors is refused with all of them." agents::add)
            .versioned().up_to(DOCUMENT_BYTES).takes::<AgentWrite>().answers::<AgentView>(201),
        row!(GET "/api/v1/agents/{name}" "agent" "One agent." agents::show)
            .versioned().answers::<AgentView>(200),
        row!(PUT "/api/v1/agents/{name}" "replaceAgent" "Puts a document in the place of an agent's; another name in it renames the agent." agents::replace)
            .versioned().up_to(DOCUMENT_BYTES).takes::<AgentWrite>().answers::<AgentView>(200),
        row!(DELETE "/api/v1/agents/{name}" "deleteAgent" "Deletes an agent." agents::delete).deletes(),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_tokens() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/tokens" "tokens" "The API tokens without their texts, newest first, page by page." tokens::list)
            .reads(tokens::PARAMETERS).answers_page::<TokenView>(),
        row!(POST "/api/v1/tokens" "createToken" "Creates an API token. Its text is in this answer and in no other." tokens::create)
            .for_people().takes::<TokenInput>().answers::<tokens::CreatedToken>(201),
        row!(DELETE "/api/v1/tokens/{id}" "revokeToken" "Revokes an API token, at once and for good." tokens::revoke)
            .for_people(),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_the_workspace() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/snapshot" "snapshot" "All that routing needs to know, without secrets." snapshot::show)
            .answers::<Snapshot>(200),
        row!(POST "/api/v1/route" "route" "Which request a model ref, an agent or a subagent becomes, and why. Nothing is sent." routing::route)
            .for_viewers().for_agents().takes::<RouteRequest>().answers::<Resolution>(200),
        row!(GET "/api/v1/settings" "settings" "The settings." settings::show).versioned()
            .answers::<SettingsView>(200),
        row!(PATCH "/api/v1/settings" "editSettings" "Changes the settings." settings::edit).versioned()
            .takes::<SettingsPatch>().answers::<SettingsView>(200),
        row!(POST "/api/v1/undo/{token}" "undo" "Takes a deletion of the last ten seconds back." undo::undo)
            .answers::<Restored>(200),
        row!(GET "/api/v1/audit" "audit" "Who changed what, newest first." audit::list)
            .reads(audit::PARAMETERS).answers_page::<AuditEvent>(),
        row!(GET "/api/v1/sample" "sample" "What of the sample workspace is in place, and would go with it." sample::in_place)
            .answers::<SampleView>(200),
        row!(POST "/api/v1/sample" "installSample" "Installs the sample workspace." sample::install)
            .answers_page::<SourceView>(),
        row!(DELETE "/api/v1/sample" "removeSample" "Removes the sample workspace." sample::remove),
    ]
}

/// The sample's own addresses, the same for each of its upstreams.
#[rustfmt::skip] // A table is read by its columns.
fn of_the_sample() -> Vec<ApiRoute> {
    vec![
        row!(GET "/sample/v1/models" "sampleModels" "The sample gateway's models." sample::models)
            .for_sample_key().answers_document(),
        row!(POST "/sample/v1/chat/completions" "sampleChat" "The sample gateway's answer." sample::chat)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
        row!(POST "/sample/v1/messages" "sampleMessages" "The sample gateway's answer to Messages." sample::messages)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
        row!(GET "/sample/team/v1/models" "sampleTeamModels" "The sample team endpoint's models." sample::models)
            .for_sample_key().answers_document(),
        row!(POST "/sample/team/v1/chat/completions" "sampleTeamChat" "The sample team endpoint's answer." sample::chat)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
        row!(POST "/sample/team/v1/messages" "sampleTeamMessages" "The sample team endpoint's answer to Messages." sample::messages)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
    ]
}
