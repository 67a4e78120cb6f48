//! Which agents use a gateway, provider or source: the number, and the list behind it.

mod list;

use crate::features::on_demand::DialogOnDemand;
use crate::format::{count, thousands};
use crate::lazy::part;
use crate::state::Owner;
use leptos::prelude::*;
use list::UsedByDialog;

/// What the list shows.
#[derive(Clone)]
struct Subject {
    owner: Owner,
    /// What it is called.
    name: Signal<String>,
}

part!(load_list, dialogs, (RwSignal<bool>, Subject), |(
    open,
    subject,
)| {
    view! { <UsedByDialog open=open owner=subject.owner name=subject.name /> }.into_any()
});

/// How many agents use an owner, as a button that shows them.
#[component]
pub(crate) fn UsedByButton(
    /// A provider or source.
    owner: Owner,
    /// What it is called.
    #[prop(into)]
    of: Signal<String>,
    /// How many agents use it.
    #[prop(into)]
    users: Signal<u64>,
    /// Shows the whole sentence instead of the number: `Used by 4 agents`.
    #[prop(optional)]
    sentence: bool,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let subject = Subject { owner, name: of };
    let words = move |users: u64| count(users, "agent", "agents");
    view! {
        {move || {
            let users = users.get();
            if users == 0 {
                let text = if sentence { "Used by no agents" } else { "0" };
                return view! { <span class="faint">{text}</span> }.into_any();
            }
            let text = if sentence {
                format!("Used by {}", words(users))
            } else {
                thousands(users)
            };
            // The sentence is its own name, beside a heading that says what it is about.
            let label = move || {
                (!sentence).then(|| format!("{} {} {}", words(users), uses(users), of.get()))
            };
            view! {
                <button
                    class="bare-button figures"
                    type="button"
                    aria-label=label
                    on:click=move |_| open.set(true)
                >
                    {text}
                </button>
            }
                .into_any()
        }}
        <DialogOnDemand open=open load=load_list given=subject />
    }
}

fn uses(users: u64) -> &'static str {
    if users == 1 { "uses" } else { "use" }
}
