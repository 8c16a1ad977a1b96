//! Who broke the whole, when every branch on its own passed.

use super::assemble::{Assembly, Chain, Queue};
use super::verify::VerifyFailure;
use crate::manifest::Command;
use crate::words::{Code, Finding, Result};

/// Who is to blame for a failed verification of the whole.
pub(super) enum Culprit {
    /// The candidate at this place of the queue.
    Candidate { index: usize, finding: Finding },
    /// Nobody: the target fails as it is.
    Target(Finding),
}

/// The first branch in the order of the plan whose prefix fails while the one before it passes.
/// `failure` is that of the whole `chain`.
pub(super) fn find(
    assembly: &Assembly<'_>,
    queue: &Queue,
    chain: &Chain,
    verify: &[Command],
    failure: VerifyFailure,
) -> Result<Culprit> {
    let target = &assembly.context.basis.target;
    let unchanged = assembly
        .verifier
        .verify(target, assembly.context.target_tree, verify)?;
    let (Ok(()), Some((last, earlier))) = (&unchanged, chain.merges.split_last()) else {
        let failure = unchanged.err().unwrap_or(failure);
        return Ok(Culprit::Target(target_fails(target, &failure)));
    };
    let blame = |index: usize, failure: VerifyFailure| {
        let branch = &queue.candidates[index].branch;
        let what = format!("{branch} breaks the verification of the whole");
        Culprit::Candidate {
            index,
            finding: failure.blamed().finding(&what),
        }
    };
    for (index, _, tree) in earlier {
        let subject = format!("everything up to {}", queue.candidates[*index].branch);
        if let Err(failure) = assembly.verifier.verify(&subject, *tree, verify)? {
            return Ok(blame(*index, failure));
        }
    }
    Ok(blame(last.0, failure))
}

fn target_fails(target: &str, failure: &VerifyFailure) -> Finding {
    let mut finding = failure.finding(&format!("{target} itself does not pass the verification"));
    finding.code = Code::TargetFails;
    finding.hint(format!(
        "mend {target} first: as long as it fails, nobody can be blamed"
    ))
}
