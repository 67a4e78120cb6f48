//! Where AWS Secrets Manager is, and which identity Waypost uses there.

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::Builder;
use waypost_egress::Egress;

/// How often a call is tried, with pauses that grow, before its failure is reported.
const ATTEMPTS: u32 = 3;

/// What an operator says about AWS. What is left out comes from the usual places: the environment, the
/// shared configuration files, the container or the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsOptions {
    /// The region.
    pub region: Option<String>,
    /// Another endpoint of Secrets Manager.
    pub endpoint: Option<String>,
    /// The role to assume, as an ARN.
    pub role: Option<String>,
    /// The external id that assuming the role takes.
    pub external_id: Option<String>,
    /// What all names begin with, without slashes at its ends. May be empty.
    pub prefix: String,
    /// The KMS key that encrypts new secrets.
    pub kms_key: Option<String>,
}

impl AwsOptions {
    /// A client for these options.
    pub(super) async fn client(&self, egress: &Egress) -> Client {
        // What finds credentials and region may call the metadata addresses.
        let mut found = aws_config::defaults(BehaviorVersion::latest())
            .http_client(egress.aws_credentials())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
        if let Some(region) = &self.region {
            found = found.region(Region::new(region.clone()));
        }
        let found = found.load().await;
        // What calls the service may not.
        let mut config = Builder::from(&found).http_client(egress.aws_services());
        if let Some(role) = &self.role {
            let mut assumed = AssumeRoleProvider::builder(role)
                .configure(&found)
                .session_name("waypost");
            if let Some(id) = &self.external_id {
                assumed = assumed.external_id(id);
            }
            config = config.credentials_provider(assumed.build().await);
        }
        if let Some(endpoint) = &self.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Client::from_conf(config.build())
    }
}
