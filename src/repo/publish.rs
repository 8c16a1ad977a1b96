//! Moving objects from the quarantine into the repository.

use super::git::{Config, Git};
use super::quarantine::{Quarantine, not_written};
use super::tree::{self, Item};
use super::{commit, git::failure};
use crate::words::{Code, Mode, ObjectId, Result};
use gix::objs::Kind;
use std::collections::HashSet;
use std::fmt::Write;

/// Up to so many objects are written one file each; more of them go into a pack. git's own limit for
/// what it receives.
const LOOSE: usize = 100;

impl Quarantine {
    /// Puts into the repository whatever `tips` need that is only here: on disk and flushed when this
    /// returns, so that refs may point there.
    ///
    /// # Errors
    /// [`Code::InputOutput`] if it could not be written: a full disk, for example. Then no ref
    /// was changed, and what was written is garbage that git removes in time.
    pub fn publish(&self, tips: &[ObjectId]) -> Result<()> {
        let needed = self.new_objects(tips)?;
        if needed.is_empty() {
            return Ok(());
        }
        self.flush()?;
        let mut list = String::new();
        for id in &needed {
            writeln!(list, "{id}").map_err(|error| not_written(&self.git_dir, &error))?;
        }
        let pack = self
            .git("pack-objects")
            .args(["--stdout", "-q", "--window=0"]);
        let pack = pack.input(list.into_bytes()).run()?;
        let (what, flags) = if needed.len() <= LOOSE {
            ("unpack-objects", ["-q"].as_slice())
        } else {
            ("index-pack", ["--stdin", "--fix-thin"].as_slice())
        };
        let git = Git::new(Config::Users, &self.real_git_dir, "-c")
            .args(["core.fsync=objects", "-c", "core.fsyncMethod=batch", what])
            .args(flags)
            .env("GIT_DIR", &self.real_git_dir);
        let output = git.input(pack).output()?;
        if output.status.success() {
            return Ok(());
        }
        let mut finding = failure(&format!("git {what}"), &output);
        finding.code = Code::InputOutput;
        finding.message = format!("cannot write objects into {}", self.real_git_dir.display());
        finding.hint =
            Some("see that there is space on the disk and that you may write there".into());
        Err(finding)
    }

    /// What is only in quarantine and reachable from `tips`.
    fn new_objects(&self, tips: &[ObjectId]) -> Result<Vec<ObjectId>> {
        let mut seen = HashSet::new();
        let mut queue = tips.to_vec();
        let mut found = Vec::new();
        while let Some(id) = queue.pop() {
            if !seen.insert(id) || !self.is_new(id)? {
                continue;
            }
            found.push(id);
            let (kind, data) = self.objects.read(id)?;
            match kind {
                Kind::Commit => {
                    let commit = commit::parse(id, &data)?;
                    queue.push(commit.tree);
                    queue.extend(commit.parents);
                }
                Kind::Tree => {
                    let entries = tree::parse(id, &data)?;
                    let items = entries.iter().map(|entry| entry.item);
                    queue.extend(items.filter(|item| !is_submodule(*item)).map(Item::id));
                }
                Kind::Blob | Kind::Tag => {}
            }
        }
        Ok(found)
    }
}

fn is_submodule(item: Item) -> bool {
    matches!(item, Item::Leaf(entry) if entry.mode == Mode::Submodule)
}
