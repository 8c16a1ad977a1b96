//! From rules of which the last one decides to sets of which at most one holds a path.
//!
//! What a set holds is what its paths match without what its exceptions match, and every exception
//! counts for every path. So a rule joins a set of its owners, with the later rules of others that it
//! meets as exceptions, only if it meets no exception of the set that stands *before* it in the file:
//! there the rule decides, and the exception must not. A rule that meets one begins another set, or
//! joins a later one. Then a path is in a set exactly if the last rule that matches it is in the set:
//! if the last rule is in the set, every exception that matches stands before that rule, which was
//! ruled out; if it is not, it is an exception of every rule of the set that matches the path, or
//! has the same owners and is in a set of theirs.

use super::super::proof::{Budget, Covering, meetings};
use super::fold::{Rule, too_many};
use crate::manifest::limits::MAX_PATTERNS;
use crate::words::Result;
use std::collections::{BTreeMap, HashSet};

/// Rules with the same owners, and the rules of others that take paths out of theirs again; both
/// without those that another one covers.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    pub(super) paths: Vec<usize>,
    pub(super) except: Vec<usize>,
}

/// So many meetings of rules are looked at: sixty rules that each meet all others of a file with
/// 16,000 lines.
const MOST: usize = 1_000_000;

/// The sets of everybody who owns something together, the largest first.
pub(super) fn sets(rules: &[Rule]) -> Result<BTreeMap<Vec<usize>, Vec<Set>>> {
    let patterns: Vec<_> = rules.iter().map(|rule| &rule.pattern).collect();
    let others = |one: usize, two: usize| rules[one].owners != rules[two].owners;
    let pairs = meetings(&patterns, others, budget(), MOST).ok_or_else(too_many)?;
    let mut later: Vec<Vec<usize>> = vec![Vec::new(); rules.len()];
    let mut earlier = later.clone();
    for (one, two) in pairs {
        later[one].push(two);
        earlier[two].push(one);
    }
    let mut growing: BTreeMap<&[usize], Vec<Growing>> = BTreeMap::new();
    for (place, rule) in rules.iter().enumerate() {
        if rule.owners.is_empty() {
            continue;
        }
        let sets = growing.entry(&rule.owners).or_default();
        let fits = |set: &Growing| {
            earlier[place]
                .iter()
                .all(|before| !set.except.contains(before))
        };
        let found = sets.iter().position(fits).unwrap_or_else(|| {
            sets.push(Growing::default());
            sets.len() - 1
        });
        sets[found].paths.push(place);
        sets[found].except.extend(&later[place]);
    }
    let done = growing.into_iter().map(|(owners, sets)| {
        let mut sets: Vec<Set> = sets.into_iter().map(|set| set.done(rules)).collect();
        sets.sort_by_key(|set| std::cmp::Reverse(set.paths.len()));
        (owners.to_vec(), sets)
    });
    let done: BTreeMap<_, Vec<Set>> = done.collect();
    let patterns = done
        .values()
        .flatten()
        .map(|set| set.paths.len() + set.except.len());
    if patterns.sum::<usize>() > MAX_PATTERNS {
        return Err(too_many());
    }
    Ok(done)
}

/// Ten times what a proof may cost: not knowing makes exceptions that are not needed.
fn budget() -> Budget {
    let Budget { pair, total } = Budget::default();
    Budget {
        pair,
        total: 10 * total,
    }
}

#[derive(Default)]
struct Growing {
    paths: Vec<usize>,
    except: HashSet<usize>,
}

impl Growing {
    fn done(self, rules: &[Rule]) -> Set {
        let mut except: Vec<usize> = self.except.into_iter().collect();
        except.sort_unstable();
        Set {
            paths: uncovered(self.paths, rules),
            except: uncovered(except, rules),
        }
    }
}

/// Without those that another one covers.
fn uncovered(places: Vec<usize>, rules: &[Rule]) -> Vec<usize> {
    let mut covering = Covering::default();
    for place in &places {
        covering.add(*place, &rules[*place].pattern);
    }
    let mut kept = places;
    kept.retain(|place| {
        covering
            .find(&rules[*place].pattern, Some(*place))
            .is_none()
    });
    kept
}
