//! Which branches could belong to two agents: as they are called, and as some systems call them.

use super::super::pattern::Pattern;
use super::filter;
use super::prover::{MOST_FINDINGS, Prover};
use super::report::{self, Holder};
use super::search::Outcome;
use super::valid::Names;
use crate::manifest::{AgentId, is_literal_branch};
use crate::words::Span;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

impl Prover<'_> {
    /// Every two branch patterns of different agents, and then their folded forms: a branch is a file,
    /// and on some systems one file has many names.
    pub(super) fn branches(&mut self) {
        let ownership = self.ownership;
        let exact: Vec<_> = ownership
            .all_branches()
            .map(|(agent, pattern, span)| (agent, pattern.clone(), span))
            .collect();
        let mut met = HashSet::new();
        let mut complete = self.branch_pairs(&exact, &mut met, false);
        // The same patterns again would have nothing else to say.
        if complete && !exact.iter().all(|(_, pattern, _)| pattern.is_folded()) {
            let folded = exact
                .into_iter()
                .map(|(agent, pattern, span)| (agent, pattern.folded(), span));
            complete = self.branch_pairs(&folded.collect::<Vec<_>>(), &mut met, true);
        }
        if !complete {
            self.proof.findings.push(report::too_many("branches"));
        }
    }

    /// Every two of `branches` that are not among those that have `met`. Of names without wildcards, the
    /// manifest room has compared the `folded` forms. Returns whether all could be compared.
    fn branch_pairs(
        &mut self,
        branches: &[(AgentId, Pattern, Span)],
        met: &mut HashSet<(usize, usize)>,
        folded: bool,
    ) -> bool {
        let mut seen = met.clone();
        let mut automata = HashMap::new();
        let is_name = |place: usize| is_literal_branch(branches[place].1.as_str());
        filter::pairs(
            branches,
            |(_, pattern, _)| pattern,
            |one, two| one.0 != two.0,
            |one, two| {
                let (first, second) = (&branches[one], &branches[two]);
                let holders = (Holder::Branch(first.0), Holder::Branch(second.0));
                let is_said = folded && is_name(one) && is_name(two);
                if is_said || !seen.insert((one, two)) || self.is_reported(holders) {
                    return self.goes_on(2 * MOST_FINDINGS);
                }
                let mut automaton = |place: usize| {
                    let made = automata.entry(place);
                    Rc::clone(made.or_insert_with(|| Rc::new(branches[place].1.automaton())))
                };
                let (left, right) = (automaton(one), automaton(two));
                let finding = match self.search(&left, &right, Names::Branches, &[]) {
                    Outcome::Disjoint => return true,
                    Outcome::Witness(name) if folded => {
                        report::branch_twins(self.ownership, first, second, &name)
                    }
                    Outcome::Witness(name) => {
                        report::branch_overlap(self.ownership, first, second, &name)
                    }
                    Outcome::Exhausted => {
                        report::branch_unproven(self.ownership, first, second, self.whole_spent)
                    }
                };
                met.insert((one, two));
                self.report(holders, finding);
                self.goes_on(2 * MOST_FINDINGS)
            },
        )
    }
}
