//! Many merges at once.

use crate::repo::{Merge, Quarantine};
use crate::words::{ObjectId, Result};
use rayon::prelude::*;

/// How many merges are handed to a thread, and by it to one git, at a time: so few that no thread is left
/// with all the slow ones, and enough to be worth a question.
const SHARE: usize = 8;

/// What [`Quarantine::merge`] makes of each of these, in their order. None of them depends on another, so
/// every thread has a share, and a git of its own; while that is busy, others find out merge bases.
pub fn merge_each(quarantine: &Quarantine, merges: &[(ObjectId, ObjectId)]) -> Result<Vec<Merge>> {
    let shares = merges.par_chunks(SHARE).with_max_len(1);
    let answers: Vec<_> = shares.map(|share| quarantine.merge_each(share)).collect();
    // One after the other again: which of several errors is told must not be chance.
    let mut all = Vec::with_capacity(merges.len());
    for share in answers {
        all.extend(share?);
    }
    Ok(all)
}
