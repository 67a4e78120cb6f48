//! How long parsing, resolving and the effect of a change take: `cargo bench -p waypost-routing`.

#![allow(missing_docs, reason = "the harness declares a function of its own")]

#[cfg(not(target_family = "wasm"))]
mod support;

#[cfg(not(target_family = "wasm"))]
mod measured {
    use crate::support::{DRAFTS, REFS, TYPICAL_REF, snapshot, world};
    use criterion::{BatchSize, Criterion};
    use std::hint::black_box;
    use waypost_routing::effect::effect;
    use waypost_routing::model_ref::ModelRef;
    use waypost_routing::operation::Operation;
    use waypost_routing::resolve::{Request, resolve};
    use waypost_routing::world::World;

    fn parse(criterion: &mut Criterion) {
        criterion.bench_function("parse", |bencher| {
            bencher.iter(|| ModelRef::parse(black_box(TYPICAL_REF)).is_ok());
        });
    }

    /// A ref on its own, and an agent's own primary with its fallback.
    fn resolving(criterion: &mut Criterion) {
        let world = world(1_000);
        for (name, text) in REFS {
            let request = Request::new(text, Operation::Chat).without_trace();
            criterion.bench_function(&format!("resolve/{name}"), |bencher| {
                bencher.iter(|| resolve(&world, black_box(&request)));
            });
        }
        let request = Request::new(REFS[0].1, Operation::Chat);
        criterion.bench_function("resolve/gateway_with_trace", |bencher| {
            bencher.iter(|| resolve(&world, black_box(&request)));
        });
        for (name, index) in [("agent", 14), ("agent_passthrough", 18)] {
            let agent = &world.agents()[index];
            let request = Request::of_agent(agent, None, Operation::Chat).without_trace();
            criterion.bench_function(&format!("resolve/{name}"), |bencher| {
                bencher.iter(|| resolve(&world, black_box(&request)));
            });
        }
    }

    /// What a keystroke of a draft costs: the world with the change in it, and whom it concerns.
    fn effects(criterion: &mut Criterion) {
        let before = world(10_000);
        before.index_agents();
        for draft in DRAFTS {
            let mut changed = before.snapshot().clone();
            (draft.change)(&mut changed);
            criterion.bench_function(&format!("effect/{}", draft.name), |bencher| {
                bencher.iter(|| {
                    let after = before.changed(black_box(&changed).clone());
                    effect(&before, &after).len()
                });
            });
        }
        criterion.bench_function("world", |bencher| {
            let snapshot = snapshot(0);
            bencher.iter(|| World::new(black_box(&snapshot).clone()));
        });
        criterion.bench_function("index/of_ten_thousand_agents", |bencher| {
            bencher.iter_batched_ref(
                || world(10_000),
                |world| world.index_agents(),
                BatchSize::LargeInput,
            );
        });
    }

    pub(super) fn all() {
        let mut criterion = Criterion::default().configure_from_args();
        parse(&mut criterion);
        resolving(&mut criterion);
        effects(&mut criterion);
        criterion.final_summary();
    }
}

fn main() {
    #[cfg(not(target_family = "wasm"))]
    measured::all();
}
