//! From the parser's events to the tree.

use super::scalar::{TagError, check_collection_tag, scalar};
use super::{MAX_DEPTH, MAX_NODES, Mapping, Node, Position, Value, YamlError};
use saphyr_parser::{Event, Marker, Parser};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Reads the one document of a text that is short enough and printable.
pub(super) fn build(text: &str) -> Result<Node, YamlError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            YamlError::new(
                format!("This is not valid YAML: {}.", error.info()),
                position(*error.marker()),
            )
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

/// A finished value with the number of levels below and including it.
struct Finished {
    value: Rc<Value>,
    height: usize,
}

/// A list or mapping whose end has not come yet.
struct Open {
    position: Position,
    anchor: usize,
    height: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        mapping: Mapping,
        /// The key that waits for its value.
        key: Option<Node>,
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
                let value = scalar(text.into_owned(), style, tag.as_deref())
                    .map_err(|error| tag_error(error, position))?;
                // Where nothing is written, the parser names the place of the next token. What
                // is missing is missing beside its key.
                let position = match self.waiting_key() {
                    Some(key) if empty && value == Value::Null => key,
                    _ => position,
                };
                self.finish(anchor, value, 1, position)?;
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
                };
                self.open(anchor, content, position)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let value = match open.content {
                        Content::Sequence(items) => Value::Sequence(items),
                        Content::Mapping { mapping, .. } => Value::Mapping(mapping),
                    };
                    self.finish(open.anchor, value, open.height + 1, open.position)?;
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
                self.place(Node { position, value }, height)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
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
            content,
        });
        Ok(())
    }

    fn finish(
        &mut self,
        anchor: usize,
        value: Value,
        height: usize,
        position: Position,
    ) -> Result<(), YamlError> {
        let value = Rc::new(value);
        if anchor > 0 {
            let value = Rc::clone(&value);
            self.anchors.insert(anchor, Finished { value, height });
        }
        self.place(Node { position, value }, height)
    }

    /// Puts a node where the next one belongs.
    fn place(&mut self, node: Node, height: usize) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(YamlError::new(
                format!("The document has more than {MAX_NODES} values."),
                node.position,
            ));
        }
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
        match &mut parent.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { mapping, key } => match key.take() {
                None => *key = Some(node),
                Some(key) => mapping.pairs.push((key, node)),
            },
        }
        Ok(())
    }
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
