//! One source of the list.

use super::cells::{NameCell, UrlCell};
use super::delete::DeleteSource;
use crate::api::types::SourceView;
use crate::components::MenuItem;
use crate::features::owner_row::{OwnerRow, OwnerSummary};
use crate::paths::Path;
use crate::state::use_workspace;
use leptos::prelude::*;

/// The row, and below it the report of its last check.
#[component]
pub(super) fn SourceRow(item: Memo<SourceView>) -> impl IntoView {
    let sources = use_workspace().sources;
    // Two sources may have one name. Then the slug belongs to it.
    let name = Memo::new(move |_| {
        item.with(|source| {
            let is_other =
                |other: &&SourceView| other.name == source.name && other.slug != source.slug;
            let shared = sources.with(|all| all.iter().find(is_other).is_some());
            match shared {
                Some(true) => format!("{} ({})", source.name, source.slug),
                _ => source.name.clone(),
            }
        })
    });
    let summary = Memo::new(move |_| OwnerSummary {
        name: name.get(),
        ..item.with(|source| OwnerSummary::from(source))
    });
    let slug = item.with_untracked(|source| source.slug.clone());
    let deleting = RwSignal::new(false);
    let address = Path::Source(slug.clone());
    let more = move |()| {
        let has_key = item.with_untracked(|source| source.key.set_at.is_some());
        let rotate = has_key.then(|| MenuItem::link("Rotate key…", address.rotating_key()));
        let delete = MenuItem::action("Delete…", move || deleting.set(true)).danger();
        rotate.into_iter().chain([delete]).collect()
    };
    view! {
        <OwnerRow
            summary=summary
            name=move || view! { <NameCell item=item /> }
            base_url=move || view! { <UrlCell item=item /> }
            configure=move || {
                view! {
                    <a
                        href=Path::Source(slug.clone()).to_string()
                        class="button"
                        data-kind="plain"
                        aria-label=move || name.with(|name| format!("Configure {name}"))
                    >
                        "Configure"
                    </a>
                }
            }
            more=more
            dialogs=move || view! { <DeleteSource open=deleting item=item name=name /> }
        />
    }
}
