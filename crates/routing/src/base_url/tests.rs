use super::*;

fn normal(text: &str) -> String {
    match BaseUrl::parse(text) {
        Ok(url) => url.to_string(),
        Err(error) => format!("{}: {}", error.code(), error.message()),
    }
}

#[test]
fn the_normal_form_is_lower_case_without_default_port_and_trailing_slash() {
    for (typed, expected) in [
        ("HTTPS://GW.Internal:443/V1", "https://gw.internal/V1"),
        ("http://h:80/", "http://h"),
        ("http://h:443", "http://h:443"),
        ("https://h:0443", "https://h"),
        ("https://h/v1///", "https://h/v1"),
        (" https://gw/v1 \n", "https://gw/v1"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("http://[::1]:4000/v1", "http://[::1]:4000/v1"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ("http://[::FFFF:127.0.0.1]", "http://[::ffff:7f00:1]"),
        ("http://[1:0:0:2:0:0:0:3]", "http://[1:0:0:2::3]"),
        ("http://[1:0:2:3:4:5:6:7]", "http://[1:0:2:3:4:5:6:7]"),
        ("https://h/a%2Fb/c;d=e@f", "https://h/a%2Fb/c;d=e@f"),
        ("https://my_host.example", "https://my_host.example"),
        (
            "https://xn--mnchen-3ya.example",
            "https://xn--mnchen-3ya.example",
        ),
    ] {
        assert_eq!(normal(typed), expected, "{typed}");
    }
}

#[test]
fn what_is_no_plain_http_url_is_refused_with_its_reason() {
    let invalid = |message: &str| format!("invalid_base_url: {message}");
    for (typed, expected) in [
        (
            "",
            "missing_base_url: Enter a base URL, for example https://gateway.example/v1.".into(),
        ),
        (
            "nope",
            invalid("The base URL must begin with http:// or https://."),
        ),
        (
            "h:4000",
            invalid("The base URL must begin with http:// or https://."),
        ),
        (
            "${GW_URL}",
            invalid(
                "The base URL contains a variable that nothing has expanded, such as ${HOST}. Enter the URL itself.",
            ),
        ),
        (
            "ftp://x/v1",
            invalid(
                "The base URL must begin with http:// or https://; other schemes are not supported.",
            ),
        ),
        ("https://", invalid("The base URL has no host.")),
        ("https:///v1", invalid("The base URL has no host.")),
        ("https://:80", invalid("The base URL has no host.")),
        (
            "https://h?a=b",
            invalid(
                "The base URL must not have a query: leave out everything from the question mark.",
            ),
        ),
        (
            "https://ok.example#@evil",
            invalid("The base URL must not have a fragment: leave out everything from the #."),
        ),
        (
            "https://h/a b",
            invalid("The base URL must not contain white space."),
        ),
        (
            "https://h/a\u{a0}b",
            invalid("The base URL must not contain white space."),
        ),
        (
            "http://127.0.0.1:6666\\@1.1.1.1/",
            invalid("The base URL must not contain a backslash; use /."),
        ),
        (
            "https://h/{id}",
            invalid("The base URL must not contain the character {; write it percent-encoded."),
        ),
        (
            "https://h/a\u{1}",
            invalid("The base URL must not contain control characters."),
        ),
        (
            "https://h/é",
            invalid(
                "The path of the base URL must be ASCII; write other characters percent-encoded.",
            ),
        ),
        (
            "https://münchen.example",
            invalid("The host must be ASCII. Write its xn-- form (Punycode)."),
        ),
        (
            "http://１２７.0.0.1",
            invalid("The host must be ASCII. Write its xn-- form (Punycode)."),
        ),
        (
            "https://localhost.",
            invalid("Write the host without the trailing dot."),
        ),
        (
            "http://127.1",
            invalid(
                "A host that ends in a number must be a whole IPv4 address, such as 127.0.0.1.",
            ),
        ),
        (
            "http://0x7f.1",
            invalid(
                "A host that ends in a number must be a whole IPv4 address, such as 127.0.0.1.",
            ),
        ),
        (
            "http://2130706433",
            invalid(
                "A host that ends in a number must be a whole IPv4 address, such as 127.0.0.1.",
            ),
        ),
        (
            "http://0177.0.0.1",
            invalid(
                "A host that ends in a number must be a whole IPv4 address, such as 127.0.0.1.",
            ),
        ),
        (
            "http://a.0X",
            invalid(
                "A host that ends in a number must be a whole IPv4 address, such as 127.0.0.1.",
            ),
        ),
        (
            "http://[::1",
            invalid("The host in brackets is not an IPv6 address."),
        ),
        (
            "http://[fe80::1%25eth0]",
            invalid("The host in brackets is not an IPv6 address."),
        ),
        (
            "http://::1",
            invalid("The host in brackets is not an IPv6 address."),
        ),
        (
            "http://h:70000/v1",
            invalid("The port must be a number from 1 to 65535."),
        ),
        (
            "http://h:",
            invalid("The port must be a number from 1 to 65535."),
        ),
        (
            "http://h:0",
            invalid("The port must be a number from 1 to 65535."),
        ),
        (
            "http://h:+80",
            invalid("The port must be a number from 1 to 65535."),
        ),
        (
            "http://h/%zz",
            invalid("A % in the base URL must be followed by two hexadecimal digits."),
        ),
        (
            "http://h/%a",
            invalid("A % in the base URL must be followed by two hexadecimal digits."),
        ),
        (
            "http://h/a/../b",
            invalid("The path must not contain the segments . and .."),
        ),
        (
            "http://h/%2E%2e/b",
            invalid("The path must not contain the segments . and .."),
        ),
    ] {
        assert_eq!(normal(typed), expected, "{typed:?}");
    }
    for typed in [
        "http://a..b",
        "http://.a",
        "http://a b",
        "http://*",
        "http://a,b",
    ] {
        assert!(BaseUrl::parse(typed).is_err(), "{typed}");
    }
    let label = "a".repeat(64);
    assert!(BaseUrl::parse(&format!("http://{label}")).is_err());
    let long = format!("http://h/{}", "a".repeat(2100));
    assert_eq!(
        normal(&long),
        invalid("The base URL is longer than 2048 bytes.")
    );
}

#[test]
fn an_error_never_repeats_user_information() {
    for typed in [
        "https://user:s3cret@gw.example/v1/models",
        "https://s3cret@gw.example",
        "https://a@s3cret@gw.example",
        "https://user:s3cret@gw.example/v1?x#y",
        "https://user\\:s3cret@gw.example",
        "user:s3cret@gw.example/v1",
    ] {
        let error = BaseUrl::parse(typed).unwrap_err();
        let text = format!("{error} {error:?} {:?}", hints(typed));
        assert!(!text.contains("s3cret"), "{text}");
    }
    let error = BaseUrl::parse("https://u:p@gw.example/v1").unwrap_err();
    assert_eq!(error.code(), "credentials_in_url");
    assert_eq!(error.suggestion(), Some("https://gw.example/v1"));
}

#[test]
fn an_endpoint_is_refused_and_the_base_before_it_suggested() {
    for (typed, suggestion) in [
        ("https://h/v1/models", "https://h/v1"),
        ("https://h/v1/models/", "https://h/v1"),
        ("https://h/v1/chat/completions", "https://h/v1"),
        ("https://h/v1/completions", "https://h/v1"),
        ("https://h/v1/Responses", "https://h/v1"),
        ("https://h/v1/embeddings", "https://h/v1"),
        ("https://h/v1/images/generations", "https://h/v1"),
        ("https://h/v1/audio/speech", "https://h/v1"),
        ("https://h/v1/moderations", "https://h/v1"),
        ("https://h/v2/rerank", "https://h/v2"),
        ("https://h/v1/messages", "https://h/v1"),
        ("https://h/v1/messages/count_tokens", "https://h/v1"),
        ("https://h/models", "https://h"),
        ("https://u:p@h/v1/models", "https://h/v1"),
        ("https://h/v1/models?limit=1", "https://h/v1"),
    ] {
        assert_eq!(
            BaseUrl::parse(typed).unwrap_err().suggestion(),
            Some(suggestion),
            "{typed}"
        );
    }
    let error = BaseUrl::parse("https://h/v1/chat/completions").unwrap_err();
    assert_eq!(error.code(), "base_url_is_endpoint");
    assert_eq!(
        error.message(),
        "The base URL ends in /chat/completions, which Waypost adds itself. Enter the part before it."
    );
    for fine in [
        "https://h/messages",
        "https://h/rerank",
        "https://h/mymodels",
        "https://models",
    ] {
        assert!(BaseUrl::parse(fine).is_ok(), "{fine}");
    }
}

/// A repair that leaves the text as it is would be tried until the stack is full.
#[test]
fn a_trailing_dot_is_cut_where_the_host_ends() {
    for (typed, suggestion) in [
        ("https://gw.:8443/v1", Some("https://gw:8443/v1")),
        ("https://gw.../v1", Some("https://gw/v1")),
        ("http://a:].", None),
        ("http://a:]b...:80", None),
        ("http://..", None),
    ] {
        let error = BaseUrl::parse(typed).unwrap_err();
        assert_eq!(error.suggestion(), suggestion, "{typed}");
    }
}

#[test]
fn parts_are_distinguished() {
    let url = BaseUrl::parse("https://[::1]:8443/a/v1").unwrap();
    assert_eq!(
        (url.scheme(), url.host(), url.port()),
        ("https", "[::1]", 8443)
    );
    assert_eq!(
        (url.origin().as_str(), url.path()),
        ("https://[::1]:8443", "/a/v1")
    );
    let url = BaseUrl::parse("http://Gw.example").unwrap();
    assert_eq!(
        (url.scheme(), url.host(), url.port()),
        ("http", "gw.example", 80)
    );
    assert_eq!(
        (url.origin().as_str(), url.path()),
        ("http://gw.example", "")
    );
}

#[test]
fn openai_operations_are_appended_and_anthropic_ones_replace_one_version() {
    let url = |base: &str, operation| BaseUrl::parse(base).unwrap().operation_url(operation);
    assert_eq!(
        url("https://h/v1/", Operation::Chat),
        "https://h/v1/chat/completions"
    );
    assert_eq!(url("https://h", Operation::Models), "https://h/models");
    assert_eq!(
        url("https://h/v1", Operation::Messages),
        "https://h/v1/messages"
    );
    assert_eq!(
        url("https://h/v2", Operation::Messages),
        "https://h/v1/messages"
    );
    assert_eq!(
        url("https://h", Operation::Messages),
        "https://h/v1/messages"
    );
    assert_eq!(
        url("https://h/v1/v1", Operation::Messages),
        "https://h/v1/v1/messages"
    );
    assert_eq!(
        url("https://h/gatewayv1", Operation::Messages),
        "https://h/gatewayv1/v1/messages"
    );
    assert_eq!(
        url("https://v1.example", Operation::Messages),
        "https://v1.example/v1/messages"
    );
    assert_eq!(
        url("https://v1", Operation::Messages),
        "https://v1/v1/messages"
    );
    assert_eq!(
        url("https://h/v10", Operation::CountTokens),
        "https://h/v1/messages/count_tokens"
    );
}

#[test]
fn a_clients_path_is_joined_as_its_operation() {
    let base = BaseUrl::parse("https://h/api/v1").unwrap();
    assert_eq!(
        base.client_url("/v1/chat/completions"),
        "https://h/api/v1/chat/completions"
    );
    assert_eq!(
        base.client_url("/chat/completions"),
        "https://h/api/v1/chat/completions"
    );
    assert_eq!(
        base.client_url("/v1/messages?beta=true"),
        "https://h/api/v1/messages?beta=true"
    );
    assert_eq!(base.client_url("/v1beta/x"), "https://h/api/v1/v1beta/x");
}

#[test]
fn raw_joining_repairs_nothing_but_masks_user_information() {
    for (typed, operation, expected) in [
        ("https://h/v1/", Operation::Models, "https://h/v1/models"),
        (
            "https://h/v1/v1",
            Operation::Chat,
            "https://h/v1/v1/chat/completions",
        ),
        (
            "https://h/v1/models",
            Operation::Models,
            "https://h/v1/models/models",
        ),
        ("h/v1", Operation::Messages, "h/v1/messages"),
        ("https://h?a=b", Operation::Models, "https://h?a=b/models"),
        (
            "https://u:p@h/v1",
            Operation::Models,
            "https://•••@h/v1/models",
        ),
        ("", Operation::Models, "/models"),
        ("https://v1", Operation::Messages, "https://v1/v1/messages"),
    ] {
        assert_eq!(raw_operation_url(typed, operation), expected, "{typed}");
    }
}

#[test]
fn hints_carry_the_repair() {
    for (typed, message, suggestion) in [
        (
            "gw.example/v1",
            "The scheme is missing.",
            "https://gw.example/v1",
        ),
        (
            "localhost:4000",
            "The scheme is missing.",
            "http://localhost:4000",
        ),
        (
            "10.0.0.5:8000/v1",
            "The scheme is missing.",
            "http://10.0.0.5:8000/v1",
        ),
        (
            "https://h/v1/v1",
            "The version is in the path twice.",
            "https://h/v1",
        ),
        (
            "https://h//v1",
            "The path has two consecutive slashes.",
            "https://h/v1",
        ),
        (
            "https://h/v1/models",
            "This is a whole endpoint. Waypost adds /models itself; enter the part before it.",
            "https://h/v1",
        ),
        (
            "https://h/v1?x=1",
            "A base URL has no query and no fragment: Waypost adds the path at its end.",
            "https://h/v1",
        ),
        (
            "https://k@h/v1",
            "Don't put a key in the URL. Enter it in its own field.",
            "https://h/v1",
        ),
        (
            "https://h.:8000/v1",
            "The host ends in a dot.",
            "https://h:8000/v1",
        ),
        (
            "https://h\\v1",
            "URLs are written with /, not with a backslash.",
            "https://h/v1",
        ),
    ] {
        let found = hints(typed);
        assert_eq!(found.len(), 1, "{typed}: {found:?}");
        assert_eq!(found[0].message(), message, "{typed}");
        assert_eq!(found[0].suggestion(), Some(suggestion), "{typed}");
    }
    for quiet in ["https://h/v1", "nope", "", "not-a-url"] {
        assert_eq!(hints(quiet), [], "{quiet}");
    }
    let found = hints("https://münchen.example/v1");
    assert_eq!(found, [BaseUrlHint::NonAsciiHost]);
    assert_eq!(found[0].suggestion(), None);
}

#[test]
fn what_was_copied_along_has_its_own_error() {
    for (typed, message, suggestion) in [
        (
            "“https://h/v1”",
            "The base URL is in quotes (“).",
            "https://h/v1",
        ),
        (
            "https://h/v1”",
            "The base URL is in quotes (”).",
            "https://h/v1",
        ),
        (
            "«https://h/v1»",
            "The base URL is in quotes («).",
            "https://h/v1",
        ),
        (
            "'https://h/v1'",
            "The base URL is in quotes (').",
            "https://h/v1",
        ),
        (
            "\"https://h/v1\",",
            "The base URL is in quotes (\").",
            "https://h/v1",
        ),
        (
            "`h.example/v1`",
            "The base URL is in quotes (`).",
            "https://h.example/v1",
        ),
        (
            "<https://h/v1>",
            "The base URL is in quotes (<).",
            "https://h/v1",
        ),
        (
            "https://\u{200b}h/v1",
            "The base URL contains an invisible character (U+200B)",
            "https://h/v1",
        ),
        (
            "\u{feff}https://h/v1",
            "The base URL contains an invisible character (U+FEFF)",
            "https://h/v1",
        ),
        (
            "https://h/v1\u{200e}",
            "The base URL contains an invisible character (U+200E)",
            "https://h/v1",
        ),
        (
            "https://u:s3cret@h\u{2060}/v1",
            "The base URL contains an invisible character (U+2060)",
            "https://h/v1",
        ),
        (
            "OPENAI_BASE_URL=https://h/v1",
            "The base URL must begin with http:// or https://. Remove the text before it.",
            "https://h/v1",
        ),
        (
            "export OPENAI_BASE_URL=\"https://h/v1\"",
            "The base URL is in quotes (\").",
            "https://h/v1",
        ),
        (
            "base_url: https://h/v1",
            "The base URL must begin with http:// or https://. Remove the text before it.",
            "https://h/v1",
        ),
        (
            "curl https://h/v1/models -H 'x-key: s3cret-of-mine'",
            "The base URL must begin with http:// or https://. Remove the text before it.",
            "https://h/v1",
        ),
    ] {
        let error = BaseUrl::parse(typed).unwrap_err();
        assert_eq!(error.code(), "invalid_base_url", "{typed}");
        assert!(error.message().starts_with(message), "{typed}: {error}");
        assert_eq!(error.suggestion(), Some(suggestion), "{typed}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
        let found = hints(typed);
        assert_eq!(found.len(), 1, "{typed}");
        assert_eq!(found[0].suggestion(), Some(suggestion), "{typed}");
    }
    assert!(BaseUrl::parse("https://h/it's").is_ok(), "a legal path");
    let template = BaseUrl::parse("{{ base_url }}/v1").unwrap_err();
    assert!(template.message().contains("nothing has expanded"));
}

#[test]
fn the_address_of_a_web_page_is_refused() {
    for (typed, suggestion) in [
        ("https://docs.litellm.ai/docs/proxy/quick_start", None),
        ("https://learn.microsoft.com/en-us/azure/ai-foundry/", None),
        ("https://portal.azure.com/#@org/resource", None),
        ("https://github.com/BerriAI/litellm", None),
        ("https://h.example/guide/setup.html", None),
        (
            "https://platform.openai.com/docs/api-reference",
            Some("https://api.openai.com/v1"),
        ),
        (
            "https://platform.openai.com/docs/overview?lang=curl#x",
            Some("https://api.openai.com/v1"),
        ),
        (
            "https://openrouter.ai/models",
            Some("https://openrouter.ai/api/v1"),
        ),
        (
            "https://openrouter.ai/docs/quickstart",
            Some("https://openrouter.ai/api/v1"),
        ),
        (
            "https://ai.google.dev/gemini-api/docs/openai",
            Some("https://generativelanguage.googleapis.com/v1beta/openai"),
        ),
        (
            "https://console.groq.com/keys",
            Some("https://api.groq.com/openai/v1"),
        ),
        (
            "https://lmstudio.ai/docs/app/api",
            Some("https://lmstudio.ai"),
        ),
        ("http://localhost:8000/docs", Some("http://localhost:8000")),
        (
            "http://localhost:4000/ui/?page=models",
            Some("http://localhost:4000"),
        ),
        ("http://gw/team/redoc", Some("http://gw/team")),
        ("http://gw/v1/openapi.json", Some("http://gw/v1")),
    ] {
        let error = BaseUrl::parse(typed).unwrap_err();
        assert_eq!(error.code(), "base_url_is_page", "{typed}");
        assert_eq!(error.suggestion(), suggestion, "{typed}");
        let hint = hints(typed);
        let hint = hint.first().and_then(BaseUrlHint::suggestion);
        assert_eq!(hint, suggestion, "{typed}");
    }
    for api in [
        "https://docs.example/v1",
        "https://docs.example",
        "https://gw.example/docs/v1",
        "https://gw.example/ui/openai",
        "https://openrouter.ai/api/v1",
        "https://api.openai.com/v1",
        "https://gw.example/documents",
    ] {
        assert!(BaseUrl::parse(api).is_ok(), "{api}");
    }
}

#[test]
fn any_form_of_an_azure_address_leads_to_its_openai_api() {
    for (typed, suggestion) in [
        (
            "https://res.openai.azure.com",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "res.openai.azure.com/",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "https://res.openai.azure.com/openai",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "https://res.openai.azure.com/v1",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "https://res.openai.azure.com/openai/deployments/gpt-4o",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "https://res.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "https://res.openai.azure.com/openai/models?api-version=2024-10-21",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "https://res.openai.azure.com/openai/responses?api-version=preview",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "https://RES.privatelink.openai.azure.com/",
            "https://res.privatelink.openai.azure.com/openai/v1",
        ),
        (
            "https://res.cognitiveservices.azure.com/",
            "https://res.cognitiveservices.azure.com/openai/v1",
        ),
        (
            "https://res.services.ai.azure.com/models",
            "https://res.services.ai.azure.com/openai/v1",
        ),
        (
            "https://res.services.ai.azure.com/api/projects/team",
            "https://res.services.ai.azure.com/openai/v1",
        ),
        (
            "https://res.openai.azure.us",
            "https://res.openai.azure.us/openai/v1",
        ),
    ] {
        let found = hints(typed);
        assert_eq!(found.len(), 1, "{typed}: {found:?}");
        assert!(
            matches!(found[0], BaseUrlHint::AzureOpenAi { .. }),
            "{typed}"
        );
        assert!(found[0].message().contains("`api-key`"));
        assert_eq!(found[0].suggestion(), Some(suggestion), "{typed}");
        let base = BaseUrl::parse(suggestion).unwrap();
        assert_eq!(base.usual_auth_header(), Some("api-key"));
        assert_eq!(hints(suggestion), [], "{suggestion}");
    }
    // A gateway in front of Azure keeps the path and not the host.
    let typed = "https://apim.example/llm/openai/deployments/gpt-4o/chat/completions?api-version=1";
    let found = hints(typed);
    let found = found.first().and_then(BaseUrlHint::suggestion);
    assert_eq!(found, Some("https://apim.example/llm/openai/v1"));
    let error = BaseUrl::parse("https://res.openai.azure.com/openai?api-version=1").unwrap_err();
    assert_eq!(
        error.suggestion(),
        Some("https://res.openai.azure.com/openai/v1")
    );
}

#[test]
fn a_well_known_api_is_recognised_with_another_path() {
    for (typed, suggestion) in [
        ("https://api.openai.com", Some("https://api.openai.com/v1")),
        (
            "https://openrouter.ai",
            Some("https://openrouter.ai/api/v1"),
        ),
        (
            "https://openrouter.ai/v1",
            Some("https://openrouter.ai/api/v1"),
        ),
        (
            "https://openrouter.ai/api",
            Some("https://openrouter.ai/api/v1"),
        ),
        (
            "https://api.groq.com/v1",
            Some("https://api.groq.com/openai/v1"),
        ),
        (
            "https://generativelanguage.googleapis.com/v1beta",
            Some("https://generativelanguage.googleapis.com/v1beta/openai"),
        ),
        (
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
            Some("https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1"),
        ),
        (
            "https://gateway.ai.cloudflare.com/v1/account/gateway",
            Some("https://gateway.ai.cloudflare.com/v1/account/gateway/compat"),
        ),
        ("http://localhost:11434", Some("http://localhost:11434/v1")),
        ("http://gpu-box:11434/api", Some("http://gpu-box:11434/v1")),
        ("http://127.0.0.1:1234", Some("http://127.0.0.1:1234/v1")),
        ("https://api.openai.com/v1", None),
        ("https://api.deepseek.com", None),
        ("https://api.deepseek.com/v1", None),
        ("https://api.moonshot.cn/anthropic", None),
        ("http://localhost:4000", None),
        ("http://localhost:8000/v1", None),
    ] {
        let found = hints(typed);
        let found = found.first().and_then(BaseUrlHint::suggestion);
        assert_eq!(found, suggestion, "{typed}");
    }
    let versions = [
        "https://h/v1",
        "https://h/v1beta/openai",
        "https://h/api/v3",
    ];
    assert!(
        versions
            .iter()
            .all(|url| has_version(&BaseUrl::parse(url).unwrap()))
    );
    assert!(!has_version(&BaseUrl::parse("https://h/vllm").unwrap()));
}

/// Repairs end, whatever is typed.
#[cfg(not(target_family = "wasm"))]
mod total {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_suggestion_is_a_base_url(pieces in prop::collection::vec(
            prop::sample::select(vec![
                "https://", "http://", "h", ".openai.azure.com", "/openai/deployments/", "/v1",
                "/docs", "/ui", "openrouter.ai", "\"", "“", "'", "`", "\u{200b}", "?", "#", "@",
                "\\", "/", ".", ":", " ", "KEY=", "${X}", "/models", ",", "<", ">",
            ]), 0..8)) {
            let typed = pieces.concat();
            for suggestion in hints(&typed).iter().filter_map(BaseUrlHint::suggestion) {
                prop_assert!(BaseUrl::parse(suggestion).is_ok(), "{} {}", typed, suggestion);
            }
        }
    }
}
