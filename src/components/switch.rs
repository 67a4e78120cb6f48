//! On or off.

use super::{FieldIds, Prose, use_edit_access};
use leptos::prelude::*;

/// A switch with its label beside it.
#[component]
pub fn Switch(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// Called with the wanted state.
    #[prop(into)]
    change: Callback<bool>,
    /// What it means.
    #[prop(optional, into)]
    help: MaybeProp<String>,
    /// Whether it cannot be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether it changes something: a viewer sees it disabled, with the reason.
    #[prop(optional)]
    edits: bool,
    /// Whether the label is visually hidden because the row shows it.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let ids = FieldIds::new();
    let access = edits.then(use_edit_access);
    let denied = move || access.is_some_and(|access| access.denied());
    let described = {
        let ids = ids.clone();
        move || {
            let reason = access.and_then(|access| access.described_by());
            let help = ids.described_by(help.get().is_some(), false, false);
            help.or_else(|| reason.map(ToOwned::to_owned))
        }
    };
    let help_id = ids.described_by(true, false, false);
    view! {
        <div class="switch-field">
            <label class="switch" title=move || access.and_then(|access| access.title())>
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=on
                    disabled=move || disabled.get() || denied()
                    aria-describedby=described
                    on:change:target=move |event| {
                        let wanted = event.target().checked();
                        // The signal decides: if a change is rejected, the switch resets.
                        event.target().set_checked(on.get_untracked());
                        change.run(wanted);
                    }
                />
                <span class=if bare { "visually-hidden" } else { "switch-label" }>{label}</span>
            </label>
            {move || {
                let id = help_id.clone();
                help.get()
                    .map(|help| {
                        view! {
                            <p class="field-help" id=id>
                                <Prose text=help />
                            </p>
                        }
                    })
            }}
        </div>
    }
}
