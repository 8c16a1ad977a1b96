//! Places in a manifest.

use serde::{Deserialize, Serialize};

/// A range of bytes in a [`Source`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span {
    /// Where it begins, in bytes from the start of the text.
    pub offset: usize,
    /// How many bytes it covers; may be zero.
    pub length: usize,
}

impl Span {
    /// The span of `length` bytes from `offset`.
    pub fn new(offset: usize, length: usize) -> Self {
        Self { offset, length }
    }
}

/// A manifest as it was read: where it came from, and its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// For people: `main:ownership.yaml`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// The line and the column (both from 1, the column in characters) at which `span` begins. A
    /// span past the end stands for the end.
    pub fn position(&self, span: Span) -> (usize, usize) {
        let mut end = span.offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source {
            name: String::new(),
            text: "a: ü\nb: [x]\n".into(),
        };
        assert_eq!(source.position(Span::new(0, 1)), (1, 1));
        assert_eq!(source.position(Span::new(9, 3)), (2, 4));
        assert_eq!(
            source.position(Span::new(4, 1)),
            (1, 4),
            "inside a character"
        );
        assert_eq!(source.position(Span::new(999, 1)), (3, 1), "past the end");
    }
}
