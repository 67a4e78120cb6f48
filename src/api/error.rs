//! Failed requests and the messages shown for them.

use super::json;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use waypost_api_types as types;

/// Why the control plane refused a request.
pub type Problem = types::Problem<Stored>;

/// The stored row that a 412 carries, as unparsed JSON. Callers parse it: parsing here would put
/// every stored type into the first download.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Stored(json::Raw);

impl Stored {
    /// The stored row; `None` if it has another type.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        json::read(&self.0.0).ok()
    }
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// The control plane answered with a problem.
    Problem(Problem),
    /// There is no session, or it has ended.
    SignedOut,
    /// The control plane cannot be reached.
    Network,
    /// The answer is not the control plane's: it comes from another program, a proxy or another
    /// version.
    NotJson {
        /// The status it came with.
        status: u16,
    },
}

impl ApiError {
    /// What happened, why, and what to do next.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail.clone(),
            Self::SignedOut => "You are signed out. Sign in in another tab, with the identity provider or a link from `waypost sign-in-link`, then try again here. What you typed is kept."
                .to_owned(),
            Self::Network => {
                "The control plane cannot be reached. Check that `waypost serve` is running, then try again."
                    .to_owned()
            }
            Self::NotJson { status } => format!(
                "The answer (status {status}) does not come from Waypost. Another program may be serving this address, or the dashboard is older than the control plane: reload the page."
            ),
        }
    }

    /// The row as it is stored now, if the request failed because it changed.
    #[must_use]
    pub fn stored<T: DeserializeOwned>(&self) -> Option<T> {
        match self {
            Self::Problem(problem) => problem.current.as_ref()?.read(),
            _ => None,
        }
    }

    /// What the check said, if it is why a key was not saved.
    #[must_use]
    pub fn check(&self) -> Option<&types::OutcomeReport> {
        match self {
            Self::Problem(problem) => problem.check.as_deref(),
            _ => None,
        }
    }

    /// The stable code of a problem.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }

    /// The invalid field.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => problem.field.as_deref(),
            _ => None,
        }
    }

    /// A suggested value for the invalid field.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => problem.suggestion.as_deref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_speaks_for_itself() {
        let error = ApiError::Problem(Problem {
            code: "name_taken".to_owned(),
            status: 409,
            title: "Conflict".to_owned(),
            detail: "`edge` is taken.".to_owned(),
            field: Some("name".to_owned()),
            ..Problem::default()
        });
        assert_eq!(error.message(), "`edge` is taken.");
        assert_eq!(error.code(), Some("name_taken"));
        assert_eq!(error.field(), Some("name"));
    }

    #[test]
    fn what_is_stored_now_is_read_by_who_wants_it() {
        let text = r#"{"code":"version_conflict","status":412,"title":"","detail":"","current":{"ref":"a/b","version":7}}"#;
        let error = ApiError::Problem(json::read(text).unwrap());
        let current: types::DefaultModel = error.stored().unwrap();
        assert_eq!(current.model_ref.as_deref(), Some("a/b"));
        assert_eq!(error.stored::<types::Page<types::AuditEvent>>(), None);
    }

    #[test]
    fn every_other_error_says_what_to_do_next() {
        for (error, word) in [
            (ApiError::SignedOut, "waypost sign-in-link"),
            (ApiError::Network, "waypost serve"),
            (ApiError::NotJson { status: 502 }, "reload"),
        ] {
            assert!(error.message().contains(word), "{error:?}");
            assert_eq!(error.code(), None);
        }
    }
}
