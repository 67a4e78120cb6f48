//! The one table of endpoints, and the OpenAPI document made from it.

use super::api_route::ApiRoute;
use super::{
    agents, audit, health, live_requests, metrics, models, oidc, openapi, providers, requests,
    route, sample, session, sessions, settings, snapshot, sources, staged_keys, tokens, undo,
    usage, workspace,
};
use crate::http::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use utoipa::openapi::OpenApi;
use waypost_api_types::{
    AgentCheck, AgentInput, AgentKeyRemoved, AgentView, AuditEvent, DefaultModel, DeletedRequests,
    EnableModelsInput, EnabledModels, ImpactInput, ImpactReport, KeyRemoved, ModelsPage,
    OutcomeReport, ProviderInput, ProviderPatch, ProviderView, ProvidersPage, RefreshProgress,
    ReplaceModelInput, ReplacedModel, RequestDetail, RequestsPage, Restored, RouteAnswer,
    RouteRequest, SampleView, SessionItem, SessionView, SettingsPatch, SettingsView, SignInOptions,
    Snapshot, SourceView, TokenInput, TokenView, Traffic, UsedBy, WorkspaceView,
};

const DELETE: Method = Method::DELETE;
const GET: Method = Method::GET;
const PATCH: Method = Method::PATCH;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;

/// Enough for 50,000 refs.
const REFS_BYTES: usize = 16 * 1024 * 1024;

/// Enough for a document of 1 MiB if JSON escapes every byte as six.
const DOCUMENT_BYTES: usize = 7 * 1024 * 1024;

/// Every endpoint.
#[must_use]
pub fn api_routes() -> Vec<ApiRoute> {
    let mut rows = server();
    rows.extend(of_providers());
    rows.extend(of_sources());
    rows.extend(of_models());
    rows.extend(of_agents());
    rows.extend(of_tokens());
    rows.extend(of_requests());
    rows.extend(of_the_workspace());
    rows.extend(of_the_sample());
    rows
}

/// The OpenAPI document.
async fn document(State(app): State<App>) -> Json<OpenApi> {
    Json(openapi::document(&api_routes(), app.cookie().name()))
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
        row!(GET "/healthz" "health" "Whether the control plane is running." health::alive)
            .for_anyone().answers_text(),
        row!(GET "/readyz" "readiness" "Whether requests are forwarded: 503 while they are not, with the reasons." health::ready)
            .for_anyone().reads(health::PARAMETERS).answers::<health::Readiness>(200),
        row!(GET "/metrics" "metrics" "Metrics in Prometheus' text format." metrics::show)
            .answers_text(),
        row!(GET "/api/openapi.json" "openapi" "This document." document)
            .for_anyone().answers_document(),
        row!(POST "/api/v1/session" "signIn" "Exchanges a sign-in link's token for a session." session::sign_in)
            .for_anyone().takes::<session::SignIn>().answers::<SessionView>(200),
        row!(GET "/api/v1/session" "session" "The current session." session::show)
            .for_people().answers::<SessionView>(200),
        row!(DELETE "/api/v1/session" "signOut" "Signs out." session::sign_out)
            .for_viewers().for_people(),
        row!(GET "/api/v1/sign-in-options" "signInOptions" "How to sign in: with an identity provider, by a link, or both." session::options)
            .for_anyone().answers::<SignInOptions>(200),
        row!(GET "/oidc/sign-in" "beginSignIn" "Sends the browser to the identity provider." oidc::begin)
            .for_anyone().reads(oidc::PARAMETERS).redirects(),
        row!(GET "/oidc/callback" "finishSignIn" "Where the identity provider sends the browser back: sets the session cookie and links to the page that was wanted." oidc::finish)
            .for_anyone().answers_html(),
        row!(GET "/api/v1/sessions" "sessions" "Lists the open sessions, the current one first, then by last use. A viewer sees only the current one." sessions::list)
            .for_people().answers_page::<SessionItem>(),
        row!(DELETE "/api/v1/sessions/{id}" "endSession" "Ends a session immediately." sessions::end)
            .for_people(),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_providers() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/providers" "providers" "Lists the providers with their effective values." providers::list)
            .answers::<ProvidersPage>(200),
        row!(POST "/api/v1/providers" "addProvider" "Adds a gateway or direct provider, or replaces an entry of a lower layer." providers::add).versioned()
            .takes::<ProviderInput>().answers::<ProviderView>(201),
        row!(GET "/api/v1/providers/{name}" "provider" "One provider." providers::show).versioned()
            .answers::<ProviderView>(200),
        row!(PATCH "/api/v1/providers/{name}" "editProvider" "Changes a provider of the workspace." providers::edit).versioned()
            .takes::<ProviderPatch>().answers::<ProviderView>(200),
        row!(DELETE "/api/v1/providers/{name}" "deleteProvider" "Deletes a provider of the workspace and its key." providers::delete).deletes(),
        row!(PUT "/api/v1/providers/{name}/key" "setProviderKey" "Stores a key for the effective origin." providers::set_key).versioned()
            .takes::<providers::Key>().answers::<ProviderView>(200),
        row!(DELETE "/api/v1/providers/{name}/key" "removeProviderKey" "Removes the stored key." providers::remove_key).versioned()
            .answers::<KeyRemoved>(200),
        row!(PUT "/api/v1/providers/{name}/key/next" "stageProviderKey" "Stages a key beside the one in use." staged_keys::providers::stage).versioned()
            .takes::<staged_keys::NextKey>().answers::<ProviderView>(200),
        row!(DELETE "/api/v1/providers/{name}/key/next" "discardStagedProviderKey" "Deletes the staged key." staged_keys::providers::discard_next).versioned()
            .answers::<ProviderView>(200),
        row!(POST "/api/v1/providers/{name}/key/switch" "switchProviderKey" "Makes the staged key the current one; the replaced one is kept for an hour." staged_keys::providers::switch).versioned()
            .answers::<ProviderView>(200),
        row!(POST "/api/v1/providers/{name}/key/switch-back" "switchBackProviderKey" "Makes the previous key the current one again; the replaced one is staged." staged_keys::providers::switch_back).versioned()
            .answers::<ProviderView>(200),
        row!(DELETE "/api/v1/providers/{name}/key/previous" "discardPreviousProviderKey" "Deletes the previous key." staged_keys::providers::discard_previous).versioned()
            .answers::<ProviderView>(200),
        row!(POST "/api/v1/providers/{name}/test" "testProvider" "Tests the connection by listing the models; saves nothing. Fields in the body override the stored ones." providers::test)
            .may_take::<providers::ProviderTestInput>().answers::<OutcomeReport>(200),
        row!(POST "/api/v1/providers/{name}/refresh" "refreshProvider" "Refreshes the models and responds when done." providers::refresh)
            .answers::<OutcomeReport>(200),
        row!(GET "/api/v1/providers/{name}/refresh" "providerRefresh" "The progress of the refresh." providers::progress)
            .answers::<RefreshProgress>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_sources() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/sources" "sources" "Lists the custom sources, without secrets." sources::list)
            .answers_page::<SourceView>(),
        row!(POST "/api/v1/sources" "addSource" "Adds a custom source." sources::add).versioned()
            .takes::<sources::NewSourceInput>().answers::<SourceView>(201),
        row!(POST "/api/v1/sources/test" "testUnsavedSource" "Tests unsaved input; with a slug, absent fields keep their stored values." sources::test_unsaved)
            .takes::<sources::SourceTestInput>().answers::<OutcomeReport>(200),
        row!(GET "/api/v1/sources/{slug}" "source" "One custom source." sources::show).versioned()
            .answers::<SourceView>(200),
        row!(PATCH "/api/v1/sources/{slug}" "editSource" "Changes a custom source." sources::edit).versioned()
            .takes::<sources::SourceEditInput>().answers::<SourceView>(200),
        row!(DELETE "/api/v1/sources/{slug}" "deleteSource" "Deletes a custom source and its secrets." sources::delete).deletes(),
        row!(PUT "/api/v1/sources/{slug}/key/next" "stageSourceKey" "Stages a key beside the one in use." staged_keys::sources::stage).versioned()
            .takes::<staged_keys::NextKey>().answers::<SourceView>(200),
        row!(DELETE "/api/v1/sources/{slug}/key/next" "discardStagedSourceKey" "Deletes the staged key." staged_keys::sources::discard_next).versioned()
            .answers::<SourceView>(200),
        row!(POST "/api/v1/sources/{slug}/key/switch" "switchSourceKey" "Makes the staged key the current one; the replaced one is kept for an hour." staged_keys::sources::switch).versioned()
            .answers::<SourceView>(200),
        row!(POST "/api/v1/sources/{slug}/key/switch-back" "switchBackSourceKey" "Makes the previous key the current one again; the replaced one is staged." staged_keys::sources::switch_back).versioned()
            .answers::<SourceView>(200),
        row!(DELETE "/api/v1/sources/{slug}/key/previous" "discardPreviousSourceKey" "Deletes the previous key." staged_keys::sources::discard_previous).versioned()
            .answers::<SourceView>(200),
        row!(POST "/api/v1/sources/{slug}/test" "testSource" "Tests the connection by listing the models; saves nothing. Fields in the body override the stored ones." sources::test)
            .may_take::<sources::SourceEditInput>().answers::<OutcomeReport>(200),
        row!(POST "/api/v1/sources/{slug}/refresh" "refreshSource" "Refreshes the models and responds when done." sources::refresh)
            .answers::<OutcomeReport>(200),
        row!(GET "/api/v1/sources/{slug}/refresh" "sourceRefresh" "The progress of the refresh." sources::progress)
            .answers::<RefreshProgress>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_models() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/models" "models" "Lists the organisation's models, page by page." models::list)
            .reads(models::PARAMETERS).answers::<ModelsPage>(200),
        row!(PATCH "/api/v1/models" "enableModels" "Enables or disables models." models::enable)
            .up_to(REFS_BYTES).takes::<EnableModelsInput>().answers::<EnabledModels>(200),
        row!(POST "/api/v1/models/replace" "replaceModel" "Replaces a model in the documents of agents, in all of them or in none." usage::replace_model)
            .up_to(REFS_BYTES).takes::<ReplaceModelInput>().answers::<ReplacedModel>(200),
        row!(GET "/api/v1/default-model" "defaultModel" "The organisation's default model." models::default_model).versioned()
            .answers::<DefaultModel>(200),
        row!(PUT "/api/v1/default-model" "setDefaultModel" "Sets or clears the default model." models::set_default_model).versioned()
            .takes::<DefaultModel>().answers::<DefaultModel>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_agents() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/agents" "agents" "Lists the agents with their documents, page by page." agents::list)
            .reads(agents::PARAMETERS).answers_page::<AgentView>(),
        row!(POST "/api/v1/agents" "addAgent" "Adds an agent. A document with errors is rejected, with a list of them." agents::add)
            .versioned().up_to(DOCUMENT_BYTES).takes::<AgentInput>().answers::<AgentView>(201),
        row!(POST "/api/v1/agent-checks" "checkAgent" "Checks a document as saving it would. Nothing is saved." agents::check)
            .for_viewers().up_to(DOCUMENT_BYTES).takes::<AgentInput>().answers::<AgentCheck>(200),
        row!(GET "/api/v1/agents/{name}" "agent" "One agent." agents::show)
            .versioned().answers::<AgentView>(200),
        row!(PUT "/api/v1/agents/{name}" "replaceAgent" "Replaces an agent's document. A new name in it renames the agent." agents::replace)
            .versioned().up_to(DOCUMENT_BYTES).takes::<AgentInput>().answers::<AgentView>(200),
        row!(DELETE "/api/v1/agents/{name}" "deleteAgent" "Deletes an agent and its own gateway keys." agents::delete).deletes(),
        row!(PUT "/api/v1/agents/{name}/keys/{gateway}" "setAgentKey" "Stores an agent's own key for a gateway, for the origin that its requests go to." agents::set_key).versioned()
            .takes::<agents::AgentKey>().answers::<AgentView>(200),
        row!(DELETE "/api/v1/agents/{name}/keys/{gateway}" "removeAgentKey" "Removes an agent's own key for a gateway." agents::remove_key).versioned()
            .answers::<AgentKeyRemoved>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_tokens() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/tokens" "tokens" "Lists the API tokens without their text, newest first, page by page." tokens::list)
            .reads(tokens::PARAMETERS).answers_page::<TokenView>(),
        row!(POST "/api/v1/tokens" "createToken" "Creates an API token. Only this response contains its text." tokens::create)
            .for_people().takes::<TokenInput>().answers::<tokens::CreatedToken>(201),
        row!(DELETE "/api/v1/tokens/{id}" "revokeToken" "Revokes an API token immediately." tokens::revoke)
            .for_people(),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_requests() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/requests" "requests" "Lists forwarded requests in the order in which they ended, newest first, page by page." requests::list)
            .reads(requests::PARAMETERS).answers::<RequestsPage>(200),
        row!(DELETE "/api/v1/requests" "deleteRequests" "Deletes the records of requests that ended before a time." requests::delete)
            .reads(requests::DELETE_PARAMETERS).answers::<DeletedRequests>(200),
        row!(GET "/api/v1/requests/live" "liveRequests" "Sends each request as an event named `request` once it has ended. `reset` says that more was missed than is sent again, `log` that the state of the log has changed." live_requests::stream)
            .reads(live_requests::PARAMETERS).answers_events(),
        row!(GET "/api/v1/requests/{id}" "request" "One forwarded request: its route as it was decided, its attempts, and where it would go now." requests::show)
            .answers::<RequestDetail>(200),
        row!(GET "/api/v1/traffic" "traffic" "How many requests went where in the last hour or day, busiest first." requests::traffic)
            .reads(requests::TRAFFIC_PARAMETERS).answers::<Traffic>(200),
    ]
}

#[rustfmt::skip] // A table is read by its columns.
fn of_the_workspace() -> Vec<ApiRoute> {
    vec![
        row!(GET "/api/v1/workspace" "workspace" "The session, the providers, the sources and the settings, for a page that begins with all of them." workspace::show)
            .for_people().answers::<WorkspaceView>(200),
        row!(GET "/api/v1/snapshot" "snapshot" "Everything that routing needs, without secrets." snapshot::show)
            .answers::<Snapshot>(200),
        row!(POST "/api/v1/route" "route" "Resolves a model ref, an agent or a subagent to a request, and explains it. Nothing is sent." route::resolve)
            .for_viewers().for_agents().takes::<RouteRequest>().answers::<RouteAnswer>(200),
        row!(GET "/api/v1/used-by" "usedBy" "The agents and subagents that use a provider, source, model or stored secret." usage::used_by)
            .reads(usage::PARAMETERS).answers::<UsedBy>(200),
        row!(POST "/api/v1/impact" "impact" "The agents and subagents whose route would change. Nothing is saved." usage::impact)
            .for_viewers().up_to(REFS_BYTES).takes::<ImpactInput>().answers::<ImpactReport>(200),
        row!(GET "/api/v1/settings" "settings" "The settings." settings::show).versioned()
            .answers::<SettingsView>(200),
        row!(PATCH "/api/v1/settings" "editSettings" "Changes the settings." settings::edit).versioned()
            .takes::<SettingsPatch>().answers::<SettingsView>(200),
        row!(POST "/api/v1/undo/{token}" "undo" "Undoes a deletion or replacement of the last ten seconds." undo::undo)
            .answers::<Restored>(200),
        row!(GET "/api/v1/audit" "audit" "The audit log, newest first." audit::list)
            .reads(audit::PARAMETERS).answers_page::<AuditEvent>(),
        row!(GET "/api/v1/audit.csv" "auditFile" "The audit log as a file, newest first, at most 100,000 events." audit::csv)
            .reads(audit::FILTERS).answers_csv(),
        row!(GET "/api/v1/sample" "sample" "The installed parts of the sample workspace." sample::in_place)
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
        row!(POST "/sample/v1/chat/completions" "sampleChat" "The sample gateway's chat completion." sample::chat)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
        row!(POST "/sample/v1/messages" "sampleMessages" "The sample gateway's response to Messages." sample::messages)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
        row!(GET "/sample/team/v1/models" "sampleTeamModels" "The sample team endpoint's models." sample::models)
            .for_sample_key().answers_document(),
        row!(POST "/sample/team/v1/chat/completions" "sampleTeamChat" "The sample team endpoint's chat completion." sample::chat)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
        row!(POST "/sample/team/v1/messages" "sampleTeamMessages" "The sample team endpoint's response to Messages." sample::messages)
            .for_sample_key().takes::<sample::SampleRequest>().answers_document(),
    ]
}
