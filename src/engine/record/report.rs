//! The completion report of a run, as its record has it.

use super::{Record, RunEnd};
use crate::engine::Standing;
use crate::words::{Code, ObjectId};

/// What a record says came of a run: to be shown, never to be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReport {
    /// The name of the run.
    pub run: ObjectId,
    /// The commit that records it.
    pub record: ObjectId,
    /// The target's name.
    pub target: String,
    /// The target's commit, before.
    pub before: ObjectId,
    /// The last good commit: the target's own where nothing was merged.
    pub commit: ObjectId,
    /// What was done with it.
    pub end: RunEnd,
    /// Why it did not land although it was to.
    pub withheld: Option<Code>,
    /// The tag that it was given.
    pub tag: Option<String>,
    /// The branches and milestones, in the order of the plan.
    pub branches: Vec<ReportedBranch>,
}

/// What became of a branch or a milestone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedBranch {
    /// Its name, that of a milestone as the manifest has it.
    pub branch: String,
    /// Its agent.
    pub agent: Option<String>,
    /// The milestone that it is, if it is one.
    pub milestone: Option<String>,
    /// Its commit.
    pub tip: Option<ObjectId>,
    /// How it stood.
    pub standing: Standing,
    /// The merge commit that brought it in.
    pub merge: Option<ObjectId>,
    /// The codes of the findings about it.
    pub reasons: Vec<Code>,
}

impl RunReport {
    /// What the record `commit` says.
    pub(in crate::engine) fn of(commit: ObjectId, record: Record) -> Self {
        let branches = record.outcomes.into_iter().map(|piece| ReportedBranch {
            branch: piece.branch,
            agent: piece.agent,
            milestone: piece.milestone,
            tip: piece.tip,
            standing: piece.standing,
            merge: piece.merge,
            reasons: piece.findings,
        });
        Self {
            run: record.run,
            record: commit,
            before: record.target.commit,
            target: record.target.name,
            commit: record.result.commit,
            end: record.landing,
            withheld: record.withheld,
            tag: record.tag,
            branches: branches.collect(),
        }
    }
}

impl RunEnd {
    /// What was done, as programs see it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integrated => "integrated",
            Self::Withheld => "withheld",
            Self::Landed => "landed",
            Self::NothingToDo => "nothing-to-do",
        }
    }
}
