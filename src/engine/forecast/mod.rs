//! `gate conflicts`: who will conflict with whom, before anyone merges.
//!
//! Each branch alone is merged onto the target, then each two, the one after the other, and all of them
//! in the order of the plan. Nothing is judged or verified: this is about merging alone.

mod footprint;
mod line;
mod memory;
mod pairs;

use self::line::Turns;
use self::memory::Memory;
use self::pairs::Pairs;
use super::disjoint::with_rule;
use super::{Basis, Context, Outcome};
use crate::manifest::AgentId;
use crate::plan;
use crate::repo::git_version_check;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};

/// The result of `gate conflicts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictsOutcome {
    /// The manifest whose order and rules count.
    pub basis: Basis,
    /// The branches in the order of the plan; those that cannot be told are missing.
    pub branches: Vec<ForecastBranch>,
    /// Every two branches that have something to merge, by the places of both.
    pub pairs: Vec<Pair>,
    /// One for each clash.
    pub clashes: Vec<Finding>,
    /// What could not be found out.
    pub findings: Vec<Finding>,
    /// How many of all answers were known from an earlier run.
    pub remembered: usize,
}

/// A branch, and what comes of merging it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastBranch {
    /// Its short name.
    pub branch: String,
    /// The agent that it belongs to.
    pub agent: String,
    /// Its commit.
    pub tip: ObjectId,
    /// What comes of it alone; [`Met::Apart`] if there is nothing in it that the target lacks.
    pub alone: Met,
    /// What comes of it in the order of the plan.
    pub turn: Turn,
}

/// What comes of a branch when all are merged in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is merged.
    Merged,
    /// There is nothing in it that the target lacks.
    NothingNew,
    /// It clashes with what was merged before it.
    Clashes {
        /// The branches before it, by place, that it clashes with when there are only the two.
        with: Vec<usize>,
        /// Where it clashes.
        clash: Clash,
    },
    /// An agent that it depends on is left out.
    Held {
        /// That agent.
        on: String,
    },
}

/// Two branches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The place of the one that is merged first.
    pub first: usize,
    /// The place of the other one.
    pub second: usize,
    /// What comes of it.
    pub met: Met,
}

/// What comes of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// They cannot meet: nothing that one of them changes is near what the other one does.
    Apart,
    /// It merges.
    Merges,
    /// It does not.
    Clashes(Clash),
    /// One of them does not even merge alone.
    Untold,
}

/// Where a merge has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// Whether git could merge it, and only the rule `disjoint-lines` forbids it.
    pub by_rule: bool,
    /// The paths in order, each with what is wrong there in a few words.
    pub paths: Vec<(RepoPath, Vec<String>)>,
}

/// A branch with a commit, and its agent.
struct Candidate {
    agent: AgentId,
    branch: String,
    tip: ObjectId,
}

/// Says which branches of agents will conflict with each other.
pub fn conflicts(context: &Context) -> Outcome<ConflictsOutcome> {
    let git = git_version_check()?;
    let (candidates, mut findings) = candidates(context);
    let mut memory = Memory::read(context, &git)?;
    let Pairs { alone, pairs } = Pairs::of(context, &candidates, &mut memory)?;
    let turns = Turns::of(context, &candidates, &alone, &pairs, &mut memory)?;
    memory.keep(context)?;
    let branches = candidates.into_iter().zip(alone).zip(turns.0);
    let branches = branches.map(|((candidate, alone), turn)| ForecastBranch {
        agent: context.name_of(candidate.agent).to_owned(),
        branch: candidate.branch,
        tip: candidate.tip,
        alone,
        turn,
    });
    let mut outcome = ConflictsOutcome {
        basis: context.basis.clone(),
        branches: branches.collect(),
        pairs,
        clashes: Vec::new(),
        findings: Vec::new(),
        remembered: memory.used(),
    };
    outcome.clashes = clashes(context, &outcome);
    outcome.findings.append(&mut findings);
    Ok(outcome)
}

/// The branches of all agents in the order of the plan, and why some cannot be told.
fn candidates(context: &Context) -> (Vec<Candidate>, Vec<Finding>) {
    let (mut candidates, mut findings) = (Vec::new(), Vec::new());
    for agent in plan::order(context.ownership.manifest(), &context.dependencies) {
        for branch in context.branches_of(agent) {
            match &branch.tip {
                Ok(tip) => candidates.push(Candidate {
                    agent,
                    branch: branch.name.clone(),
                    tip: *tip,
                }),
                Err(finding) => findings.push((**finding).clone()),
            }
        }
    }
    (candidates, findings)
}

/// A finding for each branch that does not merge alone, each two that do not merge with each other, and
/// each that does not merge in its turn although it does with each of those before it.
fn clashes(context: &Context, outcome: &ConflictsOutcome) -> Vec<Finding> {
    let target = &outcome.basis.target;
    let name = |place: usize| outcome.branches[place].branch.as_str();
    let mut found = Vec::new();
    for branch in &outcome.branches {
        if let Met::Clashes(clash) = &branch.alone {
            let hint = format!("merge or rebase {} onto {target}", branch.branch);
            found.push(clash.finding(context, &branch.branch, target).hint(hint));
        }
    }
    for pair in &outcome.pairs {
        if let Met::Clashes(clash) = &pair.met {
            let (first, second) = (name(pair.first), name(pair.second));
            let hint = format!("rebase {second} onto {target} once {first} has landed");
            found.push(clash.finding(context, second, first).hint(hint));
        }
    }
    for branch in &outcome.branches {
        if let (Turn::Clashes { with, clash }, Met::Merges) = (&branch.turn, &branch.alone)
            && with.is_empty()
        {
            let others = "several branches before it together";
            let hint = format!(
                "rebase {} onto {target} once those have landed",
                branch.branch
            );
            found.push(clash.finding(context, &branch.branch, others).hint(hint));
        }
    }
    found
}

impl ConflictsOutcome {
    /// 0 if nobody clashes, 1 if somebody does, 3 if a branch cannot be told.
    pub fn exit_code(&self) -> u8 {
        super::worst(self.findings.iter().chain(&self.clashes)).exit_code()
    }
}

impl Clash {
    fn finding(&self, context: &Context, later: &str, earlier: &str) -> Finding {
        let first = self.paths.first();
        let (message, code) = if let Some((path, places)) = first.filter(|_| self.by_rule) {
            let places = places.join(", ");
            let message =
                format!("{later} and {earlier} change {path} too close to each other: {places}");
            (message, Code::DisjointLines)
        } else {
            let number = self.paths.len();
            let message = format!("{later} conflicts with {earlier} in {number} path(s)");
            (message, Code::Conflict)
        };
        let finding = Finding::new(code, message);
        match first {
            Some((path, _)) if self.by_rule => with_rule(context, path, finding.at(path)),
            Some((path, _)) => finding.at(path),
            None => finding,
        }
    }
}

/// The commit that merges `tip` onto `onto`: only to be merged with, never to be kept.
fn merge_commit(
    quarantine: &crate::repo::Quarantine,
    onto: ObjectId,
    tip: ObjectId,
    tree: ObjectId,
) -> Result<ObjectId> {
    let time = |id| quarantine.commit(id).map(|commit| commit.committer_seconds);
    let when = time(onto)?.max(time(tip)?);
    quarantine.commit_tree(tree, &[onto, tip], b"merge to try", when)
}
