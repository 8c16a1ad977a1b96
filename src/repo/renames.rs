//! Which files are there under another name.

use super::quarantine::Quarantine;
use super::tree_entry::Item;
use crate::words::{Code, Entry, Finding, Mode, ObjectId, RepoPath, Result};
use bstr::ByteSlice;
use std::collections::{BTreeMap, BTreeSet};

/// Beyond so many files git compares none that are not the same byte for byte: its own limit in a merge.
const LIMIT: &str = "-l7000";

impl Quarantine {
    /// Those of `paths` that the tree `before` has and the tree `after` has not, as far as `after` has them
    /// under a name that is new there: each with that name. git tells so, and only by these files and the
    /// new ones: no other is read.
    pub fn renamed(
        &self,
        before: ObjectId,
        after: ObjectId,
        paths: &BTreeSet<&RepoPath>,
    ) -> Result<BTreeMap<RepoPath, RepoPath>> {
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for change in self.diff(Some(before), after)? {
            let (list, entry) = match (change.before, change.after) {
                (Some(entry), None) if paths.contains(&change.path) => (&mut gone, entry),
                (None, Some(entry)) => (&mut new, entry),
                _ => continue,
            };
            if entry.mode != Mode::Submodule {
                list.push((change.path, entry));
            }
        }
        if gone.is_empty() || new.is_empty() {
            return Ok(BTreeMap::new());
        }
        let trees = [self.numbered(&gone, "gone")?, self.numbered(&new, "new")?];
        self.flush()?;
        let how = ["-r", "-z", "-M", LIMIT, "--no-rename-empty"];
        let git = self.git("diff-tree").args(how);
        let git = git.args(["--diff-filter=R", "--name-status"]);
        let listing = git.args(trees.map(|tree| tree.to_string())).run()?;
        let mut fields = listing.split_str("\0").filter(|field| !field.is_empty());
        let mut renamed = BTreeMap::new();
        while fields.next().is_some() {
            let mut named = |list: &[(RepoPath, Entry)]| {
                let number = fields.next()?.to_str().ok()?.split('-').next_back()?;
                let (path, _) = list.get(number.parse::<usize>().ok()?)?;
                Some(path.clone())
            };
            let (from, to) = (named(&gone), named(&new));
            let (from, to) = from.zip(to).ok_or_else(unknown)?;
            renamed.insert(from, to);
        }
        Ok(renamed)
    }

    /// A tree with these files, each called by its number.
    fn numbered(&self, files: &[(RepoPath, Entry)], what: &str) -> Result<ObjectId> {
        let name = |number: usize| format!("{what}-{number:010}").into_bytes();
        let entries = files.iter().enumerate();
        let entries = entries.map(|(number, (_, entry))| (name(number), Item::Leaf(*entry)));
        self.add_tree(&entries.collect::<Vec<_>>())
    }
}

fn unknown() -> Box<Finding> {
    Finding::error(Code::Git, "`git diff-tree` answered something unknown")
}
