//! What a forwarded request costs before anything is sent: `cargo bench -p waypost-control-plane`.

#![allow(missing_docs, reason = "the harness declares its function")]

use criterion::Criterion;
use std::hint::black_box;
use std::sync::Arc;
use waypost_api_types::TokenKind;
use waypost_control_plane::tokens::{ApiToken, LiveTokens, TokenAccess};
use waypost_routing::agent::read_agent;
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::handle::RoutingHandle;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, plan};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;
use waypost_store::{Store, TokenOwner, TokenRow};

const AGENTS: usize = 10_000;
const MODEL: &str = "openrouter/moonshotai/kimi-k2";

fn name(number: usize) -> String {
    format!("agent-{number}")
}

fn document(number: usize) -> String {
    format!("name: {}\nmodel: {{ primary: {MODEL} }}\n", name(number))
}

fn table() -> RoutingTable {
    let mut snapshot = Snapshot {
        providers: builtin(),
        agents: (0..AGENTS)
            .map(|number| read_agent(&document(number)).agent.expect("it is valid"))
            .collect(),
        ..Snapshot::default()
    };
    let stored = &mut snapshot.secrets.stored;
    stored.insert("openrouter/api-key".into(), "https://openrouter.ai".into());
    RoutingTable::new(snapshot)
}

/// A token of each agent, as its caller sends it, and what the server knows of them.
async fn tokens(folder: &tempfile::TempDir) -> (Vec<String>, LiveTokens) {
    let store = waypost_store::sqlite::open(folder.path()).await;
    let store: Arc<dyn Store> = Arc::new(store.expect("the database opens"));
    let mut transaction = store.begin().await.expect("a transaction");
    let mut texts = Vec::new();
    for number in 0..AGENTS {
        let name = name(number);
        let put = transaction.put_agent(&name, &document(number)).await;
        put.expect("it is written");
        let agent = transaction.agent(&name).await.expect("it is read");
        let token = ApiToken::generate(TokenKind::Agent);
        let row = TokenRow {
            id: format!("token-{number}"),
            hash: token.digest(),
            owner: TokenOwner::Agent {
                id: agent.expect("it is there").id,
                name,
            },
            label: String::new(),
            hint: token.hint(),
            created_at: 0,
            created_by: String::new(),
            last_used_at: None,
            expires_at: None,
        };
        transaction.add_token(&row).await.expect("it is written");
        texts.push(token.expose().to_owned());
    }
    transaction.commit().await.expect("it is committed");
    let live = LiveTokens::load(store).await.expect("the tokens are read");
    (texts, live)
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (texts, live) = runtime.block_on(tokens(&folder));
    let handle = RoutingHandle::new(table());
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("token_and_plan/10,000_agents", |bencher| {
        let mut caller = 0;
        bencher.iter(|| {
            // Another agent each time, and no neighbour of the one before.
            caller = (caller + 7_919) % AGENTS;
            let text = &texts[caller];
            let token = ApiToken::parse(black_box(text)).expect("it is well-formed");
            let verified = live.verify(&token).expect("it is valid");
            let TokenAccess::Agent(name) = &verified.access else {
                unreachable!("all tokens are agents'")
            };
            let table = handle.load();
            let agent = table.agent(name).expect("it is there");
            let request = Request::new(black_box(MODEL), Operation::Chat).sent_by(agent, None);
            plan(&table, &request).is_rejected()
        });
    });
    criterion.final_summary();
}
