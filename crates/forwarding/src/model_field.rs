//! Finds the value of the top-level `model` in a request's body, without changing or copying anything
//! else of it.
//!
//! The body is read strictly: UTF-8, one JSON object, nothing before or after it. A gateway may take
//! another of two `model` fields than Waypost, or ignore case, so that such bodies are refused.

mod reader;

pub(crate) use reader::ModelField;

use crate::forward_error::ForwardError;
use bytes::Bytes;
use reader::{Fault, MAX_DEPTH};

/// From how many bytes on a body is read on a thread that may take its time: about a millisecond of work.
const LARGE: usize = 512 * 1024;

/// Finds the field, without holding up what else runs on the thread.
///
/// # Errors
/// `invalid_json`, `missing_model` or `duplicate_model`.
pub(crate) async fn find_in(body: &Bytes) -> Result<ModelField, ForwardError> {
    if body.len() < LARGE {
        return find(body);
    }
    let body = body.clone();
    let finding = tokio::task::spawn_blocking(move || find(&body));
    finding
        .await
        .unwrap_or_else(|_| Err(ForwardError::internal()))
}

/// Finds the field.
///
/// # Errors
/// As for [`find_in`].
pub(crate) fn find(body: &[u8]) -> Result<ModelField, ForwardError> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let at = error.valid_up_to();
        invalid(&format!("it is not UTF-8 at byte {at}"))
    })?;
    reader::read(text).map_err(into_error)
}

fn invalid(why: &str) -> ForwardError {
    ForwardError::bad_request(
        "invalid_json",
        format!("The request body is not a JSON object: {why}."),
    )
}

fn into_error(fault: Fault) -> ForwardError {
    match fault {
            Fault::Syntax { at } => invalid(&format!("unexpected input at byte {at}")),
            Fault::TooDeep { at } => invalid(&format!(
                "it is nested more than {MAX_DEPTH} levels deep at byte {at}"
            )),
            Fault::MissingModel => ForwardError::bad_request(
                "missing_model",
                "The request body has no `model`. Name the model to use.",
            )
            .about_model(),
            Fault::ModelIsNoString => ForwardError::bad_request(
                "missing_model",
                "The `model` of the request body is not a string. Name the model to use.",
            )
            .about_model(),
            Fault::DuplicateModel => ForwardError::bad_request(
                "duplicate_model",
                "The request body must have one field `model`, in lower case, and no other that differs from it only by case.",
            )
            .about_model(),
        }
}

#[cfg(test)]
mod tests;
