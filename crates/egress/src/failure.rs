//! Why a call got no answer, as a class and a message.

use hyper_util::client::legacy;
use std::error::Error;
use std::fmt;
use std::io;

/// An error of a connector, before it is explained.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFailure {
    /// The class.
    pub kind: FailureKind,
    /// What happened, why, and what to do next. Contains nothing that was sent or received.
    pub message: String,
    /// Whether an administrator can allow the address that was refused.
    pub may_be_allowed: bool,
}

/// The class of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// A header cannot be sent; nothing was.
    InvalidHeader,
    /// No answer within the time limit.
    Timeout,
    /// No connection: refused, no route, no such host.
    ConnectFailed,
    /// The TLS handshake failed.
    TlsFailed,
    /// The answer is not HTTP, is compressed, or ended early.
    BadResponse,
    /// The answer exceeds the size limits.
    TooLarge,
    /// The address is private, loopback or never allowed, and its origin was not granted.
    AddressNotAllowed,
}

impl CallFailure {
    pub(crate) fn new(kind: FailureKind, message: String) -> Self {
        Self {
            kind,
            message,
            may_be_allowed: false,
        }
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for CallFailure {}

/// Reads the cause of the HTTP library's error. Of its text nothing is passed on: it may hold the
/// URL's query or what the upstream wrote.
pub(crate) fn explain(origin: &str, error: &legacy::Error) -> CallFailure {
    explain_causes(origin, error, error.is_connect())
}

/// The same for a pooled client. A connection that is not accepted in time failed to connect.
pub(crate) fn explain_pooled(origin: &str, error: &legacy::Error) -> CallFailure {
    in_connecting(explain(origin, error))
}

/// The same for a connection that was opened before there was a request for it.
pub(crate) fn explain_dial(origin: &str, error: BoxError) -> CallFailure {
    in_connecting(explain_causes(origin, &DialFailed(error), true))
}

fn in_connecting(failure: CallFailure) -> CallFailure {
    match failure.kind {
        FailureKind::Timeout => CallFailure::new(FailureKind::ConnectFailed, failure.message),
        _ => failure,
    }
}

/// An error of the connector, as the cause of this one: only causes are read.
#[derive(Debug)]
struct DialFailed(BoxError);

impl fmt::Display for DialFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no connection")
    }
}

impl Error for DialFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// The resolver's or connector's own refusal, or its word that there is no such name.
fn own_refusal<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CallFailure> {
    causes(error).find_map(|cause| cause.downcast_ref::<CallFailure>())
}

fn explain_causes(origin: &str, error: &(dyn Error + 'static), is_connect: bool) -> CallFailure {
    let failure = CallFailure::new;
    if let Some(own) = own_refusal(error) {
        return own.clone();
    }
    if let Some(tls) = causes(error).find_map(find_in::<rustls::Error>) {
        return failure(FailureKind::TlsFailed, explain_tls(origin, tls));
    }
    if is_connect {
        return explain_connect(origin, causes(error).find_map(innermost_kind));
    }
    if causes(error).any(|cause| cause.to_string() == "message head is too large") {
        return failure(
            FailureKind::TooLarge,
            format!("{origin} returned more headers than Waypost reads. Ask its operator."),
        );
    }
    failure(
        FailureKind::BadResponse,
        format!(
            "{origin} accepted the connection and then closed it, or responded with something other than HTTP. \
             Check that the base URL's port and scheme are those of its API."
        ),
    )
}

/// Errors hide inside I/O errors, which do not name them as their source.
fn find_in<'a, T: Error + 'static>(cause: &'a (dyn Error + 'static)) -> Option<&'a T> {
    if let Some(found) = cause.downcast_ref::<T>() {
        return Some(found);
    }
    let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
    find_in::<T>(inner as &(dyn Error + 'static))
}

/// The kind of an I/O error, below whatever I/O errors it is wrapped in.
fn innermost_kind(cause: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let outer = cause.downcast_ref::<io::Error>()?;
    let inner = outer.get_ref().and_then(|inner| innermost_kind(inner));
    inner.or(Some(outer.kind()))
}

fn explain_connect(origin: &str, kind: Option<io::ErrorKind>) -> CallFailure {
    let broke_off = matches!(
        kind,
        Some(
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        )
    );
    if broke_off && origin.starts_with("https:") {
        return CallFailure::new(
            FailureKind::TlsFailed,
            format!(
                "{origin} closed the connection during the TLS handshake. Check that the port speaks https; if it does not, the base URL begins with http://."
            ),
        );
    }
    let message = match kind {
        Some(io::ErrorKind::ConnectionRefused) => format!(
            "Nothing listens at {origin}: the connection was refused. Start the service, or fix the host and port of the base URL."
        ),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => format!(
            "{origin} cannot be reached from this machine: there is no route to it. Check the network, or fix the base URL."
        ),
        Some(io::ErrorKind::TimedOut) => format!(
            "{origin} did not accept a connection in time. Check that it is up and that this machine can reach it."
        ),
        _ => format!(
            "Could not connect to {origin}. Check that it is up, and check the host and port of the base URL."
        ),
    };
    let class = match kind {
        Some(io::ErrorKind::TimedOut) => FailureKind::Timeout,
        _ => FailureKind::ConnectFailed,
    };
    CallFailure::new(class, message)
}

fn explain_tls(origin: &str, error: &rustls::Error) -> String {
    use rustls::CertificateError as Certificate;
    let next = match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                "its certificate has expired. Ask its operator to renew it"
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "its certificate is not valid yet. Check this machine's clock"
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "its certificate is for another name. Use the name that the certificate is for"
            }
            Certificate::UnknownIssuer | Certificate::BadSignature => {
                "its certificate is signed by an authority that this machine does not trust. Add that authority to the \
                 system's certificates, or start Waypost with SSL_CERT_FILE naming a file that has it"
            }
            Certificate::Revoked => "its certificate was revoked. Ask its operator",
            _ => "its certificate is not valid. Ask its operator",
        },
        rustls::Error::InvalidMessage(_) => {
            "it does not speak TLS on this port. If it speaks plain HTTP, the base URL begins with http://"
        }
        rustls::Error::AlertReceived(_) => {
            "it refused the handshake. It may serve another name, or ask for a client certificate"
        }
        rustls::Error::PeerIncompatible(_) => {
            "it offers no version or cipher of TLS that is safe to use. Ask its operator"
        }
        _ => "the handshake failed. Check that the port speaks https",
    };
    format!("No secure connection to {origin}: {next}.")
}
