//! The options that say where AWS Secrets Manager is and which identity Waypost uses there.

use super::vault_options::path;
use clap::Args;
use waypost_secrets::AwsOptions;

/// AWS Secrets Manager, for `--secrets aws`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "AWS Secrets Manager")]
pub(crate) struct AwsArguments {
    /// The region [default: $AWS_REGION, or that of the profile or machine]
    #[arg(long, value_name = "REGION")]
    aws_region: Option<String>,
    /// Another endpoint of Secrets Manager
    #[arg(long, value_name = "URL")]
    aws_endpoint: Option<String>,
    /// The ARN of a role to assume
    #[arg(long, value_name = "ARN")]
    aws_role: Option<String>,
    /// The external id for assuming the role
    #[arg(long, value_name = "ID", requires = "aws_role")]
    aws_external_id: Option<String>,
    /// What the names of all secrets begin with
    #[arg(long, value_name = "FOLDER", value_parser = folder)]
    aws_prefix: Option<String>,
    /// The KMS key that encrypts new secrets [default: the key of AWS for Secrets Manager]
    #[arg(long, value_name = "KEY")]
    aws_kms_key: Option<String>,
}

fn folder(text: &str) -> Result<String, String> {
    Ok(path("a folder", text)?.unwrap_or_default())
}

impl AwsArguments {
    /// What these options say.
    pub(crate) fn options(&self) -> AwsOptions {
        AwsOptions {
            region: self.aws_region.clone(),
            endpoint: self.aws_endpoint.clone(),
            role: self.aws_role.clone(),
            external_id: self.aws_external_id.clone(),
            prefix: self.aws_prefix.clone().unwrap_or_default(),
            kms_key: self.aws_kms_key.clone(),
        }
    }
}
