//! Which of many patterns covers another one, told without automata and without trying them all.

use super::super::pattern::{Glob, Pattern};
use std::collections::HashMap;

/// Patterns by what they cover: what [`super::covers`] says of alternatives that are the same, and of
/// whole directories.
#[derive(Clone, Debug, Default)]
pub(crate) struct Covering {
    /// Patterns with too many alternatives to write them out.
    texts: HashMap<Box<str>, usize>,
    alternatives: HashMap<Glob, usize>,
    /// Directories whose whole contents are covered, without a slash at their ends; the empty one
    /// stands for everything.
    below: HashMap<Vec<u8>, usize>,
}

impl Covering {
    /// Adds `pattern`, which is called `name`. Of two that cover the same, the first one counts.
    pub(crate) fn add(&mut self, name: usize, pattern: &Pattern) {
        let Some(globs) = pattern.globs() else {
            self.texts.entry(pattern.as_str().into()).or_insert(name);
            return;
        };
        for glob in globs {
            let (directory, whole) = glob.literal();
            if whole && glob.below {
                self.below.entry(directory).or_insert(name);
            } else {
                self.alternatives.entry(glob.clone()).or_insert(name);
            }
        }
    }

    /// One that covers `pattern` and is not called `but`. What is found covers it for certain,
    /// together with others where `pattern` has several alternatives.
    pub(crate) fn find(&self, pattern: &Pattern, but: Option<usize>) -> Option<usize> {
        let other = |found: &usize| Some(*found) != but;
        let Some(globs) = pattern.globs() else {
            return self.texts.get(pattern.as_str()).copied().filter(other);
        };
        let mut found = globs.iter().map(|glob| {
            let same = || self.alternatives.get(glob).copied().filter(other);
            self.find_below(glob).filter(other).or_else(same)
        });
        found.try_fold(None, |_, place| place.map(Some)).flatten()
    }

    /// The topmost directory that covers `glob`.
    fn find_below(&self, glob: &Glob) -> Option<usize> {
        if self.below.is_empty() {
            return None;
        }
        if let Some(everything) = self.below.get(&[][..]) {
            return Some(*everything);
        }
        let (head, whole) = glob.literal();
        let slashes = head.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        let above = slashes.map(|(at, _)| &head[..at]);
        let itself = (whole && glob.below).then_some(head.as_slice());
        above
            .chain(itself)
            .find_map(|directory| self.below.get(directory).copied())
    }
}
