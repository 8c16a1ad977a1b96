//! What is staged: the index against a tree.

use super::diff::{Changes, TreeDiff};
use super::objects::{MAX_PATHS, Objects, from_gix};
use super::open::Repo;
use super::tree_entry::{self, Item, TreeEntry};
use super::{commit, names};
use crate::words::{Change, Code, Entry as Leaf, Finding, ObjectId, Result, quote};
use bstr::ByteSlice;
use gix::index::entry::{Flags, Stage};
use gix::index::extension::Tree as Cached;
use gix::index::{Entry, State};

impl Repo {
    /// What committing the index on top of the tree `before` would change (all of it is added if
    /// `None`), sorted by path. It is the index that git hands to a hook. A path that is only
    /// intended to be added is not staged. `objects` holds `before`: the repository's own, or those
    /// of a quarantine on top of it.
    ///
    /// # Errors
    /// [`Code::UnreadableIndex`] if paths are in conflict, or the index is damaged.
    pub fn diff_index(&self, objects: &Objects, before: Option<ObjectId>) -> Result<Vec<Change>> {
        let index = self.read_index()?;
        let is_intended = |entry: &&Entry| entry.flags.contains(Flags::INTENT_TO_ADD);
        let (mut intended, any_id) = (0, objects.empty_tree());
        for entry in index.entries() {
            let path = || entry.path(&index);
            if is_intended(&entry) {
                intended += 1;
            } else if entry.stage() != Stage::Unconflicted {
                return Err(in_conflict(path()));
            } else if tree_entry::item(entry.mode.bits(), any_id).is_none() {
                return Err(unknown_mode(path()));
            }
        }
        let mut changes = Changes::new(MAX_PATHS);
        let level = Level {
            objects,
            index: &index,
            skip: 0,
        };
        if intended > 0 {
            let staged = index.entries().iter().filter(|entry| !is_intended(entry));
            let staged: Vec<_> = staged.cloned().collect();
            level.compare(before, &staged, None, &mut changes)?;
        } else {
            level.compare(before, index.entries(), index.tree(), &mut changes)?;
        }
        Ok(changes.sorted())
    }

    /// Fails where there is no index, and so nothing can be staged: in a bare repository.
    ///
    /// # Errors
    /// [`Code::Usage`], since somebody asks in the wrong place.
    pub fn require_index(&self) -> Result<()> {
        if self.work_tree().is_some() || self.index_path.exists() {
            return Ok(());
        }
        let finding = Finding::new(
            Code::Usage,
            "nothing can be staged here: a bare repository has no index",
        );
        Err(Box::new(finding.hint(
            "run it in a work tree, or judge branches: gate check branch --all",
        )))
    }

    /// The commits that a merge in progress is about to bring in; empty if there is none.
    pub fn merge_heads(&self) -> Result<Vec<ObjectId>> {
        let path = self.git_dir.join("MERGE_HEAD");
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(super::objects::input_output("read", &path, &error)),
        };
        let id = |line| {
            commit::from_hex(line).ok_or_else(|| {
                Finding::error(
                    Code::UnreadableIndex,
                    "MERGE_HEAD holds something else than commits",
                )
            })
        };
        text.lines().map(id).collect()
    }

    fn read_index(&self) -> Result<gix::index::File> {
        let kind = self.objects.kind;
        gix::index::File::at_or_default(
            &self.index_path,
            kind,
            true,
            gix::index::decode::Options::default(),
        )
        .map_err(|error| Box::new(unreadable("something that cannot be read").because(&error)))
    }
}

fn in_conflict(path: &[u8]) -> Box<Finding> {
    let finding = Finding::new(
        Code::UnreadableIndex,
        format!("{} is in conflict", quote(path)),
    );
    Box::new(finding.hint("resolve the conflict and `git add` the result"))
}

fn unknown_mode(path: &[u8]) -> Box<Finding> {
    Box::new(unreadable("an entry of unknown mode").note(quote(path)))
}

fn unreadable(what: &str) -> Finding {
    Finding::new(Code::UnreadableIndex, format!("the index holds {what}"))
        .hint("run `git status`; if git cannot read it either, `git read-tree HEAD` makes it anew")
}

/// A directory of the index: the entries whose paths have the same first `skip` bytes.
struct Level<'a> {
    objects: &'a Objects,
    index: &'a State,
    skip: usize,
}

impl<'a> Level<'a> {
    /// Compares the tree `before` with the `entries` of the index at this level. Where `cached` knows
    /// the tree that the entries make up, and it is the same, there is nothing to look at.
    fn compare(
        &self,
        before: Option<ObjectId>,
        entries: &'a [Entry],
        cached: Option<&Cached>,
        changes: &mut Changes,
    ) -> Result<()> {
        let valid = cached.filter(|c| {
            c.num_entries
                .is_some_and(|count| count as usize == entries.len())
        });
        if before.is_some() && valid.map(|c| from_gix(&c.id)) == before {
            return Ok(());
        }
        let staged = self.names(entries)?;
        let mut staged = staged.iter().peekable();
        self.objects.with_tree(before, |old| {
            for old in old {
                while let Some(new) = staged.next_if(|new| new.as_entry().order(old).is_lt()) {
                    self.pair(None, Some(new), cached, changes)?;
                }
                let new = staged.next_if(|new| new.as_entry().order(old).is_eq());
                self.pair(Some(old), new, cached, changes)?;
            }
            staged
                .by_ref()
                .try_for_each(|new| self.pair(None, Some(new), cached, changes))
        })
    }

    /// Groups the entries by their next name: what they would be as entries of a tree, in its order.
    fn names(&self, entries: &'a [Entry]) -> Result<Vec<Staged<'a>>> {
        let mut found: Vec<Staged<'a>> = Vec::new();
        let mut rest = entries;
        while let Some(first) = rest.first() {
            let path = self.path(first);
            let item = tree_entry::item(first.mode.bits(), from_gix(&first.id));
            let item = item.ok_or_else(|| unknown_mode(path))?;
            let tail = path.get(self.skip..).unwrap_or_default();
            let slash = tail.find_byte(b'/');
            let name = &tail[..slash.unwrap_or(tail.len())];
            if let Some(reason) = names::objection(name) {
                return Err(Box::new(unreadable(reason).note(quote(path))));
            }
            let count = if slash.is_some() {
                let inside = &path[..=self.skip + name.len()];
                rest.partition_point(|entry| self.path(entry).starts_with(inside))
            } else {
                1
            };
            let (here, after) = rest.split_at(count.max(1));
            found.push(Staged {
                name,
                first: item,
                is_directory: slash.is_some(),
                entries: here,
            });
            rest = after;
        }
        found.sort_by(|a, b| a.as_entry().order(&b.as_entry()));
        let twice = found.windows(2).find(|pair| pair[0].name == pair[1].name);
        match twice {
            Some(pair) => Err(Box::new(
                unreadable("a path twice").note(quote(pair[0].name)),
            )),
            None => Ok(found),
        }
    }

    /// The path of an entry; that of a directory of a sparse index without its slash.
    fn path(&self, entry: &Entry) -> &'a [u8] {
        let path: &[u8] = entry.path(self.index);
        path.strip_suffix(b"/").unwrap_or(path)
    }

    fn pair(
        &self,
        old: Option<&TreeEntry<'_>>,
        new: Option<&Staged<'a>>,
        cached: Option<&Cached>,
        changes: &mut Changes,
    ) -> Result<()> {
        let Some(name) = old.map(|old| old.name).or(new.map(|new| new.name)) else {
            return Ok(());
        };
        let Self { objects, index, .. } = *self;
        let before = old.map(|old| old.item);
        match (before, new.map(Staged::item)) {
            (Some(Item::Tree(before)), None) => changes.inside(name, |changes| {
                TreeDiff { objects, changes }.trees(Some(before), None)
            }),
            // A directory that a sparse index holds as a whole.
            (before, Some(Some(Item::Tree(after)))) => changes.inside(name, |changes| {
                TreeDiff { objects, changes }.trees(before.map(Item::id), Some(after))
            }),
            (before, Some(None)) => {
                let child =
                    cached.and_then(|c| c.children.iter().find(|child| child.name[..] == *name));
                let skip = self.skip + name.len() + 1;
                let entries = new.map(|new| new.entries).unwrap_or_default();
                changes.inside(name, |changes| {
                    let level = Level {
                        objects,
                        index,
                        skip,
                    };
                    level.compare(before.map(Item::id), entries, child, changes)
                })
            }
            (before, after) => {
                let (before, after) = (before.and_then(leaf), after.flatten().and_then(leaf));
                if before == after {
                    return Ok(());
                }
                changes.push(name, before, after)
            }
        }
    }
}

fn leaf(item: Item) -> Option<Leaf> {
    match item {
        Item::Leaf(entry) => Some(entry),
        Item::Tree(_) => None,
    }
}

/// Entries of the index that share a name at some level.
struct Staged<'a> {
    name: &'a [u8],
    /// What the first of them stands for.
    first: Item,
    /// Whether the name is a directory that the index has file by file.
    is_directory: bool,
    entries: &'a [Entry],
}

impl Staged<'_> {
    /// What the name stands for, unless it is a directory that the index has file by file.
    fn item(&self) -> Option<Item> {
        (!self.is_directory).then_some(self.first)
    }

    /// As an entry of a tree, for comparing names; a directory's id is not known.
    fn as_entry(&self) -> TreeEntry<'_> {
        let unknown = Item::Tree(self.first.id());
        TreeEntry {
            name: self.name,
            item: self.item().unwrap_or(unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{TestRepo, as_raw, from_raw};
    use super::*;

    fn compare(repo: &TestRepo) {
        let opened = repo.open();
        let before = opened.commit(repo.id("HEAD")).expect("a commit").tree;
        let git = repo.git(&[
            "diff",
            "--cached",
            "--raw",
            "--no-abbrev",
            "-z",
            "--no-renames",
            "HEAD",
        ]);
        assert_eq!(
            as_raw(opened.diff_index(&opened, Some(before))),
            from_raw(&git)
        );
    }

    fn filled(format: &str) -> TestRepo {
        let repo = TestRepo::with_format(format);
        for name in ["a", "a.b", "d/e/f", "d/e/g", "d/h", "z/1", "z/2"] {
            repo.write(name, name);
        }
        repo.commit("first");
        repo
    }

    #[test]
    fn what_is_staged_is_what_git_says() {
        for format in ["sha1", "sha256"] {
            let repo = filled(format);
            compare(&repo);
            repo.write("d/e/f", "changed");
            repo.write("new/x", "new");
            repo.write("unstaged", "");
            repo.git(&["add", "d", "new"]);
            repo.git(&["rm", "-q", "-r", "z/1", "a"]);
            repo.write("a/now/a/directory", "");
            repo.git(&["add", "a", "--chmod=+x"]);
            repo.git(&["update-index", "--chmod=+x", "a.b"]);
            compare(&repo);
            repo.git(&["rm", "-q", "-r", "--cached", "d"]);
            repo.git(&["add", "--intent-to-add", "unstaged"]);
            compare(&repo);
            repo.git(&["update-index", "--split-index"]);
            compare(&repo);
            let opened = repo.open();
            assert_eq!(
                opened.diff_index(&opened, None).expect("everything").len(),
                4
            );
        }
    }

    #[test]
    fn a_sparse_index_is_read() {
        let repo = filled("sha1");
        repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "d/e"]);
        compare(&repo);
        repo.write("d/e/f", "changed");
        repo.git(&["add", "d/e/f"]);
        compare(&repo);
        repo.git(&["rm", "-q", "--cached", "--sparse", "-r", "z"]);
        compare(&repo);
    }

    #[test]
    fn paths_in_conflict_are_not_judged() {
        let repo = filled("sha1");
        repo.git(&["checkout", "-q", "-b", "other"]);
        repo.write("a", "other");
        let other = repo.commit("other");
        repo.git(&["checkout", "-q", "main"]);
        repo.write("a", "main");
        repo.commit("main");
        assert!(!repo.try_git(&["merge", "other"]).status.success());
        let opened = repo.open();
        let error = opened.diff_index(&opened, None).expect_err("a conflict");
        assert_eq!(error.code, Code::UnreadableIndex);
        assert_eq!(opened.merge_heads(), Ok(vec![other]));
    }

    #[test]
    fn an_index_that_is_damaged_is_an_error_and_none_is_empty() {
        let repo = filled("sha1");
        let opened = repo.open();
        let tree = opened.commit(repo.id("HEAD")).expect("a commit").tree;
        std::fs::remove_file(repo.path.join(".git/index")).expect("removed");
        assert_eq!(
            opened
                .diff_index(&opened, Some(tree))
                .expect("deletions")
                .len(),
            7
        );
        std::fs::write(repo.path.join(".git/index"), "DIRC and so on").expect("written");
        let error = opened.diff_index(&opened, None).expect_err("damaged");
        assert_eq!(error.code, Code::UnreadableIndex);
    }
}
