//! The product of two automata searched from its end: where a name can still be finished, and how many
//! slashes that takes at least. What runs along with a search (rules for names, what is excluded) is left
//! aside, so it leads nowhere that is wrong, and only out of places from which there is no way.

use super::super::automaton::Automaton;
use super::super::bytes::ByteSet;
use crate::words::MAX_DEPTH;
use std::collections::VecDeque;

/// For every two states, the least number of slashes that must still be read.
#[derive(Debug)]
pub(super) struct Guide {
    width: usize,
    slashes: Vec<u16>,
}

/// From here no name can be finished.
const NEVER: u16 = u16::MAX;

/// The states from which each state is reached.
fn backwards(automaton: &Automaton) -> Vec<Vec<u16>> {
    let mut before = vec![Vec::new(); automaton.len()];
    for state in 0..u16::try_from(automaton.len()).unwrap_or(u16::MAX) {
        for next in automaton.next(state) {
            before[usize::from(*next)].push(state);
        }
    }
    before
}

impl Guide {
    /// The guide through the product of `left` and `right`; `None` if it takes more than `budget`, which
    /// is spent in any case.
    pub(super) fn new(left: &Automaton, right: &Automaton, budget: &mut u64) -> Option<Self> {
        let (lefts, rights) = (backwards(left), backwards(right));
        let width = right.len();
        let mut guide = Self {
            width,
            slashes: vec![NEVER; left.len() * width],
        };
        // A step is taken in halves, the left state first back, then the right one: so it takes as many
        // steps as there are ways for one or the other, not for both at once.
        let mut halves = guide.slashes.clone();
        let mut waiting: VecDeque<(bool, u16, u16, u16)> = VecDeque::new();
        for one in 0..u16::try_from(left.len()).ok()? {
            for two in (0..u16::try_from(width).ok()?).filter(|_| left.accepts(one)) {
                if right.accepts(two) {
                    guide.slashes[usize::from(one) * width + usize::from(two)] = 0;
                    waiting.push_back((true, one, two, 0));
                }
            }
        }
        while let Some((whole, one, two, slashes)) = waiting.pop_front() {
            let at = |one: u16, two: u16| usize::from(one) * width + usize::from(two);
            let known = if whole { &guide.slashes } else { &halves };
            if known[at(one, two)] < slashes {
                continue;
            }
            let (before, more) = if whole {
                let common = left.reads(one).and(right.reads(two));
                if common.is_empty() {
                    continue;
                }
                let slash = u16::from(ByteSet::one(b'/').covers(common));
                (&lefts[usize::from(one)], slash)
            } else {
                (&rights[usize::from(two)], 0)
            };
            *budget = budget.checked_sub(1 + before.len() as u64)?;
            for &state in before {
                let (place, table) = if whole {
                    ((false, state, two), &mut halves)
                } else {
                    ((true, one, state), &mut guide.slashes)
                };
                let known = &mut table[at(place.1, place.2)];
                if slashes + more < *known {
                    *known = slashes + more;
                    let step = (place.0, place.1, place.2, slashes + more);
                    if more == 0 {
                        waiting.push_front(step);
                    } else {
                        waiting.push_back(step);
                    }
                }
            }
        }
        Some(guide)
    }

    /// Whether a name of which `depth - 1` slashes were read may lead from these two states to an end.
    /// With `limits`, it may have no more components than a path.
    pub(super) fn allows(&self, left: u16, right: u16, depth: u16, limits: bool) -> bool {
        let slashes = self.slashes[usize::from(left) * self.width + usize::from(right)];
        let components = usize::from(depth) + usize::from(slashes);
        slashes != NEVER && (!limits || components <= MAX_DEPTH)
    }
}
