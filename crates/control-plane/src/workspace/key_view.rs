//! What is shown of a key, and of the staged and the previous one.

use super::key_names::KeyNames;
use super::key_origin::key_origin;
use super::owner::Owner;
use super::previous_key::is_kept;
use super::state::WorkspaceState;
use super::verification::{self, credential_with};
use crate::store::OwnerRows;
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
        // Another program may have written a key that names no origin.
        bound_origin: stored
            .map(|meta| meta.origin.clone())
            .filter(|origin| !origin.is_empty()),
        next,
        previous,
        secret_name,
    }
}

/// What is shown of the staged and the previous key.
pub(super) fn rotation_view(
    state: &WorkspaceState,
    rows: &OwnerRows,
    owner: &Owner,
) -> (Option<StagedKey>, Option<PreviousKey>) {
    let names = KeyNames::of(owner);
    let stored = |name: &str| state.inventory.stored.get(name);
    if stored(&names.next).is_none() && stored(&names.previous).is_none() {
        return (None, None);
    }
    let Ok(origin) = key_origin(state, owner) else {
        return (None, None);
    };
    let bound = |name: &str| stored(name).filter(|stored| stored.meta.origin == origin);
    let next = bound(&names.next).map(|stored| {
        let credential = credential_with(state, owner, &stored.value_id());
        StagedKey {
            set_at: stored.meta.set_at,
            hint: stored.meta.hint.clone(),
            verification: verification::shown(rows, owner.name(), credential),
        }
    });
    let until = state.previous_keys.get(owner.name()).copied();
    let previous = bound(&names.previous)
        .zip(until.filter(|_| is_kept(until)))
        .map(|(stored, until)| PreviousKey {
            until,
            hint: stored.meta.hint.clone(),
        });
    (next, previous)
}
