//! Who is signed in.

use crate::api::types::SessionView;
use crate::api::{Api, ApiError};
use crate::dom;
use crate::task::spawn_detached;
use leptos::prelude::*;

/// What is known of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The control plane is being asked.
    Unknown,
    /// Somebody is signed in.
    SignedIn(SessionView),
    /// Nobody is.
    SignedOut(SignedOut),
    /// It cannot be said: the control plane does not answer.
    Unreachable {
        /// What happened and what to do.
        message: String,
    },
}

/// How it came that nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// Nobody was.
    Never,
    /// Somebody was, in this tab, and has left.
    Left,
    /// Somebody was, in this tab, and the session has ended by itself.
    Ended,
    /// A sign-in link was refused, for this reason.
    Refused(String),
}

/// The session of this tab.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
}

impl Session {
    /// A session nothing is known of.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: RwSignal::new(SessionState::Unknown),
        }
    }

    /// Finds out who is signed in: by the token of a sign-in link, else by the cookie.
    pub fn start(self, api: Api) {
        self.ask();
        let token = dom::location_fragment()
            .strip_prefix("token=")
            .map(ToOwned::to_owned);
        if token.is_some() {
            // A link works once; its token must not stay in the address, the history or a bookmark.
            dom::replace_address("/");
        }
        spawn_detached(async move {
            let answer = match token {
                Some(token) => match api.sign_in(token).await {
                    // A link opened twice: whoever is signed in already stays so.
                    Err(ApiError::Problem(problem)) => match api.session().await {
                        Err(ApiError::SignedOut) => Err(ApiError::Problem(problem)),
                        answer => answer,
                    },
                    answer => answer,
                },
                None => api.session().await,
            };
            match answer {
                Ok(view) => self.begin(view),
                Err(ApiError::SignedOut) => self.end(),
                Err(ApiError::Problem(problem)) => self.refuse(problem.detail),
                Err(error) => self.lose(error.message()),
            }
        });
    }

    /// Goes on where the session ended, if somebody has signed in meanwhile, in another tab.
    pub fn resume(self, api: Api) {
        spawn_detached(async move {
            if let Ok(view) = api.session().await {
                self.begin(view);
            }
        });
    }

    /// What is known.
    #[must_use]
    pub fn state(self) -> SessionState {
        self.state.get()
    }

    /// Whether somebody is signed in. Changes only when that does.
    #[must_use]
    pub fn signed_in(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.state
                .with(|state| matches!(state, SessionState::SignedIn(_)))
        })
    }

    /// Whether the pages are shown: to whoever is signed in, and to whom the session has ended
    /// under the hands, so that nothing typed is lost. Changes only when that does.
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

    /// Whether the session has ended by itself.
    #[must_use]
    pub fn ended(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.state
                .with(|state| *state == SessionState::SignedOut(SignedOut::Ended))
        })
    }

    /// Somebody has signed in.
    pub fn begin(self, view: SessionView) {
        self.state.set(SessionState::SignedIn(view));
    }

    /// Nobody is signed in.
    pub fn end(self) {
        let how = match self.state.get_untracked() {
            SessionState::SignedIn(_) => SignedOut::Ended,
            // Several answers may bring the same news; the first one knew more.
            SessionState::SignedOut(how) => how,
            _ => SignedOut::Never,
        };
        self.state.set(SessionState::SignedOut(how));
    }

    /// Whoever was signed in has left.
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
        self.state.set(SessionState::Unreachable { message });
    }

    /// The control plane is asked again.
    pub fn ask(self) {
        self.state.set(SessionState::Unknown);
    }
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
