//! The first merge engine: trees alone, without renames and without reading files.

use super::quarantine::Quarantine;
use super::tree::{Item, TreeEntry};
use crate::words::{Code, Finding, MAX_DEPTH, ObjectId, Result};

/// What the merge makes of one name.
enum Merged {
    /// It is not plain that git would do the same.
    NoAnswer,
    /// Nothing stands there any more.
    Nothing,
    /// This stands there.
    Is(Item),
}

impl From<Option<Item>> for Merged {
    fn from(item: Option<Item>) -> Self {
        item.map_or(Self::Nothing, Self::Is)
    }
}

impl Quarantine {
    /// The three-way merge of trees, if it is plain that git's merge comes out the same; else `None`.
    /// Reads no file.
    ///
    /// It answers if at every name at most one side differs from `base`, looking into a directory
    /// only where it is a directory on both sides and in `base` (or in neither side's past). That no
    /// rename detection can change such an answer:
    ///
    /// - A detected rename moves the *other* side's work along in two ways only. The first is a change
    ///   (or deletion) at the old path, or something put at the new one: then both sides differ from
    ///   `base` there, and there is no answer.
    /// - The second is a renamed directory, which takes along what the other side *added* to it. git
    ///   considers a directory renamed only if nothing of it is left on that side. Then its name is
    ///   gone on one side and its content differs on the other: again both differ, and there is no
    ///   answer. The same holds for its parents, if they are gone as well.
    /// - If both sides changed a name in the same way there is no answer either, although git merges
    ///   that: it would have to be shown that it was no rename on the one side and another on the other.
    /// - Neither is there if a file and a directory would end up with the same name.
    pub fn merge_trees(
        &self,
        base: Option<ObjectId>,
        ours: ObjectId,
        theirs: ObjectId,
    ) -> Result<Option<ObjectId>> {
        let item = Item::Tree;
        let sides = [base.map(item), Some(item(ours)), Some(item(theirs))];
        Ok(match self.merge_items(sides, 0)? {
            Merged::NoAnswer => None,
            Merged::Nothing => Some(self.empty_tree()),
            Merged::Is(item) => Some(item.id()),
        })
    }

    /// The merge of what stands at one name in base, ours and theirs.
    fn merge_items(&self, sides: [Option<Item>; 3], depth: usize) -> Result<Merged> {
        let [base, ours, theirs] = sides;
        if base == theirs {
            return Ok(ours.into());
        }
        if base == ours {
            return Ok(theirs.into());
        }
        match (base, ours, theirs) {
            _ if ours == theirs => Ok(Merged::NoAnswer),
            (None | Some(Item::Tree(_)), Some(Item::Tree(ours)), Some(Item::Tree(theirs))) => {
                self.merge_directories([base.map(Item::id), Some(ours), Some(theirs)], depth + 1)
            }
            _ => Ok(Merged::NoAnswer),
        }
    }

    fn merge_directories(&self, trees: [Option<ObjectId>; 3], depth: usize) -> Result<Merged> {
        if depth > MAX_DEPTH {
            return Err(Finding::error(
                Code::TooLarge,
                format!("directories are nested more than {MAX_DEPTH} deep"),
            ));
        }
        let [base, ours, theirs] = trees;
        self.with_tree(base, |base| {
            self.with_tree(ours, |ours| {
                self.with_tree(theirs, |theirs| {
                    self.merge_entries([base, ours, theirs], depth)
                })
            })
        })
    }

    fn merge_entries(&self, mut sides: [&[TreeEntry<'_>]; 3], depth: usize) -> Result<Merged> {
        let empty = self.empty_tree();
        let mut merged: Vec<(Vec<u8>, Item)> = Vec::new();
        while let Some(first) = sides
            .iter()
            .filter_map(|side| side.first())
            .min_by(|a, b| a.order(b))
            .copied()
        {
            let items = sides.each_mut().map(|side| match side.split_first() {
                Some((entry, rest)) if entry.order(&first).is_eq() => {
                    *side = rest;
                    Some(entry.item)
                }
                _ => None,
            });
            // git writes no empty directories, and forgets those that it is given.
            if items
                .iter()
                .flatten()
                .any(|item| *item == Item::Tree(empty))
            {
                return Ok(Merged::NoAnswer);
            }
            match self.merge_items(items, depth)? {
                Merged::NoAnswer => return Ok(Merged::NoAnswer),
                Merged::Nothing => {}
                Merged::Is(item) => merged.push((first.name.to_vec(), item)),
            }
        }
        if has_twins(&merged) {
            return Ok(Merged::NoAnswer);
        }
        if merged.is_empty() {
            return Ok(Merged::Nothing);
        }
        self.add_tree(&merged).map(|id| Merged::Is(Item::Tree(id)))
    }
}

/// Whether a name stands for a directory and for something else as well.
fn has_twins(entries: &[(Vec<u8>, Item)]) -> bool {
    let leaves: std::collections::HashSet<&[u8]> = entries
        .iter()
        .filter(|(_, item)| !item.is_tree())
        .map(|(name, _)| &name[..])
        .collect();
    entries
        .iter()
        .any(|(name, item)| item.is_tree() && leaves.contains(&name[..]))
}
