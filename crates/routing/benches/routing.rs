//! How long parsing, resolving and the impact of a change take: `cargo bench -p waypost-routing`.

#![allow(missing_docs, reason = "the harness declares its function")]

#[cfg(not(target_family = "wasm"))]
mod support;

#[cfg(not(target_family = "wasm"))]
mod measured {
    use crate::support::{REFS, SCENARIOS, TYPICAL_REF, snapshot, table};
    use criterion::{BatchSize, Criterion};
    use std::hint::black_box;
    use waypost_routing::impact::impact;
    use waypost_routing::model_ref::ModelRef;
    use waypost_routing::operation::Operation;
    use waypost_routing::resolve::{Request, plan, resolve};
    use waypost_routing::routing_table::RoutingTable;

    fn parse(criterion: &mut Criterion) {
        criterion.bench_function("parse", |bencher| {
            bencher.iter(|| ModelRef::parse(black_box(TYPICAL_REF)).is_ok());
        });
    }

    /// A ref on its own, and an agent's own primary with its fallback.
    fn resolving(criterion: &mut Criterion) {
        let table = table(1_000);
        for (name, text) in REFS {
            let request = Request::new(text, Operation::Chat).without_trace();
            criterion.bench_function(&format!("resolve/{name}"), |bencher| {
                bencher.iter(|| resolve(&table, black_box(&request)));
            });
        }
        let request = Request::new(REFS[0].1, Operation::Chat);
        criterion.bench_function("resolve/gateway_with_trace", |bencher| {
            bencher.iter(|| resolve(&table, black_box(&request)));
        });
        for (name, index) in [("agent", 14), ("agent_passthrough", 18)] {
            let agent = table.agents().iter().nth(index).expect("an agent");
            let request = Request::of_agent(agent, None, Operation::Chat).without_trace();
            criterion.bench_function(&format!("resolve/{name}"), |bencher| {
                bencher.iter(|| resolve(&table, black_box(&request)));
            });
        }
    }

    /// The cost of a keystroke in a scenario: the changed routing table, and the affected agents.
    fn impacts(criterion: &mut Criterion) {
        let before = table(10_000);
        before.index_agents();
        for scenario in SCENARIOS {
            let mut changed = before.snapshot().clone();
            (scenario.change)(&mut changed);
            criterion.bench_function(&format!("impact/{}", scenario.name), |bencher| {
                bencher.iter(|| {
                    let after = before.changed(black_box(&changed).clone());
                    impact(&before, &after).len()
                });
            });
        }
        criterion.bench_function("table", |bencher| {
            let snapshot = snapshot(0);
            bencher.iter(|| RoutingTable::new(black_box(&snapshot).clone()));
        });
        criterion.bench_function("index/of_ten_thousand_agents", |bencher| {
            bencher.iter_batched_ref(
                || table(10_000),
                |table| table.index_agents(),
                BatchSize::LargeInput,
            );
        });
    }

    /// What the control plane does at a change of one thing, with ten thousand agents.
    fn updates(criterion: &mut Criterion) {
        let table = table(10_000);
        let agent = table.agents().iter().nth(5_000).expect("an agent").clone();
        criterion.bench_function("update/one_agent", |bencher| {
            bencher.iter(|| table.with_agent(black_box(agent.clone())));
        });
        criterion.bench_function("update/secrets", |bencher| {
            let mut secrets = table.snapshot().secrets.clone();
            let origin = "https://api.groq.com".to_owned();
            secrets.stored.insert("groq/api-key".into(), origin);
            bencher.iter(|| table.with_secrets(black_box(secrets.clone())));
        });
        criterion.bench_function("update/models_of_one_owner", |bencher| {
            bencher.iter(|| table.with_models_of(black_box("source-42"), Vec::new()));
        });
    }

    /// The decision alone, which forwarding makes.
    fn planning(criterion: &mut Criterion) {
        let table = table(1_000);
        for (name, text) in REFS {
            let request = Request::new(text, Operation::Chat);
            criterion.bench_function(&format!("plan/{name}"), |bencher| {
                bencher.iter(|| plan(&table, black_box(&request)).is_rejected());
            });
        }
    }

    pub(super) fn all() {
        let mut criterion = Criterion::default().configure_from_args();
        parse(&mut criterion);
        resolving(&mut criterion);
        impacts(&mut criterion);
        updates(&mut criterion);
        planning(&mut criterion);
        criterion.final_summary();
    }
}

fn main() {
    #[cfg(not(target_family = "wasm"))]
    measured::all();
}
