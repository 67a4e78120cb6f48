//! Showing something only while a condition holds.

use leptos::prelude::*;

/// Shows its children while a condition holds, and builds them anew each time it begins to. Like
/// the framework's own, but compiled once instead of once for each use.
#[component]
pub fn Show(
    /// The condition.
    #[prop(into)]
    when: Signal<bool>,
    /// What is shown instead.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let when = Memo::new(move |_| when.get());
    move || {
        if when.get() {
            children()
        } else {
            fallback.run()
        }
    }
}
