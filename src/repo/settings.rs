//! The configuration, as the user's own git sees it.

use super::git::{Config, Git, Running, failure};
use crate::words::Result;
use bstr::ByteSlice;
use std::collections::HashMap;
use std::path::Path;
use std::process::Output;

/// The arguments that list every value.
const LIST: [&str; 2] = ["--null", "--list"];

/// Every value of the configuration, read once; of several with one key, the last one counts.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Settings(HashMap<Vec<u8>, Vec<u8>>);

impl Settings {
    /// Reads what holds for the repository at `git_dir`: its own, the user's and the system's.
    pub(super) fn read(git_dir: &Path) -> Result<Self> {
        let git = Git::new(Config::Users, git_dir, "config").env("GIT_DIR", git_dir);
        Self::listed(&git.args(LIST).output()?)
    }

    /// Asks for the same where `dir` is in the repository, and nothing in the environment says otherwise.
    pub(super) fn ask(dir: &Path) -> Result<Running> {
        Git::new(Config::Users, dir, "config").args(LIST).start()
    }

    /// What git has answered.
    pub(super) fn listed(output: &Output) -> Result<Self> {
        if !output.status.success() {
            return Err(failure("git config", output));
        }
        let settings = output
            .stdout
            .split_str("\0")
            .filter(|setting| !setting.is_empty())
            .map(|setting| {
                // A key that stands alone is how git writes "true".
                let (key, value) = setting.split_once_str("\n").unwrap_or((setting, b"true"));
                (key.to_owned(), value.to_owned())
            })
            .collect();
        Ok(Self(settings))
    }

    /// Sets `key`, as git lists keys: in lower case but for what stands between the first point and the last.
    pub(super) fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.0.insert(key, value);
    }

    /// Adds what counts more.
    pub(super) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// Every key that is set.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.keys().map(Vec::as_slice)
    }

    /// The value of `key`, which is in lower case.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        let value = self.0.get(key.as_bytes())?;
        Some(value.to_str_lossy().into_owned())
    }

    /// Whether each ref is a file of its name, or a line of `packed-refs`: not in tables, and not where a
    /// file has several names.
    pub(super) fn refs_are_files(&self) -> bool {
        let format = self.0.get(&b"extensions.refstorage"[..]);
        let is_false = |key: &str| {
            let value = self.0.get(key.as_bytes());
            value.is_none_or(|value| matches!(&value[..], b"false" | b"no" | b"off" | b"0"))
        };
        format.is_none_or(|format| format == b"files")
            && is_false("core.ignorecase")
            && is_false("core.precomposeunicode")
    }

    /// Whether git may have left out objects when it cloned, to fetch them when they are needed.
    pub(super) fn is_partial_clone(&self) -> bool {
        self.0.keys().any(|key| {
            key == b"extensions.partialclone"
                || (key.starts_with(b"remote.") && key.ends_with(b".promisor"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;

    #[test]
    fn configuration_is_read_as_git_reads_it() {
        let repo = TestRepo::new();
        let target = || repo.open().config_string("gate.target");
        assert_eq!(target(), None);
        repo.git(&["config", "Gate.Target", "trunk\nline"]);
        assert_eq!(target(), Some("trunk\nline".into()));
        repo.git(&["config", "--add", "gate.target", "later"]);
        assert_eq!(target(), Some("later".into()));
        repo.write("more", "[gate]\n\ttarget = included\n");
        repo.git(&["config", "include.path", "../more"]);
        assert_eq!(target(), Some("included".into()));
    }
}
