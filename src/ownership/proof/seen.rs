//! Which places of a product were reached.

use super::mix::Mix;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;

/// A set of places. Where nothing is excluded there are so few that each has a bit of its own.
#[derive(Debug, Default)]
pub(super) struct Seen {
    dense: bool,
    width: usize,
    bits: Vec<u64>,
    keys: HashSet<(u32, u64), BuildHasherDefault<Mix>>,
}

/// The rules for names have at most so many states.
const VALID: usize = 16;

impl Seen {
    /// Forgets everything, for automata of these lengths. `dense`: there is one subset only.
    pub(super) fn clear(&mut self, (left, right): (usize, usize), dense: bool) {
        self.dense = dense;
        self.width = right;
        self.keys.clear();
        self.bits.clear();
        if dense {
            self.bits.resize((left * right * VALID).div_ceil(64), 0);
        }
    }

    /// Adds a place; returns whether it is new.
    pub(super) fn insert(&mut self, subset: u32, left: u16, right: u16, valid: u8) -> bool {
        let pair = usize::from(left) * self.width + usize::from(right);
        let place = pair * VALID + usize::from(valid);
        if !self.dense {
            return self.keys.insert((subset, place as u64));
        }
        let (word, bit) = (place / 64, 1 << (place % 64));
        let is_new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        is_new
    }
}
