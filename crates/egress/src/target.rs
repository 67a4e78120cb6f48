//! What a URL says about where it leads, before any name is looked up.

use crate::address_policy::{AddressPolicy, Grant, OwnListeners};
use crate::failure::CallFailure;
use std::net::IpAddr;
use url::{Host, Url};
use waypost_routing::base_url::BaseUrl;

/// The longest URL that is called, the query of a next page included.
const LONGEST_URL: usize = 4096;

/// Below this path the control plane serves the sample.
const SAMPLE_PATH: &str = "/sample/";

/// Names of metadata services. Their addresses are refused as well; the names are because they
/// may be made to lead elsewhere.
const METADATA_NAMES: [&str; 6] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Reads a base URL once more, with the parser that the HTTP library uses, and refuses it where
/// the two readings differ: a host that two parsers see differently is how checks are slipped.
pub(crate) fn policy_for(
    base: &BaseUrl,
    granted: bool,
    own: &OwnListeners,
) -> Result<(Url, AddressPolicy), CallFailure> {
    let grant = match granted {
        true => Grant::Private,
        false => Grant::None,
    };
    policy_with(base, grant, own)
}

/// The same with any grant.
pub(crate) fn policy_with(
    base: &BaseUrl,
    grant: Grant,
    own: &OwnListeners,
) -> Result<(Url, AddressPolicy), CallFailure> {
    let policy = AddressPolicy {
        origin: base.origin(),
        port: base.port(),
        grant,
        sample_only: is_sample(base),
        own: own.clone(),
    };
    // With a slash, because the parser adds one to an empty path.
    let text = format!("{}/", base.as_str());
    let url = Url::parse(&text)
        .ok()
        .filter(|url| {
            url.as_str() == text
                && url.host_str() == Some(base.host())
                && url.port_or_known_default() == Some(base.port())
                && url.origin().ascii_serialization() == base.origin()
        })
        .ok_or_else(|| {
            policy.refuse(format!(
                "The base URL {} is ambiguous, so it is not called. Simplify its host and path.",
                base.as_str()
            ))
        })?;
    check_host(&url, &policy)?;
    Ok((url, policy))
}

/// Whether a URL may be called in a session: of the session's origin, plain, and below the
/// sample's path where the session is.
pub(crate) fn check_url(url: &Url, base: &Url, policy: &AddressPolicy) -> Result<(), CallFailure> {
    if url.origin() != base.origin() {
        return Err(policy.refuse(format!(
            "A call to {} was about to go to another origin and was stopped.",
            policy.origin
        )));
    }
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.as_str().len() <= LONGEST_URL;
    if !plain || (policy.sample_only && !below_sample(url.path())) {
        return Err(policy.refuse(format!(
            "A URL at {} is too long, contains a user name, or leaves the sample's path, so it is not called.",
            policy.origin
        )));
    }
    check_host(url, policy)
}

fn check_host(url: &Url, policy: &AddressPolicy) -> Result<(), CallFailure> {
    match url.host() {
        Some(Host::Ipv4(address)) => policy.check(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => policy.check(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            if METADATA_NAMES.contains(&name.as_str()) {
                return Err(policy.refuse(format!(
                    "{} is a cloud metadata service, which Waypost never calls. Fix the base URL.",
                    policy.origin
                )));
            }
            Ok(())
        }
        None => Err(policy.refuse("The base URL has no host.".to_owned())),
    }
}

/// Whether every call below a base URL stays below the sample's path.
pub(crate) fn is_sample(base: &BaseUrl) -> bool {
    below_sample(&format!("{}/", base.path()))
}

/// The address that a URL contains, where it contains no name.
pub(crate) fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    }
}

/// Whether a path stays below the sample's, also for a server that decodes it once more.
pub(crate) fn below_sample(path: &str) -> bool {
    path.starts_with(SAMPLE_PATH) && !path.contains(['%', '\\']) && !path.contains("..")
}
