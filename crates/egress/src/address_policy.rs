//! Whether one address may be called in one session.

use crate::address_kind::{self, Kind};
use crate::failure::{CallFailure, FailureKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

/// Where the control plane itself listens.
#[derive(Clone, Debug)]
pub(crate) struct OwnListeners {
    /// The listener that serves the sample, which alone may be called.
    pub(crate) sample: SocketAddr,
    /// The others, which are never called.
    pub(crate) others: Arc<[SocketAddr]>,
}

/// What is open to one origin beside public addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Nothing.
    None,
    /// Private and loopback addresses: an administrator or an operator allowed the origin.
    Private,
    /// The same, and the addresses of AWS that give credentials. Only the chain of credentials has it.
    AwsCredentials,
}

/// Where AWS gives credentials to the programs of a machine, a container or a pod.
const AWS_CREDENTIALS: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0023)),
];

/// What is allowed to the calls of one session, all of which go to one origin.
#[derive(Clone, Debug)]
pub(crate) struct AddressPolicy {
    /// The origin, for messages.
    pub(crate) origin: String,
    /// Its port.
    pub(crate) port: u16,
    /// What is open to this very origin beside public addresses.
    pub(crate) grant: Grant,
    /// Whether every call of the session stays below the sample's path.
    pub(crate) sample_only: bool,
    /// Where the control plane itself listens.
    pub(crate) own: OwnListeners,
}

impl AddressPolicy {
    /// Whether the address may be called; says why not.
    pub(crate) fn check(&self, address: IpAddr) -> Result<(), CallFailure> {
        let address = address_kind::canonical(address);
        let kind = address_kind::kind(address);
        if self.grant == Grant::AwsCredentials && AWS_CREDENTIALS.contains(&address) {
            return Ok(());
        }
        if kind.is_never() {
            return Err(self.refuse(format!(
                "{} resolves to {address}, {}. Waypost never calls such addresses. Fix the base URL.",
                self.origin,
                kind.words()
            )));
        }
        if kind != Kind::Public && self.grant == Grant::None {
            let message = format!(
                "{} resolves to {address}, {}. Waypost calls such addresses only if an administrator allows the origin. If you trust it, allow private addresses for it, then try again.",
                self.origin,
                kind.words()
            );
            return Err(CallFailure {
                may_be_allowed: true,
                ..self.refuse(message)
            });
        }
        let sample = self.own.sample;
        let exact = SocketAddr::new(address, self.port);
        // Two listeners may share a port on different addresses.
        let is_the_samples =
            exact == SocketAddr::new(address_kind::canonical(sample.ip()), sample.port());
        let is_other = |other: &SocketAddr| match other.port() == sample.port() {
            true => self.port == other.port() && address == address_kind::canonical(other.ip()),
            false => self.reaches(*other, address),
        };
        if !is_the_samples && self.own.others.iter().any(is_other) {
            return Err(self.refuse(format!(
                "{} resolves to another listener of Waypost itself, which is never called. Fix the base URL.",
                self.origin
            )));
        }
        if self.reaches(sample, address) && !self.sample_only {
            return Err(self.refuse(format!(
                "{} resolves to Waypost itself, which calls only its own sample under /sample/. Fix the base URL.",
                self.origin
            )));
        }
        Ok(())
    }

    pub(crate) fn refuse(&self, message: String) -> CallFailure {
        CallFailure::new(FailureKind::AddressNotAllowed, message)
    }

    /// Whether a connection to the address would reach a listener of this process: the port is the
    /// listener's, and the address is one of this machine's, whichever it listens on.
    fn reaches(&self, own: SocketAddr, address: IpAddr) -> bool {
        self.port == own.port()
            && (address == address_kind::canonical(own.ip()) || is_local(address))
    }
}

/// Whether an address belongs to this machine. A socket can be bound to such an address only;
/// nothing is sent by binding.
fn is_local(address: IpAddr) -> bool {
    UdpSocket::bind(SocketAddr::new(address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(granted: bool, port: u16) -> AddressPolicy {
        AddressPolicy {
            origin: "http://a.example".to_owned(),
            port,
            grant: match granted {
                true => Grant::Private,
                false => Grant::None,
            },
            sample_only: false,
            own: OwnListeners {
                sample: "127.0.0.1:8700".parse().unwrap(),
                others: ["0.0.0.0:8800".parse().unwrap()].into(),
            },
        }
    }

    fn allowed(policy: &AddressPolicy, address: &str) -> bool {
        policy.check(address.parse().unwrap()).is_ok()
    }

    #[test]
    fn a_grant_opens_private_addresses_and_nothing_worse() {
        for address in [
            "127.0.0.1",
            "::1",
            "10.0.0.5",
            "fc00::1",
            "::ffff:127.0.0.1",
        ] {
            let refused = policy(false, 80).check(address.parse().unwrap());
            assert!(refused.unwrap_err().may_be_allowed, "{address}");
            assert!(allowed(&policy(true, 80), address), "{address}");
        }
        for address in [
            "169.254.169.254",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "64:ff9b::a9fe:a9fe",
        ] {
            for granted in [false, true] {
                let refused = policy(granted, 80).check(address.parse().unwrap());
                assert!(!refused.unwrap_err().may_be_allowed, "{address}");
            }
        }
        assert!(allowed(&policy(false, 80), "8.8.8.8"));
    }

    #[test]
    fn the_chain_of_aws_credentials_reaches_their_addresses_and_no_other_neighbour() {
        let chain = AddressPolicy {
            grant: Grant::AwsCredentials,
            ..policy(true, 80)
        };
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "fd00:ec2::254",
            "fd00:ec2::23",
        ] {
            assert!(allowed(&chain, address), "{address}");
            assert!(!allowed(&policy(true, 80), address), "{address}");
        }
        for address in ["169.254.1.1", "100.100.100.200", "fe80::1", "0.0.0.0"] {
            assert!(!allowed(&chain, address), "{address}");
        }
    }

    #[test]
    fn its_own_listener_is_reached_below_the_sample_only_and_by_no_other_local_address() {
        for address in ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
            let policy = policy(true, 8700);
            let message = policy.check(address.parse().unwrap()).unwrap_err().message;
            assert!(message.contains("resolves to Waypost itself"), "{message}");
            let sample = AddressPolicy {
                sample_only: true,
                ..policy
            };
            assert!(allowed(&sample, address));
        }
        assert!(allowed(&policy(true, 8701), "127.0.0.1"));
        // Its other listeners serve no sample.
        for sample_only in [false, true] {
            let policy = AddressPolicy {
                sample_only,
                ..policy(true, 8800)
            };
            let message = policy
                .check("127.0.0.1".parse().unwrap())
                .unwrap_err()
                .message;
            assert!(message.contains("another listener"), "{message}");
        }
        let shared = |other: &str| AddressPolicy {
            sample_only: true,
            own: OwnListeners {
                sample: "127.0.0.1:8700".parse().unwrap(),
                others: [other.parse().unwrap()].into(),
            },
            ..policy(true, 8700)
        };
        for other in ["10.0.0.5:8700", "127.0.0.2:8700", "0.0.0.0:8700"] {
            assert!(allowed(&shared(other), "127.0.0.1"), "{other}");
        }
        assert!(!allowed(&shared("127.0.0.2:8700"), "127.0.0.2"));
        // An address of another machine, on the same port.
        assert!(allowed(&policy(false, 8700), "8.8.8.8"));
    }
}
