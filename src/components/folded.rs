//! A group of fields or facts that is folded away until it is wanted.

use leptos::prelude::*;

/// The group. It opens each time `opened` turns or stays true, so that what is refused in it is seen, and
/// can be folded again.
#[component]
pub fn Folded(
    /// What is in it.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it has to be open.
    #[prop(into)]
    opened: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if opened.get() {
            open.set(true);
        }
    });
    view! {
        <details
            class="more"
            prop:open=open
            on:toggle:target=move |event| {
                let now = event.target().open();
                if open.get_untracked() != now {
                    open.set(now);
                }
            }
        >
            <summary>{title}</summary>
            <div class="field-stack">{children()}</div>
        </details>
    }
}
