//! From text to the tree of what is written in it.
//!
//! This listens to the events of granit-parser, the parser under serde-saphyr, instead of
//! deserializing with serde: serde stops at the first problem, and by the time it calls, anchors,
//! aliases, merge keys and tags have been resolved and duplicates replaced. Here each of them is
//! seen where it stands, refused with its own message, and reading goes on.

use super::limits::MAX_DEPTH;
use super::model::Spanned;
use super::problems::{Problems, shown};
use super::scalar::Plain;
use super::syntax::{self, refuse};
use super::tree::{Entry, Node, Scalar, Value};
use crate::words::{Code, Finding, Span};
use granit_parser::{Event, Options, Parser, ScalarStyle};
use std::collections::HashMap;

/// What was read.
pub(super) struct Tree {
    /// The value of the whole document; absent if there is none.
    pub(super) root: Option<Node>,
    /// Whether a syntax error ended the reading, so that what stands behind it is unknown.
    pub(super) cut: bool,
}

/// Reads the manifest; whatever is not plain YAML goes to `problems`.
pub(super) fn read(problems: &mut Problems<'_>) -> Tree {
    let text = problems.text;
    let mut reader = Reader {
        text,
        problems,
        open: Vec::new(),
        root: None,
    };
    let mut first: Option<Span> = None;
    for event in Parser::new_from_str_with_options(text, options()) {
        let (event, place) = match event {
            Ok(event) => event,
            Err(error) => {
                reader.problems.push(syntax::error(text, &error));
                return reader.cut();
            }
        };
        let span = reader.span(place.byte_range());
        if matches!(event, Event::DocumentStart(..)) {
            if let Some(first) = first {
                reader.problems.push(several_documents(text, first, span));
                break;
            }
            first = Some(span);
        }
        let tag = place.tag_span().map(|tag| reader.span(tag.byte_range()));
        reader.take(event, span, tag);
        // What is wrong all over may be long as well.
        if reader.problems.are_too_many() {
            return reader.cut();
        }
    }
    Tree {
        root: reader.root,
        cut: false,
    }
}

fn options() -> Options {
    let mut options = Options::default();
    options.disallow_directives = true;
    options.emit_unresolved_aliases = true;
    options.emit_anchor_events = true;
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    options.set_emit_comments(false);
    options
}

fn several_documents(text: &str, first: Span, second: Span) -> Finding {
    refuse("the manifest consists of several documents")
        .label(second, "a second one begins here")
        .label(syntax::rest_of_line(text, first.offset), "the first one")
        .hint("keep one and remove the `---` between them")
}

/// A list or a mapping whose end has not been seen yet.
enum Open {
    List(Span, Vec<Node>),
    Map(Span, Vec<Entry>, Option<Node>),
}

struct Reader<'p, 't> {
    text: &'t str,
    problems: &'p mut Problems<'t>,
    /// What is open, from the outside in, and whether it was refused already.
    open: Vec<(Open, bool)>,
    root: Option<Node>,
}

impl Reader<'_, '_> {
    fn span(&self, range: Option<std::ops::Range<usize>>) -> Span {
        let range = range.unwrap_or_default();
        let start = syntax::boundary(self.text, range.start);
        let end = syntax::boundary(self.text, range.end);
        Span::new(start, end.saturating_sub(start))
    }

    fn take(&mut self, event: Event<'_>, span: Span, tag: Option<Span>) {
        let refused = tag.is_some();
        if let Some(tag) = tag {
            self.problems.push(syntax::tag(self.text, tag));
        }
        match event {
            Event::Scalar(..) if refused => self.broken(span),
            Event::Scalar(text, style, ..) => {
                let span = content(self.text, span, style);
                let plain = style == ScalarStyle::Plain;
                // The parser writes `~` for what is not there.
                let absent = plain && span.length == 0;
                let text = if absent {
                    String::new()
                } else {
                    text.into_owned()
                };
                let value = Value::Scalar(Scalar { text, plain });
                self.add(Node { span, value });
            }
            Event::SequenceStart(..) => {
                let span = syntax::rest_of_line(self.text, span.offset);
                self.open.push((Open::List(span, Vec::new()), refused));
            }
            Event::MappingStart(..) => {
                let span = syntax::rest_of_line(self.text, span.offset);
                self.open.push((Open::Map(span, Vec::new(), None), refused));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span.offset + span.length),
            Event::Anchor(..) => self.problems.push(syntax::anchor(self.text, span)),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.problems.push(syntax::alias(self.text, span));
                self.broken(span);
            }
            _ => {}
        }
    }

    fn broken(&mut self, span: Span) {
        let value = Value::Broken;
        self.add(Node { span, value });
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, mut node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((Open::List(_, items), _)) => items.push(node),
            Some((Open::Map(_, entries, key), _)) => match key.take() {
                None => *key = Some(node),
                Some(key) => {
                    let Some(key) = check_key(key, self.problems) else {
                        return;
                    };
                    if node.span.length == 0 {
                        node.span = key.span;
                    }
                    entries.push(Entry { key, value: node });
                }
            },
        }
    }

    /// Closes the innermost list or mapping, which ends at `end`.
    fn close(&mut self, end: usize) {
        let Some((open, refused)) = self.open.pop() else {
            return;
        };
        let mut node = match open {
            Open::List(span, items) => Node {
                span,
                value: Value::List(items),
            },
            Open::Map(span, entries, _) => Node {
                span,
                value: Value::Map(without_duplicates(entries, self.problems)),
            },
        };
        let span = &mut node.span;
        span.length = span.length.min(end.saturating_sub(span.offset));
        if refused {
            self.broken(node.span);
        } else {
            self.add(node);
        }
    }

    /// What was read before a syntax error: lists and mappings are closed where they stand, and
    /// left out if nothing is in them, since what was to be in them is unknown.
    fn cut(mut self) -> Tree {
        while let Some((open, _)) = self.open.last() {
            let empty = match open {
                Open::List(_, items) => items.is_empty(),
                Open::Map(_, entries, _) => entries.is_empty(),
            };
            if empty {
                self.open.pop();
                if let Some((Open::Map(_, _, key), _)) = self.open.last_mut() {
                    *key = None;
                }
            } else {
                self.close(usize::MAX);
            }
        }
        Tree {
            root: self.root,
            cut: true,
        }
    }
}

/// The place of the text itself: without the quotes around it.
fn content(text: &str, span: Span, style: ScalarStyle) -> Span {
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    let is_mark = |byte: Option<&u8>| matches!(byte, Some(b'"' | b'\''));
    let bytes = &text.as_bytes()[span.offset..span.offset + span.length];
    if quoted && span.length > 2 && is_mark(bytes.first()) && is_mark(bytes.last()) {
        Span::new(span.offset + 1, span.length - 2)
    } else {
        span
    }
}

fn check_key(key: Node, problems: &mut Problems<'_>) -> Option<Spanned<String>> {
    let not_text = |key: &Node| format!("a key must be text, found {}", key.describe());
    let Value::Scalar(scalar) = &key.value else {
        if !matches!(key.value, Value::Broken) {
            problems.push(refuse(not_text(&key)).label(key.span, "a key"));
        }
        return None;
    };
    if scalar.plain && scalar.text == "<<" {
        problems.push(
            refuse("merge keys are not allowed")
                .label(key.span, "a merge key")
                .hint("write out the keys that it stands for"),
        );
        return None;
    }
    if scalar.text.is_empty() || scalar.kind() != Plain::Text {
        let finding = Finding::new(Code::InvalidValue, not_text(&key));
        let mut finding = finding.label(key.span, "not text");
        if !scalar.text.is_empty() {
            finding = finding.hint(format!("quote it: \"{}\"", scalar.text));
        }
        problems.push(finding);
        return None;
    }
    let span = key.span;
    match key.value {
        Value::Scalar(Scalar { text: value, .. }) => Some(Spanned { value, span }),
        _ => None,
    }
}

/// The entries with the first of each key; the others are reported.
fn without_duplicates(mut entries: Vec<Entry>, problems: &mut Problems<'_>) -> Vec<Entry> {
    let mut seen: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
    let mut again = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let Spanned { value: key, span } = &entry.key;
        let first = *seen.entry(key).or_insert(*span);
        if first != *span {
            again.push(place);
            problems.push(
                Finding::new(
                    Code::DuplicateKey,
                    format!("the key {} stands twice", shown(key)),
                )
                .label(*span, "again here")
                .label(first, "first here")
                .hint("keep one of them"),
            );
        }
    }
    let mut again = again.into_iter().peekable();
    let mut places = 0..entries.len();
    entries.retain(|_| {
        places
            .next()
            .is_none_or(|place| again.next_if_eq(&place).is_none())
    });
    entries
}
