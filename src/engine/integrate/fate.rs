//! What becomes of a candidate, and why, where nothing in it is to blame.

use super::super::judge::Judgement;
use super::queue::Queue;
use crate::words::{Code, Finding, ObjectId};

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

/// The fates of those behind the candidate at `index`, where the run ends with it.
pub(super) fn not_tried(queue: &Queue, index: usize) -> Vec<Fate> {
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
pub(super) fn stopped(branch: &str, by: &str) -> Finding {
    let message = format!("{branch} is held: {by} failed, and a failure stops everybody");
    Finding::new(Code::Held, message).hint(format!("nothing to mend in {branch}: mend {by} first"))
}

/// Why a branch has nothing to bring although the target does not hold its work.
pub(super) fn taken_back(branch: &str, target: &str, by: ObjectId) -> Finding {
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

pub(super) fn alone(candidate: &Judgement) -> Finding {
    let branch = &candidate.branch;
    Finding::new(
        Code::Waiting,
        format!("{branch} changes the manifest, so it is integrated alone, after the others"),
    )
    .hint("integrate again once the others have landed")
}
