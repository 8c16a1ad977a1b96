//! Where the labels of findings are in the manifest, in lines and columns.

use crate::words::{Finding, Label, Source, Span};
use std::sync::{Mutex, PoisonError};

/// A manifest with the beginnings of its lines, so that thousands of labels are found quickly.
pub(super) struct Places<'a> {
    /// The manifest.
    pub(super) source: &'a Source,
    starts: Vec<usize>,
    /// Where the last column was counted, and which it was: labels come in order, and one line may
    /// hold thousands.
    last: Mutex<(usize, usize)>,
}

/// A place: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl<'a> Places<'a> {
    /// The places of `source`.
    pub(super) fn new(source: &'a Source) -> Self {
        let breaks = memchr::memchr_iter(b'\n', source.text.as_bytes()).map(|at| at + 1);
        let starts = std::iter::once(0).chain(breaks).collect();
        let last = Mutex::new((0, 1));
        Self {
            source,
            starts,
            last,
        }
    }

    /// Where `offset` is; past the end stands for the end. The same as [`Source::position`].
    pub(super) fn at(&self, offset: usize) -> Place {
        let text = &self.source.text;
        let offset = floor(text, offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, column) = match *last {
            (known, column) if (start..=offset).contains(&known) => (known, column),
            _ => (start, 1),
        };
        let column = column + text[known..offset].chars().count();
        *last = (offset, column);
        Place { line, column }
    }

    /// Where `span` begins and where it ends (the place behind its last character).
    pub(super) fn range(&self, span: Span) -> (Place, Place) {
        let end = span.offset.saturating_add(span.length);
        (self.at(span.offset), self.at(end))
    }

    /// The manifest's file, without the branch that it was read from.
    pub(super) fn file(&self) -> &'a str {
        let name = self.source.name.as_str();
        name.split_once(':').map_or(name, |(_branch, file)| file)
    }

    /// `ownership.yaml:14:12`: where a label is.
    pub(super) fn describe(&self, label: &Label) -> String {
        let place = self.at(label.span.offset);
        format!("{}:{}:{}", self.file(), place.line, place.column)
    }

    /// The text of a span; where it is none of the manifest's, as much as there is.
    pub(super) fn text(&self, span: Span) -> &'a str {
        let text = &self.source.text;
        let end = span.offset.saturating_add(span.length);
        &text[floor(text, span.offset)..floor(text, end)]
    }

    /// Where the main label of a finding is, if it has one and there is a manifest.
    pub(super) fn main(&self, finding: &Finding) -> Option<String> {
        let label = finding.labels.first()?;
        (!self.file().is_empty()).then(|| self.describe(label))
    }
}

/// The last boundary between characters at or before `offset`.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut floor = offset.min(text.len());
    while !text.is_char_boundary(floor) {
        floor -= 1;
    }
    floor
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_of_the_source(
            text in "[a\nü\r日]{0,20}",
            offsets in prop::collection::vec(0_usize..50, 1..5),
        ) {
            let source = Source { name: "main:ownership.yaml".into(), text };
            let places = Places::new(&source);
            for offset in offsets {
                let place = places.at(offset);
                let expected = source.position(Span::new(offset, 0));
                prop_assert_eq!((place.line, place.column), expected);
            }
        }
    }

    #[test]
    fn the_file_is_named_without_its_branch() {
        for (name, file) in [
            ("main:ownership.yaml", "ownership.yaml"),
            ("ownership.yaml", "ownership.yaml"),
            ("", ""),
        ] {
            let source = Source {
                name: name.into(),
                text: String::new(),
            };
            assert_eq!(Places::new(&source).file(), file);
        }
    }
}
