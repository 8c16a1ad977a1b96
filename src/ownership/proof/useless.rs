//! Claims that give nothing: because something that decides earlier covers them, or because
//! another claim of the same agent gives the same.

use super::super::claims::{Claim, Role};
use super::super::pattern::Pattern;
use super::exclusion::ExcludedSet;
use super::filter;
use super::inclusion::covers;
use super::prover::Prover;
use super::report;
use super::search::Outcome;
use crate::manifest::AgentId;
use crate::words::RepoPath;
use std::collections::HashSet;

impl<'a> Prover<'a> {
    /// Lints what is owned in vain.
    pub(super) fn useless_claims(&mut self) {
        for agent in self.ownership.manifest().agent_ids() {
            let claims: Vec<&'a Claim> = self
                .of_role(Role::Owns(agent))
                .iter()
                .filter(|claim| !claim.exception)
                .collect();
            for claim in &claims {
                if self.is_dead(agent, claim) {
                    let finding = report::without_effect(self.ownership, agent, claim);
                    self.lint(finding);
                }
            }
            self.covered(agent, &claims);
        }
    }

    /// Whether no path is left that `claim` gives to `agent`. Not knowing counts as no.
    fn is_dead(&mut self, agent: AgentId, claim: &'a Claim) -> bool {
        let pattern = &claim.pattern;
        if self.plain_use(agent, claim) {
            return false;
        }
        if self.is_covered(claim, claim) {
            return true;
        }
        let mut sets = self.excluded_sets(&[claim.role], &[pattern]);
        let forbidden: Vec<&Claim> = self.of_role(Role::Forbids(agent)).iter().collect();
        self.add_set(&mut sets, &forbidden, &[pattern]);
        if sets.is_empty() {
            return false;
        }
        let (left, right) = (
            self.automaton(pattern),
            std::rc::Rc::clone(&self.everything),
        );
        match self.search_briefly(&left, &right, &sets) {
            Outcome::Disjoint => true,
            // The names that look like the manifest's are not among the excluded sets.
            Outcome::Witness(path) => {
                pattern.literal().is_some() && !self.gives(agent, claim, &path)
            }
            Outcome::Exhausted => false,
        }
    }

    /// Whether the first path that comes to mind shows that the claim is of use.
    fn plain_use(&self, agent: AgentId, claim: &Claim) -> bool {
        let globs = claim.pattern.globs().unwrap_or_default();
        globs
            .iter()
            .any(|glob| self.gives(agent, claim, &glob.example()))
    }

    /// Whether `path` is given to `agent` by `claim`, forbidden paths aside.
    fn gives(&self, agent: AgentId, claim: &Claim, path: &[u8]) -> bool {
        let Ok(path) = RepoPath::new(path) else {
            return false;
        };
        let matches = self.ownership.claims_on(&path);
        self.both_give(claim, claim, path.as_bytes())
            && matches.in_set(Role::Forbids(agent)).is_none()
    }

    /// Lints the claims of `agent` that another one of its claims covers.
    fn covered(&mut self, agent: AgentId, claims: &[&'a Claim]) {
        let mut candidates = Vec::new();
        filter::pairs(
            claims,
            |claim| &claim.pattern,
            |_, _| true,
            |one, two| {
                candidates.push((one, two));
                candidates.len() < 100_000
            },
        );
        candidates.sort_unstable();
        candidates.dedup();
        let mut done = HashSet::new();
        for (one, two) in candidates {
            // Of two that mean the same, the later one is too many.
            for (inner, outer) in [(two, one), (one, two)] {
                if !done.contains(&inner)
                    && !done.contains(&outer)
                    && self.is_covered_by(&claims[inner].pattern, &claims[outer].pattern)
                {
                    done.insert(inner);
                    let finding =
                        report::covered(self.ownership, agent, claims[inner], claims[outer]);
                    self.lint(finding);
                }
            }
        }
    }

    fn is_covered_by(&mut self, inner: &Pattern, outer: &Pattern) -> bool {
        if covers(outer, inner) {
            return true;
        }
        let excluded = ExcludedSet {
            paths: vec![self.automaton(outer)],
            except: Vec::new(),
        };
        let (left, right) = (self.automaton(inner), std::rc::Rc::clone(&self.everything));
        self.search_briefly(&left, &right, &[excluded]) == Outcome::Disjoint
    }
}
