//! The effect of a change while it is still a draft: whom it touches, and the question before what
//! breaks an expectation.

use crate::components::EffectList;
use crate::explain::Affected;
use crate::format::{count, thousands};
use crate::state::{KnownWorld, use_world};
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::draft::{Draft, DraftChange};
use waypost_routing::world::Snapshot;

/// How many rows are shown at first, and how many more each time.
const ROWS: usize = 50;

/// What the snapshot is once the change is made; `None` while there is none that could be made.
type Made = Arc<dyn Fn(&Snapshot) -> Option<Snapshot> + Send + Sync>;

/// The two states of the world with what differs between them.
#[derive(Clone, PartialEq)]
struct Known {
    before: KnownWorld,
    after: KnownWorld,
    affected: Arc<Affected>,
}

/// The effect of a change, computed where it is looked at. Copies share it.
#[derive(Clone, Copy)]
pub(super) struct Effects {
    known: Memo<Option<Known>>,
    /// Whether somebody said that broken expectations are meant.
    confirmed: RwSignal<bool>,
}

impl Effects {
    /// The effect of going from one state of the world to another.
    pub(super) fn between(
        before: Memo<Option<KnownWorld>>,
        after: Signal<Option<KnownWorld>>,
    ) -> Self {
        let known = Memo::new(move |_| {
            let (before, after) = (before.get()?, after.get()?);
            let affected = Affected::between(before.world(), after.world());
            Some(Known {
                before,
                after,
                affected: Arc::new(affected),
            })
        });
        Self {
            known,
            confirmed: RwSignal::new(false),
        }
    }

    /// The effect of a change that is given by what it makes of the snapshot.
    pub(super) fn after(made: Made) -> Self {
        let before = use_world();
        let after = Signal::derive(move || {
            let before = before.get()?;
            Some(before.changed(made(before.snapshot())?))
        });
        Self::between(before, after)
    }

    /// The effect of changes that a draft can say.
    pub(super) fn of(changes: Signal<Vec<DraftChange>>) -> Self {
        Self::after(Arc::new(move |snapshot| {
            let changes = changes.get();
            Some(Draft { changes }.apply(snapshot))
        }))
    }

    fn ask<T>(self, ask: impl Fn(&Affected) -> T) -> Option<T> {
        self.known
            .with(|known| known.as_ref().map(|known| ask(&known.affected)))
    }

    /// Whether anybody is touched.
    pub(super) fn any(self) -> bool {
        self.ask(|affected| affected.agents > 0).unwrap_or_default()
    }

    /// Whether somebody is left without a route, or with another than they expect.
    pub(super) fn grave(self) -> bool {
        self.ask(Affected::is_grave).unwrap_or_default()
    }

    /// Whether the change has to wait until somebody says that broken expectations are meant.
    pub(super) fn held(self) -> bool {
        self.ask(|affected| affected.broken > 0).unwrap_or_default() && !self.confirmed.get()
    }

    /// How many agents are touched, of how many: `3 of 12 agents`.
    pub(super) fn words(self) -> Option<String> {
        self.ask(|affected| match (affected.agents, affected.of) {
            (_, 0) => "There are no agents yet.".to_owned(),
            (0, _) => "No agent is touched.".to_owned(),
            (agents, of) => [
                &*thousands(agents as u64),
                " of ",
                &count(of as u64, "agent", "agents"),
            ]
            .concat(),
        })
    }

    /// What the button says that makes the change: `Delete · 3 agents`.
    pub(super) fn action(self, text: &'static str) -> Signal<String> {
        Signal::derive(move || match self.ask(|affected| affected.agents) {
            None | Some(0) => text.to_owned(),
            Some(agents) => [text, " · ", &count(agents as u64, "agent", "agents")].concat(),
        })
    }
}

/// Whom the change touches.
#[component]
pub(super) fn EffectOfChange(
    /// The effect.
    effects: Effects,
    /// What the section is called.
    #[prop(default = "Effect")]
    title: &'static str,
    /// Whether the change is made here, so that broken expectations have to be confirmed.
    #[prop(optional)]
    asks: bool,
) -> impl IntoView {
    let rows = RwSignal::new(ROWS);
    if asks {
        effects.confirmed.set(false);
    }
    let shown = move || {
        let limit = rows.get();
        effects.known.with(|known| {
            let known = known.as_ref()?;
            let affected = &known.affected;
            let list = affected.rows(known.before.world(), known.after.world(), limit);
            Some((list, affected.changes.len()))
        })
    };
    let broken = Memo::new(move |_| effects.ask(|affected| affected.broken).unwrap_or_default());
    view! {
        <section class="effect" aria-label=title tabindex="-1">
            <p class="effect-head">
                <b>{title}</b>
                " "
                <span class="small">{move || effects.words()}</span>
            </p>
            {move || {
                shown()
                    .filter(|(list, _)| !list.is_empty())
                    .map(|(list, all)| {
                        let more = all - list.len();
                        let show_more = move || rows.update(|rows| *rows += 4 * ROWS);
                        view! { <EffectList rows=list more=more show_more=show_more /> }
                    })
            }}
            {move || {
                let broken = broken.get();
                (asks && broken > 0).then(|| view! { <Confirmation broken=broken effects=effects /> })
            }}
        </section>
    }
}

/// The question whether broken expectations are meant.
#[component]
fn Confirmation(broken: usize, effects: Effects) -> impl IntoView {
    let confirmed = effects.confirmed;
    view! {
        <label class="check effect-confirm">
            <input
                type="checkbox"
                prop:checked=confirmed
                on:change:target=move |event| confirmed.set(event.target().checked())
            />
            <span>
                "I know that this breaks "
                {count(broken as u64, "expectation", "expectations")}
            </span>
        </label>
    }
}
