//! The same as `routing`, counted in instructions: a number that does not depend on how busy the
//! machine is. It needs valgrind and the runner that `cargo xtask bench` installs.

#![allow(missing_docs, reason = "the harness declares its functions")]

#[cfg(not(target_family = "wasm"))]
mod support;

#[cfg(not(target_family = "wasm"))]
mod counted {
    use crate::support::{self, REFS, SCENARIOS, TYPICAL_REF};
    use gungraun::{library_benchmark, library_benchmark_group};
    use std::hint::black_box;
    use waypost_routing::impact::{Change, impact};
    use waypost_routing::model_ref::ModelRef;
    use waypost_routing::operation::Operation;
    use waypost_routing::resolution::Resolution;
    use waypost_routing::resolve::{Request, resolve};
    use waypost_routing::routing_table::RoutingTable;

    #[library_benchmark]
    fn parse() -> bool {
        ModelRef::parse(black_box(TYPICAL_REF)).is_ok()
    }

    fn table_and_ref(index: usize) -> (RoutingTable, &'static str) {
        (support::table(1_000), REFS[index].1)
    }

    // The routing table comes back, so that dropping it is not counted.
    #[library_benchmark(setup = table_and_ref)]
    #[bench::gateway(0)]
    #[bench::gateway_legacy(1)]
    #[bench::direct(2)]
    #[bench::passthrough_source(3)]
    #[bench::managed_alias(4)]
    #[bench::managed_unknown_name(5)]
    fn resolve_without_trace((table, text): (RoutingTable, &str)) -> (Resolution, RoutingTable) {
        let request = Request::new(text, Operation::Chat).without_trace();
        (resolve(black_box(&table), &request), table)
    }

    fn tables_before_and_after(scenario: usize) -> (RoutingTable, RoutingTable) {
        let before = support::table(10_000);
        before.index_agents();
        let mut changed = before.snapshot().clone();
        (SCENARIOS[scenario].change)(&mut changed);
        let after = before.changed(changed);
        (before, after)
    }

    #[library_benchmark(setup = tables_before_and_after)]
    #[bench::one_source_moves(0)]
    #[bench::one_provider_loses_its_key(1)]
    #[bench::the_managed_gateway_moves(2)]
    #[bench::the_secrets_backend_is_down(3)]
    fn impact_of(
        (before, after): (RoutingTable, RoutingTable),
    ) -> (Vec<Change>, RoutingTable, RoutingTable) {
        (impact(black_box(&before), black_box(&after)), before, after)
    }

    #[library_benchmark(setup = support::table)]
    #[bench::of_ten_thousand_agents(10_000)]
    fn index(table: RoutingTable) -> RoutingTable {
        black_box(&table).index_agents();
        table
    }

    library_benchmark_group!(
        name = routing,
        benchmarks = [parse, resolve_without_trace, index, impact_of]
    );
}

#[cfg(not(target_family = "wasm"))]
use counted::routing;

#[cfg(not(target_family = "wasm"))]
gungraun::main!(library_benchmark_groups = routing);

#[cfg(target_family = "wasm")]
fn main() {}
