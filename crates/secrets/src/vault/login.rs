//! Ways to get a token for Vault.

use super::JsonBody;
use super::api::{Api, Reply, unavailable};
use super::options::{Credential, VaultLogin};
use crate::backend::BackendError;
use crate::text::SecretText;
use http::Method;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use zeroize::Zeroizing;

/// A token, and how long it lives.
pub(super) struct Issued {
    pub(super) token: SecretText,
    /// `None` if it does not expire.
    pub(super) lease: Option<Duration>,
    pub(super) renewable: bool,
}

#[derive(Deserialize)]
struct Answer {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    client_token: SecretText,
    lease_duration: u64,
    renewable: bool,
}

#[derive(Deserialize)]
struct LookedUp {
    data: TokenData,
}

#[derive(Deserialize)]
struct TokenData {
    ttl: u64,
    #[serde(default)]
    renewable: bool,
    expire_time: Option<String>,
}

#[derive(Serialize)]
struct AppRoleBody<'a> {
    role_id: &'a str,
    secret_id: &'a str,
}

#[derive(Serialize)]
struct JwtBody<'a> {
    role: &'a str,
    jwt: &'a str,
}

impl Credential {
    fn read(&self, what: &str) -> Result<SecretText, BackendError> {
        match self {
            Self::Given(text) => Ok(text.clone()),
            Self::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    unavailable(format!(
                        "cannot read {what} from {}: {error}",
                        path.display()
                    ))
                })?;
                Ok(SecretText::new(text).trimmed())
            }
        }
    }
}

impl VaultLogin {
    /// The name of the method, for people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::AppRole { .. } => "approle",
            Self::Jwt { method, .. } => method,
        }
    }

    /// Whether logging in again may give another token.
    pub(super) fn gives_new_tokens(&self) -> bool {
        !matches!(self, Self::Token(Credential::Given(_)))
    }

    /// Whether tokens are made for Waypost alone, so that it may revoke them.
    pub(super) fn owns_tokens(&self) -> bool {
        !matches!(self, Self::Token(_))
    }

    /// Gets a token.
    pub(super) async fn log_in(&self, api: &Api) -> Result<Issued, BackendError> {
        match self {
            Self::Token(token) => {
                let token = token.read("the token for Vault")?;
                self.look_up(api, token).await
            }
            Self::AppRole {
                mount,
                role_id,
                secret_id,
            } => {
                let secret_id = secret_id.read("the secret ID for Vault")?;
                let secret_id = secret_id.expose();
                let body = encode(&AppRoleBody { role_id, secret_id }, secret_id.len());
                self.exchange(api, mount, body).await
            }
            Self::Jwt {
                mount, role, jwt, ..
            } => {
                let jwt = Credential::File(jwt.clone()).read("the signed token for Vault")?;
                let jwt = jwt.expose();
                let body = encode(&JwtBody { role, jwt }, jwt.len());
                self.exchange(api, mount, body).await
            }
        }
    }

    async fn look_up(&self, api: &Api, token: SecretText) -> Result<Issued, BackendError> {
        let path = "auth/token/lookup-self";
        let reply = api.call(Method::GET, path, Some(&token), None).await?;
        if reply.status == 403 {
            return Err(unavailable(
                "Vault refused the token (403): it is wrong, has expired or was revoked",
            ));
        }
        let found: Option<LookedUp> = reply.json();
        match found.filter(|_| reply.is_success()) {
            None => Err(reply.refusal(path, "read")),
            Some(LookedUp { data }) => Ok(Issued {
                token,
                // It may end within this second.
                lease: data
                    .expire_time
                    .map(|_| Duration::from_secs(data.ttl.max(1))),
                renewable: data.renewable,
            }),
        }
    }

    async fn exchange(
        &self,
        api: &Api,
        mount: &str,
        body: JsonBody,
    ) -> Result<Issued, BackendError> {
        let path = format!("auth/{mount}/login");
        let reply = api.call(Method::PUT, &path, None, Some(body)).await?;
        if reply.has_no_route() {
            return Err(unavailable(format!(
                "Vault has no login method at `auth/{mount}`. Check its mount and the namespace"
            )));
        }
        if matches!(reply.status, 400 | 401 | 403) {
            return Err(unavailable(format!(
                "Vault refused the {} login ({}). Check the role and its credential",
                self.name(),
                reply.status
            )));
        }
        issued(&reply).ok_or_else(|| reply.refusal(&path, "update"))
    }
}

/// The token of an answer to a login or a renewal.
pub(super) fn issued(reply: &Reply) -> Option<Issued> {
    let answer: Answer = reply.is_success().then(|| reply.json()).flatten()?;
    Some(Issued {
        token: answer.auth.client_token,
        lease: (answer.auth.lease_duration > 0)
            .then(|| Duration::from_secs(answer.auth.lease_duration)),
        renewable: answer.auth.renewable,
    })
}

fn encode(body: &impl Serialize, secret_length: usize) -> JsonBody {
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * secret_length + 1024));
    serde_json::to_writer(&mut *bytes, body).expect("texts are JSON");
    bytes
}
