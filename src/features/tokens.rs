//! API tokens: the list of an agent's tokens or of the service tokens, creating and revoking them.

mod create_dialog;
mod labels;
mod revoke_dialog;

use crate::api::types::{Role, TokenView};
use crate::api::{Answer, Api, in_background, use_api};
use crate::components::{
    Button, Cell, Column, Empty, RelativeTime, Row, Show, Table, Tag, UserText,
};
use crate::dom;
use crate::features::loadable::Loadable;
use crate::features::on_demand::OnDemand;
use crate::format::actor;
use crate::lazy::part;
use crate::state::{Cached, use_clock};
use create_dialog::CreateDialog;
use labels::{expiry, role_word, text_hint, title};
use leptos::prelude::*;
use revoke_dialog::RevokeDialog;
use std::time::Duration;

/// How often the open page asks when the tokens were last used.
const POLL: Duration = Duration::from_secs(15);

/// Whose tokens are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenOwner {
    /// Those of the agent with this name.
    Agent(String),
    /// The service tokens.
    Service,
}

impl TokenOwner {
    fn load(&self, api: Api) -> Answer<Vec<TokenView>> {
        match self {
            Self::Agent(name) => api.agent_tokens(name),
            Self::Service => api.service_tokens(),
        }
    }

    fn lead(&self) -> &'static str {
        match self {
            Self::Agent(_) => {
                "A runtime uses an agent token to request the routes of this agent only. Its subagents share it. Renaming the agent keeps its tokens; deleting it revokes them."
            }
            Self::Service => {
                "Scripts and CI use a service token to call the admin API with a role, without signing in. It cannot create or revoke tokens."
            }
        }
    }

    fn columns(&self) -> &'static [Column] {
        match self {
            Self::Agent(_) => AGENT_COLUMNS,
            Self::Service => SERVICE_COLUMNS,
        }
    }
}

const AGENT_COLUMNS: &[Column] = &[
    Column::new("Token", "token"),
    Column::new("Created", "created"),
    Column::new("Last used", "used"),
    Column::new("Expires", "expires"),
    Column::silent("Actions", "actions"),
];
const SERVICE_COLUMNS: &[Column] = &[
    Column::new("Token", "token"),
    Column::new("Role", "role"),
    Column::new("Created", "created"),
    Column::new("Last used", "used"),
    Column::new("Expires", "expires"),
    Column::silent("Actions", "actions"),
];

// Two pages have this section and their own modules; it is in neither.
part!(load_tokens, tokens, TokenOwner, |owner| {
    view! { <TokenSection owner=owner /> }.into_any()
});

/// A section with the tokens of an owner.
#[component]
pub(crate) fn Tokens(owner: TokenOwner) -> impl IntoView {
    view! { <OnDemand load=load_tokens given=owner label="Loading the tokens" /> }
}

#[component]
fn TokenSection(owner: TokenOwner) -> impl IntoView {
    let api = use_api();
    let now = use_clock().now();
    let of_service = owner == TokenOwner::Service;
    let (lead, columns) = (owner.lead(), owner.columns());
    let tokens = Cached::new({
        let owner = owner.clone();
        move || owner.load(api)
    });
    tokens.reload();
    // A token that is tried out in a terminal says so on the open page.
    dom::every(POLL, move || {
        if dom::visible() {
            in_background(|| tokens.reload());
        }
    });
    let status = tokens.status();
    let none = Memo::new(move |_| tokens.with(Vec::is_empty).unwrap_or(false));

    let creating = RwSignal::new(false);
    let revoking = RwSignal::new(false);
    let chosen = RwSignal::new(None::<TokenView>);
    let row = move |token: TokenView| {
        let (created_at, created_by) = (token.created_at, actor(&token.created_by));
        let hint = text_hint(&token);
        let label = match token.label.is_empty() {
            true => view! { <span class="faint">"No label"</span> }.into_any(),
            false => view! { <b><UserText text=token.label.clone() /></b> }.into_any(),
        };
        let role = of_service.then(|| {
            let word = role_word(token.role.unwrap_or(Role::Viewer));
            view! {
                <Cell label="Role">
                    <Tag text=word />
                </Cell>
            }
        });
        let id = token.id.clone();
        let used_at = Memo::new(move |_| {
            let used =
                tokens.with(|tokens| tokens.iter().find(|token| token.id == id)?.last_used_at);
            used.flatten()
        });
        let used = move || match used_at.get() {
            Some(at) => view! { <RelativeTime at=at now=now /> }.into_any(),
            None => view! { <span class="faint">"Never"</span> }.into_any(),
        };
        let expires = match token.expires_at {
            None => view! { <span class="faint">"Never"</span> }.into_any(),
            Some(at) => view! {
                <time
                    datetime=dom::iso_time(at)
                    title=dom::local_time(at).date_time()
                    class=move || (at <= now.get()).then_some("bad")
                >
                    {move || expiry(now.get(), at)}
                </time>
            }
            .into_any(),
        };
        let name = format!("Revoke {}", title(&token));
        let revoke = move || {
            chosen.set(Some(token.clone()));
            revoking.set(true);
        };
        view! {
            <Row>
                <Cell head=true>
                    {label}
                    <p class="small">
                        <code>{hint}</code>
                    </p>
                </Cell>
                {role}
                <Cell label="Created">
                    <RelativeTime at=created_at now=now />
                    <p class="small faint">{format!("by {created_by}")}</p>
                </Cell>
                <Cell label="Last used">{used}</Cell>
                <Cell label="Expires">{expires}</Cell>
                <Cell kind="actions">
                    <Button edits=true label=name.clone() press=revoke.clone()>
                        "Revoke"
                    </Button>
                </Cell>
            </Row>
        }
    };
    let table_label = if of_service {
        "Service tokens"
    } else {
        "Tokens"
    };
    let list = move || {
        view! {
            <Table label=table_label columns=columns>
                <For
                    each=move || tokens.get().map(|tokens| tokens.to_vec()).unwrap_or_default()
                    key=|token| token.id.clone()
                    children=row
                />
            </Table>
        }
    };
    let empty = if of_service {
        "No service tokens yet"
    } else {
        "No tokens yet"
    };
    view! {
        <section class="setting" aria-labelledby="tokens">
            <h2 id="tokens">{if of_service { "Service tokens" } else { "Tokens" }}</h2>
            <p class="small">{lead}</p>
            <Loadable status=status retry=move || tokens.reload() label="Loading the tokens" rows=2>
                <Show when=move || !none.get() fallback=move || view! { <Empty title=empty /> }>
                    {list()}
                </Show>
            </Loadable>
            <p class="row-actions">
                <Button edits=true press=move || creating.set(true)>
                    "Create token"
                </Button>
            </p>
            <CreateDialog open=creating owner=owner tokens=tokens />
            <RevokeDialog open=revoking token=chosen tokens=tokens />
        </section>
    }
}
