//! The audit log: who changed what. Names, never values.

use crate::api::types::AuditEvent;
use crate::api::{ApiError, use_api};
use crate::components::{
    Button, Cell, Column, Loading, Notice, RelativeTime, Row, Show, Table, Tone,
};
use crate::format::{actor, names};
use crate::state::{use_announcer, use_clock};
use crate::task::spawn_scoped;
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::new("When", "when"),
    Column::new("Who", "who"),
    Column::new("What", "what"),
    Column::new("Target", "target"),
    Column::new("Fields", "fields"),
];

/// The events, newest first, a page at a time.
#[component]
pub(super) fn AuditLog() -> impl IntoView {
    let api = use_api();
    let announcer = use_announcer();
    let events = RwSignal::new(Vec::<AuditEvent>::new());
    let next = RwSignal::new(None::<String>);
    let read = RwSignal::new(false);
    let reading = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let more = move || {
        if reading.get_untracked() {
            return;
        }
        let cursor = next.get_untracked();
        reading.set(true);
        spawn_scoped(async move {
            match api.audit(cursor.as_deref()).await {
                Ok(page) => {
                    if read.try_get_untracked() == Some(true) {
                        announcer.say(format!("{} more events.", page.items.len()));
                    }
                    events.update(|events| events.extend(page.items));
                    next.set(page.next_cursor);
                    read.set(true);
                    error.set(None);
                }
                Err(problem) => error.set(Some(problem)),
            }
            reading.set(false);
        });
    };
    more();
    let now = use_clock().now();
    let row = move |event: AuditEvent| {
        let actor = actor(&event.actor);
        view! {
            <Row>
                <Cell>
                    <RelativeTime at=event.at now=now />
                </Cell>
                <Cell label="Who">
                    <span title=event.actor>{actor}</span>
                </Cell>
                <Cell label="What">{action_words(&event.action)}</Cell>
                <Cell label="Target">
                    <code>{event.target}</code>
                </Cell>
                <Cell>
                    <span class="small">{names(&event.fields, 8)}</span>
                </Cell>
            </Row>
        }
    };
    let failure = move || {
        let text = error.with(|error| error.as_ref().map(ApiError::message))?;
        Some(view! {
            <Notice tone=Tone::Bad text=text>
                <Button busy=reading press=more>
                    "Try again"
                </Button>
            </Notice>
        })
    };
    view! {
        <section class="setting" aria-labelledby="audit">
            <h2 id="audit">"Audit log"</h2>
            <p class="small">
                "Every change, test and sign-in, with the names of changed fields but never their values."
            </p>
            <Show
                when=move || read.get()
                fallback=move || {
                    error
                        .with(Option::is_none)
                        .then(|| view! { <Loading label="Loading the audit log" rows=4 /> })
                }
            >
                <Table label="Audit log" columns=COLUMNS>
                    <For each=move || events.get() key=|event| event.id children=row />
                </Table>
            </Show>
            {failure}
            <Show when=move || next.with(Option::is_some)>
                <p>
                    <Button busy=reading press=more>
                        "Show older events"
                    </Button>
                </p>
            </Show>
        </section>
    }
}

/// An action in words. One that this dashboard does not know yet is shown as it is written.
fn action_words(action: &str) -> String {
    let words = match action {
        "agent.add" => "added",
        "agent.edit" => "changed",
        "agent.rename" => "renamed",
        "agent.delete" => "deleted",
        "agent.restore" | "provider.restore" | "source.restore" => "undid the deletion",
        "default_model.set" => "chose the default model",
        "default_model.clear" => "removed the default model",
        "default_model.restore" => "restored the default model",
        "models.enable" => "enabled models",
        "models.disable" => "disabled models",
        "provider.add" => "added",
        "provider.edit" => "changed",
        "provider.delete" => "deleted",
        "provider.key.set" => "set the key",
        "provider.key.remove" => "removed the key",
        "provider.key.restore" => "restored the key",
        "provider.refresh" | "source.refresh" => "refreshed",
        "provider.refresh.failed" | "source.refresh.failed" => "failed to refresh",
        "provider.test" | "source.test" => "tested",
        "provider.test.failed" | "source.test.failed" => "tested without success",
        "provider.test.unsaved" | "source.test.unsaved" => "tested an unsaved form",
        "source.add" => "added",
        "source.edit" => "changed",
        "source.delete" => "deleted",
        "sample.install" => "added the sample workspace",
        "sample.remove" => "removed the sample workspace",
        "session.begin" => "signed in",
        "session.end" => "signed out",
        "session.end_all" => "ended every session",
        "settings.edit" => "changed settings",
        "token.create" => "created the token",
        "token.revoke" => "revoked the token",
        "sign_in_link.make" => "made a sign-in link",
        other => other,
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::action_words;

    #[test]
    fn an_unknown_action_is_shown_as_written() {
        assert_eq!(action_words("provider.key.set"), "set the key");
        assert_eq!(action_words("robot.dance"), "robot.dance");
    }
}
