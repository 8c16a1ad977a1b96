//! Which objects a new commit needs that the repository may not have.

use super::quarantine::Quarantine;
use super::tree_entry::{Item, TreeEntry};
use super::{commit, objects::Objects};
use crate::words::{Mode, ObjectId, Result};
use gix::objs::Kind;
use std::collections::HashSet;

/// With so many parents of a commit its tree is compared, at most.
const COMPARED: usize = 2;

impl Quarantine {
    /// What gate itself has made of `tips` and below, and what that needs: all but what its parents have.
    ///
    /// That an object is in the repository already does not say that what it needs is there, too: a
    /// process that was killed may have left it alone. Only what a ref holds is complete.
    pub(super) fn needed(&self, tips: &[ObjectId]) -> Result<Vec<ObjectId>> {
        let mut needed = Needed {
            objects: &self.objects,
            seen: HashSet::new(),
            found: Vec::new(),
        };
        let mut queue = tips.to_vec();
        while let Some(id) = queue.pop() {
            if !self.has_made(id) || !needed.seen.insert(id) {
                continue;
            }
            needed.found.push(id);
            let (kind, data) = self.objects.read(id)?;
            match kind {
                Kind::Commit => {
                    let commit = commit::parse(id, &data)?;
                    let parents = commit.parents.iter().take(COMPARED);
                    let trees = parents.map(|parent| Ok(self.commit(*parent)?.tree));
                    needed.tree(commit.tree, &trees.collect::<Result<Vec<_>>>()?)?;
                    queue.extend(commit.parents);
                }
                Kind::Tag => queue.extend(commit::tagged(&data)),
                Kind::Tree => needed.tree(id, &[])?,
                Kind::Blob => {}
            }
        }
        Ok(needed.found)
    }
}

/// The objects found so far.
struct Needed<'a> {
    objects: &'a Objects,
    seen: HashSet<ObjectId>,
    found: Vec<ObjectId>,
}

impl Needed<'_> {
    /// Adds the tree `id` and all below it but what stands at the same place in one of `complete`.
    fn tree(&mut self, id: ObjectId, complete: &[ObjectId]) -> Result<()> {
        let is_known = id == self.objects.empty_tree() || complete.contains(&id);
        if is_known || !self.seen.insert(id) {
            return Ok(());
        }
        self.found.push(id);
        let tree = self.objects.tree(id)?;
        let others = complete.iter().map(|id| self.objects.tree(*id));
        let others: Vec<_> = others.collect::<Result<_>>()?;
        let others = others.iter().map(|tree| tree.entries().collect());
        let others: Vec<Vec<TreeEntry<'_>>> = others.collect();
        for entry in tree.entries() {
            let same = others.iter().filter_map(|other| {
                let place = other.binary_search_by(|there| there.order(&entry)).ok()?;
                Some(other[place].item)
            });
            let same: Vec<Item> = same.collect();
            match entry.item {
                item if same.contains(&item) => {}
                Item::Tree(id) => {
                    let below: Vec<_> = same.into_iter().map(Item::id).collect();
                    self.tree(id, &below)?;
                }
                Item::Leaf(leaf) if leaf.mode == Mode::Submodule => {}
                Item::Leaf(leaf) => {
                    if self.seen.insert(leaf.id) {
                        self.found.push(leaf.id);
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Merge;
    use super::super::testing::{Files, History, TestRepo};

    #[test]
    fn what_a_killed_run_has_left_alone_is_completed() {
        let lines = |first: &str, last: &str| -> Files {
            let middle: Vec<_> = (1..20).map(|line| line.to_string()).collect();
            let text = format!("{first}\n{}\n{last}\n", middle.join("\n"));
            [("s/list".to_owned(), text)].into()
        };
        let mut history = History::default();
        let base = history.commit(&[], 0, &lines("0", "20"));
        history.commit(&[base], 1, &lines("zero", "20"));
        history.commit(&[base], 1, &lines("0", "twenty"));
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        repo.git(&["repack", "-a", "-d", "-q"]);
        let merge = || {
            let opened = repo.open();
            let quarantine = opened.quarantine().expect("a quarantine");
            let Ok(Merge::Clean { tree }) = quarantine.merge(ids[1], ids[2]) else {
                panic!("a conflict");
            };
            let commit = quarantine.commit_tree(tree, &ids[1..3], b"merge", 2);
            let commit = commit.expect("a commit");
            let journal = opened.landing_journal().expect("a journal");
            quarantine.publish(&journal, &[commit]).expect("published");
            commit
        };
        let commit = merge();
        let fsck = || {
            repo.git(&[
                "fsck",
                "--strict",
                "--connectivity-only",
                &commit.to_string(),
            ])
        };
        drop(fsck());
        let names = ["", "^{tree}", ":s", ":s/list"];
        let made = names.map(|name| repo.id(&format!("{commit}{name}")).to_string());
        for subset in 0..1 << made.len() {
            for (place, id) in made.iter().enumerate() {
                if subset >> place & 1 == 1 {
                    let file = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
                    std::fs::remove_file(repo.path.join(file)).expect("a loose object");
                }
            }
            assert_eq!(merge(), commit);
            drop(fsck());
        }
    }
}
