//! One event.

use super::feed::Feed;
use super::reversal::Reversal;
use super::words::{Target, changed_words};
use crate::api::types::{AuditEvent, AuditOutcome, FieldChange};
use crate::components::{Badge, FramedIcon, Tone, UserText};
use crate::dom;
use crate::format::actor;
use crate::paths::{ActivityFilter, Path, RequestsFilter};
use crate::state::{Workspace, use_workspace};
use leptos::prelude::*;
use waypost_api_types::audit_words::{action_words, field_words};
use waypost_routing::catalog::ProviderKind;

/// The event as a sentence, with what changed below it.
#[component]
pub(super) fn EventItem(event: AuditEvent, feed: Feed) -> impl IntoView {
    let time = dom::local_time(event.at);
    let reversible = event.clone();
    let target = Target::read(&event.target);
    let glyph = target.glyph();
    let history = target.has_history().then(|| {
        let filter = ActivityFilter {
            target: event.target.clone(),
            ..ActivityFilter::default()
        };
        let name = format!("History of {}", target.name());
        view! {
            <a
                href=Path::Activity(filter).to_string()
                class="event-history"
                aria-label=name
            >
                "History"
            </a>
        }
    });
    // Fields whose values are listed are not named once more.
    let named: Vec<String> = event
        .fields
        .iter()
        .filter(|field| !event.changes.iter().any(|change| change.field == **field))
        .cloned()
        .collect();
    let changed =
        changed_words(&event.action, &named).map(|words| view! { <p class="small">{words}</p> });
    let changes = (!event.changes.is_empty()).then(|| {
        let lines = event.changes.iter().map(change_line).collect_view();
        view! { <dl class="event-changes">{lines}</dl> }
    });
    let outcome = (event.outcome == AuditOutcome::Failed)
        .then(|| view! { <Badge tone=Tone::Bad text="Failed" /> });
    view! {
        <li class="event">
            <time
                class="event-time"
                datetime=dom::iso_time(event.at)
                title=time.date_time()
            >
                {time.clock()}
            </time>
            <FramedIcon glyph=glyph />
            <div class="event-text">
                <p class="event-line">
                    <b title=event.actor.clone()>
                        <UserText text=actor(&event.actor) />
                    </b>
                    " "
                    {action_words(&event.action).to_owned()}
                    " "
                    <TargetName target=target />
                    {outcome}
                </p>
                {changes}
                {changed}
            </div>
            <span class="event-actions">
                <Reversal event=reversible feed=feed />
                {history}
            </span>
        </li>
    }
}

/// A field with its value before and after.
fn change_line(change: &FieldChange) -> AnyView {
    let before = change.before.clone().map(|value| {
        view! {
            <del>
                <span class="visually-hidden">"before: "</span>
                <UserText text=value />
            </del>
        }
    });
    let after = match change.after.clone() {
        Some(value) => view! {
            <ins>
                <span class="visually-hidden">"after: "</span>
                <UserText text=value />
            </ins>
        }
        .into_any(),
        None => view! { <span class="faint">"removed"</span> }.into_any(),
    };
    view! {
        <div>
            <dt>{format!("{}:", field_words(&change.field))}</dt>
            <dd>{before} {after}</dd>
        </div>
    }
    .into_any()
}

/// The name of a target, as a link while it exists.
#[component]
fn TargetName(target: Target) -> impl IntoView {
    let workspace = use_workspace();
    let name = target.name();
    let path = Memo::new(move |_| place_of(&target, workspace));
    move || {
        let name = name.clone();
        match path.get() {
            Some(path) => view! {
                <a href=path class="event-target">
                    <UserText text=name />
                </a>
            }
            .into_any(),
            None => view! {
                <b>
                    <UserText text=name />
                </b>
            }
            .into_any(),
        }
    }
}

/// Where a target is shown; `None` for one that is gone.
fn place_of(target: &Target, workspace: Workspace) -> Option<String> {
    let path = match target {
        Target::Provider(name) => {
            let kind = workspace.providers.with(|page| {
                let mut items = page.items.iter();
                items.find(|item| item.name == *name).map(|item| item.kind)
            })??;
            match kind {
                ProviderKind::Gateway => Path::Gateways,
                ProviderKind::OpenaiCompatible => Path::Direct,
            }
        }
        Target::Source(slug) => {
            let exists = workspace
                .sources
                .with(|sources| sources.iter().any(|source| source.slug == *slug))?;
            exists.then(|| Path::Source(slug.clone()))?
        }
        // The page says it if there is none any more.
        Target::Agent(name) => Path::Agent(name.clone()),
        Target::Model(model_ref) => Path::preview(model_ref),
        Target::DefaultModel | Target::Settings | Target::Token(_) => Path::Settings,
        Target::RequestLog => Path::Requests(RequestsFilter::default()),
        Target::Models(_)
        | Target::Sample
        | Target::Session
        | Target::OtherSession(_)
        | Target::Role(_)
        | Target::Other(_) => return None,
    };
    Some(path.to_string())
}
