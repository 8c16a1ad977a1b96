//! What several branches have to pass together, and who broke it when every one of them passed alone.

use super::super::Context;
use super::assemble::{Assembly, Chain, Queue};
use super::steps::WHOLE;
use super::verify::VerifyFailure;
use crate::manifest::Command;
use crate::words::{Blame, Code, Finding, ObjectId, Result};

/// A checkpoint that is due in a queue.
pub(super) struct Check<'a> {
    /// For people: what it verifies.
    subject: String,
    pub verify: &'a [Command],
    /// The candidate behind whose turn it is due.
    pub at: usize,
    /// Whether it is the verification of the whole.
    pub is_whole: bool,
}

/// Who is to blame for a checkpoint that fails.
pub(super) enum Culprit {
    /// The candidate at this place of the queue.
    Candidate { index: usize, finding: Finding },
    /// Nobody: the target fails as it is.
    Target(Finding),
}

/// The checkpoints of the manifest in the order in which they are due, and the verification of the
/// whole behind them. A group of which nobody has a branch has none.
pub(super) fn checks<'a>(context: &'a Context, queue: &Queue) -> Vec<Check<'a>> {
    let manifest = context.ownership.manifest();
    let candidates = || queue.candidates.iter().enumerate();
    let checkpoints = manifest.checkpoints.iter().filter_map(|checkpoint| {
        let members = || checkpoint.after.iter().map(|member| member.value);
        let in_group =
            candidates().filter(|(_, candidate)| members().any(|m| m == candidate.agent));
        let names: Vec<_> = members().map(|member| context.name_of(member)).collect();
        Some(Check {
            subject: format!("the checkpoint after {}", names.join(", ")),
            verify: &checkpoint.verify,
            at: in_group.map(|(index, _)| index).max()?,
            is_whole: false,
        })
    });
    let mut checks: Vec<_> = checkpoints.collect();
    checks.sort_by_key(|check| check.at);
    checks.extend(candidates().next_back().map(|(index, _)| Check {
        subject: WHOLE.to_owned(),
        verify: &manifest.verify,
        at: index,
        is_whole: true,
    }));
    checks
}

/// Verifies what is merged so far; `None` if it passes, or if nothing is. Where it fails, the first
/// branch in the order of the plan is to blame whose prefix fails while the one before it passes:
/// among those behind the first `good` merges, which is where the last checkpoint passed; among
/// all, if this one does not pass there.
pub(super) fn check(
    assembly: &Assembly<'_>,
    queue: &Queue,
    chain: &Chain,
    check: &Check<'_>,
    good: usize,
) -> Result<Option<Culprit>> {
    let Some((last, _)) = chain.merges.split_last() else {
        return Ok(None);
    };
    let verify =
        |subject: &str, tree: ObjectId| assembly.verifier.verify(subject, tree, check.verify);
    let confirm =
        |subject: &str, tree: ObjectId| assembly.verifier.confirm(subject, tree, check.verify);
    let Err(failure) = verify(&check.subject, chain.tree)? else {
        return Ok(None);
    };
    let branch = |index: usize| &queue.candidates[index].branch;
    let mut from = 0;
    if let Some((index, _, tree)) = good
        .checked_sub(1)
        .and_then(|place| chain.merges.get(place))
    {
        let subject = format!("everything up to {}", branch(*index));
        if good < chain.merges.len() && confirm(&subject, *tree)?.is_ok() {
            from = good;
        }
    }
    if from == 0 {
        let target = &assembly.context.basis.target;
        if let Err(failure) = confirm(target, assembly.context.target_tree)? {
            return Ok(Some(Culprit::Target(target_fails(target, &failure))));
        }
    }
    let blame = |index: usize, failure: VerifyFailure| {
        let what = format!("{} breaks {}", branch(index), check.what());
        let finding = failure.blamed().finding(&what, Blame::Branch);
        Some(Culprit::Candidate { index, finding })
    };
    for (index, _, tree) in &chain.merges[from..chain.merges.len() - 1] {
        let subject = format!("everything up to {}", branch(*index));
        if let Err(failure) = verify(&subject, *tree)? {
            return Ok(blame(*index, failure));
        }
    }
    Ok(blame(last.0, failure))
}

impl Check<'_> {
    /// For people: what a culprit breaks.
    fn what(&self) -> String {
        if self.is_whole {
            return "the verification of the whole".to_owned();
        }
        self.subject.clone()
    }
}

fn target_fails(target: &str, failure: &VerifyFailure) -> Finding {
    if failure.may_be_an_outage() {
        let what = format!("{target} itself cannot be verified");
        let finding = failure.finding(&what, Blame::Nobody);
        return finding.hint("see that the command can be run here: no branch has a part in it");
    }
    let what = format!("{target} itself does not pass the verification");
    let mut finding = failure.finding(&what, Blame::Target);
    finding.code = Code::TargetFails;
    finding.hint(format!(
        "mend {target} first: as long as it fails, nobody can be blamed"
    ))
}
