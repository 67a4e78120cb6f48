//! Which entries fit what is typed. Pure: no state, no browser.

use super::entry::{Action, CONFIGURE, Entry, Page};
use crate::dom::lower_case;
use crate::paths::Path;
use std::collections::BTreeSet;

/// How many agents, models and prefixes are listed at most. More typing finds the others.
const MOST_AGENTS: usize = 6;
const MOST_MODELS: usize = 8;
const MOST_PREFIXES: usize = 4;

/// A name, and the text that a search looks through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: String,
    lower: String,
}

impl Name {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            lower: lower_case(name),
        }
    }
}

/// A gateway, provider or source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) name: Name,
    /// What it is, in words.
    pub(super) kind: &'static str,
    /// Where it is configured.
    pub(super) configure: Path,
}

/// A model that the control plane found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) model_ref: String,
    /// The readable name, through which it may have been found.
    pub(super) name: String,
    pub(super) note: &'static str,
}

/// What there is to find.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub(super) agents: &'a [Name],
    pub(super) prefixes: &'a [Prefix],
    /// The model strings without a `/` that agents send.
    pub(super) aliases: &'a BTreeSet<String>,
    /// What the last search found, maybe for what was typed before.
    pub(super) models: &'a [Model],
    /// Whether actions that lead to a change are offered.
    pub(super) may_edit: bool,
}

/// The entries for what is typed, best first. The typed text itself is offered as a ref where it may
/// be one: with a `/` before everything that only contains it, without one if an agent sends it.
pub(super) fn entries(typed: &str, known: &Known<'_>) -> Vec<Entry> {
    let typed = typed.trim();
    let lower = lower_case(typed);
    let words: Vec<&str> = lower.split_whitespace().collect();
    let fits = |text: &str| words.iter().all(|word| text.contains(word));

    let agents = best(
        known.agents.iter(),
        &lower,
        MOST_AGENTS,
        |name| &name.lower,
        fits,
    );
    let agents = agents
        .into_iter()
        .map(|name| Entry::Agent(name.name.clone()));
    let models = known.models.iter().filter(|model| {
        let text = lower_case(&format!("{} {}", model.model_ref, model.name));
        fits(&text)
    });
    let models = models.take(MOST_MODELS).map(|model| Entry::Model {
        model_ref: model.model_ref.clone(),
        note: model.note,
    });
    let prefixes = best(
        known.prefixes.iter(),
        &lower,
        MOST_PREFIXES,
        |prefix| &prefix.name.lower,
        fits,
    );
    let prefixes = prefixes.into_iter().map(|prefix| Entry::Prefix {
        name: prefix.name.name.clone(),
        kind: prefix.kind,
    });
    let pages = Page::ALL.into_iter().filter(|page| fits(&page.haystack()));
    let actions = Action::all()
        .filter(|action| known.may_edit || !action.edits())
        .filter(|action| fits(&action.haystack()));
    let pages = pages.map(Entry::Page);
    let actions = actions.map(Entry::Action);
    if typed.is_empty() {
        return pages.chain(actions).collect();
    }
    let configurable = known.prefixes.iter().filter(|_| known.may_edit);
    let configurable =
        configurable.filter(|prefix| fits(&[&prefix.name.lower, " ", CONFIGURE].concat()));
    let configure = configurable
        .take(MOST_PREFIXES)
        .map(|prefix| Entry::Configure {
            name: prefix.name.name.clone(),
            path: prefix.configure.clone(),
        });
    let pages_and_actions = pages.chain(configure).chain(actions);

    let is_exactly = |entry: &Entry| match entry {
        Entry::Agent(name) => name == typed,
        Entry::Model { model_ref, .. } => model_ref == typed,
        _ => false,
    };
    let (exact, rest): (Vec<Entry>, Vec<Entry>) = agents
        .chain(models)
        .chain(prefixes)
        .chain(pages_and_actions)
        .partition(is_exactly);
    let is_listed = exact
        .iter()
        .any(|entry| matches!(entry, Entry::Model { .. }));
    let is_ref = typed.contains('/') || known.aliases.contains(typed);
    let typed_ref = (is_ref && !is_listed).then(|| Entry::Ref(typed.to_owned()));
    exact.into_iter().chain(typed_ref).chain(rest).collect()
}

/// The first matches, those that begin with the typed text before those that contain it.
fn best<'a, T>(
    all: impl Iterator<Item = &'a T>,
    typed: &str,
    most: usize,
    text: impl Fn(&T) -> &str,
    fits: impl Fn(&str) -> bool,
) -> Vec<&'a T> {
    if typed.is_empty() {
        return Vec::new();
    }
    let (mut begin, mut contain) = (Vec::new(), Vec::new());
    for item in all {
        let text = text(item);
        if text.starts_with(typed) {
            begin.push(item);
            if begin.len() == most {
                break;
            }
        } else if contain.len() < most && fits(text) {
            contain.push(item);
        }
    }
    begin.extend(contain);
    begin.truncate(most);
    begin
}

/// Whether a ref is still being typed: it ends where a segment is missing, or is only the name of a
/// gateway, provider or source.
pub(super) fn is_unfinished(typed: &str, prefixes: &[Prefix]) -> bool {
    let typed = typed.trim();
    typed.ends_with('/') || prefixes.iter().any(|prefix| prefix.name.name == typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(typed: &str, agents: &[&str], models: &[&str]) -> Vec<String> {
        let agents: Vec<Name> = agents.iter().map(|name| Name::new(name)).collect();
        let prefixes = [
            Prefix {
                name: Name::new("openrouter"),
                kind: "gateway",
                configure: Path::Gateways,
            },
            Prefix {
                name: Name::new("my-open-gateway"),
                kind: "custom source",
                configure: Path::Sources,
            },
        ];
        let models: Vec<Model> = models
            .iter()
            .map(|model_ref| Model {
                model_ref: (*model_ref).to_owned(),
                name: String::new(),
                note: "",
            })
            .collect();
        let aliases = BTreeSet::from(["customer-alias".to_owned()]);
        let known = Known {
            agents: &agents,
            prefixes: &prefixes,
            aliases: &aliases,
            models: &models,
            may_edit: true,
        };
        let entries = entries(typed, &known);
        entries
            .iter()
            .map(|entry| format!("{}: {}", entry.group(), entry.label()))
            .collect()
    }

    #[test]
    fn a_part_of_a_model_finds_it_and_is_no_ref() {
        assert_eq!(
            listed("kimi", &[], &["sample/moonshotai/kimi-echo"]),
            ["Models: sample/moonshotai/kimi-echo"]
        );
        assert!(listed("hello", &[], &[]).is_empty());
    }

    #[test]
    fn what_an_agent_sends_is_a_ref_without_a_slash_too() {
        assert_eq!(
            listed("customer-alias", &["customer-alias-bot"], &[]),
            ["Route: customer-alias", "Agents: customer-alias-bot"]
        );
        assert!(listed("customer", &[], &[]).is_empty());
    }

    #[test]
    fn actions_are_found_by_the_words_people_use_for_them() {
        for (typed, action) in [
            ("create agent", "Actions: Add agent"),
            ("import", "Actions: Import agents"),
            ("new source", "Actions: Add custom source"),
            ("rotate openrouter key", "Actions: Configure openrouter"),
            ("theme dark", "Actions: Use the dark theme"),
            ("log out", "Actions: Sign out"),
            ("share", "Actions: Copy link to this page"),
        ] {
            let found = listed(typed, &[], &[]);
            // Enter takes the first.
            assert_eq!(found.first().map(String::as_str), Some(action), "{found:?}");
        }
    }

    #[test]
    fn an_agents_name_is_an_agent() {
        assert_eq!(
            listed("support-bot", &["old-support-bot", "support-bot"], &[]),
            ["Agents: support-bot", "Agents: old-support-bot"]
        );
    }

    #[test]
    fn what_looks_like_a_ref_comes_first() {
        assert_eq!(
            listed("up/model", &["up/model-bot"], &["up/model-a"]),
            [
                "Route: up/model",
                "Agents: up/model-bot",
                "Models: up/model-a"
            ]
        );
        // A model of the catalog is not offered twice.
        assert_eq!(
            listed("up/model-a", &[], &["up/model-a"]),
            ["Models: up/model-a"]
        );
    }

    #[test]
    fn names_that_begin_so_come_before_those_that_contain_it() {
        let found = listed("Open", &[], &[]);
        assert_eq!(
            found[..2],
            [
                "Gateways, providers and sources: openrouter/",
                "Gateways, providers and sources: my-open-gateway/"
            ]
        );
    }

    #[test]
    fn nothing_typed_lists_places_and_actions_only() {
        let found = listed("", &["bot"], &["a/b"]);
        assert_eq!(found[0], "Pages: Gateways");
        assert!(found.contains(&"Actions: Add agent".to_owned()));
        assert!(found.iter().all(|entry| !entry.contains("bot")));
    }

    #[test]
    fn ten_thousand_agents_are_searched_and_few_are_listed() {
        let names: Vec<String> = (0..10_000).map(|at| format!("agent-{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = listed("agent-99", &names, &[]);
        assert_eq!(found.len(), MOST_AGENTS);
        assert_eq!(found[0], "Agents: agent-99");
    }

    #[test]
    fn a_viewer_is_not_offered_changes() {
        let known = Known {
            agents: &[],
            prefixes: &[],
            aliases: &BTreeSet::new(),
            models: &[],
            may_edit: false,
        };
        let all = entries("", &known);
        assert!(!all.contains(&Entry::Action(Action::NewAgent)));
        assert!(all.contains(&Entry::Action(Action::SignOut)));
    }

    #[test]
    fn a_ref_is_unfinished_while_a_segment_is_missing() {
        let prefixes = [Prefix {
            name: Name::new("openrouter"),
            kind: "gateway",
            configure: Path::Gateways,
        }];
        for typed in ["openrouter", "openrouter/", "openrouter/moonshotai/"] {
            assert!(is_unfinished(typed, &prefixes), "{typed}");
        }
        for typed in ["openrouter/auto", "kimi", "a//b"] {
            assert!(!is_unfinished(typed, &prefixes), "{typed}");
        }
    }
}
