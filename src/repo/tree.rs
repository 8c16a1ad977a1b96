//! Trees as git stores them: parsed and validated before any name in them is used, and written.

use super::names;
use crate::words::{Code, Entry, Finding, Mode, ObjectId, Result, quote};
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

fn order(a: &[u8], a_is_tree: bool, b: &[u8], b_is_tree: bool) -> Ordering {
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

/// The entries of the tree `id` with these bytes, in git's order.
///
/// # Errors
/// [`Code::BadTree`] if git would never write such a tree: see section 5 of the design for the list.
pub(super) fn parse(id: ObjectId, data: &[u8]) -> Result<Vec<TreeEntry<'_>>> {
    parse_with(id, data, octal)
}

/// The same with this reading of modes.
fn parse_with(
    id: ObjectId,
    data: &[u8],
    mode: fn(&[u8]) -> Option<u32>,
) -> Result<Vec<TreeEntry<'_>>> {
    let width = id.as_bytes().len();
    let mut entries: Vec<TreeEntry<'_>> = Vec::with_capacity(data.len() / 32);
    let mut rest = data;
    while !rest.is_empty() {
        let (entry, after) =
            next_entry(rest, width, mode).map_err(|reason| bad(id, reason, b""))?;
        if let Some(reason) = names::objection(entry.name) {
            return Err(bad(id, reason, entry.name));
        }
        if let Some(last) = entries.last() {
            check_order(id, last, &entry)?;
        }
        if entry.item.is_tree() && holds_leaf(&entries, entry.name) {
            return Err(bad(id, "a name that stands twice", entry.name));
        }
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

/// The same of a tree that a branch brings: modes that only old versions of git and other programs
/// wrote (zeros in front, `100664`), and that git still reads, are nothing that git writes today.
/// Nor are directories with nothing in them, `empty_tree`: out of those a few objects make a tree
/// that nobody comes to the end of.
///
/// # Errors
/// [`Code::BadTree`], see [`parse`].
pub(super) fn parse_new(
    id: ObjectId,
    data: &[u8],
    empty_tree: ObjectId,
) -> Result<Vec<TreeEntry<'_>>> {
    let entries = parse_with(id, data, |digits| match digits {
        b"40000" | b"100644" | b"100755" | b"120000" | b"160000" => octal(digits),
        _ => None,
    })?;
    match entries
        .iter()
        .find(|entry| entry.item == Item::Tree(empty_tree))
    {
        None => Ok(entries),
        Some(entry) => Err(bad(id, "a directory with nothing in it", entry.name)),
    }
}

fn check_order(id: ObjectId, last: &TreeEntry<'_>, entry: &TreeEntry<'_>) -> Result<()> {
    if last.name == entry.name {
        return Err(bad(id, "a name that stands twice", entry.name));
    }
    match last.order(entry) {
        Ordering::Less => Ok(()),
        _ => Err(bad(id, "entries out of order", entry.name)),
    }
}

/// Whether something else than a directory has this name: `x` and `x/` are apart in git's order.
fn holds_leaf(entries: &[TreeEntry<'_>], name: &[u8]) -> bool {
    let found = entries.binary_search_by(|e| order(e.name, e.item.is_tree(), name, false));
    found.is_ok()
}

fn next_entry(
    data: &[u8],
    width: usize,
    mode: fn(&[u8]) -> Option<u32>,
) -> std::result::Result<(TreeEntry<'_>, &[u8]), &'static str> {
    const TRUNCATED: &str = "an entry that breaks off";
    let space = data
        .iter()
        .position(|byte| *byte == b' ')
        .ok_or(TRUNCATED)?;
    let mode = mode(&data[..space]).ok_or("an entry of unknown mode")?;
    let data = &data[space + 1..];
    let nul = data.iter().position(|byte| *byte == 0).ok_or(TRUNCATED)?;
    let (name, data) = (&data[..nul], &data[nul + 1..]);
    let raw = data.get(..width).ok_or(TRUNCATED)?;
    let id = ObjectId::from_bytes(raw).ok_or(TRUNCATED)?;
    if id.is_null() {
        return Err("an entry without an object");
    }
    let item = item(mode, id).ok_or("an entry of unknown mode")?;
    Ok((TreeEntry { name, item }, &data[width..]))
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

fn bad(id: ObjectId, reason: &str, name: &[u8]) -> Box<Finding> {
    let mut message = format!("the tree {} holds {reason}", id.short());
    if !name.is_empty() {
        message.push_str(": ");
        message.push_str(&quote(name));
    }
    let finding = Finding::new(Code::BadTree, message);
    Box::new(finding.hint("make the commit again with git itself, which never writes such a tree"))
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

#[cfg(test)]
mod tests {
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

    #[test]
    fn what_git_writes_is_read_and_written_again() {
        let data = tree(&[
            ("100644", "a"),
            ("100755", "a.b.c"),
            ("40000", "a.b"),
            ("160000", "b"),
            ("120000", "c"),
            ("40000", "d"),
        ]);
        let entries = parse(id(), &data).expect("a good tree");
        let again: Vec<_> = entries.iter().map(|e| (e.name, e.item)).collect();
        assert_eq!(write(&again), data);
        assert!(parse(id(), b"").expect("the empty tree").is_empty());
    }

    fn empty() -> ObjectId {
        ObjectId::from_bytes(&[2; 20]).expect("20 bytes")
    }

    #[test]
    fn old_modes_are_read_but_not_brought() {
        let old = [("0100644", "a"), ("040000", "b"), ("100664", "c")];
        assert_eq!(parse(id(), &tree(&old)).expect("an old tree").len(), 3);
        for entry in old {
            let error = parse_new(id(), &tree(&[entry]), empty()).expect_err("a new tree");
            assert_eq!(error.code, Code::BadTree, "{error}");
        }
        let plain = tree(&[("100644", "a"), ("40000", "b")]);
        assert_eq!(
            parse_new(id(), &plain, empty()).expect("a new tree").len(),
            2
        );
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
            tree(&[("100600", "a")]),
            tree(&[("", "a")]),
            tree(&[("1a0644", "a")]),
            null,
            b"100644 a\0too short".to_vec(),
            b"100644".to_vec(),
        ];
        for data in bad {
            let error = parse(id(), &data).expect_err("not a tree that git writes");
            assert_eq!(error.code, Code::BadTree, "{error}");
        }
    }
}
