//! From the parser's events to the tree.

use super::scalar::{TagError, check_collection_tag, scalar};
use super::{MAX_DEPTH, MAX_NODES, Mapping, Node, Position, Value, YamlError};
use crate::numbers::thousands;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Reads the one document of a text that is short enough and printable.
pub(super) fn build(text: &str) -> Result<Node, YamlError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let position = position(*error.marker());
            let message = match reserved_start(text, position) {
                Some('*') => {
                    "A value that begins with * refers to an anchor, and there is none of \
                              that name. If it is text, put it in quotes."
                        .to_owned()
                }
                Some(character) => format!(
                    "A value that begins with {character} is not plain text in YAML. Put it in \
                     quotes."
                ),
                None => format!("This is not valid YAML: {}.", error.info()),
            };
            YamlError::new(message, position)
        })?;
        builder.take(event, position(span.start))?;
    }
    Ok(builder.root.unwrap_or_else(|| Node {
        position: Position::START,
        value: Rc::new(Value::Null),
    }))
}

/// The parser counts lines from 1 and columns from 0.
fn position(marker: Marker) -> Position {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position {
        line: number(marker.line()).max(1),
        column: number(marker.col()).saturating_add(1),
    }
}

/// The character at the place of an error, or before it, if a value begins there that people write
/// without quotes: `@team/model`, `*`, `%TOKEN%`.
fn reserved_start(text: &str, place: Position) -> Option<char> {
    let line: Vec<char> = text.lines().nth(place.line as usize - 1)?.chars().collect();
    let column = place.column as usize - 1;
    [Some(column), column.checked_sub(1)]
        .into_iter()
        .flatten()
        .find_map(|at| {
            let character = *line.get(at)?;
            let begins_a_value = match at.checked_sub(1) {
                Some(before) => matches!(line[before], ' ' | '\t' | '[' | '{' | ',' | '-'),
                None => true,
            };
            (begins_a_value && matches!(character, '@' | '`' | '%' | '*')).then_some(character)
        })
}

/// A finished value with the number of levels below and including it, and the number of nodes that
/// it stands for, those of aliases included.
struct Finished {
    value: Rc<Value>,
    height: usize,
    size: usize,
}

/// A list or mapping whose end has not come yet.
struct Open {
    position: Position,
    anchor: usize,
    height: usize,
    size: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        mapping: Mapping,
        /// The key that waits for its value.
        key: Option<Node>,
        /// Which of the pairs have the merge key `<<`.
        merges: Vec<usize>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    /// What each anchor stands for. An anchor is known once its node is complete, so that no node
    /// can hold itself.
    anchors: BTreeMap<usize, Finished>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, position: Position) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(YamlError::new(
                        "A second document begins here. Only one is read: remove the line `---`.",
                        position,
                    ));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let empty = text.is_empty() && tag.is_none() && anchor == 0;
                if text == "<<" && style == ScalarStyle::Plain && tag.is_none() {
                    self.note_merge_key();
                }
                let value = scalar(text.into_owned(), style, tag.as_deref())
                    .map_err(|error| tag_error(error, position))?;
                // Where nothing is written, the parser names the place of the next token. What
                // is missing is missing beside its key.
                let position = match self.waiting_key() {
                    Some(key) if empty && value == Value::Null => key,
                    _ => position,
                };
                self.finish(anchor, value, 1, 1, position)?;
            }
            Event::SequenceStart(anchor, tag) => {
                check_collection_tag(tag.as_deref(), "seq")
                    .map_err(|error| tag_error(error, position))?;
                self.open(anchor, Content::Sequence(Vec::new()), position)?;
            }
            Event::MappingStart(anchor, tag) => {
                check_collection_tag(tag.as_deref(), "map")
                    .map_err(|error| tag_error(error, position))?;
                let content = Content::Mapping {
                    mapping: Mapping::default(),
                    key: None,
                    merges: Vec::new(),
                };
                self.open(anchor, content, position)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let value = match open.content {
                        Content::Sequence(items) => Value::Sequence(items),
                        Content::Mapping {
                            mapping, merges, ..
                        } => Value::Mapping(merged(mapping, &merges)?),
                    };
                    let (height, size) = (open.height + 1, open.size.saturating_add(1));
                    self.finish(open.anchor, value, height, size, open.position)?;
                }
            }
            Event::Alias(anchor) => {
                let Some(finished) = self.anchors.get(&anchor) else {
                    return Err(YamlError::new(
                        "The alias refers to a node that contains it.",
                        position,
                    ));
                };
                let (value, height) = (Rc::clone(&finished.value), finished.height);
                let size = finished.size;
                // A reader visits the nodes of an alias at each of its places, so they count again.
                self.count(size - 1, position)?;
                self.place(Node { position, value }, height, size)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// Remembers that the scalar that comes next is a merge key, if it is a key at all.
    fn note_merge_key(&mut self) {
        if let Some(open) = self.open.last_mut()
            && let Content::Mapping {
                mapping,
                key: None,
                merges,
            } = &mut open.content
        {
            merges.push(mapping.pairs.len());
        }
    }

    /// Where the key stands whose value comes next.
    fn waiting_key(&self) -> Option<Position> {
        match &self.open.last()?.content {
            Content::Mapping { key, .. } => key.as_ref().map(Node::position),
            Content::Sequence(_) => None,
        }
    }

    fn open(
        &mut self,
        anchor: usize,
        content: Content,
        position: Position,
    ) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(position));
        }
        self.open.push(Open {
            position,
            anchor,
            height: 0,
            size: 0,
            content,
        });
        Ok(())
    }

    fn finish(
        &mut self,
        anchor: usize,
        value: Value,
        height: usize,
        size: usize,
        position: Position,
    ) -> Result<(), YamlError> {
        let value = Rc::new(value);
        if anchor > 0 {
            let finished = Finished {
                value: Rc::clone(&value),
                height,
                size,
            };
            self.anchors.insert(anchor, finished);
        }
        self.place(Node { position, value }, height, size)
    }

    /// Counts nodes that the document stands for.
    fn count(&mut self, nodes: usize, position: Position) -> Result<(), YamlError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(YamlError::new(
                format!(
                    "The document has more than {} values, aliases expanded.",
                    thousands(MAX_NODES as u64)
                ),
                position,
            ));
        }
        Ok(())
    }

    /// Puts a node where the next one belongs.
    fn place(&mut self, node: Node, height: usize, size: usize) -> Result<(), YamlError> {
        self.count(1, node.position)?;
        let depth = self.open.len();
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        // Aliases nest without nesting in the text, so the height is what counts.
        if depth + height > MAX_DEPTH + 1 {
            return Err(too_deep(node.position));
        }
        parent.height = parent.height.max(height);
        parent.size = parent.size.saturating_add(size);
        match &mut parent.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { mapping, key, .. } => match key.take() {
                None => *key = Some(node),
                Some(key) => mapping.pairs.push((key, node)),
            },
        }
        Ok(())
    }
}

/// The mapping with the pairs that its merge keys stand for, in their place. Its own keys win, then
/// those that are merged first.
fn merged(mapping: Mapping, merges: &[usize]) -> Result<Mapping, YamlError> {
    if merges.is_empty() {
        return Ok(mapping);
    }
    let is_merge = |index: &usize| merges.binary_search(index).is_ok();
    let own = mapping.pairs.iter().enumerate();
    let own = own.filter(|(index, _)| !is_merge(index));
    let mut taken: BTreeSet<String> = own
        .filter_map(|(_, (key, _))| key.as_text().map(str::to_owned))
        .collect();
    let mut pairs = Vec::with_capacity(mapping.pairs.len());
    for (index, (key, value)) in mapping.pairs.into_iter().enumerate() {
        if !is_merge(&index) {
            pairs.push((key, value));
            continue;
        }
        let sources = match value.value() {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(&value),
        };
        for source in sources {
            let Value::Mapping(source_pairs) = source.value() else {
                return Err(YamlError::new(
                    "The merge key `<<` takes a mapping or a list of mappings, such as `<<: *base`.",
                    source.position,
                ));
            };
            for (key, value) in source_pairs.iter() {
                let is_free = key
                    .as_text()
                    .is_none_or(|name| taken.insert(name.to_owned()));
                if is_free {
                    // As with an alias, what is merged stands where it is used.
                    let here = |node: &Node| Node {
                        position: source.position,
                        value: Rc::clone(&node.value),
                    };
                    pairs.push((here(key), here(value)));
                }
            }
        }
    }
    Ok(Mapping { pairs })
}

fn too_deep(position: Position) -> YamlError {
    YamlError::new(
        format!("Lists and mappings are nested more than {MAX_DEPTH} levels deep."),
        position,
    )
}

fn tag_error(error: TagError, position: Position) -> YamlError {
    let message = match error {
        TagError::Unknown => {
            "The tag (`!…`) is not supported; only those of YAML's core schema are."
        }
        TagError::Mismatch => "The tag (`!!…`) does not match the value.",
    };
    YamlError::new(message, position)
}
