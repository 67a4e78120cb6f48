//! Whether a recorded request would take the same route now.

use waypost_api_types::{Resolution, RouteDifference};
use waypost_routing::resolution::{Outcome, Route, RouteKind};

/// What differs between a route as it was decided and as it would be decided now, the weightiest
/// first. The trace is left out: it says why, not where.
pub(super) fn differences(then: &Resolution, now: &Resolution) -> Vec<RouteDifference> {
    let mut found = Vec::new();
    compare("", then, now, &mut found);
    match (&then.fallback, &now.fallback) {
        (None, None) => {}
        (Some(then), Some(now)) => compare("fallback.", then, now, &mut found),
        (then, now) => {
            let model = |fallback: &Option<Box<Resolution>>| {
                let fallback = fallback.as_ref();
                fallback.map(|fallback| fallback.model_ref.clone())
            };
            note(&mut found, "", "fallback", model(then), model(now));
        }
    }
    found
}

fn compare(prefix: &str, then: &Resolution, now: &Resolution, found: &mut Vec<RouteDifference>) {
    let mut both = |field: &str, of: &dyn Fn(&Resolution) -> Option<String>| {
        note(found, prefix, field, of(then), of(now));
    };
    let route = |of: fn(&Route) -> Option<String>| {
        move |resolution: &Resolution| resolution.route.as_ref().and_then(of)
    };
    both("outcome", &|resolution| {
        let outcome = match resolution.outcome {
            Outcome::Routed => "routed",
            Outcome::Rejected => "rejected",
        };
        Some(outcome.to_owned())
    });
    both("error", &|resolution| {
        resolution.error.as_ref().map(|error| error.code.clone())
    });
    both("model", &|resolution| Some(resolution.model_ref.clone()));
    both(
        "kind",
        &route(|route| Some(RouteKind::name(route.kind).to_owned())),
    );
    both("provider", &route(|route| route.provider.clone()));
    both("url", &route(|route| route.url.clone()));
    both("wire_model", &route(|route| Some(route.wire_model.clone())));
    both(
        "credential",
        &route(|route| {
            let credential = route.credential.as_ref();
            credential.map(|credential| credential.from.to_string())
        }),
    );
    both(
        "headers",
        &route(|route| {
            let headers = route.headers.iter();
            let lines = headers.map(|header| format!("{}: {}", header.name, header.value));
            Some(lines.collect::<Vec<_>>().join("\n"))
        }),
    );
    both(
        "caller_headers",
        &route(|route| Some(route.caller_headers.join(", "))),
    );
    both("warnings", &|resolution| {
        let codes = resolution.warnings.iter().map(|warning| &*warning.code);
        Some(codes.collect::<Vec<_>>().join(", ")).filter(|codes| !codes.is_empty())
    });
}

fn note(
    found: &mut Vec<RouteDifference>,
    prefix: &str,
    field: &str,
    then: Option<String>,
    now: Option<String>,
) {
    if then != now {
        let (then, now) = match (field, then, now) {
            ("headers", Some(then), Some(now)) => only_different_lines(&then, &now),
            (_, then, now) => (then, now),
        };
        found.push(RouteDifference {
            field: format!("{prefix}{field}"),
            then,
            now,
        });
    }
}

/// The lines of each text that the other does not have.
fn only_different_lines(then: &str, now: &str) -> (Option<String>, Option<String>) {
    let without = |text: &str, other: &str| {
        let lines = text
            .lines()
            .filter(|line| !other.lines().any(|one| one == *line));
        Some(lines.collect::<Vec<_>>().join("\n")).filter(|lines| !lines.is_empty())
    };
    (without(then, now), without(now, then))
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind};
    use waypost_routing::operation::Operation;
    use waypost_routing::resolve::{Request, resolve};
    use waypost_routing::routing_table::RoutingTable;
    use waypost_routing::snapshot::Snapshot;

    fn resolution(base_url: &str, headers: &[(&str, &str)], origin: &str) -> Resolution {
        let mut snapshot = Snapshot::default();
        snapshot.providers.push(ProviderEntry {
            name: "gw".to_owned(),
            kind: ProviderKind::Gateway,
            layer: Layer::Workspace,
            base_url: base_url.to_owned(),
            api_key_env: None,
            default_headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            docs: None,
            notable_models: Vec::new(),
            limits: Default::default(),
            pass_headers: Vec::new(),
        });
        let stored = &mut snapshot.secrets.stored;
        stored.insert("gw/api-key".to_owned(), origin.to_owned());
        let table = RoutingTable::new(snapshot);
        resolve(&table, &Request::new("gw/x/y", Operation::Chat))
    }

    #[test]
    fn the_same_route_has_no_differences_whatever_its_trace_says() {
        let then = resolution("https://a.example/v1", &[], "https://a.example");
        let mut now = then.clone();
        assert_eq!(differences(&then, &now), []);
        now.trace.clear();
        assert_eq!(differences(&then, &now), []);
    }

    #[test]
    fn each_difference_says_how_it_was_and_how_it_is() {
        let then = resolution(
            "https://a.example/v1",
            &[("X-Team", "one")],
            "https://a.example",
        );
        let moved = resolution(
            "https://b.example/v1",
            &[("X-Team", "two")],
            "https://b.example",
        );
        let found = differences(&then, &moved);
        let fields: Vec<&str> = found.iter().map(|difference| &*difference.field).collect();
        assert_eq!(fields, ["url", "headers"]);
        assert_eq!(
            found[0].then.as_deref(),
            Some("https://a.example/v1/chat/completions")
        );
        assert_eq!(found[1].then.as_deref(), Some("x-team: one"));
        assert_eq!(found[1].now.as_deref(), Some("x-team: two"));
        let without_key = resolution(
            "https://b.example/v1",
            &[("X-Team", "two")],
            "https://c.example",
        );
        let found = differences(&moved, &without_key);
        assert_eq!(found[0].field, "outcome");
        assert_eq!(found[0].now.as_deref(), Some("rejected"));
        let mut with_fallback = moved.clone();
        with_fallback.fallback = Some(Box::new(then.clone()));
        assert_eq!(differences(&moved, &with_fallback)[0].field, "fallback");
        let mut other = with_fallback.clone();
        other.fallback = Some(Box::new(moved.clone()));
        assert_eq!(differences(&with_fallback, &other)[0].field, "fallback.url");
    }
}
