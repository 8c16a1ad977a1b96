//! Who has delivered: read from the history of the target, never from a flag.

use super::Context;
use super::judge::Judgement;
use super::mainline::{Mainline, Undoing};
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
    /// Of what a merge stands, or what was published.
    parts: BTreeSet<Part>,
    /// The commits that were merged as milestones, by agent.
    milestones: BTreeMap<String, Vec<ObjectId>>,
    /// What gate has merged, a person has taken back and gate has not merged again since: the branches of
    /// each part, each with the commit that did. An agent's milestones count as branches of its whole.
    taken_back: BTreeMap<Part, BTreeMap<String, ObjectId>>,
    /// The agents that have finished since, whatever was taken back.
    finished: BTreeSet<Part>,
}

/// A merge that was taken back.
struct TakenBack {
    stated: Stated,
    onto: ObjectId,
    undoing: Undoing,
}

impl Delivered {
    /// Whether `part` has been delivered: some of it has landed, and none was taken back for good.
    pub(super) fn contains(&self, part: &Part) -> bool {
        self.has_landed(part) && !self.is_taken_back(part)
    }

    /// Whether a merge of `part` stands, or it was published: of an agent, whatever became of its other
    /// branches.
    pub(super) fn has_landed(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }

    /// Whether something of `part` was taken back, and has not come again since.
    pub(super) fn is_taken_back(&self, part: &Part) -> bool {
        self.taken_back.contains_key(part) && !self.finished.contains(part)
    }

    /// The commit that took back what had come of `part` with `branch`, unless that has come again since.
    pub(super) fn taken_back(&self, part: &Part, branch: &str) -> Option<ObjectId> {
        self.taken_back.get(part)?.get(branch).copied()
    }

    /// Adds a part of which a merge stands.
    pub(super) fn insert(&mut self, part: Part) {
        self.parts.insert(part);
    }

    /// Adds a merge of `branch`, or of a milestone by its name, that comes after all others.
    pub(super) fn bring(&mut self, part: &Part, branch: &str) {
        for of in [part, &Part::whole(part.agent)] {
            if let Some(branches) = self.taken_back.get_mut(of) {
                branches.remove(branch);
            }
        }
        self.taken_back.retain(|_, branches| !branches.is_empty());
        self.insert(part.clone());
    }

    /// Adds what was published at a commit that came after all that was taken back of it.
    fn renew(&mut self, context: &Context, part: &Part) {
        if part.milestone.is_some() {
            self.bring(part, &part.name(context.name_of(part.agent)));
        } else {
            self.finished.insert(part.clone());
        }
    }

    /// Adds what was merged in this run, and the milestones of the same agent that lie below it: they
    /// came along, even where they could not be merged alone. Returns all of that.
    pub(super) fn insert_with_milestones(
        &mut self,
        context: &Context,
        merged: &Judgement,
    ) -> Result<Vec<Part>> {
        self.bring(&merged.part(), &merged.branch);
        let mut parts = vec![merged.part()];
        let published = context.published.all();
        for (part, commit) in published.filter(|(part, _)| part.agent == merged.agent) {
            let (Ok(commit), Some(tip)) = (commit, merged.tip) else {
                continue;
            };
            if !context.repo.is_ancestor(*commit, tip)? {
                continue;
            }
            if !context.repo.is_ancestor(*commit, context.target)? {
                self.renew(context, part);
            }
            if part.milestone.is_some() {
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
        if branch.milestone.is_some() || !branch.is_empty() || self.has_landed(&branch.part()) {
            return Ok(false);
        }
        for milestone in milestones {
            if context.repo.is_ancestor(tip, *milestone)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads which of `agents`, of what somebody depends on and of what was published has been delivered.
    pub(super) fn read(context: &Context, agents: &BTreeSet<AgentId>) -> Result<Self> {
        let mut delivered = Self::default();
        let published = published_in_target(context)?;
        let named = |part: Part| (part.name(context.name_of(part.agent)), part);
        let wanted: BTreeMap<String, Part> = context
            .ownership
            .manifest()
            .agent_ids()
            .flat_map(|agent| context.dependencies.parts(agent))
            .cloned()
            .chain(agents.iter().map(|agent| Part::whole(*agent)))
            .chain(published.iter().map(|(part, _)| part.clone()))
            .map(named)
            .collect();
        if !wanted.is_empty() {
            let undone = delivered.read_merges(context, &wanted)?;
            delivered.add_published(context, &published, &wanted, &undone)?;
        }
        Ok(delivered)
    }

    /// Reads all merges of gate, since any of them may have been taken back; returns those that were.
    fn read_merges(
        &mut self,
        context: &Context,
        wanted: &BTreeMap<String, Part>,
    ) -> Result<Vec<TakenBack>> {
        let (mut undone, mut newest) = (Vec::new(), BTreeMap::new());
        let mut mainline = Mainline::of(context);
        while let Some(merge) = mainline.merge()? {
            let (stated, onto) = (merge.stated, merge.onto);
            if let Some(undoing) = merge.undone {
                undone.push(TakenBack {
                    stated,
                    onto,
                    undoing,
                });
                continue;
            }
            self.parts.extend(wanted.get(&stated.part).cloned());
            if let Some((agent, _)) = stated.part.split_once('@') {
                let milestones = self.milestones.entry(agent.to_owned());
                milestones.or_default().push(stated.merged);
            }
            let branch = (stated.part, stated.branch);
            newest.entry(branch).or_insert(merge.place);
        }
        for TakenBack {
            stated, undoing, ..
        } in &undone
        {
            let newest = newest.get(&(stated.part.clone(), stated.branch.clone()));
            if newest.is_some_and(|newest| *newest < undoing.place) {
                continue;
            }
            for part in [&stated.part, stated.agent()] {
                if let Some(part) = wanted.get(part) {
                    let branches = self.taken_back.entry(part.clone()).or_default();
                    let branch = branches.entry(stated.branch.clone());
                    branch.or_insert(undoing.by);
                }
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
            let agent = context.name_of(part.agent);
            let (mut by, mut is_since) = (None, true);
            for merge in undone.iter().filter(|it| it.stated.agent() == agent) {
                let at = merge.undoing.at;
                if part.milestone.is_none() || merge.stated.part == part.name(agent) {
                    is_since = is_since && !context.repo.is_ancestor(*commit, at)?;
                }
                if merge.brought(context, *commit)? {
                    by = by.or(Some(merge.undoing.by));
                }
            }
            match by {
                None => stands.push((part, is_since)),
                // That of a whole is told by its branches.
                Some(by) if part.milestone.is_some() && !self.has_landed(part) => {
                    let of_part = self.taken_back.entry(part.clone());
                    of_part.or_insert_with(|| BTreeMap::from([(part.name(agent), by)]));
                }
                Some(_) => {}
            }
        }
        for (part, is_since) in stands {
            self.insert(part.clone());
            if is_since {
                self.renew(context, part);
            }
            let is_in = |other: &&Part| part.milestone.is_none() && other.agent == part.agent;
            let others = wanted.values().filter(is_in);
            let others = others.filter(|other| !self.taken_back.contains_key(*other));
            let others: Vec<_> = others.cloned().collect();
            self.parts.extend(others);
        }
        Ok(())
    }
}

impl TakenBack {
    /// Whether it is this merge that brought `commit`.
    fn brought(&self, context: &Context, commit: ObjectId) -> Result<bool> {
        let repo = &context.repo;
        Ok(
            repo.is_ancestor(commit, self.stated.merged)?
                && !repo.is_ancestor(commit, self.onto)?,
        )
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
