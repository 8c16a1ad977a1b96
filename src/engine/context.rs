//! What a command works with: the target, its manifest and the tips of all branches, each read
//! once at the start.

use super::manifest::{Loaded, load};
use super::parallel::each;
use super::presence::Present;
use super::published::Published;
use super::upstream::Upstream;
use super::{Basis, Outcome, source};
use crate::manifest::AgentId;
use crate::ownership::Ownership;
use crate::plan::Dependencies;
use crate::repo::{Ancestors, Branches, Head, Publication, Quarantine, Repo, Scope};
use crate::words::{Code, Finding, ObjectId, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Where to look for the target and the branches.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The target, if it was named.
    pub target: Option<String>,
    /// The remote whose branches are meant instead of the local ones.
    pub remote: Option<String>,
}

impl Options {
    /// The set of branches that is meant.
    pub(super) fn scope(&self) -> Scope {
        self.remote.clone().map_or(Scope::Local, Scope::Remote)
    }
}

/// The target, its rules, and the branches under them.
pub struct Context {
    /// The repository.
    pub repo: Arc<Repo>,
    /// Local branches, or those of a remote.
    pub scope: Scope,
    /// What results are printed with.
    pub basis: Basis,
    /// The target's commit.
    pub target: ObjectId,
    /// The target's tree.
    pub target_tree: ObjectId,
    /// The commits of branches that are here as a whole.
    pub(super) present: Present,
    /// What the target has.
    pub(super) ancestors: Arc<Ancestors>,
    /// The object id of the manifest.
    pub manifest_id: ObjectId,
    /// The compiled manifest.
    pub ownership: Ownership,
    /// Who depends on whom.
    pub dependencies: Dependencies,
    /// The branches that belong to an agent, by name; those of an agent that has none are missing.
    pub branches: BTreeMap<AgentId, Vec<Branch>>,
    /// What agents have published.
    pub published: Published,
    /// Every branch, those of nobody included.
    listed: Branches,
    /// What the target follows; looked up when the first branch is refused.
    upstream: OnceLock<Result<Option<Upstream>>>,
}

/// A branch of an agent.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its short name.
    pub name: String,
    /// Its commit, or why it cannot be told.
    pub tip: Result<ObjectId>,
}

impl Context {
    /// A place for merges, in which files are merged as the target says.
    pub fn quarantine(&self) -> Result<Quarantine> {
        Ok(self.repo.quarantine()?.heeding(self.target_tree))
    }

    /// Reads the target, its manifest and all branches.
    pub fn read(repo: Arc<Repo>, options: &Options) -> Outcome<Self> {
        let listed = repo.branches(&options.scope())?;
        Self::of(repo, options, listed)
    }

    /// The same for whoever asks about these branches alone. Nothing else is read, as long as they belong
    /// to agents that depend on nobody: then nothing else has a say.
    pub fn of_branches(repo: Arc<Repo>, options: &Options, names: &[String]) -> Outcome<Self> {
        let scope = options.scope();
        let target = target_name(&repo, options)?;
        let names = names.iter().map(|name| scope.short_name(name));
        let names: Vec<_> = names.chain([target.as_str()]).collect();
        match repo.few_branches(&scope, &names) {
            Some(few) => Self::of_few(repo, options, few),
            None => Self::read(repo, options),
        }
    }

    /// The same where the target and these few branches have been listed, and perhaps no others.
    pub(super) fn of_few(repo: Arc<Repo>, options: &Options, few: Branches) -> Outcome<Self> {
        let context = Self::of(Arc::clone(&repo), options, few)?;
        let depends = |agent: &AgentId| !context.dependencies.direct(*agent).is_empty();
        if context.listed.are_all() || !context.branches.keys().any(depends) {
            return Ok(context);
        }
        let listed = repo.branches(&context.scope)?;
        if repo.tip(&listed, &context.basis.target)? != Some(context.target) {
            return Self::of(repo, options, listed);
        }
        Ok(Self {
            branches: of_agents(&repo, &context.ownership, &listed),
            published: Published::read(&repo, &listed, context.ownership.manifest()),
            listed,
            ..context
        })
    }

    /// Reads the target and its manifest where the branches have been listed. One listing is for
    /// everything: the target and the branches stand as they stood at one moment.
    pub(super) fn of(repo: Arc<Repo>, options: &Options, listed: Branches) -> Outcome<Self> {
        let scope = options.scope();
        let name = target_name(&repo, options)?;
        let Some(target) = repo.tip(&listed, &name)? else {
            return Err(no_target(&repo, &scope, &name)?.into());
        };
        let target_tree = repo.commit(target)?.tree;
        let Loaded {
            ownership,
            id,
            preview,
        } = load(&repo, &name, target_tree)?;
        Ok(Self {
            scope,
            basis: Basis {
                target: name,
                target_commit: Some(target),
                manifest: ownership.manifest().source.clone(),
                preview,
            },
            target,
            target_tree,
            present: Present::default(),
            ancestors: Arc::new(Ancestors::of(target)),
            manifest_id: id,
            dependencies: Dependencies::of(ownership.manifest()),
            branches: of_agents(&repo, &ownership, &listed),
            published: Published::read(&repo, &listed, ownership.manifest()),
            listed,
            upstream: OnceLock::new(),
            ownership,
            repo,
        })
    }

    /// To be called where the process ends next: to take the rules apart piece by piece would take longer
    /// than many an answer.
    pub fn leave(self) {
        std::mem::forget(self);
    }

    /// The same repository where these branches stand at these commits, the target among them, and
    /// this was published.
    pub(super) fn moved<'b>(
        &self,
        moves: impl IntoIterator<Item = (&'b str, ObjectId)>,
        published: impl IntoIterator<Item = (Publication, ObjectId)>,
    ) -> Outcome<Self> {
        let options = Options {
            target: Some(self.basis.target.clone()),
            remote: None,
        };
        let moves = moves.into_iter().map(|(name, id)| (name, Some(id)));
        let listed = self.listed.clone().after(moves);
        let listed = (published.into_iter()).fold(listed, |listed, (publication, commit)| {
            listed.publishing(&publication, commit)
        });
        Self::of(Arc::clone(&self.repo), &options, listed)
    }

    /// The commit of the branch `name`, whoever it belongs to; `None` if there is no such branch.
    pub fn tip(&self, name: &str) -> Result<Option<ObjectId>> {
        self.repo.tip(&self.listed, name)
    }

    /// The names of all branches, those of nobody included, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.listed.names()
    }

    /// What the target follows, where that has more than the target.
    pub(super) fn upstream(&self) -> Result<Option<&Upstream>> {
        let read = || Upstream::of(&self.repo, &self.scope, &self.basis.target, self.target);
        let found = self.upstream.get_or_init(read).as_ref();
        found.map(Option::as_ref).map_err(Clone::clone)
    }

    /// The branches of `agent`, by name.
    pub fn branches_of(&self, agent: AgentId) -> &[Branch] {
        self.branches.get(&agent).map_or(&[], Vec::as_slice)
    }

    /// The name of `agent` in the manifest.
    pub fn name_of(&self, agent: AgentId) -> &str {
        &self.ownership.manifest().agent(agent).id.value
    }

    /// The commits that a branch of `agent` may build on: the target, and the tips and the published
    /// milestones of all that it depends on, directly or not. An error if one of them cannot be told.
    pub fn built_on(&self, agent: AgentId) -> Result<Vec<ObjectId>> {
        let mut commits = vec![self.target];
        for part in self.dependencies.all_parts(agent) {
            if part.milestone.is_some() {
                commits.extend(self.published.commit(&part).cloned().transpose()?);
                continue;
            }
            for branch in self.branches_of(part.agent) {
                commits.push(branch.tip.clone()?);
            }
        }
        Ok(commits)
    }
}

/// Those of the branches that belong to an agent.
fn of_agents(
    repo: &Repo,
    ownership: &Ownership,
    listed: &Branches,
) -> BTreeMap<AgentId, Vec<Branch>> {
    let names: Vec<&str> = listed.names().collect();
    let found = each(&names, |name| {
        let agent = ownership.agent_of_branch(name)?;
        let tip = repo.tip(listed, name).transpose()?;
        let name = (*name).to_owned();
        Some((agent, Branch { name, tip }))
    });
    let mut branches: BTreeMap<AgentId, Vec<Branch>> = BTreeMap::new();
    for (agent, branch) in found.into_iter().flatten() {
        branches.entry(agent).or_default().push(branch);
    }
    branches
}

/// The target's name: as asked for, else as configured, else `main`. A full name stands for the
/// short one.
pub(super) fn target_name(repo: &Repo, options: &Options) -> Result<String> {
    if let Some(named) = &options.target {
        return Ok(options.scope().short_name(named).to_owned());
    }
    let configured = repo.config_string("gate.target");
    match configured.as_deref() {
        None => Ok("main".into()),
        Some("") => Err(Box::new(
            Finding::new(Code::Usage, "`gate.target` is empty in git's configuration")
                .hint("name the branch that work lands on: git config gate.target main"),
        )),
        Some(name) => Ok(Scope::Local.short_name(name).to_owned()),
    }
}

/// The error that there is no target, with the one thing to do about it here.
pub(super) fn no_target(repo: &Repo, scope: &Scope, name: &str) -> Result<Box<Finding>> {
    let refuse = |message: String, hint: String| {
        Ok(Box::new(Finding::new(Code::NoTarget, message).hint(hint)))
    };
    if let Scope::Remote(remote) = scope {
        if !repo.has_remote(remote)? {
            let hint = "`git remote` lists the remotes there are";
            return refuse(format!("there is no remote {remote}"), hint.into());
        }
        let message = format!("there is no branch {name} of the remote {remote} to land on");
        let hint = format!("run `git fetch {remote}`, or name the target: --target BRANCH");
        return refuse(message, hint);
    }
    let message = format!("there is no branch {name} here to land on");
    let hint = match repo.head()? {
        Head::Branch(here, Some(commit)) => match source::named_target(repo, commit)? {
            Some(meant) if meant == name => {
                format!("fetch it: `git fetch origin {name}:{name}`")
            }
            Some(meant) => format!(
                "the manifest of {here} names the target {meant}: say so once with \
                 `git config gate.target {meant}`, or each time with `--target {meant}`"
            ),
            None => format!(
                "name the branch that work lands on: `git config gate.target {here}`, or \
                 `--target {here}`"
            ),
        },
        Head::Branch(_, None) | Head::Detached(_) => "make its first commit, or name the target: \
             `git config gate.target BRANCH`, or `--target BRANCH`"
            .to_owned(),
    };
    refuse(message, hint)
}
