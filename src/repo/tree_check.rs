//! Whether a tree is one that git would write: section 5 of the design says what that means.

use super::names;
use super::tree::Tree;
use super::tree_entry::{Item, TreeEntry, parse};
use crate::words::ObjectId;

/// What is wrong, and the name of the entry, if it has one.
pub(super) type Objection<'a> = (&'static str, &'a [u8]);

const TWICE: &str = "a name that stands twice";

/// A tree that is being checked, up to where its last entry ends.
pub(super) struct TreeCheck<'a> {
    data: &'a [u8],
    width: usize,
    empty_tree: ObjectId,
    /// Where each entry ends.
    pub(super) ends: Vec<u32>,
    /// The first entry that git would not write today, and what it is.
    pub(super) dated: Option<(usize, &'static str)>,
    last: Option<TreeEntry<'a>>,
    /// The entries that another tree does not have, and that are no directories.
    other_leaves: Vec<usize>,
}

impl<'a> TreeCheck<'a> {
    /// Checks these bytes, with ids of `width` bytes. What they have in common with the tree `like`
    /// was checked before, and is taken over: only what differs is taken apart.
    pub(super) fn new(
        data: &'a [u8],
        width: usize,
        empty_tree: ObjectId,
        like: Option<&Tree>,
    ) -> Result<Self, Objection<'a>> {
        let mut check = Self {
            data,
            width,
            empty_tree,
            ends: Vec::with_capacity(data.len() / 32),
            dated: None,
            last: None,
            other_leaves: Vec::new(),
        };
        if u32::try_from(data.len()).is_err() {
            return Err(("more than 4 GiB", b""));
        }
        match like.filter(|like| !like.is_dated()) {
            Some(like) => check.beside(like)?,
            None => {
                while check.end() < data.len() {
                    check.next()?;
                }
            }
        }
        Ok(check)
    }

    fn beside(&mut self, like: &Tree) -> Result<(), Objection<'a>> {
        let mut there = 0;
        loop {
            there += self.take_over(like, there)?;
            if self.end() == self.data.len() {
                return self.twins_of_leaves();
            }
            let entry = self.next()?;
            if !entry.item.is_tree() {
                self.other_leaves.push(self.ends.len() - 1);
            }
            // Where the two trees may be the same again.
            let is_passed = |other: &TreeEntry<'_>| other.order(&entry).is_le();
            while like.entry(there).as_ref().is_some_and(is_passed) {
                there += 1;
            }
        }
    }

    /// Takes over the entries that `like` has from number `there` on, as far as they are the same.
    /// Returns how many.
    fn take_over(&mut self, like: &Tree, there: usize) -> Result<usize, Objection<'a>> {
        let start = self.end();
        let ends = like.ends_in(there, &self.data[start..]);
        let count = ends.len();
        if count == 0 {
            return Ok(0);
        }
        let (first, _) = parse(&self.data[start..], self.width).map_err(|what| (what, &b""[..]))?;
        self.check_order(&first)?;
        self.ends.extend(ends.map(|end| number(start + end)));
        self.last = self.entry(self.ends.len() - 1);
        Ok(count)
    }

    /// Checks one entry.
    fn next(&mut self) -> Result<TreeEntry<'a>, Objection<'a>> {
        let start = self.end();
        let data = &self.data[start..];
        let (entry, length) = parse(data, self.width).map_err(|what| (what, &b""[..]))?;
        if let Some(what) = names::objection(entry.name) {
            return Err((what, entry.name));
        }
        self.check_order(&entry)?;
        if entry.item.is_tree() && self.is_leaf_before(&entry) {
            return Err((TWICE, entry.name));
        }
        if self.dated.is_none() {
            let dated = dated(data, &entry, self.empty_tree);
            self.dated = dated.map(|what| (self.ends.len(), what));
        }
        self.ends.push(number(start + length));
        self.last = Some(entry);
        Ok(entry)
    }

    fn check_order(&self, entry: &TreeEntry<'a>) -> Result<(), Objection<'a>> {
        match &self.last {
            Some(last) if last.name == entry.name => Err((TWICE, entry.name)),
            Some(last) if last.order(entry).is_ge() => Err(("entries out of order", entry.name)),
            _ => Ok(()),
        }
    }

    /// Whether the name of the directory `entry`, which comes next, stands for something else as well:
    /// `x` and `x/` are apart in git's order, but all between them begins with `x`.
    fn is_leaf_before(&self, entry: &TreeEntry<'_>) -> bool {
        let is_alike = |other: &TreeEntry<'_>| other.name.starts_with(entry.name);
        if !self.last.as_ref().is_some_and(is_alike) {
            return false;
        }
        let earlier = (0..self.ends.len()).rev();
        let mut alike = (earlier.map_while(|number| self.entry(number))).take_while(is_alike);
        alike.any(|other| other.name == entry.name)
    }

    /// Fails if something that the other tree does not have is a directory in what was taken over.
    fn twins_of_leaves(&self) -> Result<(), Objection<'a>> {
        for place in &self.other_leaves {
            let Some(leaf) = self.entry(*place) else {
                continue;
            };
            let later = place + 1..self.ends.len();
            let alike = later.map_while(|number| self.entry(number));
            let mut alike = alike.take_while(|other| other.name.starts_with(leaf.name));
            if alike.any(|other| other.name == leaf.name) {
                return Err((TWICE, leaf.name));
            }
        }
        Ok(())
    }

    fn entry(&self, number: usize) -> Option<TreeEntry<'a>> {
        let before = number.checked_sub(1);
        let start = before.map_or(0, |before| self.ends[before] as usize);
        parse(self.data.get(start..)?, self.width)
            .ok()
            .map(|(entry, _)| entry)
    }

    /// Where the last entry ends.
    fn end(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }
}

/// A place in a tree, none of which is too large.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// What git would not write today of the entry at the beginning of `data`.
fn dated(data: &[u8], entry: &TreeEntry<'_>, empty_tree: ObjectId) -> Option<&'static str> {
    let modes = [
        &b"100644 "[..],
        b"40000 ",
        b"100755 ",
        b"120000 ",
        b"160000 ",
    ];
    if !modes.iter().any(|mode| data.starts_with(mode)) {
        return Some("an entry of unknown mode");
    }
    let is_empty = entry.item == Item::Tree(empty_tree);
    is_empty.then_some("a directory with nothing in it")
}
