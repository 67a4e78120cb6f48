//! AWS Secrets Manager: a moto server for each test, behind a proxy that can inject faults.
//!
//! The SDK reads its environment, which a test cannot change for itself. So each test starts its own
//! program again, for one test, with variables of that test's server.

mod server;

use super::*;
use crate::aws::Aws;
use server::{Moto, inside};

const ROLE: &str = "arn:aws:iam::123456789012:role/waypost";

/// The endpoint of the server that the outer test has started.
fn endpoint() -> String {
    std::env::var("WAYPOST_TEST_MOTO").expect("run by the test of the same name only")
}

fn options(prefix: &str) -> AwsOptions {
    AwsOptions {
        region: Some("eu-central-1".to_owned()),
        endpoint: Some(endpoint()),
        prefix: prefix.to_owned(),
        ..AwsOptions::default()
    }
}

fn aws(options: &AwsOptions) -> Aws {
    Aws::new(options, &TestEgress::new().client())
}

fn reason<T>(result: Result<T, BackendError>) -> String {
    match result {
        Err(BackendError::Unavailable(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it succeeded"),
    }
}

#[test]
fn aws_keeps_the_contract() {
    inside("contract", &Moto::start(), &[]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by aws_keeps_the_contract in a separate environment"]
async fn contract() {
    // The second one finds the names of the first scheduled for deletion.
    for _ in 0..2 {
        contract::holds_for_shared(&aws(&options("way/post")), 30_000).await;
    }
    let backend = aws(&options(""));
    contract::holds_for_shared(&backend, 30_000).await;
    copy::holds_to(Arc::new(aws(&options("copied")))).await;
    let long = document(None, A, &"x".repeat(65_536));
    let text = reason(backend.put(KEY, &long, None).await);
    assert!(text.contains("at most 64 KiB"), "{text}");
    let remote = backend.remote().unwrap();
    assert_eq!((remote.address, remote.path.as_str()), (endpoint(), "/"));
}

#[test]
fn a_key_is_entered_again_while_its_name_is_scheduled_for_deletion() {
    inside("recovery", &Moto::start(), &[]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a_key_is_entered_again_while_its_name_is_scheduled_for_deletion"]
async fn recovery() {
    let workspace = Workspace::new();
    let store = workspace.over(Arc::new(aws(&options("")))).await;
    workspace
        .put(&store, KEY, A, "gsk-before-0001")
        .await
        .unwrap();
    assert!(workspace.remove(&store, KEY).await.unwrap());
    store.check().await;
    assert_eq!(store.inventory().state(KEY), None);
    workspace
        .put(&store, KEY, A, "gsk-after-0001")
        .await
        .unwrap();
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-after-0001")
    );
    // Deleted by another tool: the key is gone, and can be entered again.
    let other = aws(&options(""));
    assert!(other.delete(KEY).await.unwrap());
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Absent));
    workspace
        .put(&store, KEY, A, "gsk-again-0001")
        .await
        .unwrap();
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-again-0001")
    );
}

#[test]
fn a_role_is_assumed_with_its_external_id() {
    let moto = Moto::start();
    inside("role", &moto, &[("AWS_ENDPOINT_URL_STS", &moto.endpoint())]);
    let requests = moto.requests();
    let assumed = requests
        .iter()
        .find(|request| request.contains("Action=AssumeRole"));
    let assumed = assumed.expect("the role is assumed");
    assert!(assumed.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fwaypost"));
    assert!(assumed.contains("ExternalId=seven"), "{assumed}");
    // The environment's own credentials sign that request alone.
    let signed_by = |request: &String| request.contains("Credential=AKIATEST/");
    for request in requests
        .iter()
        .filter(|request| request.contains("secretsmanager."))
    {
        assert!(!signed_by(request), "{request}");
    }
    assert!(signed_by(assumed));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a_role_is_assumed_with_its_external_id in a separate environment"]
async fn role() {
    let backend = aws(&AwsOptions {
        role: Some(ROLE.to_owned()),
        external_id: Some("seven".to_owned()),
        ..options("")
    });
    backend.health().await.unwrap();
    assert!(backend.get(KEY).await.unwrap().is_none());
    assert_eq!(backend.remote().unwrap().login, format!("role {ROLE}"));
}

#[test]
fn a_failure_of_aws_is_unknown_in_words() {
    inside("failures", &Moto::start(), &[]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a_failure_of_aws_is_unknown_in_words in a separate environment"]
async fn failures() {
    // The proxy answers by the prefix of the name: see `server.rs`.
    for (fault, words) in [
        ("ThrottlingException", "limits the rate of requests"),
        (
            "AccessDeniedException",
            "refused secretsmanager:GetSecretValue on",
        ),
        (
            "ExpiredTokenException",
            "credentials: they are wrong or have expired",
        ),
        ("DecryptionFailure", "cannot use the KMS key"),
        ("InternalServiceError", "with InternalServiceError"),
        ("nothing", "the AWS endpoint"),
    ] {
        let backend = aws(&options(&format!("fault/{fault}")));
        for text in [
            reason(backend.get(KEY).await),
            reason(backend.delete(KEY).await),
            reason(backend.put(KEY, &document(None, A, "x"), None).await),
        ] {
            assert!(text.contains(words), "{fault}: {text}");
            assert!(!text.contains("canary"), "{text}");
        }
        assert!(backend.remote().unwrap().last_error.is_some());
    }
}

#[test]
fn credentials_come_from_the_metadata_service_of_the_machine() {
    let moto = Moto::start();
    let metadata = moto.endpoint();
    let variables = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata),
    ];
    inside("metadata", &moto, &variables);
    let requests = moto.requests();
    let signed = requests
        .iter()
        .filter(|request| request.contains("secretsmanager."));
    let mut signed = signed.peekable();
    assert!(signed.peek().is_some());
    for request in signed {
        assert!(request.contains("Credential=ASIAMETADATA/"), "{request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by credentials_come_from_the_metadata_service_of_the_machine"]
async fn metadata() {
    aws(&options("")).health().await.unwrap();
}

#[test]
fn without_credentials_nothing_is_known() {
    let variables = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    inside("no_credentials", &Moto::start(), &variables);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by without_credentials_nothing_is_known in a separate environment"]
async fn no_credentials() {
    let text = reason(aws(&options("")).get(KEY).await);
    assert!(text.contains("no usable credentials"), "{text}");
}
