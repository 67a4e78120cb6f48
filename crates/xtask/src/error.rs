//! What can go wrong in a command of xtask.

use std::fmt::Display;
use std::io;

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing is left to say: the step that failed has been named.
    Reported,
    /// Something else failed first, in another thread.
    Stopped,
    /// One sentence for the person at the terminal: what happened and what to do.
    Message(String),
}

/// The result of a command of xtask.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with something to say.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }
}

/// Says what was being done when the operating system refused.
pub(crate) trait Context<T> {
    /// Puts `what` in front of the reason.
    fn context(self, what: impl Display) -> Outcome<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, what: impl Display) -> Outcome<T> {
        self.map_err(|error| Failure::new(format!("{what}: {error}")))
    }
}

impl From<xshell::Error> for Failure {
    fn from(error: xshell::Error) -> Self {
        Self::Message(error.to_string())
    }
}
