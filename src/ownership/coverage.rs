//! Which files of a tree somebody claims.

use super::claims::Ownership;
use super::permission::Decision;
use crate::words::RepoPath;
use std::collections::HashMap;

/// How much of a tree is claimed: owned, shared or protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many paths somebody claims.
    pub claimed: usize,
    /// How many paths there are.
    pub total: usize,
    /// Where the unclaimed ones are, the largest numbers first: the topmost directories in which
    /// nothing at all is claimed, or else the directories that hold them; `""` is the root.
    pub unclaimed: Vec<(Vec<u8>, usize)>,
}

impl Coverage {
    /// The claimed part, in percent; 100 of an empty tree.
    pub fn percent(&self) -> f64 {
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        if self.total == 0 {
            100.0
        } else {
            100.0 * count(self.claimed) / count(self.total)
        }
    }

    /// How many paths nobody claims.
    pub fn missing(&self) -> usize {
        self.total - self.claimed
    }
}

/// Counts which paths of `tree` are claimed.
pub fn coverage(ownership: &Ownership, tree: &[RepoPath]) -> Coverage {
    let unclaimed: Vec<&[u8]> = tree
        .iter()
        .filter(|path| ownership.decide(path) == Decision::Unowned)
        .map(RepoPath::as_bytes)
        .collect();
    // For every directory: how many paths lie below it, and how many of those nobody claims.
    let mut below: HashMap<&[u8], (usize, usize)> = HashMap::new();
    for path in tree {
        directories(path.as_bytes()).for_each(|dir| below.entry(dir).or_default().0 += 1);
    }
    for path in &unclaimed {
        directories(path).for_each(|dir| below.entry(dir).or_default().1 += 1);
    }
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for path in &unclaimed {
        let bare = |dir: &&[u8]| below.get(dir).is_some_and(|(all, bare)| all == bare);
        let topmost = directories(path).find(bare);
        let place = topmost
            .or_else(|| directories(path).last())
            .unwrap_or_default();
        *counts.entry(place).or_default() += 1;
    }
    let mut unclaimed: Vec<(Vec<u8>, usize)> = counts
        .into_iter()
        .map(|(dir, count)| (dir.to_vec(), count))
        .collect();
    unclaimed.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let missing: usize = unclaimed.iter().map(|(_, count)| count).sum();
    Coverage {
        claimed: tree.len() - missing,
        total: tree.len(),
        unclaimed,
    }
}

/// The directories that hold `path`, the topmost first.
pub(super) fn directories(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.map(|(at, _)| &path[..at])
}
