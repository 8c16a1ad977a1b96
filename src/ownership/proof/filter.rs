//! What can be told without automata: most patterns differ in the bytes they begin or end with.

use super::super::bytes::ByteSet;
use super::super::pattern::{Glob, Pattern, Token};
use crate::words::MAX_COMPONENT;
use std::cell::OnceCell;

/// Whether the two could have a match in common. `false` is certain.
pub(super) fn compatible(one: &Pattern, two: &Pattern) -> bool {
    match (one.globs(), two.globs()) {
        (Some(ones), Some(twos)) => ones
            .iter()
            .any(|one| twos.iter().any(|two| globs_compatible(one, two))),
        _ => true,
    }
}

/// Calls `visit` with every pair of items (by their places, in no particular order, the lower
/// place first) that `related` wants and that could have a match in common. A pair with several
/// alternatives may come more than once. Stops when `visit` returns `false`. Returns whether it ended
/// within [`MOST_COMPARISONS`]; if not, there may be more pairs.
pub(super) fn pairs<'a, T>(
    items: &'a [T],
    pattern: impl Fn(&'a T) -> &'a Pattern,
    related: impl Fn(&T, &T) -> bool,
    mut visit: impl FnMut(usize, usize) -> bool,
) -> bool {
    let mut compared = 0_usize;
    let entries = entries(items.iter().map(pattern));
    // Only patterns whose literal beginnings contain each other can meet: those on the stack.
    let mut stack: Vec<(Outline, usize)> = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        while stack
            .last()
            .is_some_and(|(_, top)| !entry.head.starts_with(&entries[*top].head))
        {
            stack.pop();
        }
        compared += stack.len();
        if compared > MOST_COMPARISONS {
            return false;
        }
        // What begins unlike all others, as most do in a large manifest, is not looked at any closer.
        let follows = entries.get(number + 1);
        if stack.is_empty() && !follows.is_some_and(|next| next.head.starts_with(&entry.head)) {
            continue;
        }
        let digest = entry.digest();
        for (outline, other) in &stack {
            if !meets(outline, &digest.outline) {
                continue;
            }
            let other = &entries[*other];
            if !meets(&other.digest().start, &digest.start) {
                continue;
            }
            let (low, high) = (entry.place.min(other.place), entry.place.max(other.place));
            if low == high || !related(&items[low], &items[high]) {
                continue;
            }
            let certain_not = match (other.glob, entry.glob) {
                (Some(one), Some(two)) => !globs_compatible(one, two),
                _ => false,
            };
            if !certain_not && !visit(low, high) {
                return true;
            }
        }
        stack.push((digest.outline, number));
    }
    true
}

/// What is compared of these patterns, sorted by their literal beginnings.
fn entries<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry> = Vec::with_capacity(patterns.size_hint().0);
    for (place, pattern) in patterns.enumerate() {
        match pattern.globs() {
            Some(globs) => {
                let possible = globs.iter().filter(|glob| fits_a_name(glob));
                entries.extend(possible.map(|glob| Entry::new(place, glob)));
            }
            None => entries.push(Entry {
                place,
                head: Vec::new(),
                digest: OnceCell::from(Digest::default()),
                glob: None,
            }),
        }
    }
    entries.sort_by(|a, b| (&a.head, a.place).cmp(&(&b.head, b.place)));
    entries
}

/// So many patterns are held against another one at most, which is a matter of seconds: what 20,000
/// patterns without any literal beginning take.
const MOST_COMPARISONS: usize = 200_000_000;

struct Entry<'a> {
    place: usize,
    head: Vec<u8>,
    digest: OnceCell<Digest>,
    glob: Option<&'a Glob>,
}

impl<'a> Entry<'a> {
    fn new(place: usize, glob: &'a Glob) -> Self {
        Self {
            place,
            head: glob.literal().0,
            digest: OnceCell::new(),
            glob: Some(glob),
        }
    }

    fn digest(&self) -> &Digest {
        let made = || self.glob.map(Digest::new).unwrap_or_default();
        self.digest.get_or_init(made)
    }
}

/// Whether none of its segments needs more bytes than a name may have; otherwise nothing matches.
fn fits_a_name(glob: &Glob) -> bool {
    let mut segments = glob.tokens.split(|token| *token == Token::Slash);
    segments.all(|segment| {
        let bytes = segment.iter().filter(|token| **token != Token::Star);
        bytes.count() <= MAX_COMPONENT
    })
}

/// What every match has in common, cut into words that can be compared in a few instructions.
#[derive(Clone, Copy, Debug, Default)]
struct Digest {
    outline: Outline,
    /// The first 64 bytes.
    start: [Word; 8],
}

/// The last eight bytes, hashes of the first eight segments, and hashes of the last eight.
type Outline = [Word; 5];

/// Some bytes, and which of them are known.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    bytes: u64,
    mask: u64,
}

impl Digest {
    fn new(glob: &Glob) -> Self {
        let mut digest = Self::default();
        for (place, byte) in glob.literal_end().iter().rev().take(8).enumerate() {
            digest.outline[0].set(place, 8, u64::from(*byte));
        }
        let fixed = glob.tokens.iter().position(|token| *token == Token::Deep);
        let fixed = &glob.tokens[..fixed.unwrap_or(glob.tokens.len())];
        for (place, segment) in fixed
            .split(|token| *token == Token::Slash)
            .take(8)
            .enumerate()
        {
            if let Some(hash) = hash(segment) {
                digest.outline[1 + place / 4].set(place % 4, 16, hash);
            }
        }
        // Behind the last `**`, segments are counted from the end, unless anything may follow.
        let behind = glob.tokens.iter().rposition(|token| *token == Token::Deep);
        let behind = &glob.tokens[behind.map_or(0, |deep| deep + 1)..];
        let last = behind.rsplit(|token| *token == Token::Slash);
        for (place, segment) in last.take(if glob.below { 0 } else { 8 }).enumerate() {
            if let Some(hash) = hash(segment) {
                digest.outline[3 + place / 4].set(place % 4, 16, hash);
            }
        }
        let rigid = fixed.iter().take_while(|token| **token != Token::Star);
        for (place, token) in rigid.take(64).enumerate() {
            if let Some(byte) = token.literal() {
                digest.start[place / 8].set(place % 8, 8, u64::from(byte));
            }
        }
        digest
    }
}

/// Whether nothing in the two contradicts each other.
fn meets(ones: &[Word], twos: &[Word]) -> bool {
    let mut words = ones.iter().zip(twos);
    words.all(|(one, two)| (one.bytes ^ two.bytes) & one.mask & two.mask == 0)
}

impl Word {
    /// Makes known what stands at `place`, counted in units of `bits`.
    fn set(&mut self, place: usize, bits: usize, value: u64) {
        let mask = (1 << bits) - 1;
        self.bytes |= (value & mask) << (place * bits);
        self.mask |= mask << (place * bits);
    }
}

/// A hash of a segment without wildcards. An empty one stands before a `**` and says nothing.
fn hash(segment: &[Token]) -> Option<u64> {
    let step = |hash: u64, token: &Token| {
        Some((hash ^ u64::from(token.literal()?)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7)
    };
    if segment.is_empty() {
        None
    } else {
        segment.iter().try_fold(1, step)
    }
}

fn globs_compatible(one: &Glob, two: &Glob) -> bool {
    let everything = |glob: &Glob| glob.below && glob.tokens.is_empty();
    everything(one) || everything(two) || (fronts_meet(one, two) && backs_meet(one, two))
}

/// Walks both from the front, segment by segment, up to the first `**`.
fn fronts_meet(one: &Glob, two: &Glob) -> bool {
    let (mut left, mut right) = (0, 0);
    loop {
        match (one.tokens.get(left), two.tokens.get(right)) {
            (None, None) => return one.below == two.below,
            (Some(Token::Deep), _) | (_, Some(Token::Deep)) => return true,
            (Some(Token::Star), _) | (_, Some(Token::Star)) => {
                let ends = (segment_end(one, left), segment_end(two, right));
                if !tails_meet(one, left..ends.0, two, right..ends.1) {
                    return false;
                }
                (left, right) = ends;
            }
            // Here one of them is at the end of a segment, and the other is not, or both are.
            (None, Some(other)) => return one.below && *other == Token::Slash,
            (Some(other), None) => return two.below && *other == Token::Slash,
            (Some(a), Some(b)) if meet(one, *a, two, *b) => {
                left += 1;
                right += 1;
            }
            _ => return false,
        }
    }
}

fn segment_end(glob: &Glob, from: usize) -> usize {
    let rest = &glob.tokens[from..];
    from + rest
        .iter()
        .position(|token| *token == Token::Slash)
        .unwrap_or(rest.len())
}

/// Walks both from the back, up to the first `*` or `**`.
fn backs_meet(one: &Glob, two: &Glob) -> bool {
    one.below || two.below || tails_meet(one, 0..one.tokens.len(), two, 0..two.tokens.len())
}

fn tails_meet(
    one: &Glob,
    left: std::ops::Range<usize>,
    two: &Glob,
    right: std::ops::Range<usize>,
) -> bool {
    let lefts = one.tokens[left].iter().rev();
    let rights = two.tokens[right].iter().rev();
    for (a, b) in lefts.zip(rights) {
        if matches!(a, Token::Star | Token::Deep) || matches!(b, Token::Star | Token::Deep) {
            return true;
        }
        if !meet(one, *a, two, *b) {
            return false;
        }
    }
    true
}

/// Whether two tokens that read one byte can read the same one.
fn meet(one: &Glob, a: Token, two: &Glob, b: Token) -> bool {
    match (a.literal(), b.literal()) {
        (Some(a), Some(b)) => a == b,
        (Some(a), None) => set(two, b).contains(a),
        (None, Some(b)) => set(one, a).contains(b),
        (None, None) => !set(one, a).and(set(two, b)).is_empty(),
    }
}

fn set(glob: &Glob, token: Token) -> ByteSet {
    match token {
        Token::One(set) => glob.sets[usize::from(set)],
        _ => ByteSet::ALL,
    }
}
