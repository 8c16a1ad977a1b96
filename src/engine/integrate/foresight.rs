//! What an integration would make of every branch if all commands passed: merged in memory, then dropped.

use super::super::{BranchOutcome, Context, Interrupt, Silent, Standing, check};
use super::assemble::{Ground, Round};
use super::chain::{Chain, Merges};
use super::queue::Queue;
use super::recipe::Recipes;
use super::run;
use super::verify::{Answers, Verifier};
use super::{git_version_check, outcomes};
use crate::repo::Quarantine;
use crate::words::Result;

/// A branch or a milestone, and what would become of it.
pub(in crate::engine) struct Foreseen {
    pub outcome: BranchOutcome,
    /// The verdict on its own work.
    pub verdict: Standing,
}

/// What would become of every branch and every milestone, in the order of the plan. Nothing is verified,
/// and nothing is kept.
pub(in crate::engine) fn foresee(context: &Context) -> Result<Vec<Foreseen>> {
    git_version_check()?;
    let quarantine = context.repo.quarantine()?;
    let interrupt = Interrupt::default();
    let (queue, chain) = assume(context, &quarantine, &interrupt, Answers::Nowhere)?;
    let verdicts = queue
        .candidates
        .iter()
        .map(|found| check::standing(&found.findings));
    let verdicts: Vec<_> = verdicts.collect();
    let foreseen = outcomes(context, &queue, chain.fates)
        .into_iter()
        .zip(verdicts);
    Ok(foreseen
        .map(|(outcome, verdict)| Foreseen { outcome, verdict })
        .collect())
}

/// The branches, and what merging them comes to where all commands pass by `answers`.
pub(super) fn assume(
    context: &Context,
    quarantine: &Quarantine,
    interrupt: &Interrupt,
    answers: Answers<'_>,
) -> Result<(Queue, Box<Chain>)> {
    let queue = Queue::of(context)?;
    let recipes = Recipes::of(context.ownership.manifest(), quarantine)?;
    let verifier = Verifier::new(&recipes, answers);
    let ground = Ground {
        context,
        quarantine,
        recipes: &recipes,
        merges: &Merges::default(),
        interrupt,
        run: run::name(context)?,
    };
    let assembly = ground.assembly(&verifier, &Silent);
    match assembly.merge(&queue)? {
        Round::Good(chain) => Ok((queue, chain)),
        // Only a command could say so, and none runs.
        Round::Broken { finding, .. } | Round::TargetFails { finding, .. } => Err(finding),
    }
}
