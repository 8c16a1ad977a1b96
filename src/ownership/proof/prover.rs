//! Which pairs have to be disjoint, and what to do with each.

use super::super::automaton::Automaton;
use super::super::claims::{Claim, Ownership, Role};
use super::super::pattern::{Glob, Pattern};
use super::covering::Covering;
use super::excluded::of_role;
use super::exclusion::{ExcludedSet, Exclusion};
use super::inclusion::glob_covers;
use super::pairs::Pairs;
use super::report::{self, Holder};
use super::search::{Outcome, Query, Searcher};
use super::valid::Names;
use super::{Budget, Proof, filter};
use crate::words::{Code, Finding, RepoPath};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// After this many findings about overlaps, the search for more is given up.
pub(super) const MOST_FINDINGS: usize = 200;
/// As many pairs of patterns are reported for the same two holders.
const MOST_PER_HOLDERS: usize = 5;

pub(super) struct Prover<'a> {
    pub(super) ownership: &'a Ownership,
    pub(super) tracked: Vec<&'a RepoPath>,
    budget: Budget,
    /// Whether a search was given up because others had used up the budget of the whole.
    pub(super) whole_spent: bool,
    searcher: Searcher,
    automata: HashMap<*const Pattern, Rc<Automaton>>,
    pub(super) everything: Rc<Automaton>,
    pub(super) always: Vec<Pattern>,
    pub(super) proof: Proof,
    lints: Vec<Finding>,
    exceptions: HashMap<Role, Exceptions<'a>>,
    per_holders: HashMap<(Holder, Holder), usize>,
}

/// The exceptions of a role.
#[derive(Default)]
struct Exceptions<'a> {
    covering: Covering,
    /// Alternatives with wildcards.
    loose: Vec<&'a Glob>,
}

/// So many alternatives with wildcards are laid over a pattern rather than searching.
const FEW: usize = 64;

impl Exceptions<'_> {
    /// Whether those with wildcards cover `pattern`, one for each of its alternatives.
    fn lie_over(&self, pattern: &Pattern) -> bool {
        let covered = |glob| self.loose.iter().any(|loose| glob_covers(loose, glob));
        pattern
            .globs()
            .is_some_and(|globs| globs.iter().all(covered))
    }
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
            whole_spent: false,
            searcher: Searcher::default(),
            automata: HashMap::new(),
            everything: Rc::new(Automaton::everything()),
            always: always
                .filter_map(|text| Pattern::parse(&text).ok())
                .collect(),
            proof: Proof::default(),
            lints: Vec::new(),
            exceptions: HashMap::new(),
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
    pub(super) fn goes_on(&mut self, most: usize) -> bool {
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
                self.report(
                    holders,
                    report::unproven(self.ownership, one, two, self.whole_spent),
                );
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
        if self.is_covered_by_many(one, two) {
            return Outcome::Disjoint;
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
    pub(super) fn is_covered(&mut self, one: &Claim, two: &Claim) -> bool {
        // Mostly it is the one that takes the other out.
        let each = [(one, two), (two, one), (one, one), (two, two)];
        each.into_iter().any(|(taking, taken)| {
            let covering = &self.exceptions_of(taking.role).covering;
            covering.find(&taken.pattern, None).is_some()
        }) || each.into_iter().any(|(taking, taken)| {
            let exceptions = self.exceptions_of(taking.role);
            exceptions.loose.len() <= FEW && exceptions.lie_over(&taken.pattern)
        })
    }

    /// The same, however many exceptions there are.
    fn is_covered_by_many(&mut self, one: &Claim, two: &Claim) -> bool {
        let each = [(one, two), (two, one), (one, one), (two, two)];
        each.into_iter().any(|(taking, taken)| {
            let exceptions = self.exceptions_of(taking.role);
            exceptions.loose.len() > FEW && exceptions.lie_over(&taken.pattern)
        })
    }

    fn exceptions_of(&mut self, role: Role) -> &Exceptions<'a> {
        let ownership = self.ownership;
        self.exceptions.entry(role).or_insert_with(|| {
            let mut found = Exceptions::default();
            let claims = of_role(ownership, role).iter();
            for Claim { pattern, .. } in claims.filter(|claim| claim.exception) {
                found.covering.add(0, pattern);
                let globs = pattern.globs().unwrap_or_default().iter();
                found.loose.extend(globs.filter(|glob| !glob.literal().1));
            }
            found
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

    /// The same for a remark, which is not worth as much.
    pub(super) fn search_briefly(
        &mut self,
        left: &Automaton,
        right: &Automaton,
        sets: &[ExcludedSet],
    ) -> Outcome {
        let pair = self.budget.pair;
        self.budget.pair = pair / 10;
        let outcome = self.search(left, right, Names::Paths, sets);
        self.budget.pair = pair;
        outcome
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
        self.whole_spent |= outcome == Outcome::Exhausted && granted < self.budget.pair;
        let spent = granted - left_over;
        self.proof.steps += spent;
        self.budget.total -= spent;
        outcome
    }

    pub(super) fn automaton(&mut self, pattern: &Pattern) -> Rc<Automaton> {
        let automaton = self.automata.entry(std::ptr::from_ref(pattern));
        Rc::clone(automaton.or_insert_with(|| Rc::new(pattern.automaton())))
    }

    pub(super) fn is_reported(&self, holders: (Holder, Holder)) -> bool {
        self.per_holders
            .get(&holders)
            .is_some_and(|count| *count >= MOST_PER_HOLDERS)
    }

    pub(super) fn report(&mut self, holders: (Holder, Holder), mut finding: Finding) {
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
