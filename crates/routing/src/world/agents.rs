//! The agents of a world, with what they refer to.

use super::reference::{Reference, references};
use crate::agent::Agent;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// The agents of a world. A draft of a change shares them with what it is a draft of, so that a
/// clone copies nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agents(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    list: Arc<[Agent]>,
    index: OnceLock<Index>,
}

/// The agents by what they send and by what they refer to.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// For each set of agents that send the same, the place of the first.
    pub(crate) alike: Vec<usize>,
    /// For each agent, its set.
    pub(crate) set_of: Vec<usize>,
    /// Everything that is referred to, with the sets that do, each once.
    pub(crate) referring: Vec<(Reference<'static>, Vec<usize>)>,
}

impl Agents {
    /// The index. It is made when it is first asked for, so that only who drafts a change pays
    /// for it, and once.
    pub(crate) fn index(&self) -> &Index {
        self.0.index.get_or_init(|| Index::of(&self.0.list))
    }

    /// Whether these are the very same agents, not only equal ones.
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.list, &other.0.list)
    }
}

impl Index {
    fn of(agents: &[Agent]) -> Self {
        let mut order: Vec<usize> = (0..agents.len()).collect();
        order.sort_by(|one, other| agents[*one].cmp_routing(&agents[*other]));
        let mut alike: Vec<usize> = Vec::new();
        let mut set_of = vec![0; agents.len()];
        for place in order {
            let is_known = alike
                .last()
                .is_some_and(|first| agents[*first].cmp_routing(&agents[place]).is_eq());
            if !is_known {
                alike.push(place);
            }
            set_of[place] = alike.len() - 1;
        }
        let mut referring: BTreeMap<Reference<'_>, Vec<usize>> = BTreeMap::new();
        for (set, first) in alike.iter().enumerate() {
            references(&agents[*first], &mut |reference| {
                let sets = referring.entry(reference).or_default();
                if sets.last() != Some(&set) {
                    sets.push(set);
                }
                false
            });
        }
        let referring = referring
            .into_iter()
            .map(|(reference, sets)| (reference.into_owned(), sets))
            .collect();
        Self {
            alike,
            set_of,
            referring,
        }
    }
}

impl Deref for Agents {
    type Target = [Agent];

    fn deref(&self) -> &[Agent] {
        &self.0.list
    }
}

impl From<Arc<[Agent]>> for Agents {
    fn from(list: Arc<[Agent]>) -> Self {
        Self(Arc::new(Shared {
            list,
            index: OnceLock::new(),
        }))
    }
}
