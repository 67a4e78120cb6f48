//! What paths look like, and what is read back from them.

use super::*;

#[test]
fn addresses_are_written_as_documented() {
    let filter = CatalogFilter {
        owner: "openrouter".to_owned(),
        query: "kimi k2".to_owned(),
        state: "disabled".to_owned(),
        in_use: "true".to_owned(),
        sort: "context".to_owned(),
    };
    let table = [
        (Path::Models, "/models"),
        (Path::Gateways, "/models/gateways"),
        (
            Path::Configure(ProviderKind::OpenaiCompatible, "groq".to_owned()),
            "/models/direct?configure=groq",
        ),
        (Path::Sources, "/models/sources"),
        (Path::NewSource, "/models/sources/new"),
        (Path::Source("local".to_owned()), "/models/sources/local"),
        (Path::Direct, "/models/direct"),
        (Path::Catalog(CatalogFilter::default()), "/models/catalog"),
        (
            Path::Catalog(filter),
            "/models/catalog?owner=openrouter&q=kimi%20k2&state=disabled&in_use=true&sort=context",
        ),
        (Path::preview(""), "/preview"),
        (
            Path::Preview(PreviewAddress {
                model_ref: "openrouter/a&b".to_owned(),
                operation: Operation::Messages,
                ..PreviewAddress::default()
            }),
            "/preview?ref=openrouter%2Fa%26b&operation=messages",
        ),
        (
            Path::Preview(PreviewAddress {
                agent: "support bot".to_owned(),
                subagent: "analyst".to_owned(),
                scenario: vec!["down:litellm".to_owned(), "down:local".to_owned()],
                ..PreviewAddress::default()
            }),
            "/preview?agent=support%20bot&subagent=analyst&draft=down%3Alitellm&draft=down%3Alocal",
        ),
        (
            Path::Preview(PreviewAddress {
                mode: PreviewMode::Many,
                ..PreviewAddress::default()
            }),
            "/preview?mode=many",
        ),
        (Path::preview_of_agent("bot"), "/preview?agent=bot"),
        (Path::Agents, "/agents"),
        (Path::AgentList(AgentsFilter::default()), "/agents"),
        (Path::ImportAgents, "/agents?import=open"),
        (Path::NewAgent, "/agents/new"),
        (Path::Agent("new".to_owned()), "/agents/named/new"),
        (Path::Requests(RequestsFilter::default()), "/requests"),
        (
            Path::Requests(RequestsFilter {
                kind: "gateway".to_owned(),
                since: "1h".to_owned(),
                query: "kimi k2".to_owned(),
                ..RequestsFilter::of_agent("support bot")
            }),
            "/requests?agent=support%20bot&kind=gateway&since=1h&q=kimi%20k2",
        ),
        (
            Path::Request("7f3c9a".to_owned(), RequestsFilter::of_provider("litellm")),
            "/requests/7f3c9a?provider=litellm",
        ),
        (Path::Activity(ActivityFilter::default()), "/activity"),
        (
            Path::Activity(ActivityFilter {
                target: "provider:litellm".to_owned(),
                since: "2026-11-30".to_owned(),
                ..ActivityFilter::default()
            }),
            "/activity?target=provider%3Alitellm&since=2026-11-30",
        ),
        (Path::Settings, "/settings"),
        (Path::SignIn, "/sign-in"),
    ];
    for (path, address) in table {
        assert_eq!(path.to_string(), address);
    }
}

#[test]
fn a_form_is_opened_for_what_its_address_says() {
    let gateway = Path::Configure(ProviderKind::Gateway, "litellm".to_owned());
    assert_eq!(
        gateway.adding_header("x-team"),
        "/models/gateways?configure=litellm&header=x-team"
    );
    let source = Path::Source("local".to_owned());
    assert_eq!(source.rotating_key(), "/models/sources/local?rotate=key");
    let read = |name: &'static str, value: &'static str| {
        Opening::read(|asked| (asked == name).then(|| value.to_owned()))
    };
    let header = Opening::AddHeader("x-team".to_owned());
    assert_eq!(read("header", "x-team"), header);
    assert_eq!(read("rotate", "key"), Opening::RotateKey);
    assert_eq!(read("header", ""), Opening::Configure);
    assert_eq!(read("configure", "litellm"), Opening::Configure);
}

#[test]
fn a_slug_stays_one_segment() {
    assert_eq!(
        Path::Source("a/b?c#d%é".to_owned()).to_string(),
        "/models/sources/a%2Fb%3Fc%23d%25%C3%A9"
    );
}

#[test]
fn names_are_read_as_they_are_written() {
    for name in ["bot", "new", "a/b?c#d%é", "100%", "漢字"] {
        let agent = Path::Agent(name.to_owned()).to_string();
        assert_eq!(Path::agent_name(&agent).as_deref(), Some(name));
    }
    let source = Path::Source("a b".to_owned()).to_string();
    assert_eq!(Path::source_slug(&source).as_deref(), Some("a b"));
    for (address, name) in [
        ("/agents/named/bot/", Some("bot")),
        ("/agents/named/50%", Some("50%")),
        ("/agents/named/%zz%4", Some("%zz%4")),
        ("/agents/named/%ff", Some("%ff")),
        ("/agents/new", None),
    ] {
        assert_eq!(Path::agent_name(address).as_deref(), name, "{address}");
    }
    let request = Path::Request("a/b".to_owned(), RequestsFilter::default()).to_string();
    assert_eq!(Path::request_id(&request).as_deref(), Some("a/b"));
    assert_eq!(Path::request_id("/requests"), None);
    assert_eq!(Path::request_id("/requests/"), None);
    assert_eq!(Path::source_slug(&Path::NewSource.to_string()), None);
    assert_eq!(Path::source_slug("/models/sources/new/"), None);
}
