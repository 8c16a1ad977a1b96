//! Which pairs have to be disjoint, and what to do with each.

use super::super::automaton::Automaton;
use super::super::claims::{Claim, Ownership, Role};
use super::super::pattern::Pattern;
use super::covering::Covering;
use super::excluded::of_role;
use super::exclusion::{ExcludedSet, Exclusion};
use super::pairs::Pairs;
use super::report::{self, Holder};
use super::search::{Outcome, Query, Searcher};
use super::valid::Names;
use super::{Budget, Proof, filter};
use crate::manifest::AgentId;
use crate::words::{Code, Finding, RepoPath, Span};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// After this many findings about overlaps, the search for more is given up.
const MOST_FINDINGS: usize = 200;
/// As many pairs of patterns are reported for the same two holders.
const MOST_PER_HOLDERS: usize = 5;

pub(super) struct Prover<'a> {
    pub(super) ownership: &'a Ownership,
    pub(super) tracked: Vec<&'a RepoPath>,
    budget: Budget,
    searcher: Searcher,
    automata: HashMap<*const Pattern, Rc<Automaton>>,
    pub(super) everything: Rc<Automaton>,
    pub(super) always: Vec<Pattern>,
    pub(super) proof: Proof,
    lints: Vec<Finding>,
    /// What the exceptions of a role cover.
    coverings: HashMap<Role, Covering>,
    per_holders: HashMap<(Holder, Holder), usize>,
}

impl<'a> Prover<'a> {
    pub(super) fn new(ownership: &'a Ownership, tracked: &'a [RepoPath], budget: Budget) -> Self {
        let mut tracked: Vec<_> = tracked.iter().collect();
        tracked.sort_unstable();
        let always = super::super::always::patterns();
        Self {
            ownership,
            tracked,
            budget,
            searcher: Searcher::default(),
            automata: HashMap::new(),
            everything: Rc::new(Automaton::everything()),
            always: always
                .filter_map(|text| Pattern::parse(&text).ok())
                .collect(),
            proof: Proof::default(),
            lints: Vec::new(),
            coverings: HashMap::new(),
            per_holders: HashMap::new(),
        }
    }

    pub(super) fn finish(mut self) -> Proof {
        if self.proof.given_up {
            self.proof
                .findings
                .push(report::given_up(self.proof.findings.len()));
        }
        self.proof.findings.append(&mut self.lints);
        self.proof
    }

    pub(super) fn lint(&mut self, finding: Finding) {
        self.lints.push(finding);
    }

    /// Every two claims whose holders must not meet. Returns whether all could be compared.
    pub(super) fn overlaps(&mut self) -> bool {
        let ownership = self.ownership;
        let claims: Vec<&Claim> = ownership
            .claims()
            .iter()
            .filter(|claim| !claim.exception)
            .collect();
        let pairs = Pairs::new(ownership.manifest());
        self.proof.pairs += pairs.count(&claims);
        let mut seen = HashSet::new();
        let complete = filter::pairs(
            &claims,
            |claim| &claim.pattern,
            |one, two| pairs.must_not_meet(one.role, two.role),
            |one, two| {
                let several = several(&claims[one].pattern) || several(&claims[two].pattern);
                if several && !seen.insert((one, two)) {
                    return true;
                }
                self.pair(claims[one], claims[two]);
                self.goes_on(MOST_FINDINGS)
            },
        );
        if !complete {
            self.proof.findings.push(report::too_many("claims"));
        }
        complete
    }

    /// Whether there is room for more findings; if not, that is noted.
    fn goes_on(&mut self, most: usize) -> bool {
        self.proof.given_up |= self.proof.findings.len() >= most;
        !self.proof.given_up
    }

    fn pair(&mut self, one: &'a Claim, two: &'a Claim) {
        let holders = (Holder::Claims(one.role), Holder::Claims(two.role));
        if self.is_reported(holders) || self.is_covered(one, two) {
            return;
        }
        self.proof.by_automata += 1;
        match self.meeting(one, two) {
            Outcome::Disjoint => {}
            Outcome::Witness(path) => {
                if let Ok(path) = RepoPath::new(path) {
                    let tracked = self.tracked_witness(one, two);
                    let witness = tracked.unwrap_or(&path);
                    self.report(
                        holders,
                        report::overlap(self.ownership, one, two, witness, tracked.is_some()),
                    );
                }
            }
            Outcome::Exhausted => {
                self.report(holders, report::unproven(self.ownership, one, two));
            }
        }
    }

    /// A shortest path that both claims give, if there is one.
    fn meeting(&mut self, one: &'a Claim, two: &'a Claim) -> Outcome {
        let (left, right) = (self.automaton(&one.pattern), self.automaton(&two.pattern));
        let outcome = self.search(&left, &right, Names::Paths, &[]);
        let Outcome::Witness(path) = outcome else {
            return outcome;
        };
        if self.both_give(one, two, &path) {
            return Outcome::Witness(path);
        }
        let roles = [one.role, two.role];
        let patterns = [&one.pattern, &two.pattern];
        // Mostly the exceptions are what keeps two claims apart: first with them alone.
        let exceptions = self.exception_sets(&roles, &patterns);
        match self.search(&left, &right, Names::Paths, &exceptions) {
            Outcome::Witness(path) if !self.both_give(one, two, &path) => {}
            outcome => return outcome,
        }
        let mut sets = self.excluded_sets(&roles, &patterns);
        // Names that are protected because they look like others are no regular language worth
        // writing down: they are taken out one by one.
        for _ in 0..16 {
            let outcome = self.search(&left, &right, Names::Paths, &sets);
            match outcome {
                Outcome::Witness(path) if !self.both_give(one, two, &path) => {
                    sets.push(ExcludedSet {
                        paths: vec![Rc::new(Automaton::exactly(&path))],
                        except: Vec::new(),
                    });
                }
                outcome => return outcome,
            }
        }
        Outcome::Exhausted
    }

    /// Whether an exception of one of the two takes the other's whole pattern out; the cheap test.
    fn is_covered(&mut self, one: &Claim, two: &Claim) -> bool {
        [one.role, two.role].into_iter().any(|role| {
            let covering = self.coverings.entry(role).or_insert_with(|| {
                let mut covering = Covering::default();
                for exception in of_role(self.ownership, role)
                    .iter()
                    .filter(|claim| claim.exception)
                {
                    covering.add(0, &exception.pattern);
                }
                covering
            });
            covering.find(&one.pattern, None).is_some()
                || covering.find(&two.pattern, None).is_some()
        })
    }

    /// The shortest tracked path that both claims give.
    fn tracked_witness(&self, one: &Claim, two: &Claim) -> Option<&'a RepoPath> {
        let head = |claim: &Claim| match claim.pattern.globs() {
            Some([glob]) => glob.literal().0,
            _ => Vec::new(),
        };
        let (first, second) = (head(one), head(two));
        let head = if first.len() > second.len() {
            first
        } else {
            second
        };
        let from = self
            .tracked
            .partition_point(|path| path.as_bytes() < head.as_slice());
        self.tracked[from..]
            .iter()
            .take_while(|path| path.as_bytes().starts_with(&head))
            .filter(|path| {
                let bytes = path.as_bytes();
                one.pattern.matches(bytes) && two.pattern.matches(bytes)
            })
            .filter(|path| self.both_give(one, two, path.as_bytes()))
            .min_by_key(|path| (path.as_bytes().len(), path.as_bytes()))
            .copied()
    }

    /// Every two branch patterns of different agents.
    pub(super) fn branches(&mut self) {
        let ownership = self.ownership;
        let branches: Vec<(AgentId, &Pattern, Span)> = ownership.all_branches().collect();
        let mut seen = HashSet::new();
        let complete = filter::pairs(
            &branches,
            |(_, pattern, _)| pattern,
            |one, two| one.0 != two.0,
            |one, two| {
                if seen.insert((one, two)) {
                    self.branch_pair(branches[one], branches[two]);
                }
                self.goes_on(2 * MOST_FINDINGS)
            },
        );
        if !complete {
            self.proof.findings.push(report::too_many("branches"));
        }
    }

    fn branch_pair(
        &mut self,
        one: (AgentId, &'a Pattern, Span),
        two: (AgentId, &'a Pattern, Span),
    ) {
        let holders = (Holder::Branch(one.0), Holder::Branch(two.0));
        if self.is_reported(holders) {
            return;
        }
        let (left, right) = (self.automaton(one.1), self.automaton(two.1));
        match self.search(&left, &right, Names::Branches, &[]) {
            Outcome::Disjoint => {}
            Outcome::Witness(name) => {
                self.report(
                    holders,
                    report::branch_overlap(self.ownership, one, two, &name),
                );
            }
            Outcome::Exhausted => {
                self.report(holders, report::branch_unproven(self.ownership, one, two));
            }
        }
    }

    /// The answer to one question; spends from the budget.
    pub(super) fn search(
        &mut self,
        left: &Automaton,
        right: &Automaton,
        names: Names,
        sets: &[ExcludedSet],
    ) -> Outcome {
        if names == Names::Paths {
            // Whether a segment is `.git` hardly ever matters: first without asking.
            match self.search_once(left, right, Names::Segments, sets) {
                Outcome::Witness(path) if RepoPath::new(path.as_slice()).is_err() => {}
                outcome => return outcome,
            }
        }
        self.search_once(left, right, names, sets)
    }

    fn search_once(
        &mut self,
        left: &Automaton,
        right: &Automaton,
        names: Names,
        sets: &[ExcludedSet],
    ) -> Outcome {
        let mut exclusion = Exclusion::new(sets, &names.classes());
        let mut query = Query {
            left,
            right,
            names,
            exclusion: &mut exclusion,
        };
        let granted = self.budget.pair.min(self.budget.total);
        let mut left_over = granted;
        let outcome = self.searcher.search(&mut query, &mut left_over);
        let spent = granted - left_over;
        self.proof.steps += spent;
        self.budget.total -= spent;
        outcome
    }

    pub(super) fn automaton(&mut self, pattern: &Pattern) -> Rc<Automaton> {
        let automaton = self.automata.entry(std::ptr::from_ref(pattern));
        Rc::clone(automaton.or_insert_with(|| Rc::new(pattern.automaton())))
    }

    fn is_reported(&self, holders: (Holder, Holder)) -> bool {
        self.per_holders
            .get(&holders)
            .is_some_and(|count| *count >= MOST_PER_HOLDERS)
    }

    fn report(&mut self, holders: (Holder, Holder), mut finding: Finding) {
        let count = self.per_holders.entry(holders).or_default();
        *count += 1;
        if *count == MOST_PER_HOLDERS {
            finding = finding.note("there may be more between these two, which are not listed");
        }
        if self.proof.findings.len() + 1 == MOST_FINDINGS && finding.code != Code::BranchOverlap {
            finding = finding.note("there are too many overlaps to list: the search ends here");
        }
        self.proof.findings.push(finding);
    }
}

fn several(pattern: &Pattern) -> bool {
    pattern.globs().is_none_or(|globs| globs.len() != 1)
}
