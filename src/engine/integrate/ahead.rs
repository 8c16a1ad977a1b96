//! How many verify commands an integration has ahead of it, if nobody fails: for whoever watches it.

use super::super::Context;
use super::culprit::Check;
use super::queue::Queue;

/// The commands that are still to come, counted down.
pub(super) struct Ahead {
    /// How many commands the turn of each candidate has.
    turns: Vec<usize>,
    to_come: usize,
}

impl Ahead {
    /// All that is ahead of an integration that has not begun.
    pub(super) fn of(context: &Context, queue: &Queue, checks: &[Check<'_>]) -> Self {
        let agents = &context.ownership.manifest().agents;
        let candidates = queue.candidates.iter().map(|candidate| {
            let goes = candidate.is_accepted() && !candidate.is_empty();
            match candidate.milestone {
                None if goes => agents[candidate.agent.0].verify.len(),
                _ => 0,
            }
        });
        let turns: Vec<_> = candidates.collect();
        let of_checks = checks.iter().map(|check| check.verify.len());
        Self {
            to_come: turns.iter().copied().chain(of_checks).sum(),
            turns,
        }
    }

    /// How many come behind the turn of the candidate at `index`, which begins.
    pub(super) fn turn(&mut self, index: usize) -> usize {
        self.to_come -= self.turns[index];
        self.to_come
    }

    /// How many come behind a check, which begins.
    pub(super) fn check(&mut self, check: &Check<'_>) -> usize {
        self.to_come -= check.verify.len();
        self.to_come
    }
}
