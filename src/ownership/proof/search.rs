//! The search for a shortest name that two automata accept: breadth first through their product,
//! with the rules for names and what is excluded running along.

use super::super::automaton::Automaton;
use super::exclusion::Exclusion;
use super::mix::Mix;
use super::valid::Names;
use crate::words::{MAX_COMPONENT, MAX_DEPTH, MAX_PATH};
use std::collections::{HashMap, HashSet};
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
    seen: HashSet<u64, BuildHasherDefault<Mix>>,
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

/// Above this many places, memory is given back after a search.
const KEEP: usize = 1 << 16;

impl Searcher {
    /// Answers `query`; takes what it costs from `budget`, in transitions tried.
    pub(super) fn search(&mut self, query: &mut Query<'_>, budget: &mut u64) -> Outcome {
        // The limits on lengths hardly ever matter and cost a dimension: first without them.
        let outcome = self.run(query, budget, false);
        let Outcome::Witness(name) = &outcome else {
            return outcome;
        };
        if within_limits(name) {
            outcome
        } else {
            self.run(query, budget, true)
        }
    }

    fn run(&mut self, query: &mut Query<'_>, budget: &mut u64, limits: bool) -> Outcome {
        self.reset();
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
                match self.expand(query, budget, limits, node, next) {
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
        limits: bool,
        node: Node,
        place: usize,
    ) -> Result<(), Outcome> {
        let (one, two) = (query.left, query.right);
        // The left one goes on as far as it can, the right one as little: so of several shortest
        // names the one is found first that begins like the left pattern.
        for &left in one.next(node.left).iter().rev() {
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
                    self.visit(query, budget, limits, child, accepts)?;
                    continue;
                }
                for class in 0..query.exclusion.classes().len() {
                    let here = common.and(query.exclusion.classes()[class]);
                    let Some(byte) = here.nicest() else { continue };
                    let child = Node { byte, ..child };
                    self.visit(query, budget, limits, child, accepts)?;
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
        limits: bool,
        mut child: Node,
        accepts: bool,
    ) -> Result<(), Outcome> {
        let Some(valid) = query.names.step(child.valid, child.byte) else {
            return Ok(());
        };
        let (subset, work) = query.exclusion.step(child.subset, child.byte);
        spend(budget, work)?;
        let verdict = query.exclusion.verdict(subset);
        if verdict.hopeless {
            return Ok(());
        }
        child.valid = valid;
        child.subset = subset;
        child.length += 1;
        if limits {
            let slash = child.byte == b'/';
            child.component = if slash { 0 } else { child.component + 1 };
            child.depth += u16::from(slash);
            if usize::from(child.component) > MAX_COMPONENT || usize::from(child.depth) > MAX_DEPTH
            {
                return Ok(());
            }
        }
        if self.is_new(&child, limits) {
            self.nodes.push(child);
            if accepts && !verdict.excluded && query.names.accepts(valid) {
                return Err(Outcome::Witness(self.name()));
            }
        }
        Ok(())
    }

    fn is_new(&mut self, node: &Node, limits: bool) -> bool {
        let key = u64::from(node.subset) << 32
            | u64::from(node.left) << 20
            | u64::from(node.right) << 8
            | u64::from(node.valid);
        if !limits {
            return self.seen.insert(key);
        }
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

    fn reset(&mut self) {
        if self.nodes.len() > KEEP {
            *self = Self::default();
        }
        self.nodes.clear();
        self.seen.clear();
        self.fronts.clear();
    }
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
