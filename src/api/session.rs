//! Signing in and out.

use super::transport::Call;
use super::{Api, ApiError, SecretBody};
use waypost_api_types::SessionView;

impl Api {
    /// Who is signed in.
    ///
    /// # Errors
    /// [`ApiError::SignedOut`] where nobody is.
    pub async fn session(self) -> Result<SessionView, ApiError> {
        Call::get("/session").read().await
    }

    /// Signs in with the token of a sign-in link.
    ///
    /// # Errors
    /// A problem where the link has expired or was used.
    pub async fn sign_in(self, token: String) -> Result<SessionView, ApiError> {
        Call::post("/session")
            .secret(SecretBody::new().text("token", token))
            .read()
            .await
    }

    /// Ends the session.
    ///
    /// # Errors
    /// As for every call.
    pub async fn sign_out(self) -> Result<(), ApiError> {
        Call::delete("/session").done().await
    }
}
