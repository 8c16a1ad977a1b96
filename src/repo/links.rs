//! The symbolic links of a tree.

use super::diff::bad_path;
use super::objects::Objects;
use super::tree_entry::Item;
use crate::words::{Entry, Mode, ObjectId, RepoPath, Result};

impl Objects {
    /// Every symbolic link of the tree `tree`, sorted by path. Of nothing else a path is made: a tree has few
    /// links among many files.
    pub fn links(&self, tree: ObjectId) -> Result<Vec<(RepoPath, Entry)>> {
        let mut links = Vec::new();
        // Deep trees must not take the stack.
        let mut directories = vec![(Vec::new(), tree)];
        while let Some((path, id)) = directories.pop() {
            for entry in self.tree(id)?.entries() {
                let at = || match path[..] {
                    [] => entry.name.to_vec(),
                    _ => [&path, &b"/"[..], entry.name].concat(),
                };
                match entry.item {
                    Item::Tree(below) => directories.push((at(), below)),
                    Item::Leaf(found) if found.mode == Mode::Symlink => {
                        let path = at();
                        let path =
                            RepoPath::new(path.clone()).map_err(|error| bad_path(&path, error))?;
                        links.push((path, found));
                    }
                    Item::Leaf(_) => {}
                }
            }
        }
        links.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(links)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn links_are_found_wherever_they_are() {
        let repo = TestRepo::new();
        for path in ["a", "b/c", "b/d/e", "b-/f"] {
            repo.write(path, "");
        }
        for path in ["b/link", "b/d/link", "b-/link", "link"] {
            std::os::unix::fs::symlink("a", repo.path.join(path)).expect("a link");
        }
        let commit = repo.commit("first");
        let opened = repo.open();
        let tree = opened.commit(commit).expect("a commit").tree;
        let mut all = opened.tracked(tree).expect("readable");
        all.retain(|(_, entry)| entry.mode == Mode::Symlink);
        assert_eq!(all.len(), 4);
        assert_eq!(opened.links(tree), Ok(all));
    }
}
