//! What agents have published: milestones, and that they have finished.

use super::Context;
use crate::manifest::{AgentId, Manifest, name_fault};
use crate::plan::Part;
use crate::repo::{Branches, Publication, Repo};
use crate::words::{Code, Finding, ObjectId, Result};
use std::collections::BTreeMap;

/// The commits that the agents of a manifest have published, each or why it cannot be told. The whole
/// of an agent is published once it has finished.
#[derive(Debug, Default)]
pub struct Published(BTreeMap<Part, Result<ObjectId>>);

impl Published {
    /// What had been published when the branches were `listed`; nothing of agents that the manifest
    /// does not have.
    pub(super) fn read(repo: &Repo, listed: &Branches, manifest: &Manifest) -> Self {
        let known = repo.published(listed).into_iter();
        let known = known.filter_map(|(name, commit)| Some((part(manifest, &name)?, commit)));
        Self(known.collect())
    }

    /// The commit at which `part` was published; `None` if it was not.
    pub fn commit(&self, part: &Part) -> Option<&Result<ObjectId>> {
        self.0.get(part)
    }

    /// Every part that was published.
    pub fn all(&self) -> impl Iterator<Item = (&Part, &Result<ObjectId>)> {
        self.0.iter()
    }

    /// The milestones of `agent`, by name.
    pub fn milestones(&self, agent: AgentId) -> impl Iterator<Item = (&Part, &Result<ObjectId>)> {
        let parts = self.0.range(Part::whole(agent)..);
        let of_agent = parts.take_while(move |(part, _)| part.agent == agent);
        of_agent.filter(|(part, _)| part.milestone.is_some())
    }
}

/// The part of the work that `publication` is about; `None` if the manifest has no such agent, or no
/// milestone can be called so.
pub(super) fn part(manifest: &Manifest, publication: &Publication) -> Option<Part> {
    let agent = agent_named(manifest, &publication.agent)?;
    let milestone = publication.milestone.clone();
    let is_fine = milestone
        .as_deref()
        .is_none_or(|name| name_fault(name).is_none());
    is_fine.then_some(Part { agent, milestone })
}

/// The agent that is called `name`.
pub(super) fn agent_named(manifest: &Manifest, name: &str) -> Option<AgentId> {
    let agents = &manifest.agents;
    let found = agents.binary_search_by(|agent| agent.id.value.as_str().cmp(name));
    found.ok().map(AgentId)
}

/// Fails unless a publication may move like this: to a commit on top of the one that it is at, so that
/// whoever has built on it still stands on it.
pub(super) fn check_forward(
    context: &Context,
    part: &Part,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    let to = match new {
        Some(new) if context.repo.is_ancestor(old, new)? => return Ok(()),
        Some(new) => format!("{} is not on top of that", new.short()),
        None => "somebody may have built on it".to_owned(),
    };
    let what = part.name(context.name_of(part.agent));
    let message = format!("{what} has been published at {}, and {to}", old.short());
    let hint = "publish a commit on top of it, or give what is new another name";
    Err(Box::new(Finding::new(Code::TakenBack, message).hint(hint)))
}

impl Context {
    /// What is published where, as a ref.
    pub(super) fn publication(&self, part: &Part) -> Publication {
        Publication {
            agent: self.name_of(part.agent).to_owned(),
            milestone: part.milestone.clone(),
        }
    }

    /// The branch of `agent` that holds `commit`, the first by name; `None` if there is none. A branch
    /// that cannot be told holds nothing.
    pub(super) fn holder(&self, agent: AgentId, commit: ObjectId) -> Result<Option<&str>> {
        for branch in self.branches_of(agent) {
            if let Ok(tip) = &branch.tip
                && self.repo.is_ancestor(commit, *tip)?
            {
                return Ok(Some(&branch.name));
            }
        }
        Ok(None)
    }

    /// The refusal of `commit` as `part`, since no branch of its agent holds it.
    pub(super) fn elsewhere(&self, part: &Part, commit: ObjectId) -> Finding {
        let agent = self.name_of(part.agent);
        let what = match part.milestone {
            Some(_) => part.name(agent),
            None => format!("the end of {agent}"),
        };
        let short = commit.short();
        let message = format!("no branch of {agent} holds {short}, which is to be {what}");
        Finding::new(Code::CommitElsewhere, message)
    }
}
