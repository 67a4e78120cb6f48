//! Who is signed in.

use super::Workspace;
use crate::api::types::{Role, SessionView};
use crate::api::{Api, ApiError};
use crate::dom;
use crate::task::spawn_detached;
use leptos::prelude::*;

mod return_address;

/// The state of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Not known yet.
    Unknown,
    /// Signed in.
    SignedIn(SessionView),
    /// Signed out.
    SignedOut(SignedOut),
    /// Unknown: the control plane did not answer, or could not say.
    Unreachable {
        /// Whether it answered.
        answered: bool,
        /// What happened and what to do.
        message: String,
    },
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// There was none.
    Never,
    /// The session of this tab was signed out.
    Left,
    /// The session of this tab has expired.
    Ended,
    /// A sign-in link was refused, for this reason.
    Refused(String),
}

/// The session of this tab.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    /// The token of a sign-in link that the control plane has not answered yet. A link works once,
    /// and its token leaves the address at once, so that a lost connection must not lose it.
    token: StoredValue<Option<String>>,
}

impl Session {
    /// A session in an unknown state.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: RwSignal::new(SessionState::Unknown),
            token: StoredValue::new(None),
        }
    }

    /// Finds out who is signed in: by the token of a sign-in link, else by the cookie. The answer
    /// fills the workspace too, so that the first page waits for one request.
    pub fn start(self, api: Api, workspace: Workspace) {
        self.ask();
        if let Some(token) = link_token() {
            self.token.set_value(Some(token));
            // A link works once; its token must not stay in the address, the history or a bookmark.
            let address = return_address::read().unwrap_or_else(|| "/".to_owned());
            dom::replace_address(&address);
        }
        let token = self.token.get_value();
        spawn_detached(async move {
            let refused = match token {
                Some(token) => api.sign_in(token).await.err(),
                None => None,
            };
            let answer = match refused {
                None => api.workspace().await,
                // The link was opened twice: an existing session stays.
                Some(ApiError::Problem(problem)) => match api.workspace().await {
                    Err(ApiError::SignedOut) => Err(ApiError::Problem(problem)),
                    answer => answer,
                },
                Some(error) => Err(error),
            };
            // A link that was not judged is still good.
            let is_judged = match &answer {
                Ok(_) | Err(ApiError::SignedOut) => true,
                Err(ApiError::Problem(problem)) => is_about_the_link(&problem.code),
                Err(_) => false,
            };
            if is_judged {
                self.token.set_value(None);
            }
            match answer {
                Ok(view) => {
                    return_address::forget();
                    self.begin(workspace.fill(view));
                }
                Err(ApiError::SignedOut) => {
                    return_address::remember();
                    self.end();
                }
                Err(ApiError::Problem(problem)) if is_judged => {
                    return_address::remember();
                    self.refuse(problem.detail);
                }
                Err(ApiError::Problem(problem)) => self.state.set(SessionState::Unreachable {
                    answered: true,
                    message: problem.detail,
                }),
                Err(error) => self.lose(error.message()),
            }
        });
    }

    /// Starts again if a sign-in link was pasted into this tab: to the browser that is no other
    /// document.
    pub fn follow_link(self) {
        if link_token().is_some() {
            dom::reload();
        }
    }

    /// Continues where this tab was, if there is a new session from another tab.
    pub fn resume(self, api: Api) {
        spawn_detached(async move {
            if let Ok(view) = api.session().await {
                return_address::forget();
                self.begin(view);
            }
        });
    }

    /// The state.
    #[must_use]
    pub fn state(self) -> SessionState {
        self.state.get()
    }

    /// Whether there is a session. Changes only when that does.
    #[must_use]
    pub fn signed_in(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.state
                .with(|state| matches!(state, SessionState::SignedIn(_)))
        })
    }

    /// Whether the signed-in person may make changes. True until the role is known, so that no
    /// control is disabled for an instant.
    #[must_use]
    pub fn may_edit(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.state.with(|state| match state {
                SessionState::SignedIn(view) => view.role == Role::Admin,
                _ => true,
            })
        })
    }

    /// Whether the first check is still under way. Changes once.
    #[must_use]
    pub fn starting(self) -> Memo<bool> {
        Memo::new(move |before: Option<&bool>| {
            self.state
                .with(|state| before != Some(&false) && *state == SessionState::Unknown)
        })
    }

    /// Whether the pages are shown: with a session, and after it expired, so that input is
    /// kept. Changes only when that does.
    #[must_use]
    pub fn shows_pages(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.state.with(|state| {
                matches!(
                    state,
                    SessionState::SignedIn(_) | SessionState::SignedOut(SignedOut::Ended)
                )
            })
        })
    }

    /// Whether the control plane did not answer when it was asked who is signed in.
    #[must_use]
    pub fn is_unreachable(self) -> bool {
        self.state
            .with_untracked(|state| matches!(state, SessionState::Unreachable { .. }))
    }

    /// Whether there is no session.
    #[must_use]
    pub fn is_signed_out(self) -> bool {
        self.state
            .with_untracked(|state| matches!(state, SessionState::SignedOut(_)))
    }

    /// Whether the session has expired.
    #[must_use]
    pub fn ended(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.state
                .with(|state| *state == SessionState::SignedOut(SignedOut::Ended))
        })
    }

    /// Starts a session.
    pub fn begin(self, view: SessionView) {
        self.state.set(SessionState::SignedIn(view));
    }

    /// Ends the session.
    pub fn end(self) {
        let how = match self.state.get_untracked() {
            SessionState::SignedIn(_) => SignedOut::Ended,
            // Several answers may report the same; the first one knew more.
            SessionState::SignedOut(how) => how,
            _ => SignedOut::Never,
        };
        self.state.set(SessionState::SignedOut(how));
    }

    /// Ends the session after signing out.
    pub fn leave(self) {
        self.state.set(SessionState::SignedOut(SignedOut::Left));
    }

    /// A sign-in link was refused.
    pub fn refuse(self, why: String) {
        self.state
            .set(SessionState::SignedOut(SignedOut::Refused(why)));
    }

    /// The control plane does not answer.
    pub fn lose(self, message: String) {
        self.state.set(SessionState::Unreachable {
            answered: false,
            message,
        });
    }

    /// Checks again.
    pub fn ask(self) {
        self.state.set(SessionState::Unknown);
    }
}

/// Whether a code says that a sign-in link is no good. Any other failure says nothing about it.
fn is_about_the_link(code: &str) -> bool {
    ["invalid_link", "too_many_failures"].contains(&code)
}

/// The token of the sign-in link in the address.
fn link_token() -> Option<String> {
    let fragment = dom::location_fragment();
    fragment.strip_prefix("token=").map(ToOwned::to_owned)
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

/// The session of this tab.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_session() -> Session {
    use_context().expect("the app provides the session")
}
