//! Failures of AWS in plain words. Its own messages are not passed on: they may repeat what was sent.

use crate::backend::BackendError;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;
use waypost_egress::CallFailure;

/// Says why a call failed.
pub(super) trait Explain {
    /// `action` is what a policy must allow on the secret.
    fn explain(&self, id: &str, action: &str) -> BackendError;
}

impl<E, R> Explain for SdkError<E, R>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn explain(&self, id: &str, action: &str) -> BackendError {
        let code = self.as_service_error().and_then(ProvideErrorMetadata::code);
        BackendError::Unavailable(match code {
            Some(code) => of_code(code, id, action),
            None => match own_failure(self) {
                Some(failure) => failure.message.trim_end_matches('.').to_owned(),
                None => of_transport(self),
            },
        })
    }
}

fn of_code(code: &str, id: &str, action: &str) -> String {
    match code {
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => "AWS limits the rate of requests".to_owned(),
        "AccessDeniedException" => format!(
            "AWS refused {action} on `{id}`: the policy of Waypost's role or user does not allow it"
        ),
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "ExpiredTokenException"
        | "SignatureDoesNotMatch" => {
            "AWS refused Waypost's credentials: they are wrong or have expired".to_owned()
        }
        "DecryptionFailure" | "EncryptionFailure" | "KMSAccessDeniedException" => {
            format!("AWS cannot use the KMS key of `{id}`. Check the key and who may use it")
        }
        "LimitExceededException" => "AWS has reached a limit of this account".to_owned(),
        code if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && code.len() < 64 => {
            format!("AWS refused {action} on `{id}` with {code}")
        }
        _ => format!("AWS refused {action} on `{id}`"),
    }
}

fn of_transport<E, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::TimeoutError(_) => "AWS did not answer in time".to_owned(),
        SdkError::ResponseError(_) => {
            "AWS gave an answer that is not its own. Check the endpoint".to_owned()
        }
        _ => "no usable credentials or region for AWS were found. Check the environment, the profile or the role of this machine"
            .to_owned(),
    }
}

/// The guarded client's own failure, where that is the cause.
fn own_failure<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CallFailure> {
    std::iter::successors(Some(error), |cause| (*cause).source())
        .find_map(|cause| cause.downcast_ref::<CallFailure>())
}
