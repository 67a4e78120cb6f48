//! Keys that are staged beside the current one, of providers and sources alike.

use super::transport::Call;
use super::{Answer, Api, SecretBody};
use waypost_api_types::OutcomeReport;

/// A change of the staged keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// Removes the next key.
    Unstage,
    /// Makes the next key the current one, and keeps the current one for a while.
    Switch,
    /// Makes the previous key the current one again.
    SwitchBack,
    /// Removes the previous key before its time.
    RemovePrevious,
}

impl Api {
    /// Stages a key beside the current one. `path` is that of the provider or source. With `check`
    /// only if the upstream accepts it, with `accept_suspicious` although it looks like something
    /// else.
    ///
    /// # Errors
    /// A problem that names the invalid field, or `key_refused` and `key_not_checked` with the
    /// outcome of the check.
    pub fn stage_key(
        self,
        path: &str,
        seen: u64,
        value: String,
        check: bool,
        accept_suspicious: bool,
    ) -> Answer<()> {
        let body = SecretBody::new()
            .text("value", value)
            .flag("check", check)
            .flag("accept_suspicious", accept_suspicious);
        Call::put(format!("{path}/key/next"))
            .if_match(seen)
            .secret(body)
            .done(self)
    }

    /// Changes the staged keys.
    pub fn change_key(self, path: &str, seen: u64, change: KeyChange) -> Answer<()> {
        let call = match change {
            KeyChange::Unstage => Call::delete(format!("{path}/key/next")),
            KeyChange::Switch => Call::post(format!("{path}/key/switch")),
            KeyChange::SwitchBack => Call::post(format!("{path}/key/switch-back")),
            KeyChange::RemovePrevious => Call::delete(format!("{path}/key/previous")),
        };
        call.if_match(seen).done(self)
    }

    /// Lists the models with the next key.
    pub fn test_next_key(self, path: &str) -> Answer<OutcomeReport> {
        let body = SecretBody::new().text("key", "next".to_owned());
        Call::post(format!("{path}/test")).secret(body).read(self)
    }
}
