//! What git is to see of a quarantine: everything is in memory first, and a file for each object is what takes
//! the longest about a small one.

use super::commit;
use super::quarantine::{Quarantine, not_written};
use super::tree_entry;
use crate::words::{ObjectId, Result};
use gix::objs::{Kind, Write};
use std::collections::HashSet;

impl Quarantine {
    /// Writes what is only in memory into the quarantine's own directory, for git to see.
    pub(super) fn flush(&self) -> Result<()> {
        let mut unwritten = self.unwritten();
        let all: Vec<_> = unwritten.iter().copied().collect();
        all.into_iter().try_for_each(|id| {
            let (kind, data) = self.objects.read(id)?;
            self.write(id, kind, &data)?;
            unwritten.remove(&id);
            Ok(())
        })
    }

    /// The same for these objects and what they need, and nothing else.
    pub(super) fn flush_for(&self, ids: impl IntoIterator<Item = ObjectId>) -> Result<()> {
        let mut unwritten = self.unwritten();
        let mut open: Vec<_> = ids.into_iter().collect();
        let mut written = HashSet::new();
        while let Some(id) = open.pop() {
            // What is off the list needs nothing that is on it.
            if !unwritten.contains(&id) || !written.insert(id) {
                continue;
            }
            let (kind, data) = self.objects.read(id)?;
            match kind {
                Kind::Commit => {
                    let commit = commit::parse(id, &data)?;
                    open.push(commit.tree);
                    open.extend(commit.parents);
                }
                Kind::Tree => {
                    let mut rest = &data[..];
                    while !rest.is_empty() {
                        let entry = tree_entry::parse(rest, id.as_bytes().len());
                        let (entry, length) =
                            entry.map_err(|reason| super::objects::broken(id, reason))?;
                        open.push(entry.item.id());
                        rest = &rest[length..];
                    }
                }
                Kind::Tag => open.extend(commit::tagged(&data)),
                Kind::Blob => {}
            }
            self.write(id, kind, &data)?;
        }
        // Not before all of it is there: after a failure the next one begins again.
        for id in &written {
            unwritten.remove(id);
        }
        Ok(())
    }

    fn write(&self, id: ObjectId, kind: Kind, data: &[u8]) -> Result<()> {
        let directory = self.git_dir.join("objects");
        let store = gix::odb::loose::Store::at(&directory, self.objects.kind);
        let written = store.write_buf_with_known_id(kind, data, self.objects.to_gix(id)?);
        written.map_err(|error| not_written(&directory, &error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::super::tree_entry::Item;
    use crate::words::{Entry, Mode};

    #[test]
    fn git_sees_what_a_commit_needs_and_nothing_else() {
        let repo = TestRepo::new();
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let blob = |text: &str| quarantine.add_blob(text.as_bytes()).expect("added");
        let tree = |name: &str, item| {
            let tree = quarantine.add_tree(&[(name.into(), item)]);
            tree.expect("added")
        };
        let file = |text: &str| {
            let (mode, id) = (Mode::File, blob(text));
            Item::Leaf(Entry { mode, id })
        };
        let inner = tree("a", file("needed"));
        let outer = tree("b", Item::Tree(inner));
        let commit = |tree, parents: &[_]| {
            let commit = quarantine.commit_tree(tree, parents, b"", 0);
            commit.expect("added")
        };
        let parent = commit(tree("c", file("parent")), &[]);
        let child = commit(outer, &[parent]);
        let other = commit(tree("d", file("other")), &[parent]);
        quarantine.flush_for([child]).expect("written");
        let git = || quarantine.git("rev-list");
        let listed = git().args(["--objects", &child.to_string()]).run();
        let listed = String::from_utf8(listed.expect("all of it")).expect("text");
        assert_eq!(listed.lines().count(), 7, "{listed}");
        assert!(git().arg(other.to_string()).run().is_err());
        quarantine.flush().expect("written");
        assert!(git().arg(other.to_string()).run().is_ok());
    }
}
