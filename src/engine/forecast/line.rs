//! All branches in the order of the plan, each on top of those that merged before it.

use super::super::Context;
use super::memory::Memory;
use super::{Candidate, Clash, Met, Pair, Turn, merge_commit};
use crate::manifest::AgentId;
use crate::repo::{Merge, Quarantine};
use crate::words::{Code, Finding, ObjectId, Result};
use std::collections::BTreeSet;

/// What comes of each branch in its turn.
pub(super) struct Turns(pub Vec<Turn>);

/// The line as far as it is merged.
struct Line<'a> {
    context: &'a Context,
    candidates: &'a [Candidate],
    /// The places of the branches that are in.
    merged: Vec<usize>,
    /// The agents of those that are not.
    out: BTreeSet<AgentId>,
    /// Their tips.
    tips: Vec<ObjectId>,
    /// The commit of the first so many of them; the rest is merged once something is not known.
    made: (usize, ObjectId),
}

impl Turns {
    /// Looks up what is known, and merges the rest.
    pub(super) fn of(
        context: &Context,
        candidates: &[Candidate],
        alone: &[Met],
        pairs: &[Pair],
        memory: &mut Memory,
    ) -> Result<Self> {
        let mut line = Line {
            context,
            candidates,
            merged: Vec::new(),
            out: BTreeSet::new(),
            tips: Vec::new(),
            made: (0, context.target),
        };
        let mut turns = Vec::with_capacity(candidates.len());
        for (place, candidate) in candidates.iter().enumerate() {
            let turn = line.turn(place, &alone[place], pairs, memory)?;
            match &turn {
                Turn::Merged => {
                    line.merged.push(place);
                    line.tips.push(candidate.tip);
                }
                Turn::Clashes { .. } | Turn::Held { .. } => _ = line.out.insert(candidate.agent),
                Turn::NothingNew => {}
            }
            turns.push(turn);
        }
        Ok(Self(turns))
    }
}

impl Line<'_> {
    fn turn(
        &mut self,
        place: usize,
        alone: &Met,
        pairs: &[Pair],
        memory: &mut Memory,
    ) -> Result<Turn> {
        let candidate = &self.candidates[place];
        match alone {
            Met::Apart => return Ok(Turn::NothingNew),
            Met::Clashes(clash) => {
                return Ok(Turn::Clashes {
                    with: Vec::new(),
                    clash: clash.clone(),
                });
            }
            Met::Merges | Met::Untold => {}
        }
        let before = self.context.dependencies.all(candidate.agent);
        if let Some(on) = before.iter().find(|on| self.out.contains(on)) {
            let on = self.context.name_of(*on).to_owned();
            return Ok(Turn::Held { on });
        }
        let mut with = Vec::new();
        let mut by_rule = None;
        let of_this = pairs.iter().filter(|pair| pair.second == place);
        for pair in of_this.filter(|pair| self.merged.contains(&pair.first)) {
            if let Met::Clashes(clash) = &pair.met {
                with.push(pair.first);
                by_rule = by_rule.or(clash.by_rule.then(|| clash.clone()));
            }
        }
        if let Some(clash) = by_rule {
            return Ok(Turn::Clashes { with, clash });
        }
        Ok(match self.merge(candidate.tip, memory)? {
            Met::Clashes(clash) => Turn::Clashes { with, clash },
            Met::Apart | Met::Merges | Met::Untold => Turn::Merged,
        })
    }

    /// What comes of merging `tip` onto the line.
    fn merge(&mut self, tip: ObjectId, memory: &mut Memory) -> Result<Met> {
        let key: Vec<_> = self.tips.iter().copied().chain([tip]).collect();
        if let Some(met) = memory.recall(self.context, &key)? {
            return Ok(met);
        }
        let quarantine = memory.quarantine(self.context)?;
        let onto = self.made(quarantine)?;
        let met = match quarantine.merge(onto, tip)? {
            Merge::Clean { .. } => Met::Merges,
            Merge::Conflict { paths, .. } => Met::Clashes(Clash::of(paths)),
            Merge::Unrelated => Met::Clashes(Clash::of(Vec::new())),
        };
        memory.learn(self.context, &key, &met)?;
        Ok(met)
    }

    /// The commit of the line, with all that is merged so far.
    fn made(&mut self, quarantine: &Quarantine) -> Result<ObjectId> {
        let (number, mut commit) = self.made;
        for tip in &self.tips[number..] {
            let Merge::Clean { tree } = quarantine.merge(commit, *tip)? else {
                let message = "what has merged before does not merge again";
                return Err(Finding::error(Code::Git, message));
            };
            commit = merge_commit(quarantine, commit, *tip, tree)?;
        }
        self.made = (self.tips.len(), commit);
        Ok(commit)
    }
}
