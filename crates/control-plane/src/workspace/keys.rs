//! What may be said of a key.

use waypost_api_types::{KeyState, KeyView, PreviousKey, StagedKey};
use waypost_routing::resolution::{Credential, CredentialState};
use waypost_secrets::{Inventory, SecretState};

/// The state of a key as routing sees it, with what is known of the stored one.
pub(super) fn key_view(
    credential: Option<&Credential>,
    secret_name: String,
    inventory: &Inventory,
    (next, previous): (Option<StagedKey>, Option<PreviousKey>),
) -> KeyView {
    let chosen =
        credential.and_then(|credential| credential.candidates.iter().find(|place| place.chosen));
    let elsewhere = credential.is_some_and(|credential| {
        credential
            .candidates
            .iter()
            .any(|place| place.state == CredentialState::OtherOrigin)
    });
    // The value that was stored is gone, or another is in its place.
    let is_lost = matches!(
        inventory.state(&secret_name),
        Some(SecretState::Absent | SecretState::Changed)
    );
    let state = match chosen.map(|place| place.state) {
        Some(CredentialState::Present) => KeyState::Configured,
        Some(CredentialState::Unknown) => KeyState::Unknown,
        _ if elsewhere || is_lost => KeyState::NeedsReentry,
        _ => KeyState::Missing,
    };
    let stored = inventory
        .stored
        .get(&secret_name)
        .map(|stored| &stored.meta);
    KeyView {
        state,
        from: chosen.map(|place| place.from.clone()),
        hint: stored.and_then(|meta| meta.hint.clone()),
        set_at: stored.map(|meta| meta.set_at),
        bound_origin: stored.map(|meta| meta.origin.clone()),
        next,
        previous,
        secret_name,
    }
}
