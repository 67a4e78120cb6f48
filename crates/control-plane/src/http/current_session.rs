//! The session that a request belongs to.

use crate::store::Actor;
use crate::store::sessions::StoredSession;
use waypost_api_types::SessionView;

/// The session of the request. It is there wherever the table accepts no token.
#[derive(Clone, Debug)]
pub struct CurrentSession(pub StoredSession);

impl CurrentSession {
    /// How the audit log names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::session(&self.0.public_id, &self.0.label)
    }

    /// The session as the API shows it.
    pub(super) fn view(&self) -> SessionView {
        SessionView {
            role: self.0.role,
            name: self.0.person.as_ref().map(|person| person.name.clone()),
            expires_at: self.0.expires_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
