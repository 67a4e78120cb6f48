//! What a mistyped name is taken for, found the plain way: every name, and the whole table.

use proptest::prelude::*;
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;
use waypost_routing::source::SourceEntry;

/// The number of insertions, deletions, replacements and swaps of neighbours.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
    for row in 0..=left.len() {
        for column in 0..=right.len() {
            if row == 0 || column == 0 {
                table[row][column] = row + column;
                continue;
            }
            let same = |row: usize, column: usize| left[row - 1] == right[column - 1];
            let replaced = table[row - 1][column - 1] + usize::from(!same(row, column));
            let longer = table[row - 1][column].min(table[row][column - 1]) + 1;
            table[row][column] = replaced.min(longer);
            if row > 1 && column > 1 && same(row, column - 1) && same(row - 1, column) {
                table[row][column] = table[row][column].min(table[row - 2][column - 2] + 1);
            }
        }
    }
    table[left.len()][right.len()]
}

/// The name that is meant: the nearest within one typo, or two from eight characters on, where no
/// other is as near. Two letters more at the end make another name.
fn meant<'a>(typed: &str, names: &[&'a str]) -> Option<&'a str> {
    let typed = typed.to_ascii_lowercase();
    let near = |name: &&'a str| {
        let known = name.to_ascii_lowercase();
        let distance = distance(typed.as_bytes(), known.as_bytes());
        let shorter = typed.len().min(known.len());
        let is_extension = typed.len().abs_diff(known.len()) == 2
            && (typed.starts_with(&known) || known.starts_with(&typed));
        let is_near = match shorter {
            _ if distance == 0 => true,
            0..=2 => false,
            3..=7 => distance == 1,
            _ => distance <= 2 && !is_extension,
        };
        is_near.then_some((distance, *name))
    };
    let mut near: Vec<(usize, &str)> = names.iter().filter_map(near).collect();
    near.sort_unstable();
    match near[..] {
        [(least, _), (next, _), ..] if least == next => None,
        [(_, name), ..] => Some(name),
        [] => None,
    }
}

/// Names that are near each other: few letters, and lengths about the border at eight.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abcAB]{3,5}",
        4 => "team-[abAB12]{2,6}",
        1 => "source-[0-9]{1,3}",
        1 => "[a-z][a-z0-9._-]{0,30}",
    ]
}

/// A name with a few typos in it.
fn mistyped(name: &str, typos: &[(u8, prop::sample::Index, char)]) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    for (kind, place, letter) in typos {
        let at = place.index(letters.len().max(1));
        match kind {
            0 => letters.insert(at.min(letters.len()), *letter),
            1 if letters.len() > 1 => drop(letters.remove(at)),
            2 if at + 1 < letters.len() => letters.swap(at, at + 1),
            3 if !letters.is_empty() => letters[at] = *letter,
            _ => letters.push(*letter),
        }
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// A routing table that has its names indexed suggests what looking at every one of them suggests.
    #[test]
    fn the_suggestion_is_that_of_the_plain_search(
        slugs in prop::collection::btree_set(name(), 1..30),
        base in any::<prop::sample::Index>(),
        typos in prop::collection::vec((0..6_u8, any::<prop::sample::Index>(), "[abcA12-]"), 0..4),
    ) {
        let slugs: Vec<String> = slugs.into_iter().collect();
        let typos: Vec<_> = typos
            .into_iter()
            .filter_map(|(kind, place, letter)| Some((kind, place, letter.chars().next()?)))
            .collect();
        let typed = mistyped(&slugs[base.index(slugs.len())], &typos);
        let snapshot = Snapshot {
            managed_gateway: "litellm".into(),
            providers: builtin(),
            sources: slugs
                .iter()
                .map(|slug| SourceEntry {
                    slug: slug.clone(),
                    name: slug.clone(),
                    base_url: "https://own.example/v1".into(),
                    auth_header: None,
                    headers: Vec::new(),
                    passthrough: true,
limits: Default::default(),
pass_headers: Vec::new(),
})
                .collect(),
            ..Snapshot::default()
        };
        let providers = builtin();
        let mut names: Vec<&str> = providers.iter().map(|entry| entry.name.as_str()).collect();
        names.extend(slugs.iter().map(String::as_str));
        prop_assume!(!names.contains(&typed.as_str()));
        let expected = meant(&typed, &names).map(|name| format!("{name}/m"));
        let model_ref = format!("{typed}/m");
        let resolution = resolve(&RoutingTable::new(snapshot), &Request::new(&model_ref, Operation::Chat));
        let suggested = resolution
            .warnings
            .into_iter()
            .find(|warning| warning.code == "did_you_mean")
            .and_then(|warning| warning.suggestion);
        prop_assert_eq!(suggested, expected, "{}", typed);
    }
}
