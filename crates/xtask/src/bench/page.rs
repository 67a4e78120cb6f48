//! The page of figures. It is written by the program alone: what is typed into it is lost.

use super::figures::Figure;
use std::fmt::Write;

/// The form of one section.
#[derive(Clone, Copy)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    about: &'static str,
    /// What the values of a figure are.
    columns: &'static [&'static str],
    /// The column that the goals are about, counted from 0.
    pub(super) judged: usize,
    /// A value with its unit, by the name of the figure.
    pub(super) show: fn(&str, f64) -> String,
    /// What a figure should be.
    pub(super) limit: fn(&str) -> Option<&'static str>,
}

pub(crate) const NATIVE: Section = Section {
    title: "Routing, native",
    about: "By criterion. A ref is resolved without trace, unless the name says otherwise, in a \
            table of ten providers, 100 sources and 1,000 agents. An impact is that of a scenario \
            on 10,000 agents, including the changed table.",
    columns: &["fastest", "median"],
    judged: 0,
    show: time,
    limit: |name| match name {
        "parse" => Some("≤ 80 ns"),
        "resolve/gateway_with_trace" => None,
        _ if name.starts_with("resolve/") => Some("≤ 1 µs"),
        _ => None,
    },
};

pub(crate) const INSTRUCTIONS: Section = Section {
    title: "Routing, in instructions",
    about: "By callgrind: each piece of work once, with nothing warmed up. The numbers do not \
            depend on how busy the machine is, so that they tell small changes.",
    columns: &["instructions"],
    judged: 0,
    show: |_, value| thousands(value),
    limit: |_| None,
};

pub(crate) const BROWSER: Section = Section {
    title: "Routing, in the browser",
    about: "In Chromium, built as the dashboard is, before wasm-opt. The work is the same as \
            above. The agents are indexed once, when the page is ready; that and the first impact are \
            timed once, by code that has not run yet.",
    columns: &["fastest", "median"],
    judged: 0,
    show: time,
    limit: |name| name.starts_with("impact/").then_some("≤ 16 ms"),
};

pub(crate) const CONTROL_PLANE: Section = Section {
    title: "Control plane",
    about: "The release binary on an empty workspace: how soon it is ready, and what it holds at \
            rest before and after it has served the dashboard.",
    columns: &["fastest", "median"],
    judged: 0,
    show: |name, value| match name.starts_with("ready") {
        true => time(name, value),
        false => format!("{value:.1} MB"),
    },
    limit: |name| match name.starts_with("ready") {
        true => Some("≤ 300 ms"),
        false => Some("≤ 40 MB"),
    },
};

pub(crate) const REFRESH: Section = Section {
    title: "Refreshes at once",
    about: "Resident memory of the release binary while 40 custom sources of 45,000 models each are \
            refreshed at the same time, and once it has kept still for a second: the first time, \
            which adds every model, and again, which changes none.",
    columns: &["memory"],
    judged: 0,
    show: |_, value| format!("{value:.1} MB"),
    limit: |name| match name.rsplit('/').next() {
        Some("peak") => Some("≤ 300 MB"),
        Some("at_rest") => Some("≤ 150 MB"),
        _ => None,
    },
};

pub(crate) const PAGE: Section = Section {
    title: "Pages",
    about: "First visits to the release binary with the sample workspace, in Chromium with a CPU \
            four times slower and a line of 9 Mbit/s and 60 ms: an empty cache, a session, nine \
            visits to each page in turns, each once the browser has drawn its own window. The \
            first row is the first of real data. Blocking time is what tasks of the main thread \
            take beyond 50 ms each. Bytes are those of all answers up to the first row, over the \
            wire, headers and API included.",
    columns: &["fastest", "median"],
    judged: 0,
    show: |name, value| match name.rsplit('/').next() {
        Some("bytes") => thousands(value),
        _ => time(name, value),
    },
    limit: |name| match name.split_once('/') {
        Some((_, "first_contentful_paint")) => Some("≤ 400 ms"),
        Some(("gateways", "first_row")) => Some("≤ 1,000 ms"),
        Some((_, "first_row")) => Some("≤ 1,300 ms"),
        _ => None,
    },
};

pub(crate) const ROUTE: Section = Section {
    title: "Routes over HTTP",
    about: "`POST /api/v1/route` by wrk, over 16 connections that stay open, on the cores that wrk \
            runs on too. Two binaries are loaded in turns, three rounds of ten seconds each, and \
            the medians of the rounds are shown. A hung keychain accepts every call and answers \
            none. With edits, one of 10,000 agents is changed ten times a second.",
    columns: &["before", "now"],
    judged: 1,
    show: |name, value| match name.rsplit('/').next() {
        Some("requests_per_second") => thousands(value),
        Some("edits_per_second") => format!("{value:.1}"),
        Some("p50" | "p99") => time(name, value),
        _ => format!("{value:.2} ×"),
    },
    limit: |name| match name {
        "by_ref/rate_against_before" => Some("≥ 4 ×"),
        "keychain_hangs/p99_against_healthy" => Some("≤ 2 ×"),
        "10,000_agents_with_edits/rate_against_quiet" => Some("≥ 0.9 ×"),
        "10,000_agents_with_edits/p99" => Some("≤ 10 ms"),
        _ => None,
    },
};

pub(crate) const FORWARDING: Section = Section {
    title: "Forwarding",
    about: "The release binary between a client and an upstream on the same machine, all in turns in \
            one run: direct calls, nginx with one worker and no log, Waypost with its request log, \
            Portkey 1.15.2 and LiteLLM 1.97.0 with one process each. The client and the upstream \
            are one thread each (`crates/load`). *One connection*: 20,000 chat requests, in blocks \
            of 400. *First event*: 3,000 streams; *per event*: the median of 40 streams of 10,000 \
            events as fast as they can be read, divided by 10,000. *16 connections*: the median of three \
            rounds of five seconds. *Changes*: the median of five rounds of five seconds, 2,000 \
            requests a second timed from when each was due, among 10,000 agents, with a document saved \
            ten times a second and without. *Slow* requests take 20 ms or more. *Many \
            streams*: 1,000 streams for a minute, five events a second each, compared byte for byte. \
            *Token and plan*: by criterion, the lookup of a token and the plan of its agent's \
            request. Added is what goes beyond a direct call.",
    columns: &["direct", "nginx", "Waypost", "Portkey", "LiteLLM"],
    judged: 2,
    show: |name, value| match name.rsplit('/').next() {
        Some(
            "requests_per_second" | "complete" | "slow" | "slow_beyond_direct" | "records_dropped",
        ) => thousands(value),
        Some("edits_per_second") => format!("{value:.1}"),
        Some(last) if last.contains("memory") => format!("{value:.1} MB"),
        Some(last) if last.contains("against") => format!("{value:.2} ×"),
        _ => time(name, value),
    },
    limit: |name| match name {
        "one_connection/p50_added_against_nginx"
        | "one_connection/processor_time_against_nginx" => Some("≤ 3 ×"),
        "one_connection/slow_beyond_direct" | "one_connection/records_dropped" => Some("≤ 0"),
        "changes/edits_per_second" => Some("≥ 9.5"),
        "one_connection/p99_added_against_nginx" => Some("≤ 4 ×"),
        "first_event/p99_added" => Some("≤ 0.5 ms"),
        "per_event/added" => Some("≤ 10 µs"),
        "16_connections/rate_against_nginx" => Some("≥ 0.5 ×"),
        "16_connections/rate_against_portkey" => Some("≥ 20 ×"),
        "16_connections/rate_against_litellm" => Some("≥ 100 ×"),
        "changes/p99_against_without" => Some("≤ 1.5 ×"),
        "many_streams/complete" => Some("≥ 1,000"),
        "many_streams/memory_peak" => Some("≤ 120 MB"),
        "body_of_32_MiB/memory_added" => Some("≤ 40 MB"),
        "idle/memory" => Some("≤ 30 MB"),
        "token_and_plan/10,000_agents" => Some("≤ 1 µs"),
        _ => None,
    },
};

const HEAD: &str = "\
# Performance

`cargo xtask bench` measures and writes this page; `cargo xtask bench native`, `instructions`, `browser`, `control plane`,
`refresh`, `page` and `forwarding` measure one section and keep the others. `cargo xtask bench route --against REV` compares routes
over HTTP with those of an earlier commit, or of a binary: `--against-binary PATH`. `--quick` does everything once, to see that it
works, and writes nothing. Goals that are missed are listed at the end of each section's output. No test asserts a time, because a busy machine
would fail it: the limits are listed with the figures. The fastest run is what the machine can do, the median is what it
did with all that ran beside it. That parsing a ref allocates nothing is a test (`crates/routing/tests/allocations.rs`).
";

/// A whole section: the heading, what it is, the machine, and the table.
pub(crate) fn section(section: &Section, machine: &str, figures: &[Figure]) -> String {
    let columns = section.columns.join(" | ");
    let rules = "---|".repeat(section.columns.len() + 2);
    let mut text = format!(
        "## {}\n\n{}\n\nMeasured on {machine}.\n\n| what | {columns} | goal |\n|{rules}\n",
        section.title, section.about
    );
    for figure in figures {
        let what = figure.name.replace('/', ": ").replace('_', " ");
        let mut values: Vec<String> = figure
            .values
            .iter()
            .map(|value| match value.is_nan() {
                true => String::new(),
                false => (section.show)(&figure.name, *value),
            })
            .collect();
        values.resize(section.columns.len(), String::new());
        let limit = (section.limit)(&figure.name).unwrap_or_default();
        writeln!(text, "| {what} | {} | {limit} |", values.join(" | "))
            .expect("a string takes everything");
    }
    text
}

/// The page with one of its sections replaced, all of them in their order.
pub(crate) fn with_section(
    page: &str,
    order: &[Section],
    replaced: &Section,
    text: &str,
) -> String {
    let mut written = HEAD.to_owned();
    for section in order {
        let kept = match section.title == replaced.title {
            true => Some(text.trim_end().to_owned()),
            false => kept(page, section.title),
        };
        if let Some(kept) = kept {
            written.push('\n');
            written.push_str(&kept);
            written.push('\n');
        }
    }
    written
}

/// A section of the page as it stands, with its heading.
fn kept(page: &str, title: &str) -> Option<String> {
    let heading = format!("## {title}\n");
    let start = page.find(&heading)?;
    let body = start + heading.len();
    let end = page[body..]
        .find("\n## ")
        .map_or(page.len(), |at| body + at);
    Some(page[start..end].trim_end().to_owned())
}

/// Nanoseconds for people, with three digits that count.
fn time(_: &str, nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        value if value < 1e3 => (value, "ns"),
        value if value < 1e6 => (value / 1e3, "µs"),
        value => (value / 1e6, "ms"),
    };
    match value {
        value if value < 10.0 => format!("{value:.2} {unit}"),
        value if value < 100.0 => format!("{value:.1} {unit}"),
        value => format!("{value:.0} {unit}"),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(time("", 58.24), "58.2 ns");
        assert_eq!(time("", 1_234.0), "1.23 µs");
        assert_eq!(time("", 16_400_000.0), "16.4 ms");
        assert_eq!(time("", 250.0), "250 ns");
        assert_eq!(thousands(1_100.0), "1,100");
        assert_eq!(thousands(52_535_002.0), "52,535,002");
        assert_eq!(thousands(7.0), "7");
    }

    #[test]
    fn a_section_is_replaced_and_the_others_stay_in_their_order() {
        let figures = [Figure {
            name: "resolve/gateway".into(),
            values: vec![600.0, 700.0],
        }];
        let order = [NATIVE, INSTRUCTIONS, BROWSER];
        let browser = section(&BROWSER, "a machine", &figures);
        let page = with_section("", &order, &BROWSER, &browser);
        let native = section(&NATIVE, "a machine", &figures);
        let page = with_section(&page, &order, &NATIVE, &native);
        let again = with_section(&page, &order, &NATIVE, &native);
        assert_eq!(page, again);
        assert!(page.starts_with(HEAD));
        let row = "| resolve: gateway | 600 ns | 700 ns | ≤ 1 µs |\n";
        let (native, browser) = page
            .split_once("## Routing, in the browser")
            .expect("it is there");
        assert!(native.contains(row), "{native}");
        assert!(browser.contains("| resolve: gateway | 600 ns | 700 ns |  |\n"));
    }
}
