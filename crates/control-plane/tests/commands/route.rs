//! `waypost route`.

use crate::support::Home;

#[test]
fn a_routed_ref_is_one_json_value_and_status_0() {
    let home = Home::new();
    let done = home.run(
        &["route", "openrouter/moonshotai/kimi-k2", "--json"],
        &[("OPENROUTER_API_KEY", "sk-canary-0123456789")],
    );
    assert_eq!(done.status(), 0, "{}", done.errors());
    assert!(!done.output().contains("canary"));
    insta::assert_json_snapshot!("routed", done.json());
}

#[test]
fn a_rejected_ref_is_status_1_and_says_where_it_would_have_gone() {
    let home = Home::new();
    let done = home.run(&["route", "openrouter/a//b", "--json"], &[]);
    assert_eq!(done.status(), 1);
    let resolution = done.json();
    assert_eq!(resolution["outcome"], "rejected");
    assert_eq!(resolution["error"]["code"], "empty_segment");
    let done = home.run(&["route", "groq/llama", "--json"], &[]);
    assert_eq!(done.status(), 1, "{}", done.output());
    let resolution = done.json();
    assert_eq!(resolution["error"]["code"], "missing_api_key");
    assert_eq!(
        resolution["route"]["url"],
        "https://api.groq.com/openai/v1/chat/completions"
    );
}

#[test]
fn a_secret_that_is_said_to_be_there_counts() {
    let home = Home::new();
    let done = home.run(
        &["route", "groq/llama", "--json", "--secret", "groq/api-key"],
        &[],
    );
    assert_eq!(done.status(), 0, "{}", done.output());
    assert_eq!(
        done.json()["route"]["credential"]["from"],
        "secret:groq/api-key"
    );
}

#[test]
fn operation_environment_and_file_have_their_say() {
    let home = Home::new();
    home.write(
        ".waypost/providers.local.yaml",
        "providers:\n  mygw:\n    type: gateway\n    base_url: https://gw.example/v1\n    api_key_env: MYGW_KEY\n",
    );
    let done = home.run(
        &["route", "mygw/a/b", "--operation", "messages", "--json"],
        &[
            ("MYGW_KEY", "k-0123456789"),
            ("MYGW_BASE_URL", "https://eu.example/v1/"),
        ],
    );
    assert_eq!(done.status(), 0, "{}", done.output());
    let route = &done.json()["route"];
    assert_eq!(route["url"], "https://eu.example/v1/messages");
    assert_eq!(route["base_url"]["from"], "env:MYGW_BASE_URL");

    // The older place is read where the newer one has no file, and a named file before both.
    let home = Home::new();
    home.write(
        ".agentbreeder/providers.local.yaml",
        "providers:\n  old:\n    base_url: https://old.example/v1\n    api_key_env: OLD_KEY\n",
    );
    let old = home.run(
        &["route", "old/m", "--json"],
        &[("OLD_KEY", "k-0123456789")],
    );
    assert_eq!(old.json()["route"]["kind"], "direct", "{}", old.output());
    home.write("empty.yaml", "providers: {}\n");
    let named = home.path().join("empty.yaml");
    let named = home.run(
        &[
            "route",
            "old/m",
            "--json",
            "--providers",
            named.to_str().unwrap(),
        ],
        &[("LITELLM_MASTER_KEY", "k-0123456789")],
    );
    assert_eq!(
        named.json()["route"]["kind"],
        "managed",
        "{}",
        named.output()
    );
}

#[test]
fn without_json_a_person_can_read_it() {
    let home = Home::new();
    let done = home.run(
        &["route", "litellm/gpt-4o"],
        &[("LITELLM_MASTER_KEY", "sk-canary-0123456789")],
    );
    assert_eq!(done.status(), 0);
    insta::assert_snapshot!("readable", done.output());
}

#[test]
fn wrong_usage_is_status_2() {
    let home = Home::new();
    for arguments in [
        &["route"][..],
        &["route", "a/b", "--operation", "sing"],
        &["route", "a/b", "c/d"],
        &["rout", "a/b"],
        &[],
    ] {
        let done = home.run(arguments, &[]);
        assert_eq!(done.status(), 2, "{arguments:?}: {}", done.errors());
        assert!(done.output().is_empty() && !done.errors().is_empty());
    }
}

#[test]
fn a_route_is_exported_without_its_secret() {
    let home = Home::new();
    let key = [("GROQ_API_KEY", "gsk-canary-0123456789")];
    let run = |format| home.run(&["route", "groq/llama", "--format", format], &key);
    let curl = run("curl");
    assert_eq!((curl.status(), curl.errors().as_str()), (0, ""));
    assert_eq!(
        curl.output(),
        "# GROQ_API_KEY stands for env:GROQ_API_KEY\n\
         curl -X POST 'https://api.groq.com/openai/v1/chat/completions' \\\n  \
         -H \"authorization: Bearer $GROQ_API_KEY\" \\\n  \
         -H 'content-type: application/json' \\\n  \
         -d '{\"model\":\"llama\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'\n"
    );
    assert_eq!(
        run("litellm").output(),
        "# GROQ_API_KEY stands for env:GROQ_API_KEY\n\
         model_list:\n  - model_name: groq/llama\n    litellm_params:\n      \
         model: openai/llama\n      api_base: https://api.groq.com/openai/v1\n      \
         api_key: os.environ/GROQ_API_KEY\n"
    );
    assert_eq!(
        run("yaml").output(),
        "name: my-agent\nmodel:\n  primary: groq/llama\n"
    );
}

#[test]
fn what_cannot_be_sent_is_exported_with_the_reason_and_status_1() {
    let home = Home::new();
    let keyless = home.run(&["route", "groq/llama", "--format", "curl"], &[]);
    assert_eq!(keyless.status(), 1);
    assert!(
        keyless.output().contains("\ncurl -X POST"),
        "{}",
        keyless.output()
    );
    assert!(
        keyless.errors().contains("rejected [missing_api_key]"),
        "{}",
        keyless.errors()
    );
    let malformed = home.run(&["route", "a//b", "--format", "litellm"], &[]);
    assert_eq!((malformed.status(), malformed.output().as_str()), (1, ""));
    let errors = malformed.errors();
    assert!(
        errors.contains("no LiteLLM entry") && errors.contains("[empty_segment]"),
        "{errors}"
    );
    for arguments in [
        &["route", "groq/llama", "--format", "curl", "--json"][..],
        &["route", "--check", "list.yaml", "--format", "yaml"],
        &["route", "groq/llama", "--format", "xml"],
    ] {
        let done = home.run(arguments, &[]);
        assert_eq!(done.status(), 2, "{arguments:?}");
        assert!(done.errors().contains("--format"), "{}", done.errors());
    }
}
