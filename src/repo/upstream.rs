//! Which branch another one follows.

use super::open::Repo;
use super::refs::Scope;
use crate::words::{ObjectId, Result};
use bstr::ByteSlice;

impl Repo {
    /// The branch that the local branch `short` follows by the configuration, by its full name, and what
    /// it points at; `None` if it follows none, or one that is not here.
    pub fn upstream(&self, short: &str) -> Result<Option<(String, ObjectId)>> {
        // Most follow none, which takes no process to find out.
        if self
            .config_string(&format!("branch.{short}.merge"))
            .is_none()
        {
            return Ok(None);
        }
        let full = Scope::Local.full_name(short);
        let git = self
            .git("for-each-ref")
            .args(["--format=%(upstream)", &full]);
        let printed = git.run()?;
        let name = printed.trim_end().to_str_lossy().into_owned();
        if name.is_empty() {
            return Ok(None);
        }
        Ok(self.any_ref(&name)?.map(|id| (name, id)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;

    #[test]
    fn a_branch_follows_what_the_configuration_says() {
        let repo = TestRepo::new();
        let id = repo.commit("first");
        let upstream = || repo.open().upstream("main").expect("an answer");
        assert_eq!(upstream(), None);
        repo.git(&["remote", "add", "origin", "nowhere"]);
        repo.git(&["config", "branch.main.remote", "origin"]);
        repo.git(&["config", "branch.main.merge", "refs/heads/trunk"]);
        assert_eq!(upstream(), None, "nothing was fetched yet");
        repo.git(&["update-ref", "refs/remotes/origin/trunk", "main"]);
        assert_eq!(upstream(), Some(("refs/remotes/origin/trunk".into(), id)));
    }
}
