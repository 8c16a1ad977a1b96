//! What a command found out, as data. The report room renders it; nothing here decides anything
//! but the exit code.

use super::Isolation;
use crate::words::{Finding, ObjectId, Severity, Source};
use std::time::Duration;

/// What was judged against: printed with every result, so that it can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The target's name, without `refs/heads/`.
    pub target: String,
    /// The target's commit; `None` while it has none.
    pub target_commit: Option<ObjectId>,
    /// The manifest that decides; the labels of all findings point into it.
    pub manifest: Source,
    /// Whether the manifest is that of the work tree, because the target has none yet.
    pub preview: bool,
}

/// How a branch stands after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Judged, and nothing to object.
    Accepted,
    /// Not judged: it belongs to no agent.
    NotJudged,
    /// Merged in this run.
    Merged,
    /// All of it is in the target already.
    UpToDate,
    /// It has delivered nothing yet, or waits for somebody who has not.
    Waiting,
    /// An agent that it depends on was ejected.
    Held,
    /// Refused by the verdict.
    Refused,
    /// Could not be judged.
    Undecided,
    /// Left out of the integration through its own fault.
    Ejected,
}

/// One branch, a milestone, or what is staged for a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchOutcome {
    /// The branch's short name; that of a milestone as the manifest has it: `storage@api`.
    pub branch: String,
    /// The agent that it belongs to, if any.
    pub agent: Option<String>,
    /// The milestone that it is, if it is one: judged and merged like a branch.
    pub milestone: Option<String>,
    /// The commit that was judged; `None` for staged changes and absent branches.
    pub tip: Option<ObjectId>,
    /// How it stands.
    pub standing: Standing,
    /// How many paths it changes, net.
    pub paths: usize,
    /// How many commits are its own.
    pub commits: usize,
    /// The merge commit that brings it in, if there is one.
    pub merge: Option<ObjectId>,
    /// Every reason, in order of path.
    pub findings: Vec<Finding>,
}

/// The result of `gate check branch`, `gate check staged` and `gate check receive`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutcome {
    /// What it was judged against.
    pub basis: Basis,
    /// Remarks that concern no branch in particular.
    pub remarks: Vec<Finding>,
    /// The branches, by name.
    pub branches: Vec<BranchOutcome>,
    /// Whether a push was judged: whoever pushes knows what.
    pub of_push: bool,
}

/// The result of `gate check manifest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestOutcome {
    /// The manifest that was checked.
    pub basis: Basis,
    /// How many agents it has.
    pub agents: usize,
    /// How many patterns it has.
    pub patterns: usize,
    /// How many pairs of claims were compared, and how many of them needed the automata.
    pub proof: Option<ProofSummary>,
    /// How many files of the target are claimed, and how many there are.
    pub coverage: Option<(usize, usize)>,
    /// Problems and remarks.
    pub findings: Vec<Finding>,
}

/// What the proof of disjointness did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProofSummary {
    /// Pairs of claims of different agents that were compared.
    pub pairs: usize,
    /// Those among them that plain comparison could not tell apart, so that the automata had to.
    pub by_automata: usize,
    /// Whether so many of them overlap that the search was given up.
    pub given_up: bool,
    /// How long it took.
    pub time: Duration,
}

/// The result of `gate integrate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrateOutcome {
    /// What it was judged against.
    pub basis: Basis,
    /// The name of the run, derived from what went into it.
    pub run: ObjectId,
    /// The branches in the order of the plan.
    pub branches: Vec<BranchOutcome>,
    /// Findings that concern no branch: the verification of the whole, the landing.
    pub findings: Vec<Finding>,
    /// How many verify commands passed only when they were tried again.
    pub flakes: usize,
    /// What kept verify commands from writing where they have no business, if any was run.
    pub isolation: Option<Isolation>,
    /// What was known to pass and so was not run, in the order of the run.
    pub known: Vec<KnownPass>,
    /// The last good commit: the target's own where nothing was merged.
    pub commit: ObjectId,
    /// Its tree: the one that was verified.
    pub tree: ObjectId,
    /// What became of it.
    pub landing: Landing,
    /// The tag that it was given.
    pub tag: Option<String>,
    /// The remote whose target moved with it.
    pub pushed_to: Option<String>,
    /// The commit that records the run; `None` where nothing was to do or nothing was written.
    pub record: Option<ObjectId>,
}

/// A list of verify commands that was not run, since it is known to pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPass {
    /// The branch, or what else would have been verified.
    pub subject: String,
    /// The tree that it passed on.
    pub tree: ObjectId,
    /// Who says so; `None` if a run in this clone has seen it.
    pub trusted: Option<TrustedPass>,
}

/// Who says that something passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedPass {
    /// The remote.
    pub remote: String,
    /// The full name of the ref that says so there.
    pub reference: String,
}

/// The result of `gate integrate --replay`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayOutcome {
    /// What the run was judged against.
    pub basis: Basis,
    /// The name of the run.
    pub run: ObjectId,
    /// The commit that records it.
    pub record: ObjectId,
    /// How many merges the replay made.
    pub merges: usize,
    /// How many verifications it took from the record.
    pub verifications: usize,
    /// The last good commit, as it is recorded.
    pub recorded: ObjectId,
    /// The last good commit of the replay.
    pub commit: ObjectId,
    /// Where the two differ.
    pub findings: Vec<Finding>,
}

/// What became of an integration's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landing {
    /// Nothing was written: `--dry-run`.
    DryRun,
    /// The named integration branch holds it.
    Integrated(String),
    /// The named integration branch holds it, although it was to land: a finding says why.
    Withheld(String),
    /// The target holds it.
    Landed,
    /// There was nothing to merge, so nothing was changed.
    NothingToDo,
    /// It was not good enough to be kept, or could not be.
    Nothing,
}

impl Standing {
    /// Every standing, from the best to the worst.
    pub const ALL: &'static [Self] = &[
        Self::Accepted,
        Self::NotJudged,
        Self::Merged,
        Self::UpToDate,
        Self::Waiting,
        Self::Held,
        Self::Refused,
        Self::Undecided,
        Self::Ejected,
    ];

    /// The standing as people and programs see it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NotJudged => "not judged",
            Self::Merged => "merged",
            Self::UpToDate => "up to date",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
            Self::Ejected => "ejected",
        }
    }
}

/// The worst severity among `findings`; [`Severity::Lint`] if there are none.
pub fn worst<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Severity {
    findings
        .into_iter()
        .map(|finding| finding.code.severity())
        .max()
        .unwrap_or(Severity::Lint)
}

impl CheckOutcome {
    /// 3 if a branch is undecided, else 1 if one is refused, else 0.
    pub fn exit_code(&self) -> u8 {
        worst(
            self.branches
                .iter()
                .flat_map(|branch| &branch.findings)
                .chain(&self.remarks),
        )
        .exit_code()
    }
}

impl ManifestOutcome {
    /// 2 if the manifest has a problem, else 0.
    pub fn exit_code(&self) -> u8 {
        worst(&self.findings).exit_code()
    }
}

impl ReplayOutcome {
    /// 0 if the replay comes to what is recorded, else 1.
    pub fn exit_code(&self) -> u8 {
        worst(&self.findings).exit_code()
    }
}

impl IntegrateOutcome {
    /// 0 if everybody who had something is in; 1 if somebody was ejected or held; 3 or 4 where a
    /// general finding says that nothing could be changed.
    pub fn exit_code(&self) -> u8 {
        let general = worst(&self.findings).exit_code();
        let out =
            |branch: &BranchOutcome| matches!(branch.standing, Standing::Ejected | Standing::Held);
        general.max(u8::from(self.branches.iter().any(out)))
    }
}
