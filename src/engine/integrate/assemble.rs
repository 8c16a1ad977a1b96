//! Merges the branches one after the other, each on top of the last good tree.

use super::super::delivery::Delivered;
use super::super::judge::{self, Judgement};
use super::super::{Context, Event, Interrupt, Progress};
use super::ahead::Ahead;
use super::chain::{Chain, Merges};
use super::culprit::{self, Culprit, checks};
use super::fate::{Fate, alone, not_tried, stopped, taken_back};
use super::merging::{Merging, NoMerge};
use super::queue::Queue;
use super::recipe::{List, Recipes};
use super::verify::{Verifier, VerifyFailure};
use crate::manifest::OnFailure;
use crate::plan::Part;
use crate::repo::Quarantine;
use crate::words::{Blame, Code, Finding, ObjectId, Result};
use std::collections::BTreeSet;

/// What came of merging the branches once.
pub(super) enum Round {
    /// All that was verified passes.
    Good(Box<Chain>),
    /// The candidate at this place broke what several had to pass together, the check at its place.
    Broken {
        index: usize,
        check: usize,
        finding: Box<Finding>,
    },
    /// Nobody can be blamed for what does not pass.
    TargetFails {
        chain: Box<Chain>,
        finding: Box<Finding>,
    },
}

/// Where branches are merged.
pub(super) struct Assembly<'a> {
    pub context: &'a Context,
    pub quarantine: &'a Quarantine,
    pub verifier: &'a Verifier<'a>,
    pub progress: &'a dyn Progress,
    pub interrupt: &'a Interrupt,
    /// The merges that were made before.
    pub merges: &'a Merges,
    /// The name of the run.
    pub run: ObjectId,
}

/// What all plays of one integration have in common.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub context: &'a Context,
    pub quarantine: &'a Quarantine,
    pub recipes: &'a Recipes<'a>,
    pub merges: &'a Merges,
    pub interrupt: &'a Interrupt,
    pub run: ObjectId,
}

impl Ground<'_> {
    /// Where branches are merged that `verifier` verifies.
    pub(super) fn assembly<'b>(
        &'b self,
        verifier: &'b Verifier<'b>,
        progress: &'b dyn Progress,
    ) -> Assembly<'b> {
        Assembly {
            context: self.context,
            quarantine: self.quarantine,
            verifier,
            progress,
            interrupt: self.interrupt,
            merges: self.merges,
            run: self.run,
        }
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
        let context = self.context;
        let mut chain = Box::new(Chain::on(&context.ancestors, context.target_tree));
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
                        return Ok(Round::Broken {
                            index,
                            check: check.place,
                            finding: Box::new(finding),
                        });
                    }
                    Some(Culprit::Target(finding)) => {
                        chain.fates.extend(not_tried(queue, index));
                        self.merges
                            .tell_conflicts(&self.merging(), queue, &mut chain)?;
                        let finding = Box::new(finding);
                        return Ok(Round::TargetFails { chain, finding });
                    }
                }
            }
        }
        self.merges
            .tell_conflicts(&self.merging(), queue, &mut chain)?;
        Ok(Round::Good(chain))
    }

    fn merging(&self) -> Merging<'_> {
        Merging {
            context: self.context,
            quarantine: self.quarantine,
            run: self.run,
        }
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
        let merging = self.merging();
        let tree = match self.merges.tree(&merging, queue, (index, tip), chain)? {
            Ok(tree) => tree,
            Err(NoMerge::Told(finding)) => return Ok(Fate::Ejected(vec![*finding])),
            Err(conflict) => {
                chain.conflicts.push((index, chain.merges.len(), conflict));
                return Ok(Fate::Ejected(Vec::new()));
            }
        };
        // That of an agent is about all of its work: a milestone goes without it.
        let verified = if candidate.milestone.is_some() {
            Ok(())
        } else {
            let list = List::Agent(candidate.agent);
            let likelihood = chain.likelihood();
            let verifier = self.verifier;
            verifier.verify(&candidate.branch, tree, list, likelihood)?
        };
        if let Err(failure) = verified {
            chain.failed += 1;
            let finding = self.not_verified(candidate, chain, failure)?;
            return Ok(Fate::Ejected(vec![finding]));
        }
        let onto = (chain.commit, tree);
        let commit = self
            .merges
            .commit(&merging, candidate, (index, tip), onto)?;
        chain.push(index, commit, tree);
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
        let list = List::Agent(candidate.agent);
        let can_be_run = match self.verifier.confirm(&subject, chain.tree, list, 0.5)? {
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
