//! Trees as git stores them: validated before any name in them is used.

use super::names;
use super::tree_entry::{Item, TreeEntry, order, parse};
use crate::words::{Code, Finding, ObjectId, Result, quote};

/// A tree that was read, and that git would write: see section 5 of the design for what that means.
#[derive(Debug)]
pub(super) struct Tree {
    data: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<u32>,
    /// How many bytes an id has.
    width: usize,
    /// The first entry that git would not write today, and what it is.
    dated: Option<(usize, &'static str)>,
}

impl Tree {
    /// The tree `id` with these bytes.
    ///
    /// # Errors
    /// [`Code::BadTree`] if git would never write such a tree.
    pub(super) fn new(id: ObjectId, data: Vec<u8>, empty_tree: ObjectId) -> Result<Self> {
        let width = id.as_bytes().len();
        let ends = Vec::with_capacity(data.len() / 32);
        let mut tree = Self {
            data,
            ends,
            width,
            dated: None,
        };
        while tree.end() < tree.data.len() {
            let number = tree.ends.len();
            let start = tree.end();
            let (entry, length) =
                parse(&tree.data[start..], width).map_err(|reason| bad(id, reason, b""))?;
            if let Some(reason) = tree.objection(&entry) {
                return Err(bad(id, reason, entry.name));
            }
            if tree.dated.is_none() {
                let dated = dated(&tree.data[start..], &entry, empty_tree);
                tree.dated = dated.map(|what| (number, what));
            }
            let end = u32::try_from(start + length).map_err(|_| {
                let message = format!("the tree {} has more than 4 GiB", id.short());
                Finding::error(Code::TooLarge, message)
            })?;
            tree.ends.push(end);
        }
        Ok(tree)
    }

    /// Its entries, in git's order.
    pub(super) fn entries(&self) -> impl Iterator<Item = TreeEntry<'_>> {
        (0..self.ends.len()).filter_map(|number| self.entry(number))
    }

    /// The entry with this number, counted from 0.
    pub(super) fn entry(&self, number: usize) -> Option<TreeEntry<'_>> {
        let end = *self.ends.get(number)? as usize;
        let data = self.data.get(self.start(number)..end)?;
        parse(data, self.width).ok().map(|(entry, _)| entry)
    }

    /// The entry of this name.
    pub(super) fn find(&self, name: &[u8]) -> Option<TreeEntry<'_>> {
        // As a directory it would stand elsewhere than as anything else.
        let found = [false, true].into_iter().find_map(|is_tree| {
            let is_before = |number| {
                self.entry(number).is_some_and(|entry| {
                    order(entry.name, entry.item.is_tree(), name, is_tree).is_lt()
                })
            };
            let place = partition_point(self.ends.len(), is_before);
            self.entry(place).filter(|entry| entry.name == name)
        });
        found
    }

    /// How many entries, from number `here` on, are those of `other` from number `there` on.
    pub(super) fn same(&self, here: usize, other: &Self, there: usize) -> usize {
        let start = self.start(here);
        let common = common(&self.data[start..], &other.data[other.start(there)..]);
        let is_inside = |end: &u32| *end as usize <= start + common;
        self.ends[here..].partition_point(is_inside)
    }

    /// Fails for a tree that a branch must not bring: modes that only old versions of git and other
    /// programs wrote (zeros in front, `100664`), and that git still reads, are nothing that git writes
    /// today. Nor are directories with nothing in them: out of those a few objects make a tree that
    /// nobody comes to the end of.
    ///
    /// # Errors
    /// [`Code::BadTree`]
    pub(super) fn check_brought(&self, id: ObjectId) -> Result<()> {
        match self.dated {
            None => Ok(()),
            Some((number, what)) => {
                let name = self.entry(number).map_or(&b""[..], |entry| entry.name);
                Err(bad(id, what, name))
            }
        }
    }

    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.data.len() + size_of::<u32>() * self.ends.capacity()
    }

    /// Where the entry with this number begins.
    fn start(&self, number: usize) -> usize {
        let before = number.checked_sub(1);
        before.map_or(0, |before| self.ends[before] as usize)
    }

    /// Where the last entry ends.
    fn end(&self) -> usize {
        self.start(self.ends.len())
    }

    /// What stands against `entry` as the next one.
    fn objection(&self, entry: &TreeEntry<'_>) -> Option<&'static str> {
        if let Some(reason) = names::objection(entry.name) {
            return Some(reason);
        }
        let mut earlier = (0..self.ends.len()).rev().map_while(|it| self.entry(it));
        let last = earlier.next()?;
        if last.name == entry.name {
            return Some(TWICE);
        }
        if last.order(entry).is_ge() {
            return Some("entries out of order");
        }
        // `x` and `x/` are apart in git's order, but all between them begins with `x`.
        let mut alike = std::iter::once(last)
            .chain(earlier)
            .take_while(|earlier| earlier.name.starts_with(entry.name));
        let is_twice = entry.item.is_tree() && alike.any(|earlier| earlier.name == entry.name);
        is_twice.then_some(TWICE)
    }
}

const TWICE: &str = "a name that stands twice";

/// How many of the numbers below `count` come before the first one that is not `before`.
fn partition_point(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// How many bytes `a` and `b` begin with in common.
fn common(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 64;
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK));
    let same = BLOCK * blocks.take_while(|(a, b)| a == b).count();
    let rest = a[same..].iter().zip(&b[same..]);
    same + rest.take_while(|(a, b)| a == b).count()
}

/// What git would not write today of the entry at the beginning of `data`.
fn dated(data: &[u8], entry: &TreeEntry<'_>, empty_tree: ObjectId) -> Option<&'static str> {
    let modes = [
        &b"40000 "[..],
        b"100644 ",
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

fn bad(id: ObjectId, reason: &str, name: &[u8]) -> Box<Finding> {
    let mut message = format!("the tree {} holds {reason}", id.short());
    if !name.is_empty() {
        message.push_str(": ");
        message.push_str(&quote(name));
    }
    let finding = Finding::new(Code::BadTree, message);
    Box::new(finding.hint("make the commit again with git itself, which never writes such a tree"))
}

#[cfg(test)]
mod tests {
    use super::super::tree_entry::write;
    use super::*;

    fn tree(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut data = Vec::new();
        for (mode, name) in entries {
            data.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            data.extend_from_slice(&[7; 20]);
        }
        data
    }

    fn id() -> ObjectId {
        ObjectId::from_bytes(&[1; 20]).expect("20 bytes")
    }

    fn empty() -> ObjectId {
        ObjectId::from_bytes(&[2; 20]).expect("20 bytes")
    }

    fn read(data: &[u8]) -> Result<Tree> {
        Tree::new(id(), data.to_vec(), empty())
    }

    #[test]
    fn what_git_writes_is_read_and_written_again() {
        let names = [
            ("100644", "a"),
            ("100755", "a.b.c"),
            ("40000", "a.b"),
            ("160000", "b"),
            ("120000", "c"),
            ("40000", "d"),
        ];
        let data = tree(&names);
        let known = read(&data).expect("a good tree");
        let again: Vec<_> = known.entries().map(|e| (e.name, e.item)).collect();
        assert_eq!(write(&again), data);
        for (_, name) in names {
            let found = known.find(name.as_bytes()).expect("an entry");
            assert_eq!(found.name, name.as_bytes());
        }
        for nobody in ["", "a.", "a.b.", "a/", "e"] {
            assert_eq!(known.find(nobody.as_bytes()), None, "{nobody}");
        }
        assert_eq!(read(b"").expect("the empty tree").entries().count(), 0);
    }

    #[test]
    fn whole_entries_are_the_same_or_not_at_all() {
        let one = tree(&[("100644", "a"), ("100644", "b"), ("40000", "c")]);
        let one = read(&one).expect("a tree");
        let mode = tree(&[("100644", "a"), ("100755", "b"), ("40000", "c")]);
        let mode = read(&mode).expect("a tree");
        let longer = tree(&[("100644", "0"), ("100644", "a"), ("100644", "b.c")]);
        let longer = read(&longer).expect("a tree");
        assert_eq!(one.same(0, &one, 0), 3);
        assert_eq!([one.same(0, &mode, 0), one.same(2, &mode, 2)], [1, 1]);
        assert_eq!([one.same(0, &longer, 1), one.same(1, &longer, 2)], [1, 0]);
        assert_eq!([one.same(3, &longer, 0), longer.same(1, &one, 3)], [0, 0]);
    }

    #[test]
    fn what_is_common_is_counted_to_the_byte() {
        for length in [0, 1, 63, 64, 65, 200] {
            let text = vec![1; length];
            assert_eq!(common(&text, &text), length);
            assert_eq!(common(&text, &vec![1; length + 70]), length);
            for different in 0..length {
                let mut other = text.clone();
                other[different] = 2;
                assert_eq!(common(&text, &other), different);
            }
        }
    }

    #[test]
    fn old_modes_are_read_but_not_brought() {
        let old = [("0100644", "a"), ("040000", "b"), ("100664", "c")];
        let known = read(&tree(&old)).expect("an old tree");
        assert_eq!(known.entries().count(), 3);
        for entry in old {
            let known = read(&tree(&[entry])).expect("an old tree");
            let error = known.check_brought(id()).expect_err("a new tree");
            assert_eq!(error.code, Code::BadTree, "{error}");
        }
        let plain = read(&tree(&[("100644", "a"), ("40000", "b")]));
        assert_eq!(plain.expect("a tree").check_brought(id()), Ok(()));
    }

    #[test]
    fn what_git_never_writes_is_refused() {
        let mut null = b"100644 a\0".to_vec();
        null.extend_from_slice(&[0; 20]);
        let bad = [
            tree(&[("100644", "")]),
            tree(&[("40000", ".GIT")]),
            tree(&[("100644", "a/b")]),
            tree(&[("100644", "b"), ("100644", "a")]),
            tree(&[("100644", "a"), ("100644", "a")]),
            tree(&[("100644", "a"), ("40000", "a")]),
            tree(&[("100644", "a"), ("100644", "a.b"), ("40000", "a")]),
            tree(&[("100644", "a"), ("40000", "a!"), ("40000", "a")]),
            tree(&[("100600", "a")]),
            tree(&[("", "a")]),
            tree(&[("1a0644", "a")]),
            null,
            b"100644 a\0too short".to_vec(),
            b"100644".to_vec(),
        ];
        for data in bad {
            let error = read(&data).expect_err("not a tree that git writes");
            assert_eq!(error.code, Code::BadTree, "{error}");
        }
    }
}
