//! What agents have published: refs of gate's own, each at a commit, listed together with the branches.

use super::commit;
use super::git::failure;
use super::open::Repo;
use super::refs::{Branches, Listed};
use crate::words::{ObjectId, Result};

/// Where milestones are: behind it come the agent and the milestone.
const MILESTONES: &str = "refs/gate/milestones/";
/// Where it is said who has finished: behind it comes the agent.
const FINISHED: &str = "refs/gate/finished/";
/// All these places.
pub(super) const PLACES: [&str; 2] = [MILESTONES, FINISHED];

/// What a ref below `refs/gate/` publishes, by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Publication {
    /// The name of the agent.
    pub agent: String,
    /// The milestone; `None` where the ref says that the agent has finished.
    pub milestone: Option<String>,
}

impl Publication {
    /// What a ref of this name publishes; `None` if it is not in one of these places, as deep as they
    /// are.
    pub fn of_ref(full_name: &str) -> Option<Self> {
        if let Some(rest) = full_name.strip_prefix(MILESTONES) {
            let (agent, milestone) = rest.split_once('/')?;
            return (!milestone.contains('/')).then(|| Self {
                agent: agent.to_owned(),
                milestone: Some(milestone.to_owned()),
            });
        }
        let agent = full_name.strip_prefix(FINISHED)?;
        (!agent.contains('/')).then(|| Self {
            agent: agent.to_owned(),
            milestone: None,
        })
    }

    /// The full name of the ref.
    pub fn full_name(&self) -> String {
        match &self.milestone {
            Some(milestone) => format!("{MILESTONES}{}/{milestone}", self.agent),
            None => format!("{FINISHED}{}", self.agent),
        }
    }
}

impl Branches {
    /// The same where `publication` is at `commit`.
    #[must_use]
    pub fn publishing(mut self, publication: &Publication, commit: ObjectId) -> Self {
        let name = publication.full_name();
        let listed = Listed {
            name: name.clone(),
            id: Ok(commit),
        };
        self.published.insert(name, listed);
        self
    }
}

impl Repo {
    /// The commit that somebody calls `revision`, as git understands it; `None` if there is none, or
    /// several.
    pub fn resolve(&self, revision: &str) -> Result<Option<ObjectId>> {
        let commit = format!("{revision}^{{commit}}");
        let git = self.git("rev-parse").args(["--verify", "--quiet"]);
        let output = git.args(["--end-of-options", &commit]).output()?;
        match output.status.code() {
            Some(0) => Ok(commit::from_hex(&output.stdout)),
            // What is ambiguous, or no name at all.
            Some(1 | 128) => Ok(None),
            _ => Err(failure("git rev-parse", &output)),
        }
    }

    /// What had been published when `branches` were listed, sorted by the names of the refs; each with
    /// its commit, or why there is none.
    pub fn published(&self, branches: &Branches) -> Vec<(Publication, Result<ObjectId>)> {
        let refs = branches.published.iter();
        let known = refs.filter_map(|(name, listed)| Some((Publication::of_ref(name)?, listed)));
        known
            .map(|(publication, listed)| (publication, self.commit_of(listed.clone())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::refs::Scope;
    use super::super::testing::TestRepo;
    use super::*;
    use crate::words::Code;

    #[test]
    fn a_publication_is_known_by_the_name_of_its_ref() {
        for name in ["refs/gate/milestones/storage/api", "refs/gate/finished/ui"] {
            let read = Publication::of_ref(name).map(|publication| publication.full_name());
            assert_eq!(read.as_deref(), Some(name));
        }
        for name in [
            "refs/gate/milestones/storage",
            "refs/gate/milestones/storage/api/2",
            "refs/gate/finished/ui/x",
            "refs/gate/runs/ui",
            "refs/heads/gate/finished/ui",
        ] {
            assert_eq!(Publication::of_ref(name), None, "{name}");
        }
    }

    #[test]
    fn a_commit_is_found_by_whatever_git_calls_it() {
        let repo = TestRepo::new();
        let id = repo.commit("first");
        repo.git(&["tag", "-a", "-m", "t", "v1"]);
        let opened = repo.open();
        for name in ["main", "HEAD", "v1", &id.to_string()[..8], "main~0"] {
            assert_eq!(opened.resolve(name), Ok(Some(id)), "{name}");
        }
        for name in ["nothing", "HEAD^{tree}", "--all", "main~1", "a b", ""] {
            assert_eq!(opened.resolve(name), Ok(None), "{name}");
        }
    }

    #[test]
    fn publications_are_listed_with_the_branches_and_stand_for_commits() {
        let repo = TestRepo::new();
        let id = repo.commit("first");
        repo.git(&["update-ref", "refs/gate/milestones/a/x", "HEAD"]);
        repo.git(&["update-ref", "refs/gate/finished/a", "HEAD^{tree}"]);
        repo.git(&["update-ref", "refs/gate/runs/a", "HEAD"]);
        let opened = repo.open();
        for scope in [Scope::Local, Scope::Remote("origin".into())] {
            let listed = opened.branches(&scope).expect("branches");
            let published = opened.published(&listed);
            let [(finished, not_a_commit), (milestone, commit)] = &published[..] else {
                panic!("two of them: {published:?}");
            };
            assert_eq!((finished.agent.as_str(), &finished.milestone), ("a", &None));
            let code = not_a_commit.as_ref().map_err(|error| error.code);
            assert_eq!(code, Err(Code::NotACommit));
            assert_eq!(milestone.milestone.as_deref(), Some("x"));
            assert_eq!(commit, &Ok(id));
            let moved = listed.publishing(finished, id);
            assert_eq!(opened.published(&moved)[0].1, Ok(id));
        }
    }
}
