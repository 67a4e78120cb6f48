//! The list of affected agents, and the status of the check.

use super::{Impact, Losses};
use crate::components::{ImpactList, Prose, RetryButton};
use crate::format::count;
use crate::state::use_announcer;
use leptos::prelude::*;

/// How many rows are shown at first, and how many more each time.
const ROWS: usize = 50;

/// Shown while the affected agents are being checked.
const CHECKING: &str = "Checking which agents are affected…";

/// The affected agents.
#[component]
pub(crate) fn ImpactSection(
    /// The effect.
    impact: Impact,
    /// The title of the section.
    #[prop(default = "Impact")]
    title: &'static str,
    /// Whether the change is made here. Its losses are then confirmed beside its button, in
    /// [`ImpactStatus`].
    #[prop(optional)]
    asks: bool,
) -> impl IntoView {
    let rows = RwSignal::new(ROWS);
    let shown = move || {
        let limit = rows.get();
        impact.known.with(|known| {
            let known = known.as_ref()?;
            let affected = &known.affected;
            let list = affected.rows(known.before.table(), known.after.table(), limit);
            Some((list, affected.changes.len()))
        })
    };
    // A dialog would focus the list before its controls.
    let focusable = (!asks).then_some("-1");
    view! {
        <section class="impact" aria-label=title tabindex=focusable>
            <p class="impact-head">
                <b>{title}</b>
                " "
                <span class="small">{move || impact.words()}</span>
            </p>
            {move || {
                shown()
                    .filter(|(list, _)| !list.is_empty())
                    .map(|(list, all)| {
                        let more = all - list.len();
                        let show_more = move || rows.update(|rows| *rows += 4 * ROWS);
                        view! { <ImpactList rows=list more=more show_more=show_more /> }
                    })
            }}
        </section>
    }
}

/// The checkbox that confirms the losses, beside the button that it enables, so that no list of
/// agents scrolls it away.
#[component]
fn Confirmation(losses: Losses, impact: Impact) -> impl IntoView {
    let confirmed = impact.confirmed;
    view! {
        <label class="check impact-confirm">
            <input
                type="checkbox"
                prop:checked=move || confirmed.get() == losses
                on:change:target=move |event| {
                    let meant = event.target().checked();
                    confirmed.set(if meant { losses } else { (0, 0) });
                }
            />
            <span>
                "I understand that " {losses_text(losses)}
                {move || {
                    (confirmed.get() != losses)
                        .then(|| view! { " " <small>"Required to continue"</small> })
                }}
            </span>
        </label>
    }
}

/// The losses as part of a sentence.
pub(super) fn losses_text((routes, expectations): Losses) -> String {
    let routes = (routes > 0).then(|| {
        count(
            routes as u64,
            "route will stop working",
            "routes will stop working",
        )
    });
    let expectations = (expectations > 0).then(|| {
        count(
            expectations as u64,
            "expectation will fail",
            "expectations will fail",
        )
    });
    let both = [routes, expectations];
    both.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// What the button beside it waits for: the check, or the confirmation of the losses. Says so too if
/// the check failed. The end of the check is announced.
#[component]
pub(crate) fn ImpactStatus(
    /// The effect.
    impact: Impact,
) -> impl IntoView {
    let announcer = use_announcer();
    let snapshot = impact.snapshot;
    let failure = move || {
        let why = snapshot.error().filter(|_| impact.wanted.get())?.message();
        let what = match impact.before.with(Option::is_some) {
            true => "The list of affected agents is out of date: ",
            false => "Waypost could not check which agents are affected: ",
        };
        Some([what, &why].concat())
    };
    let losses = Memo::new(move |_| impact.losses());
    // Other losses need another confirmation, and so does a reopened dialog.
    Effect::new(move || {
        losses.track();
        impact.confirmed.set((0, 0));
    });
    let reading = Memo::new(move |_| impact.reading());
    Effect::new(move |was: Option<bool>| {
        let is = reading.get();
        if is {
            announcer.say(CHECKING);
        } else if was == Some(true) {
            let said = untrack(|| failure().or_else(|| impact.words()));
            announcer.say(match said {
                Some(said) => said,
                None => "Affected agents checked.".to_owned(),
            });
        }
        is
    });
    move || {
        if reading.get() {
            return Some(view! { <p class="impact-status">{CHECKING}</p> }.into_any());
        }
        let Some(why) = failure() else {
            let losses = losses.get();
            return (losses != (0, 0))
                .then(|| view! { <Confirmation losses=losses impact=impact /> }.into_any());
        };
        Some(
            view! {
                <p class="impact-status" data-state="failed">
                    <span>
                        <Prose text=why />
                    </span>
                    <RetryButton
                        busy=Signal::derive(move || snapshot.loading())
                        press=move || snapshot.reload()
                    />
                </p>
            }
            .into_any(),
        )
    }
}
