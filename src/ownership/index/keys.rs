//! The keys of an index: hashes of what an entry must share with a path.

use super::super::pattern::Token;
use std::hash::Hasher;

/// Salts, so that the kinds of buckets keep apart.
pub(super) const NAME: u64 = 0x9e37_79b9_7f4a_7c15;
pub(super) const EXTENSION: u64 = 0xc2b2_ae3d_27d4_eb4f;
pub(super) const PART: u64 = 0x94d0_49bb_1331_11eb;
pub(super) const TAIL: u64 = 0xa076_1d64_78bd_642f;
pub(super) const SEGMENT: u64 = 0xbf58_476d_1ce4_e5b9;
pub(super) const ANYWHERE: u64 = 0xd6e8_feb8_6659_fd93;
pub(super) const EDGE: u64 = 0x2545_f491_4f6c_dd1d;
pub(super) const EXACT: u64 = 0x1656_67b1_9e37_79f9;
pub(super) const ROOT: u64 = 0xcbf2_9ce4_8422_2325;

/// A place of bytes behind a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) offset: u16,
    pub(super) length: u8,
}

/// The most bytes of a literal part that are looked up.
const LONGEST_PART: usize = 16;

impl Part {
    /// The key of the bucket for `bytes` at this place behind the directory `key`.
    pub(super) fn key(self, key: u64, bytes: &[u8]) -> u64 {
        let place = u64::from(self.offset) << 8 | u64::from(self.length);
        finish(hash(key, bytes), PART.wrapping_add(place))
    }
}

pub(super) fn segment_key(key: u64, place: u8, segment: &[u8]) -> u64 {
    finish(hash(key, segment), SEGMENT.wrapping_add(u64::from(place)))
}

/// How many bytes at the end of a name are looked up for a pattern that ends with `tail`; `None` where
/// there are no more than the extension.
pub(super) fn tail_length(tail: &[u8]) -> Option<u8> {
    let dot = tail.iter().rposition(|byte| *byte == b'.');
    let has_more = dot.map_or(tail.len() > 1, |dot| dot > 0);
    let length = tail.len().min(LONGEST_PART);
    has_more.then(|| u8::try_from(length).unwrap_or_default())
}

/// The key of the bucket for names that end with `bytes` below the directory `key`.
pub(super) fn tail_key(key: u64, bytes: &[u8]) -> u64 {
    finish(hash(key, bytes), TAIL.wrapping_add(bytes.len() as u64))
}

/// A segment without wildcards, the longest there is: how many segments stand before it, if that is
/// known, and its bytes.
pub(super) fn literal_segment(tokens: &[Token]) -> Option<(Option<usize>, Vec<u8>)> {
    let mut deep = false;
    let mut best: Option<(Option<usize>, Vec<u8>)> = None;
    for (place, segment) in tokens.split(|token| *token == Token::Slash).enumerate() {
        deep |= segment.contains(&Token::Deep);
        let literal: Option<Vec<u8>> = segment.iter().map(|token| token.literal()).collect();
        let longest = best.as_ref().map_or(0, |(_, bytes)| bytes.len());
        if let Some(literal) = literal.filter(|literal| literal.len() > longest) {
            best = Some(((!deep).then_some(place), literal));
        }
    }
    best
}

/// How a segment at an unknown place begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    is_end: bool,
    length: u8,
}

impl Edge {
    /// The key of the bucket for segments that begin or end so below the directory `key`; `None` if
    /// `segment` is shorter.
    pub(super) fn key(self, key: u64, segment: &[u8]) -> Option<u64> {
        let length = usize::from(self.length);
        let rest = segment.len().checked_sub(length)?;
        let bytes = if self.is_end {
            &segment[rest..]
        } else {
            &segment[..length]
        };
        let place = u64::from(self.length) << 1 | u64::from(self.is_end);
        Some(finish(hash(key, bytes), EDGE.wrapping_add(place)))
    }
}

/// The longest literal beginning or end of a segment that has wildcards, if one has more than `most`
/// bytes.
pub(super) fn literal_edge(tokens: &[Token], most: usize) -> Option<(Edge, Vec<u8>)> {
    let segments = tokens.split(|token| *token == Token::Slash);
    let edges = segments.flat_map(|segment| {
        let start = segment.iter().map_while(|token| token.literal());
        let end = segment.iter().rev().map_while(|token| token.literal());
        let start: Vec<u8> = start.take(LONGEST_PART).collect();
        let mut end: Vec<u8> = end.take(LONGEST_PART).collect();
        end.reverse();
        [(false, start), (true, end)]
    });
    let (is_end, bytes) = edges.max_by_key(|(is_end, bytes)| (bytes.len(), !is_end))?;
    let length = u8::try_from(bytes.len()).ok()?;
    (bytes.len() > most).then_some((Edge { is_end, length }, bytes))
}

/// The longest run of literal bytes at a fixed place: before the first `*` or `**`.
pub(super) fn literal_part(tokens: &[Token]) -> (Part, Vec<u8>) {
    let fixed = tokens
        .iter()
        .take_while(|t| !matches!(t, Token::Star | Token::Deep))
        .count();
    let mut best = 0..0;
    let mut from = 0;
    let literals = tokens[..fixed]
        .iter()
        .map(|token| token.literal().is_some());
    for (at, literal) in literals.chain([false]).enumerate() {
        if !literal || at - from == LONGEST_PART {
            if at - from > best.len() {
                best = from..at;
            }
            from = if literal { at } else { at + 1 };
        }
    }
    let bytes: Vec<u8> = tokens[best.clone()]
        .iter()
        .filter_map(|t| t.literal())
        .collect();
    let part = Part {
        offset: u16::try_from(best.start).unwrap_or_default(),
        length: u8::try_from(bytes.len()).unwrap_or_default(),
    };
    (part, bytes)
}

/// FNV-1a. A collision costs time, never correctness: entries are compared byte by byte.
pub(super) fn hash(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The key of the directory `segment` in the directory `key`.
pub(super) fn step(key: u64, segment: &[u8]) -> u64 {
    hash(key, segment).rotate_left(17) ^ 0x2f
}

pub(super) fn finish(hash: u64, salt: u64) -> u64 {
    (hash ^ salt)
        .wrapping_mul(0xff51_afd7_ed55_8ccd)
        .rotate_left(31)
}

/// Keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(self.0, bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(NAME)
    }
}
