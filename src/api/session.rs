//! Signing in and out.

use super::transport::Call;
use super::{Answer, Api, SecretBody};
use crate::paths::Encoded;
use waypost_api_types::{Page, SessionItem, SessionView, SignInOptions};

impl Api {
    /// Who is signed in.
    ///
    /// # Errors
    /// [`ApiError::SignedOut`] without a session.
    pub fn session(self) -> Answer<SessionView> {
        Call::get("/session").read_quietly(self)
    }

    /// Signs in with the token of a sign-in link.
    ///
    /// # Errors
    /// A problem if the link has expired or was used.
    pub fn sign_in(self, token: String) -> Answer<SessionView> {
        Call::post("/session")
            .secret(SecretBody::new().text("token", token))
            .read_quietly(self)
    }

    /// How to sign in.
    pub fn sign_in_options(self) -> Answer<SignInOptions> {
        Call::get("/sign-in-options").read_quietly(self)
    }

    /// The open sessions, the current one first.
    pub fn sessions(self) -> Answer<Vec<SessionItem>> {
        Box::pin(async move {
            let page: Page<SessionItem> = Call::get("/sessions").read(self).await?;
            Ok(page.items)
        })
    }

    /// Ends another session.
    ///
    /// # Errors
    /// `not_found` if it has ended already.
    pub fn end_session(self, id: &str) -> Answer<()> {
        Call::delete(format!("/sessions/{}", Encoded(id))).done(self)
    }

    /// Ends the session.
    pub fn sign_out(self) -> Answer<()> {
        Call::delete("/session").done(self)
    }
}
