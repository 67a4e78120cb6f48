//! The options that say through which proxy Waypost calls others.

use super::Failure;
use clap::Args;
use std::convert::Infallible;
use waypost_egress::EgressProxy;

/// Names the proxy in place of `--egress-proxy`, and may have its password.
const VARIABLE: &str = "WAYPOST_EGRESS_PROXY";

/// Which proxy is used, if any.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Outbound calls")]
pub(super) struct EgressOptions {
    /// A proxy that outbound calls go through by CONNECT, such as http://proxy.example:3128 [default:
    /// $WAYPOST_EGRESS_PROXY, which may have a user and a password]
    #[arg(long, value_name = "URL", value_parser = named)]
    egress_proxy: Option<NamedProxy>,
    /// A name with all below it, an address or a network that is called without the proxy. May be
    /// repeated, or take a list with commas
    #[arg(long, value_name = "HOST[:PORT]", value_delimiter = ',')]
    no_proxy: Vec<String>,
}

/// The URL of a proxy without credentials, or what is wrong with it: the text itself may have a password.
#[derive(Clone, Debug)]
struct NamedProxy(Result<String, String>);

fn named(text: &str) -> Result<NamedProxy, Infallible> {
    Ok(NamedProxy(match EgressProxy::parse(text, &[]) {
        Ok(proxy) if proxy.has_credentials() => Err(format!(
            "a user and a password belong in {VARIABLE}: the command line can be read by others on this machine"
        )),
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error),
    }))
}

impl EgressOptions {
    /// The proxy that was named, here or in the environment.
    ///
    /// # Errors
    /// If its URL or an exception is malformed.
    pub(super) fn proxy(&self) -> Result<Option<EgressProxy>, Failure> {
        self.proxy_in(|name| std::env::var(name).ok())
    }

    fn proxy_in(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<EgressProxy>, Failure> {
        let from_environment = || variable(VARIABLE).filter(|text| !text.trim().is_empty());
        let (option, url) = match &self.egress_proxy {
            Some(NamedProxy(named)) => ("--egress-proxy", named.clone()),
            None => match from_environment() {
                Some(text) => (VARIABLE, Ok(text)),
                None if self.no_proxy.is_empty() => return Ok(None),
                None => {
                    return Err(Failure::new(
                        "--no-proxy needs --egress-proxy, which names the proxy".to_owned(),
                    ));
                }
            },
        };
        let fail = |option: &str, error: String| Failure::new(format!("{option}: {error}"));
        let url = url.map_err(|error| fail(option, error))?;
        EgressProxy::parse(&url, &[]).map_err(|error| fail(option, error))?;
        let proxy = EgressProxy::parse(&url, &self.no_proxy);
        proxy.map(Some).map_err(|error| fail("--no-proxy", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser, Debug)]
    struct Command {
        #[command(flatten)]
        options: EgressOptions,
    }

    fn proxy(arguments: &[&str], variable: Option<&str>) -> Result<Option<String>, String> {
        let words = ["waypost"].iter().chain(arguments);
        let command = Command::try_parse_from(words).unwrap();
        let shown = format!("{command:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let found = command.options.proxy_in(|name| {
            assert_eq!(name, VARIABLE);
            variable.map(str::to_owned)
        });
        found
            .map(|proxy| proxy.map(|proxy| proxy.origin().to_owned()))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_proxy_is_named_by_the_option_or_the_environment() {
        let origin = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(proxy(&[], None), Ok(None));
        assert_eq!(proxy(&[], Some("  ")), Ok(None));
        let password = Some("http://user:hunter2@env.example:3128");
        assert_eq!(proxy(&[], password), origin("http://env.example:3128"));
        let option = ["--egress-proxy", "http://option.example:3128"];
        assert_eq!(
            proxy(&option, password),
            origin("http://option.example:3128")
        );
        let excepting = ["--no-proxy", "a.example,10.0.0.0/8"];
        assert!(proxy(&excepting, password).is_ok());
    }

    #[test]
    fn a_wrong_proxy_is_named_by_its_option_and_never_repeated() {
        for (arguments, variable, words) in [
            (
                &["--egress-proxy", "http://user:hunter2@option.example"][..],
                None,
                "belong in WAYPOST_EGRESS_PROXY",
            ),
            (
                &["--egress-proxy", "ftp://user:hunter2@option.example"][..],
                None,
                "--egress-proxy: expected",
            ),
            (
                &[][..],
                Some("user:hunter2@"),
                "WAYPOST_EGRESS_PROXY: expected",
            ),
            (
                &["--no-proxy", "a.example"][..],
                None,
                "needs --egress-proxy",
            ),
            (
                &["--no-proxy", "10.0.0.0/99"][..],
                Some("http://user:hunter2@env.example"),
                "--no-proxy: `10.0.0.0/99`",
            ),
        ] {
            let message = proxy(arguments, variable).unwrap_err();
            assert!(message.contains(words), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
