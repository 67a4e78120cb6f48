//! Whether the owner of a model lists it, as far as its last refresh says.

use crate::api::Api;
use crate::api::types::{CheckOutcome, ModelCounts, ModelState, ModelsPage, OutcomeRecord};
use crate::format::ago;
use crate::paths::CatalogFilter;
use crate::state::{Owner, Workspace};
use waypost_routing::model_id;

/// How many models a search reads.
const FOUND: u32 = 30;

/// A provider or source that has a list of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lister {
    /// What it is.
    pub(crate) owner: Owner,
    /// When the list was read, in Unix seconds; `None` if the last refresh failed.
    pub(crate) read_at: Option<i64>,
}

impl Lister {
    /// The one of a name. Tracks what it reads.
    pub(crate) fn of(workspace: Workspace, name: &str) -> Option<Self> {
        let lister = |owner, models: ModelCounts, refresh: &Option<OutcomeRecord>| {
            let read = refresh
                .as_ref()
                .filter(|record| record.outcome == CheckOutcome::Ok);
            (models.total > models.absent).then(|| Self {
                owner,
                read_at: read.map(|record| record.at),
            })
        };
        let provider = workspace.providers.with(|page| {
            let item = page.items.iter().find(|item| item.name == name)?;
            let owner = Owner::Provider(name.to_owned());
            lister(owner, item.models, &item.last_refresh)
        });
        provider.flatten().or_else(|| {
            let source = workspace.sources.with(|sources| {
                let source = sources.iter().find(|source| source.slug == name)?;
                let owner = Owner::Source(name.to_owned());
                lister(owner, source.models, &source.last_refresh)
            });
            source.flatten()
        })
    }

    /// Whether it does not list a model: neither the id nor a pattern that covers it. False where
    /// that cannot be found out.
    pub(crate) async fn lacks(&self, api: Api, model: &str) -> bool {
        let search = async |query: &str| {
            let filter = CatalogFilter {
                owner: self.owner.name().to_owned(),
                query: query.to_owned(),
                ..CatalogFilter::default()
            };
            api.models(&filter, FOUND, None).await.ok()
        };
        let Some(page) = search(model).await else {
            return false;
        };
        if !is_missing(&page, model) {
            return false;
        }
        search("*").await.is_some_and(|patterns| {
            let mut items = patterns.items.iter();
            let is_covered = items.any(|item| model_id::covers(&item.id, model));
            patterns.next_cursor.is_none() && !is_covered
        })
    }

    /// The remark about a model that it does not list.
    pub(crate) fn words(&self, now: i64) -> String {
        let name = self.owner.name();
        let when = self
            .read_at
            .map(|at| format!(", refreshed {}", ago(now, at)));
        format!(
            "Not in the list of {name}{}. Requests are still sent and may fail.",
            when.unwrap_or_default()
        )
    }
}

/// Whether a search for an id proves that its owner does not list it.
fn is_missing(page: &ModelsPage, wanted: &str) -> bool {
    let is_listed = |state: ModelState| state != ModelState::Absent;
    page.next_cursor.is_none()
        && !page
            .items
            .iter()
            .any(|model| model.id == wanted && is_listed(model.state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_model_is_missing_only_if_all_that_match_were_seen() {
        let page = |items: &[(&str, &str)], next: Option<&str>| -> ModelsPage {
            let items: Vec<_> = items
                .iter()
                .map(|(id, state)| {
                    json!({
                        "ref": format!("edge/{id}"), "owner": "edge", "id": id, "state": state,
                        "enabled": true, "first_seen": 0, "last_seen": 0
                    })
                })
                .collect();
            serde_json::from_value(json!({ "items": items, "next_cursor": next, "total": 1 }))
                .unwrap()
        };
        assert!(is_missing(&page(&[], None), "a"));
        assert!(is_missing(&page(&[("a-large", "enabled")], None), "a"));
        assert!(is_missing(&page(&[("a", "absent")], None), "a"));
        assert!(!is_missing(&page(&[("a", "disabled")], None), "a"));
        assert!(!is_missing(
            &page(&[("a-large", "enabled")], Some("x")),
            "a"
        ));
    }

    #[test]
    fn the_remark_says_how_old_the_list_is() {
        let lister = |read_at| Lister {
            owner: Owner::Provider("edge".to_owned()),
            read_at,
        };
        assert_eq!(
            lister(Some(0)).words(7_200),
            "Not in the list of edge, refreshed 2 h ago. Requests are still sent and may fail."
        );
        assert!(
            lister(None)
                .words(7_200)
                .starts_with("Not in the list of edge. ")
        );
    }
}
