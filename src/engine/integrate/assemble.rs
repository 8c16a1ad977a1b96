//! Merges the branches one after the other, each on top of the last good tree.

use super::super::delivery::Delivered;
use super::super::disjoint::Party;
use super::super::judge::{self, Judgement};
use super::super::{Context, Event, Interrupt, Progress};
use super::ahead::Ahead;
use super::culprit::{self, Culprit, checks};
use super::merging::{Merging, Onto};
use super::verify::{Verifier, VerifyFailure};
use crate::manifest::OnFailure;
use crate::plan::{self, Part};
use crate::repo::{Lineage, Quarantine};
use crate::words::{Blame, Code, Finding, ObjectId, Result};
use std::collections::BTreeSet;

/// The branches in the order in which they are merged.
pub(super) struct Queue {
    pub candidates: Vec<Judgement>,
    delivered: Delivered,
    /// For each candidate whether all of it came in by milestones, and its own merge is still to come.
    ends: Vec<bool>,
}

/// What became of a candidate.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// Its merge commit is this one.
    Merged(ObjectId),
    /// There is nothing in it that the target does not have.
    UpToDate,
    /// It, or somebody it depends on, has delivered nothing yet.
    Waiting(Finding),
    /// Somebody it depends on was ejected.
    Held(Finding),
    /// It was left out for reasons of its own.
    Ejected(Vec<Finding>),
}

/// What came of merging the branches once.
pub(super) enum Round {
    /// All that was verified passes.
    Good(Box<Chain>),
    /// The candidate at this place broke what several had to pass together.
    Broken { index: usize, finding: Box<Finding> },
    /// Nobody can be blamed for what does not pass.
    TargetFails {
        chain: Box<Chain>,
        finding: Box<Finding>,
    },
}

/// The branches merged so far.
pub(super) struct Chain {
    /// What became of each candidate, in order.
    pub fates: Vec<Fate>,
    /// The merge commits, in order: the candidate, its commit and its tree.
    pub merges: Vec<(usize, ObjectId, ObjectId)>,
    /// The last good commit.
    pub commit: ObjectId,
    /// Its tree.
    pub tree: ObjectId,
    /// The merges as history.
    lineage: Lineage,
}

/// Where branches are merged.
pub(super) struct Assembly<'a> {
    pub context: &'a Context,
    pub quarantine: &'a Quarantine,
    pub verifier: &'a Verifier<'a>,
    pub progress: &'a dyn Progress,
    pub interrupt: &'a Interrupt,
    /// The name of the run.
    pub run: ObjectId,
}

impl Queue {
    /// Judges all branches and puts them in order.
    pub(super) fn of(context: &Context) -> Result<Self> {
        let agents = context.ownership.manifest().agent_ids().collect();
        let mut candidates = judge::judge_all(context, &agents);
        let mut findings = candidates.iter().flat_map(|candidate| &candidate.findings);
        // No branch is to blame for it, so none is left out for it.
        if let Some(outage) = findings.find(|finding| finding.code == Code::InputOutput) {
            return Err(Box::new(outage.clone()));
        }
        let empty = candidates.iter().filter(|candidate| candidate.is_empty());
        let empty = empty.map(|candidate| candidate.agent).collect();
        let order = plan::order(context.ownership.manifest(), &context.dependencies);
        let rank = plan::ranks(&order);
        candidates.sort_by(|one, other| one.turn(&rank).cmp(&other.turn(&rank)));
        let delivered = Delivered::read(context, &empty)?;
        let mut ends = Vec::new();
        for candidate in &candidates {
            ends.push(delivered.lacks_end(context, candidate)?);
        }
        Ok(Self {
            candidates,
            delivered,
            ends,
        })
    }

    /// Whether the candidate at `index`, which changes the manifest, has the run for itself.
    fn is_alone(&self, index: usize, chain: &Chain) -> bool {
        let goes = |other: &Judgement| {
            other.is_accepted() && !other.is_empty() && !other.changes_manifest()
        };
        let others = self
            .candidates
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != index);
        chain.merges.is_empty() && !others.map(|(_, other)| other).any(goes)
    }

    /// The branches that are in `chain`, in order.
    fn merged(&self, chain: &Chain) -> Vec<Party<'_>> {
        let merged = chain
            .merges
            .iter()
            .map(|(index, ..)| &self.candidates[*index]);
        merged.filter_map(Party::of).collect()
    }

    /// Whether this part was refused for itself: then nothing that it comes in with makes it good.
    fn is_refused(&self, part: &Part) -> bool {
        let mut candidates = self.candidates.iter();
        candidates.any(|candidate| candidate.part() == *part && !candidate.is_accepted())
    }

    /// Leaves a candidate out of every further attempt, for this reason.
    pub(super) fn eject(&mut self, index: usize, finding: Finding) {
        self.candidates[index].findings.push(finding);
    }
}

/// How the agents stand while branches are merged.
struct Agents {
    /// The wholes and milestones that are ejected or held.
    out: BTreeSet<Part>,
    delivered: Delivered,
    /// The branch whose failure stops everybody, if that is how it is to be.
    stopped_by: Option<String>,
}

impl Assembly<'_> {
    /// Merges the candidates of `queue` in order, up to the first checkpoint that fails; whoever
    /// fails alone is left out, with all that depends on it.
    pub(super) fn merge(&self, queue: &Queue) -> Result<Round> {
        let mut chain = Box::new(Chain {
            fates: Vec::with_capacity(queue.candidates.len()),
            merges: Vec::new(),
            commit: self.context.target,
            tree: self.context.target_tree,
            lineage: Lineage::new(self.context.target),
        });
        let mut agents = Agents {
            out: BTreeSet::new(),
            delivered: queue.delivered.clone(),
            stopped_by: None,
        };
        let checks = checks(self.context, queue);
        let mut ahead = Ahead::of(self.context, queue, &checks);
        let mut checks = checks.into_iter().peekable();
        let mut good = 0;
        for index in 0..queue.candidates.len() {
            self.verifier.announce(ahead.turn(index));
            let fate = match self.fate_without_merging(queue, index, &chain, &agents) {
                Some(fate) => fate,
                None => self.take(queue, index, &mut chain)?,
            };
            self.note(&fate, queue, index, &mut agents)?;
            chain.fates.push(fate);
            while let Some(check) = checks.next_if(|check| check.at == index) {
                self.verifier.announce(ahead.check(&check));
                // The group of a checkpoint is not complete where everybody was stopped.
                if agents.stopped_by.is_some() && !check.is_whole {
                    continue;
                }
                match culprit::check(self, queue, &chain, &check, good)? {
                    None => good = chain.merges.len(),
                    Some(Culprit::Candidate { index, finding }) => {
                        let finding = Box::new(finding);
                        return Ok(Round::Broken { index, finding });
                    }
                    Some(Culprit::Target(finding)) => {
                        chain.fates.extend(not_tried(queue, index));
                        let finding = Box::new(finding);
                        return Ok(Round::TargetFails { chain, finding });
                    }
                }
            }
        }
        Ok(Round::Good(chain))
    }

    /// What the fate of a candidate means for those behind it.
    fn note(&self, fate: &Fate, queue: &Queue, index: usize, agents: &mut Agents) -> Result<()> {
        let candidate = &queue.candidates[index];
        match fate {
            Fate::Merged(_) => {
                let merged = agents
                    .delivered
                    .insert_with_milestones(self.context, candidate)?;
                agents
                    .out
                    .retain(|part| !merged.contains(part) || queue.is_refused(part));
            }
            Fate::Held(_) | Fate::Ejected(_) => {
                agents.out.insert(candidate.part());
                if self.context.ownership.manifest().on_failure == OnFailure::Stop {
                    let name = || candidate.branch.clone();
                    agents.stopped_by.get_or_insert_with(name);
                }
            }
            Fate::UpToDate => agents.delivered.insert(candidate.part()),
            Fate::Waiting(_) => {}
        }
        Ok(())
    }

    /// The fate of a candidate that is decided before it is merged, if it is.
    fn fate_without_merging(
        &self,
        queue: &Queue,
        index: usize,
        chain: &Chain,
        agents: &Agents,
    ) -> Option<Fate> {
        let candidate = &queue.candidates[index];
        if !candidate.is_accepted() {
            return Some(Fate::Ejected(candidate.findings.clone()));
        }
        if let Some(by) = &agents.stopped_by
            && !candidate.is_empty()
        {
            return Some(Fate::Held(stopped(&candidate.branch, by)));
        }
        let because = |on, code| judge::dependency(self.context, candidate.agent, on, code);
        let dependencies = self.context.dependencies.all_parts(candidate.agent);
        if let Some(on) = dependencies.iter().find(|on| agents.out.contains(on)) {
            return Some(Fate::Held(because(on, Code::Held)));
        }
        let awaited = self.context.dependencies.awaited(candidate.agent);
        if let Some(on) = awaited.iter().find(|on| !agents.delivered.contains(on)) {
            return Some(Fate::Waiting(because(on, Code::Waiting)));
        }
        if candidate.is_empty() && !queue.ends[index] {
            return Some(self.nothing_new(candidate, agents));
        }
        (candidate.changes_manifest() && !queue.is_alone(index, chain))
            .then(|| Fate::Waiting(alone(candidate)))
    }

    fn nothing_new(&self, candidate: &Judgement, agents: &Agents) -> Fate {
        let said = self.context.ownership.manifest().agent(candidate.agent);
        let target = &self.context.basis.target;
        if let Some(by) = agents
            .delivered
            .taken_back(&candidate.part(), &candidate.branch)
        {
            return Fate::Waiting(taken_back(&candidate.branch, target, by));
        }
        let is_milestone = candidate.milestone.is_some();
        if is_milestone || said.continuous || agents.delivered.has_landed(&candidate.part()) {
            return Fate::UpToDate;
        }
        let branch = &candidate.branch;
        let message = format!("{branch} has nothing that {target} does not have");
        Fate::Waiting(Finding::new(Code::NothingDelivered, message))
    }

    /// Merges a candidate and verifies the merged tree.
    fn take(&self, queue: &Queue, index: usize, chain: &mut Chain) -> Result<Fate> {
        let candidate = &queue.candidates[index];
        let Some(tip) = candidate.tip else {
            return Ok(Fate::Ejected(candidate.findings.clone()));
        };
        self.interrupt.check()?;
        self.progress.event(Event::Merging {
            branch: &candidate.branch,
        });
        let merging = Merging {
            context: self.context,
            quarantine: self.quarantine,
            run: self.run,
        };
        let onto = Onto {
            commit: chain.commit,
            tree: chain.tree,
            bases: chain.lineage.merge_bases(self.quarantine, tip)?,
            before: queue.merged(chain),
        };
        let tree = match merging.tree(candidate, &onto, tip)? {
            Ok(tree) => tree,
            Err(finding) => return Ok(Fate::Ejected(vec![finding])),
        };
        let agent = self.context.ownership.manifest().agent(candidate.agent);
        // That of an agent is about all of its work: a milestone goes without it.
        let verify: &[_] = match candidate.milestone {
            Some(_) => &[],
            None => &agent.verify,
        };
        let verified = self.verifier.verify(&candidate.branch, tree, verify)?;
        if let Err(failure) = verified {
            let finding = self.not_verified(candidate, chain, failure)?;
            return Ok(Fate::Ejected(vec![finding]));
        }
        let commit = merging.commit(candidate, onto.commit, tip, tree)?;
        chain.merges.push((index, commit, tree));
        chain.lineage.push(self.quarantine, tip, commit)?;
        (chain.commit, chain.tree) = (commit, tree);
        Ok(Fate::Merged(commit))
    }

    /// Why a candidate's own verification fails. A command that cannot be started without the branch
    /// either, or finds the disk full, is an outage; the branch has to stay out all the same.
    fn not_verified(
        &self,
        candidate: &Judgement,
        chain: &Chain,
        failure: VerifyFailure,
    ) -> Result<Finding> {
        let branch = &candidate.branch;
        if !failure.may_be_an_outage() {
            let what = format!("{branch} does not pass its verification");
            return Ok(failure.finding(&what, Blame::Branch));
        }
        let verify = &self
            .context
            .ownership
            .manifest()
            .agent(candidate.agent)
            .verify;
        let subject = format!("{} without {branch}", self.context.basis.target);
        let place = |failure: &VerifyFailure| verify.iter().position(|c| c.run == failure.run);
        let can_be_run = match self.verifier.confirm(&subject, chain.tree, verify)? {
            Ok(()) => true,
            Err(other) if other.run == failure.run => !other.may_be_an_outage(),
            Err(other) => place(&other) > place(&failure),
        };
        if can_be_run {
            let what = format!("{branch} does not pass its verification");
            return Ok(failure.blamed().finding(&what, Blame::Branch));
        }
        let finding = failure.finding(&format!("{branch} cannot be verified"), Blame::Nobody);
        Ok(finding.hint("see that the command can be run here: it fails without the branch, too"))
    }
}

/// The fates of those behind the candidate at `index`, where the run ends with it.
fn not_tried(queue: &Queue, index: usize) -> Vec<Fate> {
    let rest = queue.candidates[index + 1..].iter();
    let fate = |candidate: &Judgement| {
        if !candidate.is_accepted() {
            return Fate::Ejected(candidate.findings.clone());
        }
        let branch = &candidate.branch;
        let message =
            format!("{branch} was not tried: a checkpoint before it fails without anybody's fault");
        Fate::Waiting(Finding::new(Code::Waiting, message))
    };
    rest.map(fate).collect()
}

/// Why a branch does not go where the failure of another stops everybody.
fn stopped(branch: &str, by: &str) -> Finding {
    let message = format!("{branch} is held: {by} failed, and a failure stops everybody");
    Finding::new(Code::Held, message).hint(format!("nothing to mend in {branch}: mend {by} first"))
}

/// Why a branch has nothing to bring although the target does not hold its work.
fn taken_back(branch: &str, target: &str, by: ObjectId) -> Finding {
    let message = format!(
        "what gate had merged of {branch} was taken back by {}",
        by.short()
    );
    let finding = Finding::new(Code::NothingDelivered, message).in_commit(by);
    finding.hint(format!(
        "{target} has its commits already, so they bring nothing: merge {target} into the \
         branch and make its own commits anew, `git cherry-pick`, or have a person revert what took \
         them back"
    ))
}

fn alone(candidate: &Judgement) -> Finding {
    let branch = &candidate.branch;
    Finding::new(
        Code::Waiting,
        format!("{branch} changes the manifest, so it is integrated alone, after the others"),
    )
    .hint("integrate again once the others have landed")
}
