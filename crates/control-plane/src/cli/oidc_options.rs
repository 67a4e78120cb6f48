//! The options of sign-in: with OpenID Connect, by links, or both.

use crate::oidc::{ClientSecret, Groups, Oidc, OidcOptions};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use waypost_egress::Egress;
use waypost_secrets::SecretText;

/// The variable of the client secret.
const SECRET_VARIABLE: &str = "WAYPOST_OIDC_CLIENT_SECRET";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// Sign-in.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sign-in")]
pub(crate) struct SignInArguments {
    /// The issuer of an OpenID Connect provider, to sign in with
    #[arg(long, value_name = "URL", requires = "oidc_client_id")]
    oidc_issuer: Option<String>,
    /// The client that Waypost is there
    #[arg(long, value_name = "ID", requires = "oidc_issuer")]
    oidc_client_id: Option<String>,
    /// The file of the client's secret, read at each sign-in [default: $WAYPOST_OIDC_CLIENT_SECRET]
    #[arg(long, value_name = "FILE", requires = "oidc_issuer")]
    oidc_client_secret_file: Option<PathBuf>,
    /// The claim that lists a person's groups: its name, or a path such as realm_access.roles
    #[arg(long, value_name = "CLAIM", default_value = "groups")]
    oidc_groups_claim: String,
    /// A group of administrators. May be repeated
    #[arg(long, value_name = "GROUP", requires = "oidc_issuer")]
    oidc_admin_group: Vec<String>,
    /// A group of viewers. May be repeated
    #[arg(long, value_name = "GROUP", requires = "oidc_issuer")]
    oidc_viewer_group: Vec<String>,
    /// The scopes to ask for beside openid
    #[arg(long, value_name = "SCOPES", default_value = "profile email")]
    oidc_scopes: String,
    /// What the sign-in page calls the provider [default: its host]
    #[arg(long, value_name = "NAME", requires = "oidc_issuer")]
    oidc_name: Option<String>,
    /// Whether sign-in links are accepted [default: on, with --oidc-issuer off]
    #[arg(long, value_name = "on|off", value_enum)]
    sign_in_links: Option<Switch>,
}

impl SignInArguments {
    /// Whether sign-in links are accepted.
    pub(crate) fn accepts_links(&self) -> Result<bool, String> {
        match (self.sign_in_links, self.oidc_issuer.is_some()) {
            (Some(Switch::Off), false) => Err(
                "--sign-in-links off requires --oidc-issuer, because there would be no way to sign in"
                    .to_owned(),
            ),
            (Some(switch), _) => Ok(switch == Switch::On),
            (None, has_provider) => Ok(!has_provider),
        }
    }

    /// Sign-in with the provider that these options name; `None` if they name none. `dashboard` is where
    /// it sends browsers back to.
    pub(crate) fn oidc(
        &self,
        dashboard: &str,
        egress: &Egress,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Oidc>, String> {
        let (Some(issuer), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client_id) else {
            return Ok(None);
        };
        if self.oidc_admin_group.is_empty() {
            return Err("--oidc-admin-group is required with --oidc-issuer, because Waypost would have no administrator".to_owned());
        }
        let client_secret = match &self.oidc_client_secret_file {
            Some(file) => ClientSecret::File(file.clone()),
            None => variable(SECRET_VARIABLE)
                .map(|text| ClientSecret::Given(SecretText::new(text)))
                .ok_or_else(|| {
                    format!(
                        "{SECRET_VARIABLE} is not set. Set it, or pass --oidc-client-secret-file"
                    )
                })?,
        };
        let options = OidcOptions {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret,
            groups: Groups {
                claim: self.oidc_groups_claim.clone(),
                admin: self.oidc_admin_group.clone(),
                viewer: self.oidc_viewer_group.clone(),
            },
            scopes: self.oidc_scopes.clone(),
            name: self.oidc_name.clone(),
            dashboard: dashboard.to_owned(),
        };
        Oidc::new(options, egress).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        sign_in: SignInArguments,
    }

    fn read(arguments: &str) -> Result<SignInArguments, String> {
        let arguments = std::iter::once("serve").chain(arguments.split_whitespace());
        let command = Command::try_parse_from(arguments);
        command
            .map(|command| command.sign_in)
            .map_err(|error| error.to_string())
    }

    fn oidc(arguments: &str, secret: Option<&str>) -> Result<Option<Oidc>, String> {
        let egress = Egress::new("127.0.0.1:8700".parse().unwrap());
        let secret = secret.map(ToOwned::to_owned);
        let variable = |name: &str| secret.clone().filter(|_| name == SECRET_VARIABLE);
        read(arguments)?.oidc("http://127.0.0.1:8700", &egress, variable)
    }

    const CLIENT: &str = "--oidc-issuer https://login.example --oidc-client-id waypost";

    #[test]
    fn links_are_off_once_there_is_a_provider_unless_they_are_asked_for() {
        let links = |arguments: &str| read(arguments).unwrap().accepts_links();
        assert_eq!(links(""), Ok(true));
        assert_eq!(links("--sign-in-links on"), Ok(true));
        assert!(
            links("--sign-in-links off")
                .unwrap_err()
                .contains("--oidc-issuer")
        );
        assert_eq!(links(CLIENT), Ok(false));
        assert_eq!(links(&format!("{CLIENT} --sign-in-links on")), Ok(true));
    }

    #[test]
    fn each_option_says_what_it_lacks() {
        assert!(oidc("", None).is_ok_and(|none| none.is_none()));
        let admin = format!("{CLIENT} --oidc-admin-group ops");
        assert_eq!(
            oidc(&admin, Some("s")).unwrap().unwrap().name(),
            "login.example"
        );
        for (arguments, secret, words) in [
            (
                "--oidc-issuer https://login.example",
                None,
                "--oidc-client-id",
            ),
            ("--oidc-admin-group ops", None, "--oidc-issuer"),
            (CLIENT, Some("s"), "--oidc-admin-group is required"),
            (&admin, None, "WAYPOST_OIDC_CLIENT_SECRET is not set"),
            (&admin, Some(" "), "secret is empty"),
            (
                &format!("{admin} --oidc-client-secret-file /nonexistent/secret"),
                Some("s"),
                "cannot read --oidc-client-secret-file",
            ),
            (
                &admin.replace("https", "http"),
                Some("s"),
                "must begin with https://",
            ),
            (
                &admin.replace("https://login.example", "login"),
                Some("s"),
                "--oidc-issuer is not a valid URL",
            ),
        ] {
            let error = oidc(arguments, secret).err().unwrap();
            assert!(error.contains(words), "{arguments}: {error}");
        }
        let loopback = admin.replace("https://login.example", "http://127.0.0.1:9000");
        assert!(oidc(&loopback, Some("s")).is_ok());
    }
}
