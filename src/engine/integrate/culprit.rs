//! What several branches have to pass together, and who broke it when every one of them passed alone.

use super::super::Context;
use super::assemble::Assembly;
use super::chain::Chain;
use super::queue::Queue;
use super::recipe::List;
use super::steps::WHOLE;
use super::verify::{Verified, VerifyFailure};
use crate::manifest::Command;
use crate::plan::{Narrowing, Next};
use crate::words::{Blame, Code, Finding, ObjectId, Result};

/// A checkpoint that is due in a queue.
pub(super) struct Check<'a> {
    /// Its place among the checks of the queue.
    pub place: usize,
    /// For people: what it verifies.
    subject: String,
    pub verify: &'a [Command],
    /// Which list of the manifest that is.
    list: List,
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
    let checkpoints = manifest.checkpoints.iter().enumerate();
    let checkpoints = checkpoints.filter_map(|(place, checkpoint)| {
        let members = || checkpoint.after.iter().map(|member| member.value);
        let in_group =
            candidates().filter(|(_, candidate)| members().any(|m| m == candidate.agent));
        let names: Vec<_> = members().map(|member| context.name_of(member)).collect();
        Some(Check {
            place: 0,
            subject: format!("the checkpoint after {}", names.join(", ")),
            verify: &checkpoint.verify,
            list: List::Checkpoint(place),
            at: in_group.map(|(index, _)| index).max()?,
            is_whole: false,
        })
    });
    let mut checks: Vec<_> = checkpoints.collect();
    checks.sort_by_key(|check| check.at);
    checks.extend(candidates().next_back().map(|(index, _)| Check {
        place: 0,
        subject: WHOLE.to_owned(),
        verify: &manifest.verify,
        list: List::Whole,
        at: index,
        is_whole: true,
    }));
    for (place, check) in checks.iter_mut().enumerate() {
        check.place = place;
    }
    checks
}

/// Verifies what is merged so far; `None` if it passes, or if nothing is. Where it fails, the culprit is
/// a branch whose prefix fails while the one before it passes: among those behind the first `good`
/// merges, which is where the last checkpoint passed; among all, if this one does not pass there. Which
/// prefixes are asked about is up to [`Narrowing`], and follows from the answers alone.
pub(super) fn check(
    assembly: &Assembly<'_>,
    queue: &Queue,
    chain: &Chain,
    check: &Check<'_>,
    good: usize,
) -> Result<Option<Culprit>> {
    let prefixes = Prefixes {
        assembly,
        queue,
        chain,
        check,
    };
    let number = chain.merges.len();
    let mut narrowing = Narrowing::new(number, good, queue.culprits(check));
    // What is merged again in the same way has passed before.
    let mut known = (1..=number).rev();
    if let Some(prefix) = known.find(|prefix| prefixes.is_known_to_pass(*prefix)) {
        narrowing.note(prefix, true);
    }
    loop {
        match narrowing.next() {
            _ if number == 0 => return Ok(None),
            Next::Good => return Ok(None),
            Next::Verify(prefix) => {
                let verified = prefixes.verify(prefix, narrowing.likelihood(prefix))?;
                narrowing.note(prefix, verified.is_ok());
                // What cannot be run here is looked for in the target before it is in branches.
                if narrowing.is_base_open() && verified.is_err_and(|f| f.may_be_an_outage()) {
                    narrowing.note(0, prefixes.verify(0, narrowing.likelihood(0))?.is_ok());
                }
            }
            Next::Culprit(prefix) => match prefixes.verify(prefix, 0.0)? {
                Ok(()) => narrowing.note(prefix, true),
                Err(failure) => return Ok(Some(prefixes.blame(prefix, failure))),
            },
            Next::Base => match prefixes.verify(0, 0.0)? {
                Ok(()) => narrowing.note(0, true),
                Err(failure) => {
                    let target = &assembly.context.basis.target;
                    return Ok(Some(Culprit::Target(target_fails(target, &failure))));
                }
            },
        }
    }
}

/// What is merged so far, merge by merge, as a check looks at it. The prefix of none is the target.
struct Prefixes<'a> {
    assembly: &'a Assembly<'a>,
    queue: &'a Queue,
    chain: &'a Chain,
    check: &'a Check<'a>,
}

impl Prefixes<'_> {
    /// Verifies the tree of a prefix, which passes as likely as that.
    fn verify(&self, prefix: usize, likelihood: f64) -> Result<Verified> {
        let subject = match prefix {
            0 => self.assembly.context.basis.target.clone(),
            _ if prefix == self.chain.merges.len() => self.check.subject.clone(),
            _ => format!("everything up to {}", self.branch(prefix)),
        };
        let (verifier, tree) = (self.assembly.verifier, self.tree(prefix));
        verifier.verify(&subject, tree, self.check.list, likelihood)
    }

    fn is_known_to_pass(&self, prefix: usize) -> bool {
        let verifier = self.assembly.verifier;
        verifier.is_known_to_pass(self.tree(prefix), self.check.list)
    }

    fn tree(&self, prefix: usize) -> ObjectId {
        match prefix.checked_sub(1) {
            Some(place) => self.chain.merges[place].2,
            None => self.assembly.context.target_tree,
        }
    }

    /// The branch that was merged last in a prefix of at least one.
    fn branch(&self, prefix: usize) -> &str {
        &self.queue.candidates[self.chain.merges[prefix - 1].0].branch
    }

    fn blame(&self, prefix: usize, failure: VerifyFailure) -> Culprit {
        let what = format!("{} breaks {}", self.branch(prefix), self.check.what());
        let finding = failure.blamed().finding(&what, Blame::Branch);
        let index = self.chain.merges[prefix - 1].0;
        Culprit::Candidate { index, finding }
    }
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
