//! The events of the audit log in words: the dashboard shows them and the control plane searches
//! them, so that a search finds what is on the page.

/// What the actor `system` is called.
pub const SYSTEM_NAME: &str = "Waypost";

/// What each action did, before its target: `set the key of`.
const ACTIONS: &[(&str, &str)] = &[
    ("agent.add", "added agent"),
    ("agent.edit", "changed agent"),
    ("agent.rename", "renamed agent"),
    ("agent.delete", "deleted agent"),
    ("agent.restore", "restored agent"),
    ("agent.key.set", "set a gateway key of agent"),
    ("agent.key.remove", "removed a gateway key of agent"),
    ("agent.key.restore", "restored a gateway key of agent"),
    ("agent.model.replace", "replaced a model of agent"),
    ("agent.model.restore", "restored the model of agent"),
    ("default_model.set", "set the"),
    ("default_model.clear", "cleared the"),
    ("default_model.restore", "restored the"),
    ("models.enable", "enabled"),
    ("models.disable", "disabled"),
    ("models.replace", "replaced"),
    ("provider.add", "added"),
    ("provider.edit", "changed"),
    ("settings.edit", "changed"),
    ("provider.delete", "deleted"),
    ("provider.restore", "restored"),
    ("provider.key.set", "set the key of"),
    ("provider.key.set.failed", "did not set the key of"),
    ("provider.key.remove", "removed the key of"),
    ("provider.key.restore", "restored the key of"),
    ("provider.key.stage", STAGED),
    ("source.key.stage", STAGED),
    ("provider.key.stage.failed", NOT_STAGED),
    ("source.key.stage.failed", NOT_STAGED),
    ("provider.key.next.test", TESTED_NEXT),
    ("source.key.next.test", TESTED_NEXT),
    ("provider.key.next.test.failed", NEXT_FAILED),
    ("source.key.next.test.failed", NEXT_FAILED),
    ("provider.key.next.discard", REMOVED_NEXT),
    ("source.key.next.discard", REMOVED_NEXT),
    ("provider.key.previous.discard", REMOVED_PREVIOUS),
    ("source.key.previous.discard", REMOVED_PREVIOUS),
    ("provider.key.switch", SWITCHED),
    ("source.key.switch", SWITCHED),
    ("provider.key.switch_back", SWITCHED_BACK),
    ("source.key.switch_back", SWITCHED_BACK),
    ("provider.key.expire", REMOVED_PREVIOUS),
    ("source.key.expire", REMOVED_PREVIOUS),
    ("provider.refresh", "refreshed"),
    ("source.refresh", "refreshed"),
    ("provider.refresh.failed", "could not refresh"),
    ("source.refresh.failed", "could not refresh"),
    ("provider.test", "tested"),
    ("source.test", "tested"),
    ("provider.test.failed", "tested without success"),
    ("source.test.failed", "tested without success"),
    ("provider.test.unsaved", "tested unsaved changes of"),
    ("source.test.unsaved", "tested unsaved changes of"),
    ("provider.test.unsaved.failed", UNSAVED_FAILED),
    ("source.test.unsaved.failed", UNSAVED_FAILED),
    ("source.add", "added source"),
    ("source.add.failed", "did not add source"),
    ("source.edit", "changed source"),
    ("source.edit.failed", "did not change source"),
    ("source.delete", "deleted source"),
    ("source.restore", "restored source"),
    ("sample.install", "added the"),
    ("sample.remove", "removed the"),
    ("request_log.delete", "deleted records of the"),
    (
        "request_log.delete.failed",
        "could not delete records of the",
    ),
    ("session.begin", "signed in"),
    ("session.end", "signed out"),
    ("session.end_all", "ended every session"),
    ("session.end_other", "ended the session of"),
    ("token.create", "created"),
    ("token.revoke", "revoked"),
    ("sign_in_link.make", "created a sign-in link for"),
];

const STAGED: &str = "saved the next key of";
const NOT_STAGED: &str = "did not save the next key of";
const TESTED_NEXT: &str = "tested the next key of";
const NEXT_FAILED: &str = "tested without success the next key of";
const REMOVED_NEXT: &str = "removed the next key of";
const REMOVED_PREVIOUS: &str = "removed the previous key of";
const SWITCHED: &str = "switched to the next key of";
const SWITCHED_BACK: &str = "switched back to the previous key of";
const UNSAVED_FAILED: &str = "tested without success unsaved changes of";

/// The targets that are called otherwise than they are written.
const TARGETS: &[(&str, &str)] = &[
    ("default-model", "default model"),
    ("request-log", "request log"),
    ("sample", "sample workspace"),
    ("role:admin", "an administrator"),
    ("role:viewer", "a viewer"),
];

/// The fields that are called otherwise than they are written.
const FIELDS: &[(&str, &str)] = &[
    ("api_key_env", "key variable"),
    ("allow_private", "private addresses"),
    ("base_url", "base URL"),
    ("yaml", "document"),
];

/// What precedes a field of a subagent: `subagents.writer.primary`.
const SUBAGENTS: &str = "subagents.";

/// Words between the others that no event is looked for by.
const CONNECTIVES: &[&str] = &["and", "with", "changed:"];

/// How many words a search may have.
const MOST_WORDS: usize = 16;

/// What an action did, before its target; one without words as it is written.
#[must_use]
pub fn action_words(action: &str) -> &str {
    lookup(ACTIONS, action).unwrap_or(action)
}

/// What a target is called where it is not called as it is written: `default model`.
#[must_use]
pub fn target_words(target: &str) -> Option<&'static str> {
    lookup(TARGETS, target)
}

/// The name of a field in words: `base_url` is `base URL`, `subagents.writer.primary` is
/// `writer primary`.
#[must_use]
pub fn field_words(field: &str) -> String {
    if let Some(words) = lookup(FIELDS, field) {
        return words.to_owned();
    }
    let of_subagent = field.strip_prefix(SUBAGENTS);
    if let Some((alias, field)) = of_subagent.and_then(|rest| rest.rsplit_once('.')) {
        return [alias, " ", &field_words(field)].concat();
    }
    // A ref is no name of a field.
    match field.contains('/') {
        true => field.to_owned(),
        false => field.replace('_', " "),
    }
}

/// A field of a subagent's model, as the audit log names it.
#[must_use]
pub fn subagent_field(alias: &str, field: &str) -> String {
    [SUBAGENTS, alias, ".", field].concat()
}

/// A word that events are searched for, and what it stands for beyond what is stored of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchedWord {
    /// The word, its ASCII letters in lower case.
    pub text: String,
    /// The actions with this text in their words.
    pub actions: Vec<&'static str>,
    /// The actors with this text in their name.
    pub actors: Vec<&'static str>,
    /// The targets with this text in their words.
    pub targets: Vec<&'static str>,
    /// The fields with this text in their words.
    pub fields: Vec<&'static str>,
}

/// The words of a search. An event is found if each of them is in it.
#[must_use]
pub fn searched_words(text: &str) -> Vec<SearchedWord> {
    let words = text.split_whitespace().map(searched_text);
    let words = words.filter(|word| !CONNECTIVES.contains(&word.as_str()));
    words
        .take(MOST_WORDS)
        .map(|text| SearchedWord {
            actions: containing(ACTIONS, &text),
            actors: containing(&[("system", SYSTEM_NAME)], &text),
            targets: containing(TARGETS, &text),
            fields: containing(FIELDS, &text),
            text,
        })
        .collect()
}

/// A word as it is stored: letters in lower case, and a number without its separators.
fn searched_text(word: &str) -> String {
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == ',');
    match word.starts_with(|first: char| first.is_ascii_digit()) && is_number(word) {
        true => word.replace(',', ""),
        false => word.to_ascii_lowercase(),
    }
}

fn lookup(table: &'static [(&str, &'static str)], key: &str) -> Option<&'static str> {
    let row = table.iter().find(|(known, _)| *known == key)?;
    Some(row.1)
}

fn containing(table: &[(&'static str, &str)], text: &str) -> Vec<&'static str> {
    let rows = table
        .iter()
        .filter(|(_, words)| words.to_ascii_lowercase().contains(text));
    rows.map(|(key, _)| *key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_action_is_shown_as_written() {
        assert_eq!(action_words("provider.key.set"), "set the key of");
        assert_eq!(action_words("robot.dance"), "robot.dance");
    }

    #[test]
    fn a_number_is_looked_for_as_it_is_stored() {
        let texts = |text| {
            let words = searched_words(text).into_iter();
            words.map(|word| word.text).collect::<Vec<_>>()
        };
        assert_eq!(texts("4,995 Models"), ["4995", "models"]);
        assert_eq!(texts("a,b 1,x ,"), ["a,b", "1,x", ","]);
    }

    #[test]
    fn fields_are_named_as_in_a_sentence() {
        for (field, words) in [
            ("base_url", "base URL"),
            ("auth_value", "auth value"),
            ("subagents.writer.primary", "writer primary"),
            ("subagents.w.x.base_url", "w.x base URL"),
            ("litellm/gpt_4o", "litellm/gpt_4o"),
        ] {
            assert_eq!(field_words(field), words);
        }
    }

    #[test]
    fn a_word_stands_for_what_is_called_so() {
        let words = searched_words("Waypost with CLEARED  workspace url");
        assert_eq!(words.len(), 4, "connectives find nothing");
        assert_eq!(words[0].actors, ["system"]);
        assert_eq!(words[1].text, "cleared");
        assert_eq!(words[1].actions, ["default_model.clear"]);
        assert_eq!(words[2].targets, ["sample"]);
        assert_eq!(words[3].fields, ["base_url"]);
    }
}
