//! Which patterns of a list match a path: tried one by one at first, and looked up in an index as soon as
//! so many paths are asked about that it pays to make one.

use super::Index;
use super::pattern::Pattern;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many paths are tried on every pattern, which takes half as long as to make an index.
const FEW: usize = 8;

/// An index that is made when it is needed.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    asked: AtomicUsize,
    indexed: OnceLock<Indexed>,
}

/// The patterns of a list, each once: the same pattern often stands in many sets.
#[derive(Debug)]
struct Indexed {
    index: Index,
    /// For each pattern of the index, its places in the list, in order.
    holders: Vec<Vec<usize>>,
}

impl Lookup {
    /// The places of the `patterns` that match `path`, in ascending order. They are the same each time.
    pub(super) fn matches<'a>(
        &self,
        patterns: impl Iterator<Item = &'a Pattern>,
        path: &[u8],
    ) -> Vec<usize> {
        let is_one_of_few = || self.asked.fetch_add(1, Ordering::Relaxed) < FEW;
        if self.indexed.get().is_none() && is_one_of_few() {
            let places = patterns.enumerate();
            let matching = places.filter(|(_, pattern)| pattern.matches(path));
            return matching.map(|(place, _)| place).collect();
        }
        let Indexed { index, holders } = self.indexed.get_or_init(|| Indexed::new(patterns));
        let found = index.matches(path).into_iter();
        let holders = found.map(|place| &holders[place as usize]);
        let mut places: Vec<usize> = holders.flatten().copied().collect();
        places.sort_unstable();
        places
    }
}

impl Clone for Lookup {
    /// An index that the clone makes itself.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Indexed {
    fn new<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut different = Vec::new();
        let mut holders: Vec<Vec<usize>> = Vec::new();
        for (place, pattern) in patterns.enumerate() {
            let number = *numbers.entry(pattern.as_str()).or_insert(holders.len());
            if number == holders.len() {
                different.push(pattern);
                holders.push(Vec::new());
            }
            holders[number].push(place);
        }
        Self {
            index: Index::new(different),
            holders,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_same_before_and_after_there_is_an_index() {
        let texts = ["a/", "**/*.rs", "a/b", "a/", "{a,c}/*", "*"];
        let patterns = texts.map(|text| Pattern::parse(text).expect("a pattern"));
        let lookup = Lookup::default();
        for round in 0..=FEW {
            for (path, places) in [
                ("a/b", &[0, 2, 3, 4][..]),
                ("c/x.rs", &[1, 4]),
                ("x", &[5]),
                ("y/z", &[]),
            ] {
                let found = lookup.matches(patterns.iter(), path.as_bytes());
                assert_eq!(found, places, "{path} in round {round}");
            }
        }
        assert!(lookup.indexed.get().is_some());
    }
}
