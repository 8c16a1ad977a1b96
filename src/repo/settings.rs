//! The configuration, as the user's own git sees it.

use super::git::{Config, Git};
use crate::words::Result;
use bstr::ByteSlice;
use std::collections::HashMap;
use std::path::Path;

/// Every value of the configuration, read once; of several with one key, the last one counts.
pub(super) struct Settings(HashMap<Vec<u8>, Vec<u8>>);

impl Settings {
    /// Reads what holds for the repository at `git_dir`: its own, the user's and the system's.
    pub(super) fn read(git_dir: &Path) -> Result<Self> {
        let git = Git::new(Config::Users, git_dir, "config").env("GIT_DIR", git_dir);
        let listing = git.args(["--null", "--list"]).run()?;
        let settings = listing
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

    /// The value of `key`, which is in lower case.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        let value = self.0.get(key.as_bytes())?;
        Some(value.to_str_lossy().into_owned())
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
