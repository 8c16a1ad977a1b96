//! What an integration would make of every branch if all commands passed: merged in memory, then dropped.

use super::super::{BranchOutcome, Context, Interrupt, Silent, Standing, check};
use super::assemble::{Assembly, Round};
use super::chain::Merges;
use super::queue::Queue;
use super::recipe::Recipes;
use super::run;
use super::verify::{Answers, Verifier};
use super::{git_version_check, outcomes};
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
    let queue = Queue::of(context)?;
    let quarantine = context.quarantine()?;
    let interrupt = Interrupt::default();
    let recipes = Recipes::of(context.ownership.manifest(), &quarantine)?;
    let verifier = Verifier::new(&recipes, Answers::Nowhere);
    let assembly = Assembly {
        context,
        quarantine: &quarantine,
        verifier: &verifier,
        progress: &Silent,
        interrupt: &interrupt,
        merges: &Merges::default(),
        run: run::name(context)?,
    };
    let fates = match assembly.merge(&queue)? {
        Round::Good(chain) => chain.fates,
        // Only a command could say so, and none runs.
        Round::Broken { finding, .. } | Round::TargetFails { finding, .. } => {
            return Err(finding);
        }
    };
    let verdicts = queue
        .candidates
        .iter()
        .map(|found| check::standing(&found.findings));
    let verdicts: Vec<_> = verdicts.collect();
    let foreseen = outcomes(context, &queue, fates).into_iter().zip(verdicts);
    Ok(foreseen
        .map(|(outcome, verdict)| Foreseen { outcome, verdict })
        .collect())
}
