use super::*;
use crate::agent::{Agent, read_agent};

const CODE: &str = "private_origin_not_granted";

fn resolve_agent(snapshot: Snapshot, agent: &Agent) -> Resolution {
    let request = Request::of_agent(agent, None, Operation::Chat);
    resolve(&RoutingTable::new(snapshot), &request)
}

fn warns(resolution: &Resolution) -> bool {
    resolution
        .warnings
        .iter()
        .any(|warning| warning.code == CODE)
}

fn with_base_url(url: &str) -> Agent {
    let text = format!("name: a\nmodel: {{ primary: m, passthrough: true, base_url: '{url}' }}\n");
    read_agent(&text).agent.unwrap()
}

#[test]
fn a_private_address_of_an_agents_own_is_warned_of_until_it_is_allowed() {
    for url in [
        "http://10.0.0.8:4000/v1",
        "http://127.0.0.1:4000",
        "http://[::1]:8080",
        "http://[::ffff:10.0.0.1]",
        "http://[fd00::1]/v1",
        "http://localhost:4000",
    ] {
        let mut agent = with_base_url(url);
        let origin = crate::base_url::BaseUrl::parse(url).unwrap().origin();
        let resolution = resolve_agent(snapshot(), &agent);
        let message = &warning(&resolution, CODE).message;
        assert!(message.starts_with(&format!("{origin} is")), "{message}");
        assert_eq!(resolution.outcome, Outcome::Routed);

        let mut granted = snapshot();
        granted.granted_origins.insert(origin.clone());
        assert!(!warns(&resolve_agent(granted, &agent)), "{url}");
        agent.allow_private = vec![origin];
        assert!(!warns(&resolve_agent(snapshot(), &agent)), "{url}");
    }
    let mut offline = snapshot();
    offline.environment.is_callers_own = true;
    let agent = with_base_url("http://10.0.0.8");
    assert!(!warns(&resolve_agent(offline, &agent)));
    for public in [
        "https://gw.example",
        "http://8.8.8.8",
        "http://litellm:4000",
    ] {
        assert!(
            !warns(&resolve_agent(snapshot(), &with_base_url(public))),
            "{public}"
        );
    }
}

#[test]
fn what_is_allowed_for_an_agent_is_its_own_url_alone() {
    let text = "name: a\nmodel: { primary: litellm/m }\ngateways: { litellm: { url: 'http://10.0.0.8' } }\n";
    let mut agent = read_agent(text).agent.unwrap();
    assert_eq!(Vec::from_iter(agent.own_base_urls()), ["http://10.0.0.8"]);
    let plan_of = |agent: &Agent, text: &str| {
        let table = RoutingTable::new(snapshot());
        let request = Request::new(text, Operation::Chat).sent_by(agent, None);
        let plan = plan(&table, &request);
        (
            plan.is_granted("http://10.0.0.8"),
            plan.is_granted("https://openrouter.ai"),
        )
    };
    assert_eq!(plan_of(&agent, "litellm/m"), (false, false));
    agent.allow_private = vec!["http://10.0.0.8".into(), "https://openrouter.ai".into()];
    assert_eq!(plan_of(&agent, "litellm/m"), (true, true));
    // A request that goes elsewhere by what others configure needs their grant.
    assert_eq!(plan_of(&agent, "openrouter/a/b"), (false, false));
}
