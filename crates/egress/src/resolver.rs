//! Names become addresses here, at the moment of connecting, and only those that were checked are
//! handed on. A name that was public a second ago and is private now is refused now.

use crate::address_policy::AddressPolicy;
use crate::failure::{CallFailure, FailureKind};
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;

/// The addresses of a name, in some future.
pub(crate) type Addresses = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks up the addresses of names: the system, or a test.
pub(crate) trait Lookup: Send + Sync + 'static {
    /// Every address of a name.
    fn addresses(&self, name: &str) -> Addresses;
}

/// The system's resolver.
pub(crate) struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, name: &str) -> Addresses {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Keeps the addresses that may be called, or fails with the first one's reason if none may.
pub(crate) fn check(
    policy: &AddressPolicy,
    found: io::Result<Vec<IpAddr>>,
) -> Result<Vec<IpAddr>, CallFailure> {
    let found = found.unwrap_or_default();
    let mut refusal = None;
    let mut allowed = Vec::new();
    for address in found {
        match policy.check(address) {
            Ok(()) => allowed.push(address),
            Err(failure) => {
                refusal.get_or_insert(failure);
            }
        }
    }
    if !allowed.is_empty() {
        return Ok(allowed);
    }
    Err(refusal.unwrap_or_else(|| {
        CallFailure::new(
            FailureKind::ConnectFailed,
            format!(
                "The name in {} has no address. Check its spelling and this machine's DNS.",
                policy.origin
            ),
        )
    }))
}
