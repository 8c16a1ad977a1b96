//! From text to a syntax tree.

use super::super::bytes::ByteSet;
use super::error::{PatternError, PatternReason as Reason};
use super::{MAX_NESTING, MAX_PATTERN};

/// A part of a pattern, and where it stands in the text.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) what: What,
}

/// The parts of a pattern.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// This byte.
    Byte(u8),
    /// `/`.
    Slash,
    /// `?` or a class: one byte of the set, which never holds `/`.
    One(ByteSet),
    /// `*`: any bytes but `/`.
    Star,
    /// `**`: any segments.
    Deep,
    /// `{a,b}`.
    Group(Vec<Vec<Node>>),
}

/// The syntax tree of `text`, without a slash at its start.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, PatternError> {
    let error = |offset, reason| Err(PatternError { offset, reason });
    if text.len() > MAX_PATTERN {
        return error(MAX_PATTERN, Reason::TooLong);
    }
    for (offset, c) in text.char_indices() {
        if c.is_control() {
            return error(offset, Reason::Control(c));
        }
        if c == '\\' {
            return error(offset, Reason::Backslash);
        }
    }
    let start = usize::from(text.starts_with('/'));
    if text.len() == start {
        return error(0, Reason::Empty);
    }
    let mut parser = Parser {
        text: text.as_bytes(),
        whole: text,
        at: start,
    };
    let nodes = parser.sequence(0)?;
    match parser.peek() {
        Some(_) => error(parser.at, Reason::UnopenedBrace),
        None => Ok(nodes),
    }
}

struct Parser<'a> {
    text: &'a [u8],
    whole: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Everything up to the end, or up to a `,` or `}` of the group that `depth` counts.
    fn sequence(&mut self, depth: usize) -> Result<Vec<Node>, PatternError> {
        let mut nodes = Vec::new();
        while let Some(byte) = self.peek() {
            let at = self.at;
            self.at += 1;
            let what = match byte {
                b'}' => {
                    self.at = at;
                    break;
                }
                b',' if depth > 0 => {
                    self.at = at;
                    break;
                }
                b'{' => self.group(depth + 1)?,
                b'[' => self.class()?,
                b'?' => What::One(ByteSet::segment()),
                b'*' if self.peek() == Some(b'*') => {
                    self.at += 1;
                    What::Deep
                }
                b'*' => What::Star,
                b'/' => What::Slash,
                byte => What::Byte(byte),
            };
            nodes.push(Node { at, what });
        }
        Ok(nodes)
    }

    /// The alternatives after a `{`, and its `}`.
    fn group(&mut self, depth: usize) -> Result<What, PatternError> {
        let offset = self.at - 1;
        if depth > MAX_NESTING {
            return Err(PatternError {
                offset,
                reason: Reason::TooDeep,
            });
        }
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.sequence(depth)?);
            let next = self.peek();
            self.at += 1;
            match next {
                Some(b',') => {}
                Some(_) => return Ok(What::Group(alternatives)),
                None => {
                    return Err(PatternError {
                        offset,
                        reason: Reason::UnclosedBrace,
                    });
                }
            }
        }
    }

    /// The rest of a class after its `[`. Follows globset: `!` or `^` negates, a `]` or `-` that
    /// comes first stands for itself, and so does a `-` that comes last.
    fn class(&mut self) -> Result<What, PatternError> {
        let offset = self.at - 1;
        let negated = matches!(self.peek(), Some(b'!' | b'^'));
        self.at += usize::from(negated);
        let mut ranges: Vec<(u8, u8, usize)> = Vec::new();
        let mut in_range = false;
        loop {
            let at = self.at;
            let Some(byte) = self.peek() else {
                return Err(PatternError {
                    offset,
                    reason: Reason::UnclosedClass,
                });
            };
            if !byte.is_ascii() {
                let c = self.whole[at..].chars().next().unwrap_or_default();
                return Err(PatternError {
                    offset: at,
                    reason: Reason::NonAsciiClass(c),
                });
            }
            self.at += 1;
            match (byte, ranges.last_mut()) {
                (b']', Some(_)) => break,
                (b'-', Some(_)) if !in_range => in_range = true,
                (byte, Some(last)) if in_range => {
                    last.1 = byte;
                    in_range = false;
                }
                (byte, _) => ranges.push((byte, byte, at)),
            }
        }
        if in_range {
            ranges.push((b'-', b'-', self.at - 2));
        }
        let mut set = ByteSet::EMPTY;
        for (low, high, at) in ranges {
            check_range(low, high, negated)
                .map_err(|reason| PatternError { offset: at, reason })?;
            (low..=high).for_each(|byte| set.insert(byte));
        }
        let set = if negated { set.complement() } else { set };
        Ok(What::One(set.and(ByteSet::segment())))
    }
}

fn check_range(low: u8, high: u8, negated: bool) -> Result<(), Reason> {
    let (first, last) = (char::from(low), char::from(high));
    if high < low {
        Err(Reason::BackwardRange(first, last))
    } else if low == high {
        if low == b'/' && !negated {
            Err(Reason::SlashInClass)
        } else {
            Ok(())
        }
    } else if (low..=high).contains(&b'/') {
        Err(Reason::RangeOverSlash(first, last))
    } else {
        Ok(())
    }
}
