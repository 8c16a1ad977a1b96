//! The proof that no path has two owners: for every two claims, a search through the product of
//! their automata. It ends with a shortest path that both match, or with the certainty that there
//! is none.

mod branches;
mod covering;
mod excluded;
mod exclusion;
mod filter;
mod guide;
mod inclusion;
mod meeting;
mod mix;
mod pairs;
mod prover;
mod report;
mod search;
mod seen;
#[cfg(test)]
mod tests;
mod useless;
mod valid;

use super::claims::Ownership;
use crate::words::{Finding, RepoPath};
pub(super) use covering::Covering;
pub(super) use inclusion::covers;
pub(super) use meeting::{Meetings, meetings};
use prover::Prover;

/// What was proven, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Errors (overlaps, and what was not proven) before lints (claims without effect, covered
    /// claims).
    pub findings: Vec<Finding>,
    /// How many pairs of claims of different holders there are.
    pub pairs: u64,
    /// How many of them had to be searched with automata; plain comparison told the rest.
    pub by_automata: u64,
    /// How many transitions were tried.
    pub steps: u64,
    /// Whether so many overlap that the search was given up; the last error says so.
    pub given_up: bool,
}

/// How much a proof may cost, in transitions of automata. Counted, not timed: the answer is the
/// same on every machine.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// For one pair of patterns.
    pub pair: u64,
    /// For all of them together.
    pub total: u64,
}

impl Default for Budget {
    /// Less than a tenth of a second for a pair, a few seconds for all.
    fn default() -> Self {
        Self {
            pair: 2_000_000,
            total: 200_000_000,
        }
    }
}

/// Proves that no two agents can own the same path or the same branch, or says where they could.
/// Witnesses are taken from `tracked` where possible.
pub fn prove(ownership: &Ownership, tracked: &[RepoPath]) -> Proof {
    prove_within(ownership, tracked, Budget::default())
}

/// What [`prove`] finds, if there is anything but remarks; nothing where all is proven, which takes less
/// time than to look for remarks as well.
pub fn contradictions(ownership: &Ownership) -> Vec<Finding> {
    let mut prover = Prover::new(ownership, &[], Budget::default());
    let compared = prover.overlaps();
    prover.branches();
    if prover.proof.findings.is_empty() {
        return Vec::new();
    }
    if compared {
        prover.useless_claims();
    }
    prover.finish().findings
}

/// [`prove`] with another budget.
pub fn prove_within(ownership: &Ownership, tracked: &[RepoPath], budget: Budget) -> Proof {
    let mut prover = Prover::new(ownership, tracked, budget);
    let compared = prover.overlaps();
    prover.branches();
    // Where there are too many to compare, remarks on each would take as long.
    if compared {
        prover.useless_claims();
    }
    prover.finish()
}
