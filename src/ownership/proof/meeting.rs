//! Which patterns meet, for those who make a manifest.

use super::super::automaton::Automaton;
use super::super::pattern::{Glob, Pattern, Token};
use super::exclusion::Exclusion;
use super::inclusion::covers;
use super::search::{Outcome, Query, Searcher};
use super::valid::Names;
use super::{Budget, filter};
use std::collections::HashSet;
use std::rc::Rc;

/// Which of some patterns meet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meetings {
    /// Every two, by their places, the lower one first, in order.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// Whether these are all; otherwise those that were found before it became too many.
    pub(crate) complete: bool,
}

/// Every two of `patterns` that a path could match, among those that `related` wants; `most` of them
/// if there are more. Two of which it is not found out within `budget` are taken to meet.
pub(crate) fn meetings(
    patterns: &[&Pattern],
    related: impl Fn(usize, usize) -> bool,
    budget: Budget,
    most: usize,
) -> Meetings {
    let numbered: Vec<(usize, &Pattern)> = patterns.iter().copied().enumerate().collect();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut meeting = Meeting {
        patterns,
        automata: vec![None; patterns.len()],
        searcher: Searcher::default(),
        budget,
    };
    let mut seen: HashSet<(usize, usize)> = HashSet::new();
    let mut few = true;
    let compared = filter::pairs(
        &numbered,
        |(_, pattern)| pattern,
        |one, two| related(one.0, two.0),
        |one, two| {
            // A pair with several alternatives comes several times.
            let several = patterns[one].globs().map_or(0, <[_]>::len) > 1
                || patterns[two].globs().map_or(0, <[_]>::len) > 1;
            if (!several || seen.insert((one, two))) && meeting.meet(one, two) {
                few = pairs.len() < most;
                pairs.push((one, two));
            }
            few
        },
    );
    pairs.sort_unstable();
    let complete = compared && few;
    Meetings { pairs, complete }
}

/// Whether the two meet, told by their looks: one covers the other, or goes on at any depth in a
/// directory of the other's.
fn certainly(outer: &Pattern, inner: &Pattern) -> bool {
    let globs = |pattern: &'_ Pattern, wanted: fn(&Glob) -> bool| {
        pattern
            .globs()
            .is_some_and(|globs| globs.iter().any(wanted))
    };
    let anywhere = |glob: &Glob| glob.tokens.first() == Some(&Token::Deep);
    globs(outer, |glob| glob.below) && globs(inner, anywhere) || covers(outer, inner)
}

struct Meeting<'a> {
    patterns: &'a [&'a Pattern],
    automata: Vec<Option<Rc<Automaton>>>,
    searcher: Searcher,
    budget: Budget,
}

impl Meeting<'_> {
    fn meet(&mut self, one: usize, two: usize) -> bool {
        let (left, right) = (self.patterns[one], self.patterns[two]);
        if certainly(left, right) || certainly(right, left) {
            return true;
        }
        let (left, right) = (self.automaton(one), self.automaton(two));
        let mut exclusion = Exclusion::new(&[], &Names::Segments.classes());
        let mut query = Query {
            left: &left,
            right: &right,
            names: Names::Segments,
            exclusion: &mut exclusion,
        };
        let granted = self.budget.pair.min(self.budget.total);
        let mut left_over = granted;
        let outcome = self.searcher.search(&mut query, &mut left_over);
        self.budget.total -= granted - left_over;
        outcome != Outcome::Disjoint
    }

    fn automaton(&mut self, place: usize) -> Rc<Automaton> {
        let pattern = self.patterns[place];
        let automaton = self.automata[place].get_or_insert_with(|| Rc::new(pattern.automaton()));
        Rc::clone(automaton)
    }
}
