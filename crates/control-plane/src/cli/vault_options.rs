//! The options that say where Vault is and how Waypost logs in there.

use clap::{Args, ValueEnum};
use std::path::PathBuf;
use waypost_routing::base_url::BaseUrl;
use waypost_secrets::{Credential, SecretText, VaultLogin, VaultOptions};

/// Where Kubernetes puts the signed token of a pod's service account.
const SERVICE_ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// The login methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    Token,
    Approle,
    Kubernetes,
    Jwt,
}

/// Vault, for `--secrets vault`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Vault")]
pub(crate) struct VaultArguments {
    /// Where Vault or OpenBao listens [default: $VAULT_ADDR]
    #[arg(long, value_name = "URL")]
    vault_addr: Option<String>,
    /// The namespace [default: $VAULT_NAMESPACE]
    #[arg(long, value_name = "NAMESPACE")]
    vault_namespace: Option<String>,
    /// A PEM file of the authorities to trust, in place of the system's [default: $VAULT_CACERT]
    #[arg(long, value_name = "FILE")]
    vault_cacert: Option<PathBuf>,
    /// Where the KV engine is mounted. Its version must be 2
    #[arg(long, value_name = "MOUNT", default_value = "secret")]
    vault_mount: String,
    /// A folder in the engine that all secrets are below
    #[arg(long, value_name = "FOLDER")]
    vault_prefix: Option<String>,
    /// How to log in
    #[arg(long, value_name = "METHOD", value_enum, default_value = "token")]
    vault_login: Method,
    /// Where the login method is mounted, if not under its own name
    #[arg(long, value_name = "MOUNT")]
    vault_login_mount: Option<String>,
    /// The role to log in with: a role ID for AppRole, a name for Kubernetes and JWT
    #[arg(long, value_name = "ROLE")]
    vault_role: Option<String>,
    /// The file of the token, the secret ID or the signed token, read at each login [default: $VAULT_TOKEN,
    /// $VAULT_SECRET_ID, or the service account's token]
    #[arg(long, value_name = "FILE")]
    vault_credential_file: Option<PathBuf>,
}

impl VaultArguments {
    /// What these options and the environment say, or what is missing or wrong.
    pub(crate) fn options(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<VaultOptions, String> {
        let variable = |name: &str| {
            let value = variable(name)?;
            (!value.trim().is_empty()).then(|| value.trim().to_owned())
        };
        let address = self.vault_addr.clone().or_else(|| variable("VAULT_ADDR"));
        let address = address.ok_or("VAULT_ADDR is not set. Set it, or pass --vault-addr")?;
        let address = BaseUrl::parse(&address)
            .map_err(|error| format!("VAULT_ADDR is not a valid URL: {error}"))?;
        let namespace = self.vault_namespace.clone();
        let authorities = self.vault_cacert.clone();
        Ok(VaultOptions {
            address,
            namespace: namespace.or_else(|| variable("VAULT_NAMESPACE")),
            authorities: authorities.or_else(|| variable("VAULT_CACERT").map(PathBuf::from)),
            mount: path("--vault-mount", &self.vault_mount)?
                .ok_or("--vault-mount must not be empty")?,
            prefix: path("--vault-prefix", self.vault_prefix.as_deref().unwrap_or(""))?
                .unwrap_or_default(),
            login: self.login(variable)?,
        })
    }

    fn login(&self, variable: impl Fn(&str) -> Option<String>) -> Result<VaultLogin, String> {
        let credential = |name: &str| match &self.vault_credential_file {
            Some(file) => Ok(Credential::File(file.clone())),
            None => variable(name)
                .map(|text| Credential::Given(SecretText::new(text)))
                .ok_or_else(|| {
                    format!("{name} is not set. Set it, or pass --vault-credential-file")
                }),
        };
        let mount = |usual: &str| {
            let named = self.vault_login_mount.as_deref().unwrap_or(usual);
            let mount = path("--vault-login-mount", named)?;
            mount.ok_or_else(|| "--vault-login-mount must not be empty".to_owned())
        };
        let role = || {
            let role = self.vault_role.clone();
            role.ok_or_else(|| "--vault-role is required for this login".to_owned())
        };
        Ok(match self.vault_login {
            Method::Token => VaultLogin::Token(credential("VAULT_TOKEN")?),
            Method::Approle => VaultLogin::AppRole {
                mount: mount("approle")?,
                role_id: role()?,
                secret_id: credential("VAULT_SECRET_ID")?,
            },
            Method::Kubernetes => VaultLogin::Jwt {
                method: "kubernetes",
                mount: mount("kubernetes")?,
                role: role()?,
                jwt: self
                    .vault_credential_file
                    .clone()
                    .unwrap_or_else(|| PathBuf::from(SERVICE_ACCOUNT_TOKEN)),
            },
            Method::Jwt => VaultLogin::Jwt {
                method: "jwt",
                mount: mount("jwt")?,
                role: role()?,
                jwt: self
                    .vault_credential_file
                    .clone()
                    .ok_or("--vault-credential-file is required for --vault-login jwt")?,
            },
        })
    }
}

/// A path in Vault, without slashes at its ends; `None` if it is empty.
pub(super) fn path(option: &str, text: &str) -> Result<Option<String>, String> {
    let text = text.trim_matches('/');
    let is_plain = |segment: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        segment.bytes().all(is_plain) && !segment.bytes().all(|byte| byte == b'.')
    };
    match text.is_empty() {
        true => Ok(None),
        false if text.split('/').all(is_plain) => Ok(Some(text.to_owned())),
        false => Err(format!(
            "{option} may have letters, digits, `-`, `_` and `.`, with single slashes between"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        vault: VaultArguments,
    }

    fn options(arguments: &str, variables: &[(&str, &str)]) -> Result<VaultOptions, String> {
        let arguments = std::iter::once("serve").chain(arguments.split_whitespace());
        let command = Command::try_parse_from(arguments).map_err(|error| error.to_string())?;
        command.vault.options(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn error(arguments: &str, variables: &[(&str, &str)]) -> String {
        options(arguments, variables).err().unwrap()
    }

    const ADDRESS: (&str, &str) = ("VAULT_ADDR", "https://vault.example:8200/");
    const TOKEN: (&str, &str) = ("VAULT_TOKEN", "s.token");

    #[test]
    fn the_environment_is_enough() {
        let namespace = ("VAULT_NAMESPACE", "team/a");
        let read = options("", &[ADDRESS, TOKEN, namespace]).ok().unwrap();
        assert_eq!(read.address.as_str(), "https://vault.example:8200");
        assert_eq!(read.namespace.as_deref(), Some("team/a"));
        assert_eq!((read.mount.as_str(), read.prefix.as_str()), ("secret", ""));
        let VaultLogin::Token(Credential::Given(token)) = read.login else {
            panic!("a token");
        };
        assert_eq!(token.expose(), "s.token");
    }

    #[test]
    fn an_option_wins_over_the_environment() {
        let arguments = "--vault-addr http://127.0.0.1:8200 --vault-mount /kv/team/ --vault-prefix way.post/ \
             --vault-credential-file /run/token";
        let read = options(arguments, &[ADDRESS, TOKEN]).ok().unwrap();
        assert_eq!(read.address.as_str(), "http://127.0.0.1:8200");
        assert_eq!(
            (read.mount.as_str(), read.prefix.as_str()),
            ("kv/team", "way.post")
        );
        assert!(matches!(read.login, VaultLogin::Token(Credential::File(_))));
    }

    #[test]
    fn each_login_says_what_it_lacks() {
        assert!(error("", &[TOKEN]).contains("VAULT_ADDR is not set"));
        assert!(error("", &[ADDRESS]).contains("VAULT_TOKEN is not set"));
        assert!(error("", &[ADDRESS, ("VAULT_TOKEN", " ")]).contains("VAULT_TOKEN is not set"));
        let approle = "--vault-login approle";
        assert!(error(approle, &[ADDRESS]).contains("--vault-role"));
        let with_role = "--vault-login approle --vault-role id";
        assert!(error(with_role, &[ADDRESS]).contains("VAULT_SECRET_ID is not set"));
        assert!(
            error("--vault-login jwt --vault-role a", &[ADDRESS])
                .contains("--vault-credential-file")
        );
        let kubernetes = options("--vault-login kubernetes --vault-role a", &[ADDRESS]);
        let VaultLogin::Jwt { mount, jwt, .. } = kubernetes.ok().unwrap().login else {
            panic!("a signed token");
        };
        assert_eq!(mount, "kubernetes");
        assert_eq!(jwt, PathBuf::from(SERVICE_ACCOUNT_TOKEN));
    }

    #[test]
    fn a_path_cannot_leave_its_place() {
        for prefix in ["a/../b", "..", "a//b", "a?b", "a%2fb", "ä"] {
            let message = error(&format!("--vault-prefix {prefix}"), &[ADDRESS, TOKEN]);
            assert!(
                message.contains("--vault-prefix may have"),
                "{prefix}: {message}"
            );
        }
        assert!(error("--vault-mount /", &[ADDRESS, TOKEN]).contains("must not be empty"));
        assert!(
            error("--vault-addr vault:8200", &[TOKEN]).contains("VAULT_ADDR is not a valid URL")
        );
    }
}
