//! What takes an event back, while that is possible: the undo of a deletion or replacement, and
//! switching back to the previous key.

use super::feed::Feed;
use crate::api::types::{AuditEvent, KeyView};
use crate::api::{KeyChange, use_api};
use crate::components::Button;
use crate::dom;
use crate::format::age;
use crate::state::{Owner, Workspace, use_clock, use_toasts, use_undo, use_workspace, use_writes};
use leptos::prelude::*;

/// The button; nothing for an event that cannot be taken back.
#[component]
pub(super) fn Reversal(event: AuditEvent, feed: Feed) -> impl IntoView {
    let undo = use_undo();
    let event = StoredValue::new(event);
    let offer = Memo::new(move |_| {
        event.with_value(|event| {
            let offer = undo.offer_of(&event.action, &event.target)?;
            // An earlier event of the kind was about something that is gone for good.
            let same = |other: &AuditEvent| {
                offer.is_of(&other.action, &other.target) && other.target == event.target
            };
            feed.is_latest(event.id, same).then_some(offer)
        })
    });
    move || match offer.get() {
        Some(offer) => {
            let left = offer.left();
            let name = event.with_value(|event| event.target.clone());
            let name = name
                .split_once(':')
                .map_or(name.clone(), |(_, name)| name.to_owned());
            // What it is about is read out between the words that are shown.
            let (text, about) = match offer.events() {
                1 => ("Restore", format!(" {name}")),
                number => ("Undo in all", format!(" {number} agents")),
            };
            view! {
                <Button edits=true press=move || {
                    undo.undo(&offer);
                    // The button disappears with what it did.
                    dom::focus_heading_if_lost();
                }>
                    {text} <span class="visually-hidden">{about}</span> " · "
                    {move || left.get().max(0)} " s"
                </Button>
            }
            .into_any()
        }
        None => view! { <SwitchBack event=event feed=feed /> }.into_any(),
    }
}

/// Switches back to the key that an event replaced.
#[component]
fn SwitchBack(event: StoredValue<AuditEvent>, feed: Feed) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let now = use_clock().now();
    let writes = use_writes();
    let owner = event.with_value(replaced_key_of);
    let previous = Memo::new(move |_| {
        let owner = owner.as_ref()?;
        let (id, target) = event.with_value(|event| (event.id, event.target.clone()));
        // A later change of the key has another previous one.
        let changes = |other: &AuditEvent| other.target == target && changes_key(other);
        let (key, version) = key_of(owner, workspace)?;
        let previous = key.previous.filter(|previous| previous.until > now.get())?;
        feed.is_latest(id, changes)
            .then(|| (owner.clone(), version, previous.until))
    });
    move || {
        previous.get().map(|(owner, version, until)| {
            let name = owner.name().to_owned();
            let about = format!(" to the previous key of {name}");
            let left =
                move || age(until, now.get()).unwrap_or_else(|| "less than a minute".to_owned());
            let press = move || {
                let call = api.change_key(&owner.api_path(), version, KeyChange::SwitchBack);
                let done = format!("{name}: switched back to the previous key.");
                let changed = feed.changed;
                let is_source = matches!(owner, Owner::Source(_));
                writes.send_with_toast(
                    format!("Switching the key of {name} back"),
                    call,
                    move |()| {
                        toasts.done(done);
                        match is_source {
                            true => workspace.reload_sources(),
                            false => workspace.reload_providers(),
                        }
                        changed.notify();
                    },
                );
            };
            view! {
                <Button edits=true busy=writes.busy() press=press>
                    "Switch back" <span class="visually-hidden">{about}</span> " · " {left} " left"
                </Button>
            }
        })
    }
}

/// The owner of a key that an event replaced.
fn replaced_key_of(event: &AuditEvent) -> Option<Owner> {
    let replaces = event.action.ends_with(".key.set")
        || event.action.ends_with(".key.switch")
        || sets_auth_value(event);
    let (kind, name) = event.target.split_once(':').filter(|_| replaces)?;
    match kind {
        "provider" => Some(Owner::Provider(name.to_owned())),
        "source" => Some(Owner::Source(name.to_owned())),
        _ => None,
    }
}

/// Whether an event changed which key is the current or the previous one.
fn changes_key(event: &AuditEvent) -> bool {
    const CHANGES: [&str; 7] = [
        ".key.set",
        ".key.remove",
        ".key.restore",
        ".key.switch",
        ".key.switch_back",
        ".key.previous.discard",
        ".key.expire",
    ];
    CHANGES.iter().any(|change| event.action.ends_with(change)) || sets_auth_value(event)
}

fn sets_auth_value(event: &AuditEvent) -> bool {
    event.action == "source.edit" && event.fields.iter().any(|field| field == "auth_value")
}

/// The key of an owner, and the version of the owner.
fn key_of(owner: &Owner, workspace: Workspace) -> Option<(KeyView, u64)> {
    match owner {
        Owner::Provider(name) => workspace.providers.with(|page| {
            let found = page.items.iter().find(|item| item.name == *name)?;
            Some((found.key.clone(), found.version))
        })?,
        Owner::Source(slug) => workspace.sources.with(|sources| {
            let found = sources.iter().find(|item| item.slug == *slug)?;
            Some((found.key.clone(), found.version))
        })?,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: &str, target: &str, fields: &[&str]) -> AuditEvent {
        AuditEvent {
            id: 1,
            at: 0,
            actor: "system".to_owned(),
            action: action.to_owned(),
            target: target.to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            outcome: Default::default(),
            changes: Vec::new(),
        }
    }

    #[test]
    fn only_what_replaced_a_key_can_be_switched_back() {
        let owner = |action, target, fields| replaced_key_of(&event(action, target, fields));
        let groq = Some(Owner::Provider("groq".to_owned()));
        let own = Some(Owner::Source("own".to_owned()));
        assert_eq!(owner("provider.key.set", "provider:groq", &["key"]), groq);
        assert_eq!(
            owner("provider.key.switch", "provider:groq", &["key"]),
            groq
        );
        assert_eq!(owner("source.key.switch", "source:own", &["key"]), own);
        assert_eq!(owner("source.edit", "source:own", &["auth_value"]), own);
        assert_eq!(owner("source.edit", "source:own", &["name"]), None);
        assert_eq!(owner("provider.key.stage", "provider:groq", &["key"]), None);
        assert_eq!(owner("provider.key.set.failed", "provider:groq", &[]), None);
    }

    #[test]
    fn a_later_change_of_the_key_ends_the_way_back() {
        for (action, changes) in [
            ("provider.key.remove", true),
            ("source.key.switch_back", true),
            ("provider.key.stage", false),
            ("provider.test", false),
        ] {
            assert_eq!(
                changes_key(&event(action, "provider:groq", &[])),
                changes,
                "{action}"
            );
        }
    }
}
