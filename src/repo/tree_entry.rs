//! Entries of trees as git stores them.

use crate::words::{Entry, Mode, ObjectId};
use std::cmp::Ordering;

/// One entry of a tree, borrowed from the tree's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TreeEntry<'a> {
    /// The name, which [`names::objection`] has nothing against.
    pub(super) name: &'a [u8],
    /// What the name stands for.
    pub(super) item: Item,
}

/// What a name in a tree stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A directory.
    Tree(ObjectId),
    /// Anything else.
    Leaf(Entry),
}

impl Item {
    /// The object.
    pub(super) fn id(self) -> ObjectId {
        match self {
            Self::Tree(id) => id,
            Self::Leaf(entry) => entry.id,
        }
    }

    /// Whether it is a directory.
    pub(super) fn is_tree(self) -> bool {
        matches!(self, Self::Tree(_))
    }
}

impl TreeEntry<'_> {
    /// The order of entries in a tree: by name, where a directory's name ends in a slash.
    pub(super) fn order(&self, other: &TreeEntry<'_>) -> Ordering {
        order(
            self.name,
            self.item.is_tree(),
            other.name,
            other.item.is_tree(),
        )
    }
}

/// The order of two names, each of a directory or of something else.
pub(super) fn order(a: &[u8], a_is_tree: bool, b: &[u8], b_is_tree: bool) -> Ordering {
    let common = a.len().min(b.len());
    a[..common].cmp(&b[..common]).then_with(|| {
        let next = |name: &[u8], is_tree: bool| match name.get(common) {
            Some(byte) => u16::from(*byte),
            None if is_tree => u16::from(b'/'),
            None => 0,
        };
        next(a, a_is_tree)
            .cmp(&next(b, b_is_tree))
            .then(a.len().cmp(&b.len()))
    })
}

/// The entry at the beginning of `data`, and how many bytes it has.
pub(super) fn parse(data: &[u8], width: usize) -> Result<(TreeEntry<'_>, usize), &'static str> {
    const TRUNCATED: &str = "an entry that breaks off";
    let space = memchr::memchr(b' ', data).ok_or(TRUNCATED)?;
    let mode = octal(&data[..space]).ok_or("an entry of unknown mode")?;
    let name = &data[space + 1..];
    let length = memchr::memchr(0, name).ok_or(TRUNCATED)?;
    let (name, rest) = (&name[..length], &name[length + 1..]);
    let raw = rest.get(..width).ok_or(TRUNCATED)?;
    let id = ObjectId::from_bytes(raw).ok_or(TRUNCATED)?;
    if id.is_null() {
        return Err("an entry without an object");
    }
    let item = item(mode, id).ok_or("an entry of unknown mode")?;
    Ok((TreeEntry { name, item }, space + 1 + length + 1 + width))
}

fn octal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 7 {
        return None;
    }
    digits.iter().try_fold(0, |value, digit| match digit {
        b'0'..=b'7' => Some(value << 3 | u32::from(digit - b'0')),
        _ => None,
    })
}

/// What an entry with this mode stands for, or `None` if git knows no such mode.
pub(super) fn item(mode: u32, id: ObjectId) -> Option<Item> {
    let leaf = |mode| Some(Item::Leaf(Entry { mode, id }));
    match mode {
        0o040_000 => Some(Item::Tree(id)),
        0o100_644 | 0o100_664 => leaf(Mode::File),
        0o100_755 => leaf(Mode::Executable),
        0o120_000 => leaf(Mode::Symlink),
        0o160_000 => leaf(Mode::Submodule),
        _ => None,
    }
}

/// The bytes of the tree with these entries, which must be in git's order.
pub(super) fn write<N: AsRef<[u8]>>(entries: &[(N, Item)]) -> Vec<u8> {
    let mut data = Vec::with_capacity(entries.len() * 48);
    for (name, item) in entries {
        let mode = match item {
            Item::Tree(_) => "40000",
            Item::Leaf(entry) => entry.mode.octal(),
        };
        data.extend_from_slice(mode.as_bytes());
        data.push(b' ');
        data.extend_from_slice(name.as_ref());
        data.push(0);
        data.extend_from_slice(item.id().as_bytes());
    }
    data
}
