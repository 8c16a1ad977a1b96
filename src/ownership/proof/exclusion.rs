//! What does not count: sets of paths that are taken out of a search. Their automata are made
//! deterministic step by step, only where the search goes.

use super::super::automaton::Automaton;
use super::super::bytes::ByteSet;
use super::mix::Mix;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;

/// Paths that one of `paths` matches and none of `except`.
#[derive(Clone, Debug, Default)]
pub(super) struct ExcludedSet {
    pub(super) paths: Vec<Rc<Automaton>>,
    pub(super) except: Vec<Rc<Automaton>>,
}

/// Several excluded sets, and the part of their deterministic automaton that was visited.
#[derive(Debug, Default)]
pub(super) struct Exclusion {
    parts: Vec<Part>,
    /// Bytes that no part tells apart have the same class.
    class_of: Vec<u8>,
    classes: Vec<ByteSet>,
    subsets: Vec<Rc<[State]>>,
    verdicts: Vec<Verdict>,
    known: HashMap<Rc<[State]>, u32, BuildHasherDefault<Mix>>,
    only_excludes: bool,
    /// The subset after each class of bytes, for each subset in turn; [`UNKNOWN`] at first.
    moves: Vec<u32>,
}

/// A state of one of the parts: the part's number and the automaton's state.
type State = (u16, u16);

/// Not looked at yet.
const UNKNOWN: u32 = u32::MAX;

#[derive(Debug)]
struct Part {
    automaton: Rc<Automaton>,
    set: usize,
    except: bool,
    /// Whether its set has no exceptions.
    plain: bool,
}

/// What is known of a subset of states.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verdict {
    /// A path that ends here is excluded.
    pub(super) excluded: bool,
    /// Every path that comes by here is excluded.
    pub(super) hopeless: bool,
}

impl Exclusion {
    /// Where every search begins.
    pub(super) const START: u32 = 0;

    /// `apart`: sets of bytes that the search wants to keep apart, beyond those of the parts.
    pub(super) fn new(sets: &[ExcludedSet], apart: &[ByteSet]) -> Self {
        let mut exclusion = Self::default();
        for (number, set) in sets.iter().enumerate() {
            for (except, automata) in [(false, &set.paths), (true, &set.except)] {
                exclusion
                    .parts
                    .extend(automata.iter().map(|automaton| Part {
                        automaton: Rc::clone(automaton),
                        set: number,
                        except,
                        plain: set.except.is_empty(),
                    }));
            }
        }
        exclusion.only_excludes =
            !exclusion.is_empty() && exclusion.parts.iter().all(|part| !part.except);
        exclusion.partition(apart);
        let parts = u16::try_from(exclusion.parts.len()).unwrap_or(u16::MAX);
        exclusion.intern((0..parts).map(|part| (part, 0)).collect());
        exclusion
    }

    /// Whether nothing is excluded.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether every part takes paths out, and none gives them back: then a subset that contains
    /// another one excludes all that the other one does, now and later.
    pub(super) fn only_excludes(&self) -> bool {
        self.only_excludes
    }

    /// Whether `outer` contains the subset `inner`, and how much work that was.
    pub(super) fn contains(&self, outer: u32, inner: u32) -> (bool, u64) {
        let (outer, inner) = (&self.subsets[outer as usize], &self.subsets[inner as usize]);
        if inner.len() > outer.len() {
            return (false, 1);
        }
        let mut rest = outer.iter();
        let contains = inner.iter().all(|state| rest.any(|other| other == state));
        (contains, 1 + (outer.len() - rest.len()) as u64 / 8)
    }

    pub(super) fn classes(&self) -> &[ByteSet] {
        &self.classes
    }

    pub(super) fn verdict(&self, subset: u32) -> Verdict {
        self.verdicts[subset as usize]
    }

    /// The subset after `byte`, and how much work that was.
    pub(super) fn step(&mut self, subset: u32, byte: u8) -> (u32, u64) {
        if self.parts.is_empty() {
            return (subset, 0);
        }
        let class = usize::from(self.class_of[usize::from(byte)]);
        let place = subset as usize * self.classes.len() + class;
        if self.moves[place] != UNKNOWN {
            return (self.moves[place], 1);
        }
        let now = Rc::clone(&self.subsets[subset as usize]);
        let mut after: Vec<State> = Vec::new();
        let mut work = 1;
        for &(part, state) in now.iter() {
            let automaton = &self.parts[usize::from(part)].automaton;
            for &next in automaton.next(state) {
                work += 1;
                if automaton.reads(next).contains(byte) {
                    after.push((part, next));
                }
            }
        }
        after.sort_unstable();
        after.dedup();
        let next = self.intern(after);
        self.moves[place] = next;
        (next, work)
    }

    fn intern(&mut self, states: Vec<State>) -> u32 {
        let states: Rc<[State]> = states.into();
        if let Some(known) = self.known.get(&states) {
            return *known;
        }
        let number = u32::try_from(self.subsets.len()).unwrap_or(u32::MAX);
        self.verdicts.push(self.judge(&states));
        self.moves
            .resize(self.moves.len() + self.classes.len(), UNKNOWN);
        self.subsets.push(Rc::clone(&states));
        self.known.insert(states, number);
        number
    }

    fn judge(&self, states: &[State]) -> Verdict {
        let part = |state: &State| &self.parts[usize::from(state.0)];
        let accepted = |state: &&State| part(state).automaton.accepts(state.1);
        let rescued: Vec<usize> = states
            .iter()
            .filter(accepted)
            .map(part)
            .filter(|part| part.except)
            .map(|part| part.set)
            .collect();
        let mut verdict = Verdict::default();
        for state in states.iter().filter(accepted) {
            let part = part(state);
            if !part.except && !rescued.contains(&part.set) {
                verdict.excluded = true;
                verdict.hopeless |= part.plain && part.automaton.is_final(state.1);
            }
        }
        verdict
    }

    /// Splits all bytes into classes that neither the parts nor `apart` tell apart.
    fn partition(&mut self, apart: &[ByteSet]) {
        let mut classes = vec![ByteSet::ALL];
        let mut split = |set: ByteSet| {
            for place in 0..classes.len() {
                let inside = classes[place].and(set);
                let outside = classes[place].minus(set);
                if !inside.is_empty() && !outside.is_empty() {
                    classes[place] = inside;
                    classes.push(outside);
                }
            }
        };
        for set in apart {
            split(*set);
        }
        let mut done = std::collections::HashSet::new();
        for part in &self.parts {
            let states = u16::try_from(part.automaton.len()).unwrap_or(u16::MAX);
            for set in (0..states).map(|state| part.automaton.reads(state)) {
                if done.insert(set) {
                    split(set);
                }
            }
        }
        // The order in which a search tries them: what reads best first.
        classes.sort_by_key(|class| class.rank());
        self.class_of = (0..=255_u8)
            .map(|byte| {
                let class = classes.iter().position(|class| class.contains(byte));
                class
                    .and_then(|class| u8::try_from(class).ok())
                    .unwrap_or_default()
            })
            .collect();
        self.classes = classes;
    }
}
