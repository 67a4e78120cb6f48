//! Sign-in with OpenID Connect: the authorization code flow with PKCE, state and nonce.
//!
//! `jsonwebtoken` checks signatures, with the cryptography that TLS uses anyway; the flow around it is
//! here. The `openidconnect` package would bring a second set of cryptography (`rsa`, `p256`, `sha2` and
//! what they need), and leaves discovery's addresses, groups and the rotation of keys to its caller all
//! the same.

mod error;
mod id_token;
mod login_state;
mod membership;
mod provider;

pub use error::{OidcError, OidcErrorKind};
pub use login_state::{LOGIN_SECONDS, LoginState, own_address};
pub use membership::Groups;

use crate::store::sessions::Person;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use id_token::{Claims, Expected, Unverified};
use provider::{Discovered, Provider};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use waypost_api_types::Role;
use waypost_egress::Egress;
use waypost_secrets::SecretText;
use waypost_system::clock;
use zeroize::Zeroizing;

/// How many codes are redeemed at a time. Anyone may send one, and each makes a call.
const REDEEMED_AT_ONCE: usize = 16;

/// What a sign-in with an identity provider needs to know.
pub struct OidcOptions {
    /// The issuer's URL.
    pub issuer: String,
    /// The client that Waypost is there.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: ClientSecret,
    /// Who may use Waypost.
    pub groups: Groups,
    /// The scopes beside `openid`.
    pub scopes: String,
    /// What people call the provider; its host if absent.
    pub name: Option<String>,
    /// The URL of the dashboard, which the provider sends browsers back to.
    pub dashboard: String,
}

/// Where the client's secret is.
pub enum ClientSecret {
    /// In this file, which is read at each sign-in, so that a new one needs no restart.
    File(PathBuf),
    /// Here.
    Given(SecretText),
}

impl ClientSecret {
    /// The secret.
    ///
    /// # Errors
    /// If the file cannot be read, or is empty.
    pub fn read(&self) -> Result<SecretText, String> {
        let secret = match self {
            Self::Given(secret) => secret.trimmed(),
            Self::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => SecretText::new(text).trimmed(),
                Err(error) => {
                    return Err(format!(
                        "cannot read --oidc-client-secret-file ({}): {error}",
                        path.display()
                    ));
                }
            },
        };
        match secret.expose().is_empty() {
            true => Err("the OpenID Connect client secret is empty".to_owned()),
            false => Ok(secret),
        }
    }
}

/// Sign-in with one identity provider. Clones share what is known about it.
#[derive(Clone)]
pub struct Oidc(Arc<Inner>);

struct Inner {
    options: OidcOptions,
    provider: Provider,
    redeeming: Semaphore,
}

/// What a provider sends back with a browser.
#[derive(Default)]
pub struct Callback {
    state: Option<String>,
    code: Option<SecretText>,
    error: Option<String>,
    iss: Option<String>,
}

impl Callback {
    /// Reads the query of the callback's address. Providers add parameters of their own; one that counts
    /// and comes twice makes all of it void.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            let twice = match &*name {
                "state" => read.state.replace(value).is_some(),
                "code" => read.code.replace(SecretText::new(value)).is_some(),
                "error" => read.error.replace(value).is_some(),
                "iss" => read.iss.replace(value).is_some(),
                _ => false,
            };
            if twice {
                return Self::default();
            }
        }
        read
    }

    /// The `state`; empty if it is absent.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.as_deref().unwrap_or_default()
    }
}

/// What the token endpoint answers with.
#[derive(Deserialize)]
struct Tokens {
    id_token: Option<SecretText>,
    access_token: Option<SecretText>,
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
}

impl Oidc {
    /// Nothing is sent yet: a provider that is down keeps nothing from starting.
    ///
    /// # Errors
    /// If the issuer or the secret cannot be used.
    pub fn new(options: OidcOptions, egress: &Egress) -> Result<Self, String> {
        let provider = Provider::new(&options.issuer, egress)?;
        options.client_secret.read()?;
        Ok(Self(Arc::new(Inner {
            options,
            provider,
            redeeming: Semaphore::new(REDEEMED_AT_ONCE),
        })))
    }

    /// What people call the provider.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.0.options.name.as_deref();
        name.unwrap_or_else(|| self.0.provider.host())
    }

    /// The URL of the dashboard, where a sign-in begins and ends: its cookie belongs to this host.
    #[must_use]
    pub fn dashboard(&self) -> &str {
        &self.0.options.dashboard
    }

    /// The path of that URL, without a slash at its end: what addresses of this server begin with.
    #[must_use]
    pub fn base_path(&self) -> &str {
        let (_, rest) = self.dashboard().split_once("://").unwrap_or_default();
        let path = rest.find('/').map_or("", |at| &rest[at..]);
        path.trim_end_matches('/')
    }

    /// Reads what the provider says about itself, so that a mistake is in the log before the first person
    /// meets it.
    pub async fn check(&self) {
        match self.0.provider.discovered().await {
            Ok(found) => tracing::info!(issuer = found.issuer, "found the identity provider"),
            Err(error) => {
                tracing::warn!(%error, "sign-in with the identity provider does not work")
            }
        }
    }

    /// Where to send the browser.
    ///
    /// # Errors
    /// If the provider does not say where.
    pub async fn authorization_url(&self, login: &LoginState) -> Result<Url, OidcError> {
        let options = &self.0.options;
        let discovered = self.0.provider.discovered().await?;
        let mut url = discovered.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &options.client_id)
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("scope", &format!("openid {}", options.scopes))
            .append_pair("state", &login.state())
            .append_pair("nonce", &login.nonce())
            .append_pair("code_challenge", &login.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Who has signed in, and what they may do. `login` is of the browser that brought the callback.
    ///
    /// # Errors
    /// If the callback does not belong to it, the provider refuses, or its token does not prove it.
    pub async fn sign_in(
        &self,
        login: &LoginState,
        callback: &Callback,
    ) -> Result<(Person, Role), OidcError> {
        if !login.matches(callback.state()) {
            return Err(not_begun_here());
        }
        if let Some(error) = &callback.error {
            return Err(refused_by_provider(error));
        }
        let code = callback.code.as_ref().ok_or_else(not_begun_here)?;
        let Ok(_place) = self.0.redeeming.try_acquire() else {
            return Err(OidcError::provider(
                "Many people are signing in at this moment. Wait a few seconds, then sign in again.",
            ));
        };
        let discovered = self.0.provider.discovered().await?;
        let issuer = callback.iss.as_deref();
        // A code of another provider must not be sent to this one.
        if issuer.map_or(discovered.names_issuer, |issuer| {
            issuer != discovered.issuer
        }) {
            return Err(OidcError::sign_in(
                "The answer came from another identity provider than this sign-in was sent to. Sign in again.",
            ));
        }
        let tokens = self.redeem(&discovered, login, code).await?;
        let id_token = tokens.id_token.as_ref().ok_or_else(|| {
            OidcError::provider(
                "The identity provider returned no ID token. Check that its client may use the scope `openid`.",
            )
        })?;
        let claims = self.verified(discovered.clone(), id_token.expose()).await?;
        let nonce = login.nonce();
        id_token::check(
            &claims,
            &Expected {
                issuer: &discovered.issuer,
                client_id: &self.0.options.client_id,
                nonce: &nonce,
                now: clock::now(),
            },
        )?;
        let claims = self.completed(&discovered, claims, &tokens).await?;
        let person = membership::person(&discovered.issuer, &claims)?;
        let role = self.0.options.groups.role(&claims)?;
        Ok((person, role))
    }

    /// The claims of a token that the provider signed. A key that is not known may be new: the keys are
    /// read again, once.
    async fn verified(
        &self,
        discovered: Arc<Discovered>,
        token: &str,
    ) -> Result<Claims, OidcError> {
        match id_token::verified(token, &discovered.keys) {
            Ok(claims) => return Ok(claims),
            Err(Unverified::Refused(error)) => return Err(error),
            Err(Unverified::NoKey) => {}
        }
        let again = self.0.provider.discovered_since(&discovered).await?;
        id_token::verified(token, &again.keys).map_err(|unverified| match unverified {
            Unverified::Refused(error) => error,
            Unverified::NoKey => OidcError::provider(
                "No key of the identity provider signed the ID token. Sign in again; if that does not help, check the provider's `jwks_uri`.",
            ),
        })
    }

    /// The claims, with those of the userinfo endpoint where the token lacks the groups or a name.
    async fn completed(
        &self,
        discovered: &Discovered,
        mut claims: Claims,
        tokens: &Tokens,
    ) -> Result<Claims, OidcError> {
        if self.0.options.groups.are_in(&claims) && membership::name(&claims).is_some() {
            return Ok(claims);
        }
        let Some(access) = &tokens.access_token else {
            return Ok(claims);
        };
        let Some(authorization) = sensitive(&format!("Bearer {}", access.expose())) else {
            return Ok(claims);
        };
        let reply = self.0.provider.userinfo(discovered, authorization).await?;
        let more: Option<Claims> = reply
            .filter(|reply| reply.status == 200)
            .and_then(|reply| reply.json());
        // An answer about someone else is none.
        if let Some(more) = more
            && more.get("sub") == claims.get("sub")
        {
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(claims)
    }

    async fn redeem(
        &self,
        discovered: &Discovered,
        login: &LoginState,
        code: &SecretText,
    ) -> Result<Tokens, OidcError> {
        let options = &self.0.options;
        let secret = options.client_secret.read().map_err(|error| {
            tracing::warn!(error, "sign-in with the identity provider does not work");
            OidcError::setup(
                "Waypost cannot read its client secret. Ask an administrator to look into its log.",
            )
        })?;
        let in_body = discovered.secret_in_body;
        let authorization = match in_body {
            true => None,
            false => Some(basic(&options.client_id, &secret)?),
        };
        let form = self.form(login, code, in_body.then_some(&secret));
        let reply = self.0.provider.redeem(discovered, form, authorization);
        let reply = reply.await?;
        if reply.status == 200 {
            return reply.json().ok_or_else(|| {
                OidcError::provider("The identity provider's answer is not the JSON that OpenID Connect defines. Check the provider.")
            });
        }
        let error: Option<TokenError> = reply.json();
        Err(refused_code(
            reply.status,
            error.as_ref().map_or("", |body| &body.error),
        ))
    }

    /// The body of the request for tokens.
    fn form(
        &self,
        login: &LoginState,
        code: &SecretText,
        secret: Option<&SecretText>,
    ) -> Zeroizing<Vec<u8>> {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code.expose())
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("code_verifier", &login.verifier());
        if let Some(secret) = secret {
            form.append_pair("client_id", &self.0.options.client_id)
                .append_pair("client_secret", secret.expose());
        }
        Zeroizing::new(form.finish().into_bytes())
    }

    fn redirect_uri(&self) -> String {
        format!("{}/oidc/callback", self.0.options.dashboard)
    }
}

/// The header of `client_secret_basic`: both parts are form-encoded first.
fn basic(client_id: &str, secret: &SecretText) -> Result<HeaderValue, OidcError> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let secret = Zeroizing::new(encoded(secret.expose()));
    let pair = Zeroizing::new(format!("{}:{}", encoded(client_id), *secret));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    sensitive(&text)
        .ok_or_else(|| OidcError::setup("The client secret cannot be sent in a header."))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The callback of a sign-in that this browser did not begin, or not in time.
#[must_use]
pub fn not_begun_here() -> OidcError {
    OidcError::sign_in(
        "This sign-in was not started in this browser, took longer than 10 minutes, or was finished already. Sign in again.",
    )
}

fn refused_by_provider(error: &str) -> OidcError {
    match error {
        "access_denied" => OidcError::new(
            OidcErrorKind::NoAccess,
            "The identity provider did not let you in: you cancelled, or you may not use this application there. Sign in again, or ask an administrator of the provider.",
        ),
        "temporarily_unavailable" | "server_error" => OidcError::provider(
            "The identity provider has a problem at this moment. Wait a minute, then sign in again.",
        ),
        "invalid_scope" => OidcError::setup(
            "The identity provider does not know one of the scopes. Check --oidc-scopes.",
        ),
        "unauthorized_client" | "unsupported_response_type" | "invalid_request" => {
            OidcError::setup(
                "The identity provider does not accept how Waypost asks for a sign-in. Set its client to the authorization code flow with PKCE.",
            )
        }
        // Any other text is whatever a browser sent.
        _ => OidcError::provider("The identity provider refused this sign-in. Sign in again."),
    }
}

fn refused_code(status: u16, error: &str) -> OidcError {
    match error {
        "invalid_grant" => OidcError::sign_in(
            "The identity provider refused the code of this sign-in: it was used before or has expired. Sign in again.",
        ),
        "invalid_client" | "unauthorized_client" => OidcError::setup(
            "The identity provider does not accept Waypost's client secret. Check --oidc-client-id and the client secret.",
        ),
        _ => OidcError::provider(format!(
            "The identity provider answered the request for an ID token with status {status}. Sign in again; if that does not help, check the provider's log."
        )),
    }
}
