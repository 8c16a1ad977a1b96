//! Trees as git stores them: validated before any name in them is used.

use super::tree_check::TreeCheck;
use super::tree_entry::{TreeEntry, order, parse};
use crate::words::{Code, Finding, ObjectId, Result, quote};

/// A tree that was read, and that git would write: see section 5 of the design for what that means.
#[derive(Debug)]
pub(super) struct Tree {
    data: Box<[u8]>,
    /// Where each entry ends.
    ends: Box<[u32]>,
    /// How many bytes an id has.
    width: usize,
    /// The first entry that git would not write today, and what it is.
    dated: Option<(usize, &'static str)>,
}

impl Tree {
    /// The tree `id` with these bytes; faster where it is nearly the same as the tree `like`.
    ///
    /// # Errors
    /// [`Code::BadTree`] if git would never write such a tree.
    pub(super) fn new(
        id: ObjectId,
        data: Vec<u8>,
        empty_tree: ObjectId,
        like: Option<&Self>,
    ) -> Result<Self> {
        let width = id.as_bytes().len();
        let check = TreeCheck::new(&data, width, empty_tree, like);
        let TreeCheck { ends, dated, .. } =
            check.map_err(|(reason, name)| bad(id, reason, name))?;
        Ok(Self {
            data: data.into(),
            ends: ends.into(),
            width,
            dated,
        })
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
        [false, true].into_iter().find_map(|is_tree| {
            let is_before = |number| {
                self.entry(number).is_some_and(|entry| {
                    order(entry.name, entry.item.is_tree(), name, is_tree).is_lt()
                })
            };
            let place = partition_point(self.ends.len(), is_before);
            self.entry(place).filter(|entry| entry.name == name)
        })
    }

    /// How many entries, from number `here` on, are those of `other` from number `there` on.
    pub(super) fn same(&self, here: usize, other: &Self, there: usize) -> usize {
        self.ends_in(here, &other.data[other.start(there)..]).len()
    }

    /// Where the entries from number `here` on end in `data`, as far as it begins with them.
    pub(super) fn ends_in(&self, here: usize, data: &[u8]) -> impl ExactSizeIterator<Item = usize> {
        let start = self.start(here);
        let common = common(&self.data[start..], data);
        let ends = &self.ends[here..];
        let count = ends.partition_point(|end| *end as usize <= start + common);
        ends[..count].iter().map(move |end| *end as usize - start)
    }

    /// Whether git would not write it today.
    pub(super) fn is_dated(&self) -> bool {
        self.dated.is_some()
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
        size_of::<Self>() + self.data.len() + size_of_val(&*self.ends)
    }

    /// Where the entry with this number begins.
    fn start(&self, number: usize) -> usize {
        let before = number.checked_sub(1);
        before.map_or(0, |before| self.ends[before] as usize)
    }
}

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
    use super::super::testing::Random;
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
        Tree::new(id(), data.to_vec(), empty(), None)
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

    #[test]
    fn a_tree_beside_another_is_read_as_if_it_were_alone() {
        let names = ["a", "a!", "a-b", "a.", "a0", "b", "b!", "ba", "c", ".git"];
        let modes = ["100644", "40000", "100664", "160000"];
        let mut random = Random::new(1);
        let (mut good, mut bad) = (0, 0);
        let mut known: Option<Tree> = None;
        for _ in 0..3000 {
            let mut entries = Vec::new();
            for name in names {
                let (mode, often) = (random.below(40), random.below(3));
                if often > 0 && (name != ".git" || mode == 0) {
                    let mode = modes[[1, 2, 3, 1][mode % 4] * usize::from(mode < 16)];
                    entries.push((mode, name));
                }
            }
            if random.below(10) == 0 {
                entries.extend([("100644", "a"), ("40000", "a")]);
            }
            let key = |(mode, name): &(&str, &str)| {
                format!("{name}{}", if *mode == "40000" { "/" } else { "" })
            };
            entries.sort_by_key(key);
            if random.below(10) == 0 && entries.len() > 1 {
                let place = random.below(entries.len() - 1);
                entries.swap(place, place + 1);
            }
            if random.below(10) == 0
                && let Some((_, name)) = entries.last().copied()
            {
                entries.push(("40000", name));
            }
            let data = tree(&entries);
            let alone = read(&data);
            let beside = Tree::new(id(), data, empty(), known.as_ref());
            match (alone, beside) {
                (Ok(alone), Ok(beside)) => {
                    assert_eq!((&alone.ends, alone.dated), (&beside.ends, beside.dated));
                    known = Some(beside);
                    good += 1;
                }
                (alone, beside) => {
                    assert_eq!(alone.is_err(), beside.is_err(), "{entries:?}");
                    bad += 1;
                }
            }
        }
        assert!(good > 500 && bad > 500, "{good} and {bad}");
    }
}
