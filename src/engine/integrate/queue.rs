//! The branches that are to be put together, judged, in the order of the plan.

use super::super::Context;
use super::super::delivery::Delivered;
use super::super::disjoint::Party;
use super::super::judge::{self, Judgement};
use super::chain::Chain;
use super::culprit::Check;
use crate::plan::{self, Part};
use crate::words::{Finding, ObjectId, Result};

/// The branches in the order in which they are merged.
pub(super) struct Queue {
    pub candidates: Vec<Judgement>,
    pub delivered: Delivered,
    /// For each candidate whether all of it came in by milestones, and its own merge is still to come.
    pub ends: Vec<bool>,
    /// The candidates that were found to be culprits, each with the place of the check that did.
    culprits: Vec<(usize, usize)>,
}

impl Queue {
    /// Judges all branches and puts them in order.
    pub(super) fn of(context: &Context) -> Result<Self> {
        let agents = context.ownership.manifest().agent_ids().collect();
        let mut candidates = judge::judge_all(context, &agents);
        let mut findings = candidates.iter().flat_map(|candidate| &candidate.findings);
        // No branch is to blame for it, so none is left out for it.
        if let Some(outage) = findings.find(|finding| finding.code.is_about_files()) {
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
            culprits: Vec::new(),
        })
    }

    /// Whether the candidate at `index`, which changes the manifest, has the run for itself.
    pub(super) fn is_alone(&self, index: usize, chain: &Chain) -> bool {
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

    /// The branches that these merges of a chain brought in, in order.
    pub(super) fn parties(&self, merges: &[(usize, ObjectId, ObjectId)]) -> Vec<Party<'_>> {
        let candidates = merges.iter().map(|(index, ..)| &self.candidates[*index]);
        candidates.filter_map(Party::of).collect()
    }

    /// Whether this part was refused for itself: then nothing that it comes in with makes it good.
    pub(super) fn is_refused(&self, part: &Part) -> bool {
        let mut candidates = self.candidates.iter();
        candidates.any(|candidate| candidate.part() == *part && !candidate.is_accepted())
    }

    /// Leaves a candidate out of every further attempt, for this reason, which the check at this place
    /// has found.
    pub(super) fn eject(&mut self, index: usize, check: usize, finding: Finding) {
        self.candidates[index].findings.push(finding);
        self.culprits.push((index, check));
    }

    /// Takes back that anybody was ejected.
    pub(super) fn restore(&mut self) {
        for (index, _) in self.culprits.drain(..) {
            self.candidates[index].findings.pop();
        }
    }

    /// How many culprits this check has found so far.
    pub(super) fn culprits(&self, check: &Check<'_>) -> usize {
        let found = self.culprits.iter();
        found.filter(|(_, place)| *place == check.place).count()
    }
}
