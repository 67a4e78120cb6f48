//! The models of the catalog: listing, switching, and the default.

use super::changed_values::{changed_value, switched_models};
use super::paging::{self, invalid_cursor};
use super::{DomainError, Workspace};
use crate::store::{Item, ModelsFilter, ModelsSort, Position, StoredCounts, StoredModel};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use waypost_api_types::{
    Current, DefaultModel, EnableModelsInput, EnabledModels, ModelFacets, ModelState,
    ModelStateCounts, ModelView, ModelsPage,
};
use waypost_routing::model_id::is_pattern;
use waypost_routing::resolution::Outcome;
use waypost_routing::routing_table::RoutingTable;

/// How many models may be enabled or disabled at once.
const MAX_REFS: usize = 50_000;
/// How often a default model is checked anew because the configuration changed meanwhile.
const DEFAULT_TRIES: usize = 16;
/// How many words a search may have.
const MAX_WORDS: usize = 16;

/// Which models are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsQuery {
    /// Of this provider or source.
    pub owner: Option<String>,
    /// With each of these words in ref or name, without regard to case.
    pub q: Option<String>,
    /// In this state.
    pub state: Option<ModelState>,
    /// At most so many on this page; 200 where absent, 1,000 at most.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// That an agent uses, or that none uses.
    pub in_use: Option<bool>,
    /// In this order.
    pub sort: ModelsSort,
    /// How many to leave out at the beginning.
    pub offset: Option<u32>,
    /// Whether to count what other choices of the filter would match.
    pub facets: bool,
}

impl Workspace {
    /// One page of the models of every owner that there is.
    ///
    /// # Errors
    /// `invalid_limit` and `invalid_cursor`.
    pub async fn models(&self, query: ModelsQuery) -> Result<ModelsPage, DomainError> {
        let limit = paging::MODELS.rows(query.limit)?;
        let start = query.cursor.as_deref().map(start).transpose()?;
        let (after, skipped) = match start {
            Some(Start::After(position)) => (Some(position), None),
            Some(Start::Skip(number)) => (None, Some(number)),
            None => (None, query.offset.map(u64::from)),
        };
        // An entry that went away from the providers file leaves its models behind for its
        // return. Until then a ref to them goes elsewhere, so that they are not listed.
        let known = self.routing_table();
        let asked = |name: &&String| query.owner.as_ref().is_none_or(|owner| owner == *name);
        let owners: BTreeSet<&String> = owners(&known).filter(asked).collect();
        let owners = owners.into_iter().cloned().collect();
        let words = query.q.as_deref().unwrap_or_default().split_whitespace();
        let filter = ModelsFilter {
            owners,
            words: words.take(MAX_WORDS).map(str::to_owned).collect(),
            state: query.state,
            among: query.in_use.map(|in_use| (in_use, self.used_refs())),
            sort: query.sort,
            skip: skipped.unwrap_or_default(),
        };
        let (mut rows, total) = self
            .store()
            .models(&filter, after.as_ref(), limit + 1)
            .await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = rows.last().filter(|_| more).map(|last| {
            // A position stays where it is while models come and go; other orders have none.
            let end = match (filter.sort, filter.skip) {
                (ModelsSort::Ref, 0) => Start::After(Position(last.owner.clone(), last.id.clone())),
                (_, skipped) => Start::Skip(skipped + rows.len() as u64),
            };
            paging::cursor(&serde_json::to_vec(&end).expect("strings and numbers are JSON"))
        });
        let facets = match query.facets {
            true => Some(self.model_facets(&known, &filter).await?),
            false => None,
        };
        Ok(ModelsPage {
            facets,
            items: rows.into_iter().map(view).collect(),
            next_cursor,
            total,
        })
    }

    /// The refs that agents use.
    fn used_refs(&self) -> Vec<String> {
        self.used_by().models().map(str::to_owned).collect()
    }

    /// How many models match for each choice of one filter, the others applied.
    async fn model_facets(
        &self,
        known: &RoutingTable,
        filter: &ModelsFilter,
    ) -> Result<ModelFacets, DomainError> {
        let any = ModelsFilter {
            owners: owners(known).cloned().collect(),
            state: None,
            ..filter.clone()
        };
        let counts = self.store().model_counts(&any).await?;
        let of_state = |counts: &StoredCounts| match filter.state {
            None => counts.total,
            Some(ModelState::Enabled) => counts.enabled,
            Some(ModelState::Disabled) => counts.total - counts.enabled - counts.absent,
            Some(ModelState::Absent) => counts.absent,
        };
        let mut states = ModelStateCounts::default();
        for (_, counts) in counts
            .iter()
            .filter(|(owner, _)| filter.owners.contains(owner))
        {
            states.enabled += counts.enabled;
            states.disabled += counts.total - counts.enabled - counts.absent;
            states.absent += counts.absent;
        }
        let used = ModelsFilter {
            among: Some((true, self.used_refs())),
            skip: 0,
            ..filter.clone()
        };
        let (_, in_use) = self.store().models(&used, None, 0).await?;
        Ok(ModelFacets {
            owners: counts
                .iter()
                .map(|(owner, counts)| (owner.clone(), of_state(counts)))
                .filter(|(_, number)| *number > 0)
                .collect(),
            states,
            in_use,
        })
    }

    /// Switches models on or off, all of them or none.
    ///
    /// Models have no version: a request names ids and the state they are to have, so that of two
    /// requests at once each model ends as the later one wanted it, and neither undoes anything that
    /// the other one set for further models.
    ///
    /// # Errors
    /// `unknown_model`, naming the first ref that the catalog does not know; `too_many`.
    pub async fn enable_models(
        &self,
        change: EnableModelsInput,
    ) -> Result<EnabledModels, DomainError> {
        if change.refs.len() > MAX_REFS {
            let message = format!("At most {MAX_REFS} models can be enabled or disabled at once.");
            return Err(DomainError::invalid("refs", "too_many", message));
        }
        let mut pairs = Vec::with_capacity(change.refs.len());
        for model_ref in &change.refs {
            pairs.push(
                model_ref
                    .split_once('/')
                    .ok_or_else(|| unknown(model_ref))?,
            );
        }
        let mut transaction = self.begin().await?;
        if let Some((owner, id)) = transaction.first_unknown_model(&pairs).await? {
            return Err(unknown(&format!("{owner}/{id}")));
        }
        let switched = transaction
            .set_models_enabled(&pairs, change.enabled)
            .await?;
        let number = switched.len() as u64;
        if number > 0 {
            let action = if change.enabled {
                "models.enable"
            } else {
                "models.disable"
            };
            // Several refs are logged by their number, to keep the log readable.
            let target = match change.refs.as_slice() {
                [one] => format!("model:{one}"),
                _ => format!("models:{number}"),
            };
            self.record(&mut *transaction, action, &target, &["enabled"])
                .await?;
            let values = switched_models(&switched, change.enabled);
            transaction.record_values(&values).await?;
        }
        transaction.commit().await?;
        Ok(EnabledModels { switched: number })
    }

    /// The organisation's default model.
    pub async fn default_model(&self) -> Result<DefaultModel, DomainError> {
        let settings = self.store().configuration().await?.settings;
        Ok(DefaultModel {
            model_ref: settings.default_model,
            version: settings.default_model_version,
        })
    }

    /// Sets or clears the default model. It must be a model that is switched on, or any other ref
    /// that has a route.
    ///
    /// # Errors
    /// `version_conflict`, and what the resolver says against the ref, `model_disabled` among it.
    pub async fn set_default_model(
        &self,
        wanted: DefaultModel,
    ) -> Result<DefaultModel, DomainError> {
        let wanted = wanted.model_ref.filter(|text| !text.is_empty());
        for _ in 0..DEFAULT_TRIES {
            if let Some(done) = self.try_set_default(wanted.as_deref()).await? {
                return Ok(done);
            }
        }
        Err(DomainError::conflict(
            "changed_meanwhile",
            "The configuration kept changing while the ref was checked, so nothing was saved. Try \
             again.",
        ))
    }

    /// Checks the ref, and sets it if nothing was committed since: a source that was deleted after
    /// the check must not become the default.
    async fn try_set_default(
        &self,
        wanted: Option<&str>,
    ) -> Result<Option<DefaultModel>, DomainError> {
        let seen = self.store().generation().await?;
        let version = self.default_model().await?.version;
        let checked = match wanted {
            // A version that does not fit is said before what is wrong with the ref.
            Some(model_ref) if self.expects(version) => self.check_default(model_ref).await,
            _ => Ok(()),
        };
        let mut transaction = self.begin().await?;
        let settings = transaction.configuration().await?.settings;
        if !self.expects(settings.default_model_version) {
            drop(transaction);
            let current = Current::DefaultModel(self.default_model().await?);
            return Err(DomainError::precondition_failed(current));
        }
        if wanted.is_some() && transaction.generation().await? != seen {
            return Ok(None);
        }
        checked?;
        if settings.default_model.as_deref() == wanted {
            drop(transaction);
            return Ok(Some(self.default_model().await?));
        }
        transaction.set_default_model(wanted).await?;
        let action = match wanted {
            Some(_) => "default_model.set",
            None => "default_model.clear",
        };
        self.record_edit(&mut *transaction, action, Item::DefaultModel, &["ref"])
            .await?;
        let after = wanted.map(str::to_owned);
        let value = changed_value("ref", settings.default_model, after);
        transaction.record_values(&[value]).await?;
        transaction.commit().await?;
        Ok(Some(self.default_model().await?))
    }

    async fn check_default(&self, model_ref: &str) -> Result<(), DomainError> {
        if let Some((owner, id)) = model_ref.split_once('/')
            && is_owner(&self.routing_table(), owner)
            && !is_pattern(id)
            && self.store().model_enabled(owner, id).await? == Some(true)
        {
            // Its key may still be missing; routes to it report that.
            return Ok(());
        }
        let resolution = self.resolve(model_ref)?;
        if resolution.outcome == Outcome::Routed {
            return Ok(());
        }
        let suggestion = resolution
            .warnings
            .into_iter()
            .find_map(|warning| warning.suggestion);
        let refusal = resolution
            .error
            .ok_or_else(|| DomainError::internal("rejected ref without an error", &model_ref))?;
        let message = format!("`{model_ref}` cannot be the default: {}", refusal.message);
        Err(
            DomainError::invalid("ref", refusal_code(&refusal.code), message)
                .suggesting(suggestion),
        )
    }
}

/// A model as the API shows it.
fn view(row: StoredModel) -> ModelView {
    let StoredModel {
        owner,
        id,
        metadata,
        enabled,
        ..
    } = row;
    ModelView {
        pattern: is_pattern(&id),
        model_ref: format!("{owner}/{id}"),
        owner,
        id,
        name: metadata.name,
        state: match (row.absent, enabled) {
            (true, _) => ModelState::Absent,
            (false, true) => ModelState::Enabled,
            (false, false) => ModelState::Disabled,
        },
        enabled,
        context: metadata.context,
        input_price: metadata.input_price,
        output_price: metadata.output_price,
        mode: metadata.mode,
        retires_on: metadata.retires_on,
        first_seen: row.first_seen,
        last_seen: row.last_seen,
    }
}

/// Every provider and source. One whose name the providers file blocks owns its models still.
pub(super) fn owners(table: &RoutingTable) -> impl Iterator<Item = &String> {
    let providers = table.snapshot().providers.iter().map(|entry| &entry.name);
    let sources = table.snapshot().sources.iter().map(|source| &source.slug);
    providers.chain(sources)
}

/// Whether a provider or source has this name.
pub(super) fn is_owner(table: &RoutingTable, name: &str) -> bool {
    owners(table).any(|owner| owner == name)
}

/// The code of a refusal as a code of the domain, which has them as constants.
fn refusal_code(code: &str) -> &'static str {
    waypost_routing::codes::ALL
        .iter()
        .find(|known| known.code == code)
        .map_or("invalid_ref", |known| known.code)
}

fn unknown(model_ref: &str) -> DomainError {
    DomainError::invalid(
        "refs",
        "unknown_model",
        format!("The catalog has no model `{model_ref}`; nothing was switched. Refresh its owner."),
    )
}

/// Where a page begins.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Start {
    /// After a model, by owner, then by id.
    After(Position),
    /// After so many models.
    Skip(u64),
}

fn start(cursor: &str) -> Result<Start, DomainError> {
    paging::read(cursor)
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|_| invalid_cursor()))
}
