//! The search for a shortest name that two automata accept: breadth first through their product,
//! with the rules for names and what is excluded running along. Where that takes long, the product is
//! searched from its end first (`guide`), which often ends it at once.

use super::super::automaton::Automaton;
use super::exclusion::Exclusion;
use super::guide::Guide;
use super::mix::Mix;
use super::seen::Seen;
use super::valid::Names;
use crate::words::{MAX_COMPONENT, MAX_DEPTH, MAX_PATH};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// There is no such name: proven.
    Disjoint,
    /// A shortest one.
    Witness(Vec<u8>),
    /// The budget was used up before it was known.
    Exhausted,
}

/// One question: is there a name that `left` and `right` accept and `exclusion` does not hold?
pub(super) struct Query<'a> {
    pub(super) left: &'a Automaton,
    pub(super) right: &'a Automaton,
    pub(super) names: Names,
    pub(super) exclusion: &'a mut Exclusion,
}

/// The memory of a search, kept for the next one.
#[derive(Debug, Default)]
pub(super) struct Searcher {
    nodes: Vec<Node>,
    seen: Seen,
    /// Half steps that were taken: the left state is already the next one, the right one is not.
    halves: Seen,
    /// With something excluded: the subsets with which each place was reached, without those that
    /// contain another one.
    least: HashMap<u64, Vec<u32>, BuildHasherDefault<Mix>>,
    /// With limits: the least lengths of the component and numbers of components by which each
    /// place was reached; worse ones lead nowhere new.
    fronts: HashMap<u64, Vec<(u16, u16)>, BuildHasherDefault<Mix>>,
}

/// A place in the product, and how it was reached.
#[derive(Clone, Copy, Debug)]
struct Node {
    left: u16,
    right: u16,
    subset: u32,
    parent: u32,
    length: u16,
    component: u16,
    depth: u16,
    valid: u8,
    byte: u8,
}

/// How one run through the product is made.
#[derive(Clone, Copy)]
struct Run<'a> {
    guide: Option<&'a Guide>,
    /// Whether the limits on lengths are heeded.
    limits: bool,
}

/// So many transitions are tried before the product is searched from its end.
const FIRST: u64 = 20_000;

/// Above this many places, memory is given back after a search.
const KEEP: usize = 1 << 16;

impl Searcher {
    /// Answers `query`; takes what it costs from `budget`, in transitions tried.
    pub(super) fn search(&mut self, query: &mut Query<'_>, budget: &mut u64) -> Outcome {
        let mut guide = None;
        let mut first = FIRST.min(*budget);
        *budget -= first;
        // The limits on lengths hardly ever matter and cost a dimension: first without them.
        let mut outcome = self.run(query, &mut first, None, false);
        *budget += first;
        if outcome == Outcome::Exhausted && *budget > 0 {
            guide = guided(query, budget);
            if guide.as_ref().is_some_and(|guide| !begins(guide)) {
                return Outcome::Disjoint;
            }
            outcome = self.run(query, budget, guide.as_ref(), false);
        }
        let Outcome::Witness(name) = &outcome else {
            return outcome;
        };
        if within_limits(name) {
            return outcome;
        }
        let guide = guide.or_else(|| guided(query, budget));
        if guide.as_ref().is_some_and(|guide| !begins(guide)) {
            return Outcome::Disjoint;
        }
        self.run(query, budget, guide.as_ref(), true)
    }

    fn run(
        &mut self,
        query: &mut Query<'_>,
        budget: &mut u64,
        guide: Option<&Guide>,
        limits: bool,
    ) -> Outcome {
        self.reset(query);
        let run = Run { guide, limits };
        let valid = query.names.start();
        let subset = Exclusion::START;
        let start = Node {
            left: 0,
            right: 0,
            subset,
            parent: 0,
            length: 0,
            component: 0,
            depth: 1,
            valid,
            byte: 0,
        };
        self.nodes.push(start);
        let mut next = 0;
        while let Some(&node) = self.nodes.get(next) {
            if usize::from(node.length) < MAX_PATH {
                match self.expand(query, budget, run, node, next) {
                    Ok(()) => {}
                    Err(outcome) => return outcome,
                }
            }
            next += 1;
        }
        Outcome::Disjoint
    }

    /// Adds what follows `node`; `Err` ends the search.
    fn expand(
        &mut self,
        query: &mut Query<'_>,
        budget: &mut u64,
        run: Run<'_>,
        node: Node,
        place: usize,
    ) -> Result<(), Outcome> {
        let (one, two) = (query.left, query.right);
        // The left one goes on as far as it can, the right one as little: so of several shortest
        // names the one is found first that begins like the left pattern.
        for &left in one.next(node.left).iter().rev() {
            spend(budget, 1)?;
            // Whatever comes next is the same as where this half step was taken before.
            if !run.limits
                && !self
                    .halves
                    .insert(node.subset, left, node.right, node.valid)
            {
                continue;
            }
            for &right in two.next(node.right) {
                spend(budget, 1)?;
                let common = one.reads(left).and(two.reads(right));
                let Some(nicest) = common.nicest() else {
                    continue;
                };
                let accepts = one.accepts(left) && two.accepts(right);
                let child = Node {
                    left,
                    right,
                    parent: parent(place),
                    byte: nicest,
                    ..node
                };
                if common.is_single() {
                    self.visit(query, budget, run, child, accepts)?;
                    continue;
                }
                for class in 0..query.exclusion.classes().len() {
                    let here = common.and(query.exclusion.classes()[class]);
                    let Some(byte) = here.nicest() else { continue };
                    let child = Node { byte, ..child };
                    self.visit(query, budget, run, child, accepts)?;
                }
            }
        }
        Ok(())
    }

    /// Takes the step that `child` stands for, if it leads to a new place.
    fn visit(
        &mut self,
        query: &mut Query<'_>,
        budget: &mut u64,
        run: Run<'_>,
        mut child: Node,
        accepts: bool,
    ) -> Result<(), Outcome> {
        let Some(valid) = query.names.step(child.valid, child.byte) else {
            return Ok(());
        };
        let depth = child.depth + u16::from(child.byte == b'/');
        let guided = run
            .guide
            .is_none_or(|guide| guide.allows(child.left, child.right, depth, run.limits));
        if !guided {
            return Ok(());
        }
        let (subset, work) = query.exclusion.step(child.subset, child.byte);
        spend(budget, work)?;
        let verdict = query.exclusion.verdict(subset);
        if verdict.hopeless {
            return Ok(());
        }
        child.valid = valid;
        child.subset = subset;
        child.length += 1;
        if run.limits {
            let slash = child.byte == b'/';
            child.component = if slash { 0 } else { child.component + 1 };
            child.depth = depth;
            if usize::from(child.component) > MAX_COMPONENT || usize::from(child.depth) > MAX_DEPTH
            {
                return Ok(());
            }
        }
        let is_new = if run.limits {
            self.is_ahead(&child)
        } else {
            self.is_new(query.exclusion, &child, budget)?
        };
        if is_new {
            self.nodes.push(child);
            if accepts && !verdict.excluded && query.names.accepts(valid) {
                return Err(Outcome::Witness(self.name()));
            }
        }
        Ok(())
    }

    /// Whether nothing that was reached before leads everywhere where this leads.
    fn is_new(
        &mut self,
        exclusion: &Exclusion,
        node: &Node,
        budget: &mut u64,
    ) -> Result<bool, Outcome> {
        if !self
            .seen
            .insert(node.subset, node.left, node.right, node.valid)
        {
            return Ok(false);
        }
        if !exclusion.only_excludes() {
            return Ok(true);
        }
        // With fewer states of what is excluded, less is excluded behind.
        let least = self.least.entry(node.key(0)).or_default();
        for known in least.iter() {
            let (contains, work) = exclusion.contains(node.subset, *known);
            spend(budget, work)?;
            if contains {
                return Ok(false);
            }
        }
        least.push(node.subset);
        Ok(true)
    }

    /// With limits: whether nothing reached the same place by a component and a depth that are no
    /// longer.
    fn is_ahead(&mut self, node: &Node) -> bool {
        let key = node.key(node.subset);
        let front = self.fronts.entry(key).or_default();
        let lengths = (node.component, node.depth);
        if front
            .iter()
            .any(|(c, d)| *c <= lengths.0 && *d <= lengths.1)
        {
            return false;
        }
        front.retain(|(c, d)| *c < lengths.0 || *d < lengths.1);
        front.push(lengths);
        true
    }

    /// The name by which the last node was reached.
    fn name(&self) -> Vec<u8> {
        let mut name = Vec::new();
        let mut place = self.nodes.len() - 1;
        while place != 0 {
            name.push(self.nodes[place].byte);
            place = self.nodes[place].parent as usize;
        }
        name.reverse();
        name
    }

    fn reset(&mut self, query: &Query<'_>) {
        if self.nodes.len() > KEEP {
            *self = Self::default();
        }
        let dense = query.exclusion.is_empty();
        let lengths = (query.left.len(), query.right.len());
        self.nodes.clear();
        self.seen.clear(lengths, dense);
        self.halves.clear(lengths, dense);
        self.least.clear();
        self.fronts.clear();
    }
}

impl Node {
    /// Its place in the product, with `subset`.
    fn key(&self, subset: u32) -> u64 {
        u64::from(subset) << 32
            | u64::from(self.left) << 20
            | u64::from(self.right) << 8
            | u64::from(self.valid)
    }
}

/// The guide for `query`, unless it takes half of what is left.
fn guided(query: &Query<'_>, budget: &mut u64) -> Option<Guide> {
    let granted = *budget / 2;
    let mut left_over = granted;
    let guide = Guide::new(query.left, query.right, &mut left_over);
    *budget -= granted - left_over;
    guide
}

/// Whether a name that git allows can begin where it must.
fn begins(guide: &Guide) -> bool {
    guide.allows(0, 0, 1, true)
}

fn parent(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn spend(budget: &mut u64, work: u64) -> Result<(), Outcome> {
    *budget = budget.checked_sub(work).ok_or(Outcome::Exhausted)?;
    Ok(())
}

fn within_limits(name: &[u8]) -> bool {
    let components = name.split(|byte| *byte == b'/');
    name.len() <= MAX_PATH
        && components.clone().count() <= MAX_DEPTH
        && components
            .clone()
            .all(|component| component.len() <= MAX_COMPONENT)
}
