//! What differs between two trees, by mode and id alone.

use super::objects::{MAX_PATHS, Objects};
use super::tree::Tree;
use super::tree_entry::{Item, TreeEntry};
use crate::words::{
    Change, Code, Entry, Finding, MAX_DEPTH, ObjectId, PathError, RepoPath, Result, quote,
};
use std::cmp::Ordering;

impl Objects {
    /// What changed from the tree `before` (nothing at all, if `None`) to the tree `after`: files,
    /// links and submodules, sorted by path. Renames are a deletion and an addition; a directory in
    /// place of a file likewise. Directories that are equal on both sides are not read.
    ///
    /// # Errors
    /// [`Code::BadTree`] where a tree that had to be read is not one that git writes;
    /// [`Code::TooLarge`] beyond 200,000 changed paths or 256 levels.
    pub fn diff(&self, before: Option<ObjectId>, after: ObjectId) -> Result<Vec<Change>> {
        self.diff_up_to(before, after, MAX_PATHS)
    }

    pub(super) fn diff_up_to(
        &self,
        before: Option<ObjectId>,
        after: ObjectId,
        limit: usize,
    ) -> Result<Vec<Change>> {
        let mut changes = Changes::new(limit);
        TreeDiff {
            objects: self,
            changes: &mut changes,
        }
        .trees(before, Some(after))?;
        Ok(changes.sorted())
    }
}

/// The changes found so far, and where in the tree the search is.
pub(super) struct Changes {
    found: Vec<Change>,
    limit: usize,
    prefix: Vec<u8>,
    depth: usize,
}

impl Changes {
    /// None yet, and never more than `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            found: Vec::new(),
            limit,
            prefix: Vec::new(),
            depth: 0,
        }
    }

    /// All of them in the order of their paths.
    pub(super) fn sorted(mut self) -> Vec<Change> {
        self.found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.found
    }

    /// Notes a change of `name` in the directory where the search is.
    pub(super) fn push(
        &mut self,
        name: &[u8],
        before: Option<Entry>,
        after: Option<Entry>,
    ) -> Result<()> {
        if self.found.len() >= self.limit {
            let message = format!("more than {} paths differ", self.limit);
            return Err(Finding::error(Code::TooLarge, message));
        }
        let path = [&self.prefix[..], name].concat();
        let path = RepoPath::new(path.clone()).map_err(|error| bad_path(&path, error))?;
        self.found.push(Change {
            path,
            before,
            after,
        });
        Ok(())
    }

    /// Goes into the directory `name` and out again, and does `work` in between.
    pub(super) fn inside(
        &mut self,
        name: &[u8],
        work: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if self.depth + 1 >= MAX_DEPTH {
            let message = format!("directories are nested more than {MAX_DEPTH} deep");
            return Err(Finding::error(Code::TooLarge, message));
        }
        let length = self.prefix.len();
        self.prefix.extend_from_slice(name);
        self.prefix.push(b'/');
        self.depth += 1;
        let outcome = work(self);
        self.depth -= 1;
        self.prefix.truncate(length);
        outcome
    }
}

pub(super) fn bad_path(path: &[u8], error: PathError) -> Box<Finding> {
    let code = match error {
        PathError::TooLong | PathError::TooDeep => Code::TooLarge,
        _ => Code::BadTree,
    };
    let start = &path[..path.len().min(100)];
    Finding::error(code, format!("a path has {error}: {}", quote(start)))
}

/// The search for differences between trees.
pub(super) struct TreeDiff<'a> {
    pub(super) objects: &'a Objects,
    pub(super) changes: &'a mut Changes,
}

impl TreeDiff<'_> {
    /// Compares two directories, either of which may be absent.
    pub(super) fn trees(
        &mut self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
    ) -> Result<()> {
        if before == after {
            return Ok(());
        }
        let old = before.map(|id| self.objects.tree(id)).transpose()?;
        let read = |id| self.objects.tree_like(id, old.as_deref());
        let new = after.map(read).transpose()?;
        if let (Some(id), Some(tree)) = (after, &new) {
            tree.check_brought(id)?;
        }
        self.entries(old.as_deref(), new.as_deref())
    }

    fn entries(&mut self, before: Option<&Tree>, after: Option<&Tree>) -> Result<()> {
        let (mut old, mut new) = (0, 0);
        loop {
            // Most of two trees is the same, and need not be taken apart.
            if let (Some(before), Some(after)) = (before, after) {
                let same = before.same(old, after, new);
                (old, new) = (old + same, new + same);
            }
            let (mut a, mut b) = (
                before.and_then(|tree| tree.entry(old)),
                after.and_then(|tree| tree.entry(new)),
            );
            let order = match (&a, &b) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => a.order(b),
            };
            if order.is_le() {
                old += 1;
            } else {
                a = None;
            }
            if order.is_ge() {
                new += 1;
            } else {
                b = None;
            }
            self.pair(a.as_ref(), b.as_ref())?;
        }
    }

    /// Compares two entries that git sorts alike: of one name, and both directories or neither.
    fn pair(&mut self, a: Option<&TreeEntry<'_>>, b: Option<&TreeEntry<'_>>) -> Result<()> {
        let Some(either) = a.or(b) else { return Ok(()) };
        let (before, after) = (a.map(|e| e.item), b.map(|e| e.item));
        if before == after {
            return Ok(());
        }
        if either.item.is_tree() {
            let objects = self.objects;
            let (before, after) = (before.map(Item::id), after.map(Item::id));
            return self.changes.inside(either.name, |changes| {
                TreeDiff { objects, changes }.trees(before, after)
            });
        }
        let leaf = |item| match item {
            Some(Item::Leaf(entry)) => Some(entry),
            _ => None,
        };
        self.changes.push(either.name, leaf(before), leaf(after))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, History, Random, TestRepo, as_raw, from_raw};
    use super::*;
    use crate::words::Mode;

    fn random_files(random: &mut Random) -> Files {
        let names = [
            "a", "a.b", "a/b", "a/c/d", "b", "b/x", "c-d", "c/d", "c", "ü/\u{1}", "z z",
        ];
        let mut files = Files::new();
        for name in names {
            let clash = files
                .keys()
                .any(|other| name.starts_with(&format!("{other}/")))
                || files
                    .keys()
                    .any(|other: &String| other.starts_with(&format!("{name}/")));
            if clash || random.below(3) == 0 {
                continue;
            }
            let content = ["1", "2", "->1"][random.below(3)];
            files.insert(name.into(), content.into());
        }
        files
    }

    #[test]
    fn differences_are_those_of_git() {
        for format in ["sha1", "sha256"] {
            let repo = TestRepo::with_format(format);
            let mut random = Random::new(1);
            let mut history = History::default();
            for _ in 0..40 {
                // Control characters need quoting in a fast-import stream; the others do not.
                let files = random_files(&mut random)
                    .into_iter()
                    .filter(|(name, _)| !name.contains('\u{1}'));
                history.commit(&[], 0, &files.collect());
            }
            let ids = repo.import(&history);
            let opened = repo.open();
            for pair in ids.windows(2) {
                let trees = [pair[0], pair[1]].map(|id| opened.commit(id).expect("a commit").tree);
                let [a, b] = pair else { unreachable!() };
                let git = repo.git(&[
                    "diff-tree",
                    "-r",
                    "-z",
                    "--no-renames",
                    &a.to_string(),
                    &b.to_string(),
                ]);
                assert_eq!(
                    as_raw(opened.diff(Some(trees[0]), trees[1])),
                    from_raw(&git)
                );
            }
        }
    }

    #[test]
    fn a_directory_in_place_of_a_file_is_a_deletion_and_an_addition() {
        let repo = TestRepo::new();
        repo.write("a", "1");
        let before = repo.commit("file");
        std::fs::remove_file(repo.path.join("a")).expect("removed");
        repo.write("a/b", "1");
        let after = repo.commit("directory");
        let opened = repo.open();
        let tree = |id| opened.commit(id).expect("a commit").tree;
        let changes = opened
            .diff(Some(tree(before)), tree(after))
            .expect("a difference");
        let verbs: Vec<_> = changes
            .iter()
            .map(|c| (c.path.to_string(), c.verb()))
            .collect();
        assert_eq!(
            verbs,
            [("a".to_owned(), "deleted"), ("a/b".to_owned(), "added")]
        );
        let listed = opened.tracked(tree(after)).expect("a listing");
        assert_eq!(listed.len(), 1);
        let path = RepoPath::new("a/b").expect("a path");
        let entry = opened
            .entry_at(tree(after), &path)
            .expect("read")
            .expect("there");
        assert_eq!((entry, entry.mode), (listed[0].1, Mode::File));
        assert_eq!(opened.blob(entry.id, 1).expect("a file"), b"1");
        assert_eq!(
            opened.blob(entry.id, 0).expect_err("too large").code,
            Code::TooLarge
        );
        assert_eq!(opened.digest(b"1").expect("an id"), entry.id);
        for nothing in ["a", "a/c", "a/b/c", "x"] {
            let path = RepoPath::new(nothing).expect("a path");
            assert_eq!(opened.entry_at(tree(after), &path).expect("read"), None);
        }
    }

    #[test]
    fn trees_that_git_never_writes_are_not_compared() {
        let repo = TestRepo::new();
        let blob = repo.git_with_input(&["hash-object", "-w", "--stdin"], b"");
        let mut data = b"100644 .git\0".to_vec();
        data.extend_from_slice(repo.id(&blob).as_bytes());
        let tree = repo.git_with_input(
            &["hash-object", "-w", "-t", "tree", "--literally", "--stdin"],
            &data,
        );
        let error = repo
            .open()
            .diff(None, repo.id(&tree))
            .expect_err("a bad tree");
        assert_eq!(error.code, Code::BadTree);
    }

    #[test]
    fn too_many_paths_and_too_deep_ones_are_refused() {
        let repo = TestRepo::new();
        for name in ["a", "b", "c"] {
            repo.write(name, "");
        }
        let tree = repo.commit("three");
        let opened = repo.open();
        let tree = opened.commit(tree).expect("a commit").tree;
        assert!(opened.diff_up_to(None, tree, 3).is_ok());
        assert_eq!(
            opened.diff_up_to(None, tree, 2).expect_err("too many").code,
            Code::TooLarge
        );
        let mut deep = tree.to_string();
        let mut input = String::new();
        for _ in 0..260 {
            input = format!("040000 tree {deep}\td\n");
            deep = repo.git_with_input(&["mktree"], input.as_bytes());
        }
        assert!(!input.is_empty());
        assert_eq!(
            opened
                .diff(None, repo.id(&deep))
                .expect_err("too deep")
                .code,
            Code::TooLarge
        );
    }
}
