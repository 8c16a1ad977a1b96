//! Who has delivered: read from the history of the target, never from a flag.

use super::Context;
use super::judge::Judgement;
use super::mainline::Mainline;
use crate::manifest::AgentId;
use crate::plan::Part;
use crate::repo::Commit;
use crate::words::{ObjectId, Result};
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
    /// What gate has merged, and a person has taken back since, with the commit that did.
    taken_back: BTreeMap<Part, ObjectId>,
}

/// A merge that was taken back: what it brought, and the commit that took it back.
struct TakenBack {
    stated: Stated,
    by: ObjectId,
}

impl Delivered {
    /// Whether `part` has been delivered.
    pub(super) fn contains(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }

    /// The commit that took `part` back, if nothing has brought it again since.
    pub(super) fn taken_back(&self, part: &Part) -> Option<ObjectId> {
        let taken_back = self.taken_back.get(part).copied();
        taken_back.filter(|_| !self.contains(part))
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
        let published = published_in_target(context)?;
        let undone = delivered.read_merges(context, &mut wanted, !published.is_empty())?;
        delivered.add_published(context, &published, &wanted, &undone)?;
        for merge in &undone {
            let is_of = |part: &&Part| match part.milestone {
                Some(_) => part.name(context.name_of(part.agent)) == merge.stated.part,
                None => context.name_of(part.agent) == merge.stated.agent(),
            };
            for part in wanted.values().filter(is_of) {
                delivered.taken_back.entry(part.clone()).or_insert(merge.by);
            }
        }
        Ok(delivered)
    }

    /// Reads the merges of gate until nothing is `wanted` any more, or `all` of them; returns those that
    /// were taken back.
    fn read_merges(
        &mut self,
        context: &Context,
        wanted: &mut BTreeMap<String, Part>,
        all: bool,
    ) -> Result<Vec<TakenBack>> {
        let mut undone = Vec::new();
        let mut mainline = Mainline::of(context);
        while all || !wanted.is_empty() {
            let Some(merge) = mainline.merge()? else {
                break;
            };
            let stated = merge.stated;
            if let Some(by) = merge.undone_by {
                undone.push(TakenBack { stated, by });
                continue;
            }
            self.parts.extend(wanted.remove(&stated.part));
            if let Some((agent, _)) = stated.part.split_once('@') {
                let milestones = self.milestones.entry(agent.to_owned());
                milestones.or_default().push(stated.merged);
            }
        }
        Ok(undone)
    }

    /// Adds what was published at a commit that the target has, unless that was taken back: a milestone,
    /// or the end of an agent, which is that of all its milestones.
    fn add_published(
        &mut self,
        context: &Context,
        published: &[(Part, ObjectId)],
        wanted: &BTreeMap<String, Part>,
        undone: &[TakenBack],
    ) -> Result<()> {
        let mut stands = Vec::new();
        for (part, commit) in published {
            let mut by = None;
            for merge in undone {
                let is_its = merge.stated.agent() == context.name_of(part.agent);
                if is_its && context.repo.is_ancestor(*commit, merge.stated.merged)? {
                    by = by.or(Some(merge.by));
                }
            }
            match by {
                Some(by) => _ = self.taken_back.insert(part.clone(), by),
                None => stands.push(part),
            }
        }
        for part in stands {
            self.insert(part.clone());
            let is_in = |other: &&Part| part.milestone.is_none() && other.agent == part.agent;
            let others = wanted.values().filter(is_in);
            let others = others.filter(|other| !self.taken_back.contains_key(*other));
            let others: Vec<_> = others.cloned().collect();
            self.parts.extend(others);
        }
        Ok(())
    }
}

/// What was published at a commit that the target has.
fn published_in_target(context: &Context) -> Result<Vec<(Part, ObjectId)>> {
    let mut found = Vec::new();
    for (part, commit) in context.published.all() {
        if let Ok(commit) = commit
            && context.repo.is_ancestor(*commit, context.target)?
        {
            found.push((part.clone(), *commit));
        }
    }
    Ok(found)
}

/// What a merge commit of gate says of itself.
pub(super) struct Stated {
    /// The part that it brings, as the manifest names it.
    pub part: String,
    /// The branch that it brings, or the milestone as the manifest names it.
    pub branch: String,
    /// The commit that it brings.
    pub merged: ObjectId,
}

impl Stated {
    /// The agent whose work it is.
    pub(super) fn agent(&self) -> &str {
        self.part.split('@').next().unwrap_or_default()
    }
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
    let milestone = trailer(message, MILESTONE_TRAILER);
    let part = milestone.map_or(agent.to_owned(), |name| format!("{agent}@{name}"));
    let branch = match milestone {
        Some(_) => &part,
        None => trailer(message, BRANCH_TRAILER).unwrap_or(agent),
    };
    let branch = branch.to_owned();
    Some(Stated {
        part,
        branch,
        merged,
    })
}

/// What a message says behind `key`, the last time it does.
pub(super) fn trailer<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    message
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}
