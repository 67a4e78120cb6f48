//! What may be said of a key.

use crate::secrets::Inventory;
use waypost_api_types::{KeyState, KeyView};
use waypost_routing::resolution::{Credential, CredentialState};

/// The state of a key as routing sees it, with what is known of the stored one.
pub(super) fn key_view(
    credential: Option<&Credential>,
    secret_name: String,
    inventory: &Inventory,
) -> KeyView {
    let chosen =
        credential.and_then(|credential| credential.candidates.iter().find(|place| place.chosen));
    let elsewhere = credential.is_some_and(|credential| {
        credential
            .candidates
            .iter()
            .any(|place| place.state == CredentialState::OtherOrigin)
    });
    let state = match chosen.map(|place| place.state) {
        Some(CredentialState::Present) => KeyState::Configured,
        Some(CredentialState::Unknown) => KeyState::Unknown,
        _ if elsewhere => KeyState::NeedsReentry,
        _ => KeyState::Missing,
    };
    let stored = inventory.stored.get(&secret_name);
    KeyView {
        state,
        from: chosen.map(|place| place.from.clone()),
        hint: stored.and_then(|meta| meta.hint.clone()),
        set_at: stored.map(|meta| meta.set_at),
        bound_origin: stored.map(|meta| meta.origin.clone()),
        secret_name,
    }
}
