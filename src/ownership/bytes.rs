//! Sets of bytes, ordered so that the first byte of a set is the one that reads best.

/// A set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(super) struct ByteSet([u64; 4]);

/// What a witness should be made of, best first; whatever is not listed follows by value.
const NICE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789_-ABCDEFGHIJKLMNOPQRSTUVWXYZ.+=,@%~#^!$&()[]{};:'\"`<>|*?\\ /";

/// The place of each byte in that order, and the byte at each place.
const RANK: [u8; 256] = ranks().0;
const BYTE: [u8; 256] = ranks().1;

#[expect(
    clippy::cast_possible_truncation,
    reason = "`next` and `byte` stay below 256; const functions have no try_from"
)]
const fn ranks() -> ([u8; 256], [u8; 256]) {
    let mut rank = [0; 256];
    let mut byte_at = [0; 256];
    let mut seen = [false; 256];
    let mut next = 0;
    while next < NICE.len() {
        rank[NICE[next] as usize] = next as u8;
        byte_at[next] = NICE[next];
        seen[NICE[next] as usize] = true;
        next += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        if !seen[byte] {
            rank[byte] = next as u8;
            byte_at[next] = byte as u8;
            next += 1;
        }
        byte += 1;
    }
    (rank, byte_at)
}

impl ByteSet {
    /// No byte.
    pub(super) const EMPTY: Self = Self([0; 4]);
    /// Every byte.
    pub(super) const ALL: Self = Self([u64::MAX; 4]);

    /// Every byte that may stand inside a segment.
    pub(super) fn segment() -> Self {
        Self::one(b'/').complement()
    }

    /// Just `byte`.
    pub(super) fn one(byte: u8) -> Self {
        let mut set = Self::EMPTY;
        set.insert(byte);
        set
    }

    pub(super) fn insert(&mut self, byte: u8) {
        let rank = RANK[usize::from(byte)];
        self.0[usize::from(rank >> 6)] |= 1 << (rank & 63);
    }

    pub(super) fn contains(&self, byte: u8) -> bool {
        let rank = RANK[usize::from(byte)];
        self.0[usize::from(rank >> 6)] >> (rank & 63) & 1 == 1
    }

    pub(super) fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    pub(super) fn and(self, other: Self) -> Self {
        let mut both = self.0;
        for (word, other) in both.iter_mut().zip(other.0) {
            *word &= other;
        }
        Self(both)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.and(other.complement())
    }

    /// Whether all of `other` is in it.
    pub(super) fn covers(self, other: Self) -> bool {
        other.minus(self).is_empty()
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }

    /// The byte of the set that reads best, if there is one.
    pub(super) fn nicest(self) -> Option<u8> {
        (0..4).find(|&word| self.0[word] != 0).map(|word| {
            let bit = self.0[word].trailing_zeros() as usize;
            BYTE[word * 64 + bit]
        })
    }

    /// The place of its nicest byte among all; the lower the nicer.
    pub(super) fn rank(self) -> u8 {
        self.nicest()
            .map_or(u8::MAX, |byte| RANK[usize::from(byte)])
    }

    /// Whether the set holds exactly one byte.
    pub(super) fn is_single(self) -> bool {
        self.0.iter().map(|word| word.count_ones()).sum::<u32>() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_place_of_its_own() {
        for byte in 0..=255_u8 {
            assert_eq!(BYTE[usize::from(RANK[usize::from(byte)])], byte);
            assert_eq!(ByteSet::one(byte).nicest(), Some(byte));
            assert!(ByteSet::one(byte).is_single());
            assert!(!ByteSet::one(byte).complement().contains(byte));
        }
    }

    #[test]
    fn letters_come_first_and_slashes_late() {
        assert_eq!(ByteSet::ALL.nicest(), Some(b'a'));
        let mut set = ByteSet::one(b'/');
        assert_eq!(set.nicest(), Some(b'/'));
        set.insert(b'!');
        assert_eq!(set.nicest(), Some(b'!'));
        set.insert(b'7');
        assert_eq!(set.nicest(), Some(b'7'));
        assert_eq!(set.minus(set).nicest(), None);
        assert!(ByteSet::EMPTY.is_empty());
    }
}
