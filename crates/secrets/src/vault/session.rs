//! The life of a token: it is renewed at two thirds of its lease, and replaced by another login
//! when it cannot be renewed any longer or Vault refuses it.

use super::JsonBody;
use super::api::{Api, Reply};
use super::login::{Issued, issued};
use super::options::VaultLogin;
use crate::backend::BackendError;
use crate::kind::{LastError, RemoteBackend};
use crate::text::SecretText;
use http::Method;
use std::sync::{Arc, Mutex as BlockingMutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, timeout};
use waypost_system::clock;

/// How long a login that failed is not tried again: many requests may wait for it.
const LOGIN_PAUSE: Duration = Duration::from_secs(1);
/// A refusal right after a login is the policy's. How long later ones do not lead to another login.
const REFUSAL_PAUSE: Duration = Duration::from_secs(60);
/// How long a renewal may take.
const RENEWAL_LIMIT: Duration = Duration::from_secs(5);
/// The longest pause between renewals that fail.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Sends requests with a token that is kept alive.
pub(super) struct Session {
    api: Api,
    login: VaultLogin,
    state: Mutex<State>,
    /// Wakes the renewals when there is another token.
    renewed: Arc<Notify>,
    shown: BlockingMutex<Shown>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    logins: u64,
    failed: Option<(Instant, BackendError)>,
    /// Until then a refusal leads to no login.
    refused_until: Option<Instant>,
}

struct Held {
    token: SecretText,
    /// Counts the logins, to tell one token from the next.
    login: u64,
    lease: Option<Lease>,
}

#[derive(Clone, Copy)]
struct Lease {
    begun: Instant,
    duration: Duration,
    /// As long as the login made it.
    full: Duration,
    renewable: bool,
}

/// What Settings shows.
#[derive(Default)]
struct Shown {
    expires_at: Option<i64>,
    last_error: Option<LastError>,
}

impl Lease {
    fn end(&self) -> Instant {
        self.begun + self.duration
    }

    fn renewal(&self) -> Instant {
        self.begun + self.duration * 2 / 3
    }
}

impl Session {
    /// A session that logs in when it is first used.
    pub(super) fn start(api: Api, login: VaultLogin) -> Arc<Self> {
        let session = Arc::new(Self {
            api,
            login,
            state: Mutex::default(),
            renewed: Arc::default(),
            shown: BlockingMutex::default(),
        });
        tokio::spawn(keep_alive(
            Arc::downgrade(&session),
            Arc::clone(&session.renewed),
        ));
        session
    }

    /// Calls `/v1/{path}` with the token. Where Vault refuses it, logs in again, once.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<JsonBody>,
    ) -> Result<Reply, BackendError> {
        let reply = self.call_twice(method, path, body).await;
        match &reply {
            Err(error) => self.note_error(error.to_string()),
            Ok(reply) if matches!(reply.status, 200..=299 | 400 | 404) => {}
            Ok(reply) => self.note_error(reply.refusal(path, "capability").to_string()),
        }
        reply
    }

    async fn call_twice(
        &self,
        method: Method,
        path: &str,
        body: Option<JsonBody>,
    ) -> Result<Reply, BackendError> {
        let (token, login) = self.token().await?;
        let reply = self
            .api
            .call(method.clone(), path, Some(&token), body.clone())
            .await?;
        if reply.status != 403 {
            return Ok(reply);
        }
        match self.token_after_refusal(login).await? {
            Some(token) => self.api.call(method, path, Some(&token), body).await,
            None => Ok(reply),
        }
    }

    async fn token(&self) -> Result<(SecretText, u64), BackendError> {
        let mut state = self.state.lock().await;
        let is_alive = |held: &&Held| {
            let lease = held.lease.as_ref();
            lease.is_none_or(|lease| Instant::now() < lease.end())
        };
        if let Some(held) = state.held.as_ref().filter(is_alive) {
            return Ok((held.token.clone(), held.login));
        }
        self.log_in(&mut state).await
    }

    /// Another token, after the one of this login was refused; `None` if another would be refused
    /// just the same.
    async fn token_after_refusal(&self, login: u64) -> Result<Option<SecretText>, BackendError> {
        let mut state = self.state.lock().await;
        if let Some(held) = &state.held
            && held.login != login
        {
            return Ok(Some(held.token.clone()));
        }
        let now = Instant::now();
        let is_paused = state.refused_until.is_some_and(|until| now < until);
        if is_paused || !self.login.gives_new_tokens() {
            return Ok(None);
        }
        state.refused_until = Some(now + REFUSAL_PAUSE);
        if let Some(held) = state.held.take()
            && self.login.owns_tokens()
        {
            // It may be valid: then it would live on for nothing.
            let path = "auth/token/revoke-self";
            let _ = self
                .api
                .call(Method::PUT, path, Some(&held.token), None)
                .await;
        }
        let (token, _) = self.log_in(&mut state).await?;
        Ok(Some(token))
    }

    async fn log_in(&self, state: &mut State) -> Result<(SecretText, u64), BackendError> {
        if let Some((at, error)) = &state.failed
            && at.elapsed() < LOGIN_PAUSE
        {
            return Err(error.clone());
        }
        match self.login.log_in(&self.api).await {
            Err(error) => {
                state.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
            Ok(issued) => {
                state.failed = None;
                state.logins += 1;
                tracing::info!(method = self.login.name(), "logged in to Vault");
                let token = issued.token.clone();
                let full = issued.lease.unwrap_or_default();
                self.keep(state, issued, full);
                self.renewed.notify_one();
                Ok((token, state.logins))
            }
        }
    }

    fn keep(&self, state: &mut State, issued: Issued, full: Duration) {
        let lease = issued.lease.map(|duration| Lease {
            begun: Instant::now(),
            duration,
            full,
            renewable: issued.renewable,
        });
        self.shown().expires_at = issued.lease.map(|duration| {
            let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
            clock::now().saturating_add(seconds)
        });
        state.held = Some(Held {
            token: issued.token,
            login: state.logins,
            lease,
        });
    }

    /// Renews the token, or logs in again where its lease has come to its end.
    async fn renew(&self) -> Result<(), BackendError> {
        let mut state = self.state.lock().await;
        let Some(Held {
            token,
            lease: Some(lease),
            ..
        }) = &state.held
        else {
            return Ok(());
        };
        let (token, lease) = (token.clone(), *lease);
        if Instant::now() < lease.renewal() {
            return Ok(());
        }
        if lease.renewable {
            let path = "auth/token/renew-self";
            let body = Some(b"{}".to_vec().into());
            let reply = self.api.call(Method::PUT, path, Some(&token), body).await?;
            if let Some(renewed) = issued(&reply) {
                // Near `max_ttl` a lease grows no longer.
                let is_whole = renewed.lease.unwrap_or_default() * 2 >= lease.full;
                if is_whole {
                    self.keep(&mut state, renewed, lease.full);
                    return Ok(());
                }
            } else if matches!(reply.status, 429 | 503) {
                return Err(reply.refusal(path, "update"));
            }
            // At `max_ttl` the answer is one of several errors, status 500 among them.
        }
        match self.login.gives_new_tokens() {
            true => self.log_in(&mut state).await.map(drop),
            // It lives until its end, where the next call says so.
            false => Ok(()),
        }
    }

    /// When the token must be renewed; `None` without one that expires.
    async fn next_renewal(&self) -> Option<Instant> {
        let state = self.state.lock().await;
        let lease = state.held.as_ref()?.lease?;
        let now = Instant::now();
        match now < lease.renewal() {
            true => Some(lease.renewal()),
            // It could not be renewed.
            false => (now < lease.end()).then_some(lease.end()),
        }
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_error(&self, message: String) {
        let at = clock::now();
        self.shown().last_error = Some(LastError { message, at });
    }

    /// What Settings shows of the connection. `path` is where the secrets are.
    pub(super) fn status(&self, path: String) -> RemoteBackend {
        let shown = self.shown();
        RemoteBackend {
            address: self.api.address().to_owned(),
            namespace: self.api.namespace().map(str::to_owned),
            path,
            login: self.login.name().to_owned(),
            expires_at: shown.expires_at,
            last_error: shown.last_error.clone(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.renewed.notify_one();
    }
}

/// Renews the token until the session is dropped.
async fn keep_alive(session: Weak<Session>, renewed: Arc<Notify>) {
    let mut failures = 0_u32;
    loop {
        let Some(now) = session.upgrade() else {
            return;
        };
        let due = now.next_renewal().await;
        drop(now);
        let pause = Duration::from_secs(1 << failures.min(5)).min(LONGEST_PAUSE);
        let wait = async {
            match due {
                Some(_) if failures > 0 => tokio::time::sleep(pause).await,
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = wait => {}
            () = renewed.notified() => {
                failures = 0;
                continue;
            }
        }
        let Some(now) = session.upgrade() else {
            return;
        };
        match timeout(RENEWAL_LIMIT, now.renew()).await {
            Ok(Ok(())) => failures = 0,
            Ok(Err(error)) => {
                tracing::warn!(%error, "token for Vault not renewed");
                now.note_error(error.to_string());
                failures = failures.saturating_add(1);
            }
            Err(_) => failures = failures.saturating_add(1),
        }
    }
}
