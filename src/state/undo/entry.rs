//! What can still be undone, as a tab keeps it across a reload: names and tickets, no value. Pure: no
//! state, no browser.

use super::Undoable;
use crate::api::types::UndoTicket;

/// Between the parts of a change, and between changes. No name has control characters.
const PART: char = '\u{1f}';
const CHANGE: char = '\u{1e}';

/// A change with its notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UndoEntry {
    /// The notice that offers it, maybe with others.
    pub(super) notice: u64,
    /// Until when it can be undone, in Unix seconds.
    pub(super) until: i64,
    /// What the notice says.
    pub(super) text: String,
    /// The change. The seconds of its ticket count for nothing.
    pub(super) change: Undoable,
}

/// The changes as a text.
pub(super) fn write(all: &[UndoEntry]) -> String {
    let changes = all.iter().map(|entry| {
        let (notice, until) = (entry.notice.to_string(), entry.until.to_string());
        let head = [&*notice, &*until, &*entry.text];
        let change = [&*entry.change.ticket.token, &*entry.change.action];
        let targets = entry.change.targets.iter().map(String::as_str);
        let parts = head.into_iter().chain(change).chain(targets);
        parts.collect::<Vec<_>>().join(&PART.to_string())
    });
    changes.collect::<Vec<_>>().join(&CHANGE.to_string())
}

/// The changes of a text that can still be undone, in groups that share a notice.
pub(super) fn read(text: &str, now: i64) -> Vec<(String, Vec<Undoable>)> {
    let mut groups: Vec<(u64, String, Vec<Undoable>)> = Vec::new();
    for entry in text.split(CHANGE).filter_map(read_one) {
        let Some(seconds) = u64::try_from(entry.until - now)
            .ok()
            .filter(|left| *left > 0)
        else {
            continue;
        };
        let mut change = entry.change;
        change.ticket.seconds = seconds;
        match groups
            .last_mut()
            .filter(|(notice, ..)| *notice == entry.notice)
        {
            Some((_, _, changes)) => changes.push(change),
            None => groups.push((entry.notice, entry.text, vec![change])),
        }
    }
    let groups = groups.into_iter();
    groups.map(|(_, text, changes)| (text, changes)).collect()
}

fn read_one(text: &str) -> Option<UndoEntry> {
    let mut parts = text.split(PART);
    Some(UndoEntry {
        notice: parts.next()?.parse().ok()?,
        until: parts.next()?.parse().ok()?,
        text: parts.next()?.to_owned(),
        change: Undoable {
            ticket: UndoTicket {
                token: parts.next()?.to_owned(),
                seconds: 0,
            },
            action: parts.next()?.to_owned().into(),
            targets: parts.map(str::to_owned).collect(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(notice: u64, until: i64, name: &str) -> UndoEntry {
        let ticket = UndoTicket {
            token: format!("token-{name}"),
            seconds: 0,
        };
        UndoEntry {
            notice,
            until,
            text: "Deleted 2 agents.".to_owned(),
            change: Undoable::agent(name, ticket),
        }
    }

    #[test]
    fn what_is_read_is_what_was_written_for_the_rest_of_its_time() {
        let text = write(&[
            entry(1, 90, "over"),
            entry(2, 107, "a"),
            entry(2, 107, "b"),
            entry(3, 104, "c"),
        ]);
        let groups = read(&text, 100);
        let seconds: Vec<Vec<u64>> = groups
            .iter()
            .map(|(_, changes)| changes.iter().map(|change| change.ticket.seconds).collect())
            .collect();
        assert_eq!(seconds, [vec![7, 7], vec![4]]);
        let (words, changes) = &groups[0];
        assert_eq!(words, "Deleted 2 agents.");
        assert_eq!(changes[1].ticket.token, "token-b");
        assert_eq!(changes[1].targets, ["agent:b"]);
        assert_eq!(changes[1].action, "agent.delete");
    }

    #[test]
    fn what_is_no_list_of_changes_is_ignored() {
        for text in ["", "1", "x\u{1f}y", "1\u{1f}99999\u{1f}text"] {
            assert!(read(text, 0).is_empty(), "{text}");
        }
    }
}
