//! Who has delivered: read from the history of the target, never from a flag.

use super::Context;
use super::judge::Judgement;
use crate::manifest::{AgentId, FILE_NAME};
use crate::plan::Part;
use crate::repo::Commit;
use crate::words::{ObjectId, RepoPath, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The trailer of a merge commit that names the agent whose branch it brings.
pub(super) const AGENT_TRAILER: &str = "Gate-Agent";
/// The trailer that names the branch.
pub(super) const BRANCH_TRAILER: &str = "Gate-Branch";
/// The trailer that names the run.
pub(super) const RUN_TRAILER: &str = "Gate-Run";
/// The trailer that names the commit of the branch: the second parent.
pub(super) const COMMIT_TRAILER: &str = "Gate-Commit";

/// The trailer that names the milestone, where not the whole branch is merged.
pub(super) const MILESTONE_TRAILER: &str = "Gate-Milestone";

/// What a merge commit of gate in the target's history names, and what is in the target otherwise and
/// was published.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivered {
    parts: BTreeSet<Part>,
    /// The commits that were merged as milestones, by agent.
    milestones: BTreeMap<String, Vec<ObjectId>>,
}

impl Delivered {
    /// Whether `part` has been delivered.
    pub(super) fn contains(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }

    /// Adds a part that was merged in this run.
    pub(super) fn insert(&mut self, part: Part) {
        self.parts.insert(part);
    }

    /// Adds what was merged in this run, and the milestones of the same agent that lie below it: they
    /// came along, even where they could not be merged alone. Returns all of that.
    pub(super) fn insert_with_milestones(
        &mut self,
        context: &Context,
        merged: &Judgement,
    ) -> Result<Vec<Part>> {
        let mut parts = vec![merged.part()];
        for (part, commit) in context.published.milestones(merged.agent) {
            if let (Ok(below), Some(tip)) = (commit, merged.tip)
                && context.repo.is_ancestor(*below, tip)?
            {
                parts.push(part.clone());
            }
        }
        self.parts.extend(parts.iter().cloned());
        Ok(parts)
    }

    /// Whether all of a branch is in the target by milestones alone: then its own merge, with its
    /// agent's verification, is still to come.
    pub(super) fn lacks_end(&self, context: &Context, branch: &Judgement) -> Result<bool> {
        let milestones = self.milestones.get(context.name_of(branch.agent));
        let (Some(tip), Some(milestones)) = (branch.tip, milestones) else {
            return Ok(false);
        };
        if branch.milestone.is_some() || !branch.is_empty() || self.contains(&branch.part()) {
            return Ok(false);
        }
        for milestone in milestones {
            if context.repo.is_ancestor(tip, *milestone)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads which of `agents`, and of what somebody depends on, has been delivered.
    pub(super) fn read(context: &Context, agents: &BTreeSet<AgentId>) -> Result<Self> {
        let mut delivered = Self::default();
        let named = |part: &Part| (part.name(context.name_of(part.agent)), part.clone());
        let mut wanted: BTreeMap<String, Part> = context
            .ownership
            .manifest()
            .agent_ids()
            .flat_map(|agent| context.dependencies.parts(agent))
            .map(named)
            .chain(agents.iter().map(|agent| named(&Part::whole(*agent))))
            .collect();
        delivered.read_published(context, &mut wanted)?;
        delivered.read_merges(context, &mut wanted)?;
        Ok(delivered)
    }

    /// What was published at a commit that the target has: a milestone, or the end of an agent, which
    /// is that of all its milestones.
    fn read_published(
        &mut self,
        context: &Context,
        wanted: &mut BTreeMap<String, Part>,
    ) -> Result<()> {
        for (part, commit) in context.published.all() {
            let Ok(commit) = commit else { continue };
            if !context.repo.is_ancestor(*commit, context.target)? {
                continue;
            }
            let is_in = |other: &Part| {
                other == part || part.milestone.is_none() && other.agent == part.agent
            };
            self.insert(part.clone());
            self.parts
                .extend(wanted.values().filter(|other| is_in(other)).cloned());
            wanted.retain(|_, other| !is_in(other));
        }
        Ok(())
    }

    /// Only the target's first parents count: that is the line on which gate lands, and no branch
    /// can put a forged merge there. The walk ends where the target had no manifest yet, since gate
    /// cannot have merged anything before.
    fn read_merges(
        &mut self,
        context: &Context,
        wanted: &mut BTreeMap<String, Part>,
    ) -> Result<()> {
        let Ok(manifest) = RepoPath::new(FILE_NAME) else {
            return Ok(());
        };
        let mut next = Some(context.target);
        while let Some(id) = next.filter(|_| !wanted.is_empty()) {
            let commit = context.repo.commit(id)?;
            if context.repo.entry_at(commit.tree, &manifest)?.is_none() {
                break;
            }
            if let Some(merge) = stated(&commit) {
                self.parts.extend(wanted.remove(&merge.part));
                if let Some((agent, _)) = merge.part.split_once('@') {
                    let milestones = self.milestones.entry(agent.to_owned());
                    milestones.or_default().push(merge.merged);
                }
            }
            next = commit.parents.first().copied();
        }
        Ok(())
    }
}

/// What a merge commit of gate says of itself.
pub(super) struct Stated {
    /// The part that it brings, as the manifest names it.
    pub part: String,
    /// The commit that it brings.
    pub merged: ObjectId,
}

/// What `commit` says of itself, if it is a merge commit as gate makes them.
pub(super) fn stated(commit: &Commit) -> Option<Stated> {
    let [_, merged] = commit.parents[..] else {
        return None;
    };
    let message = std::str::from_utf8(&commit.message).ok()?;
    if trailer(message, COMMIT_TRAILER)? != merged.to_string() {
        return None;
    }
    let agent = trailer(message, AGENT_TRAILER)?;
    let part = match trailer(message, MILESTONE_TRAILER) {
        Some(milestone) => format!("{agent}@{milestone}"),
        None => agent.to_owned(),
    };
    Some(Stated { part, merged })
}

/// What a message says behind `key`, the last time it does.
pub(super) fn trailer<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    message
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}
