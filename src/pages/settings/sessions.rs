//! The people and browsers that are signed in.

use crate::api::types::{Role, SessionItem};
use crate::api::use_api;
use crate::components::{Button, Cell, Column, Confirm, RelativeTime, Row, Show, Table, Tag};
use crate::dom;
use crate::features::loadable::Loadable;
use crate::state::{Cached, use_clock, use_toasts, use_writes};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::new("Session", "token"),
    Column::new("Role", "role"),
    Column::new("Signed in", "created"),
    Column::new("Last used", "used"),
    Column::silent("Actions", "actions"),
];

/// What a session is called: by who signed in, if the identity provider said so.
fn name(session: &SessionItem) -> String {
    session.name.clone().unwrap_or_else(|| browser(session))
}

fn browser(session: &SessionItem) -> String {
    match session.label.is_empty() {
        true => "Unknown browser".to_owned(),
        false => session.label.clone(),
    }
}

/// The list, and ending one.
#[component]
pub(super) fn Sessions() -> impl IntoView {
    let api = use_api();
    let toasts = use_toasts();
    let now = use_clock().now();
    let sessions = Cached::new(move || api.sessions());
    let status = sessions.status();
    // Few visits to Settings are about sessions.
    let shown = RwSignal::new(false);
    let show = move || {
        shown.set(true);
        sessions.reload();
        // The button disappears with what it did.
        dom::focus_when_drawn("#sessions");
    };
    let asking = RwSignal::new(false);
    let chosen = RwSignal::new(None::<SessionItem>);
    let writes = use_writes().in_dialog(asking);
    let error = RwSignal::new(None::<String>);
    let end = move || {
        let Some(session) = chosen.get_untracked() else {
            return;
        };
        error.set(None);
        let name = name(&session);
        let done = format!("Ended the session of {name}.");
        writes.send(
            format!("Ending the session of {name}"),
            api.end_session(&session.id),
            move |()| toasts.done(done),
            move |outcome| match outcome {
                Ok(()) => {
                    asking.set(false);
                    sessions.update(|sessions| sessions.retain(|other| other.id != session.id));
                }
                Err(problem) => {
                    error.set(Some(problem.message()));
                    sessions.reload();
                }
            },
        );
    };
    let row = move |session: SessionItem| {
        let name = name(&session);
        let role = match session.role {
            Role::Admin => "admin",
            Role::Viewer => "viewer",
        };
        let from = (!session.address.is_empty())
            .then(|| view! { <p class="small faint">{format!("from {}", session.address)}</p> });
        let details = session
            .name
            .is_some()
            .then(|| view! { <p class="small">{browser(&session)}</p> });
        let action = match session.current {
            true => ().into_any(),
            false => {
                let label = format!("End session of {name}");
                let ended = session.clone();
                let ask = move || {
                    chosen.set(Some(ended.clone()));
                    asking.set(true);
                };
                view! {
                    <Button edits=true label=label press=ask>
                        "End session"
                    </Button>
                }
                .into_any()
            }
        };
        view! {
            <Row>
                <Cell head=true>
                    <b>{name}</b>
                    {details}
                    {session.current.then(|| view! { <p class="small">"This browser"</p> })}
                </Cell>
                <Cell label="Role">
                    <Tag text=role />
                </Cell>
                <Cell label="Signed in">
                    <RelativeTime at=session.created_at now=now />
                    {from}
                </Cell>
                <Cell label="Last used">
                    <RelativeTime at=session.last_seen_at now=now />
                </Cell>
                <Cell kind="actions">{action}</Cell>
            </Row>
        }
    };
    let question = move || {
        let name = chosen.with(|chosen| chosen.as_ref().map(name).unwrap_or_default());
        format!("End the session of {name}?")
    };
    view! {
        <section class="setting" aria-labelledby="sessions">
            <h2 id="sessions" tabindex="-1">
                "Sessions"
            </h2>
            <p class="small">
                "Browsers that are signed in. A session ends after 12 hours without use and after 7 days at the latest, one that the identity provider opened after 12 hours. "
                <code>"waypost sign-out-all"</code> " ends every session."
            </p>
            <Show
                when=move || shown.get()
                fallback=move || view! {
                    <p class="row-actions">
                        <Button press=show>"Show sessions"</Button>
                    </p>
                }
            >
                <Loadable status=status retry=move || sessions.reload() label="Loading the sessions" rows=1>
                    <Table label="Sessions" columns=COLUMNS>
                        <For
                            each=move || sessions.get().map(|all| all.to_vec()).unwrap_or_default()
                            // A use changes the row.
                            key=|session| (session.id.clone(), session.last_seen_at)
                            children=row
                        />
                    </Table>
                </Loadable>
            </Show>
            <Confirm
                open=asking
                title=Signal::derive(question)
                body="Signs this browser out at once. Unsaved input there is kept until its page is closed."
                action="End session"
                busy=writes.busy()
                error=error
                confirm=end
            />
        </section>
    }
}
