//! From regions, in which the last rules of some sections decide, to sets of which at most one holds
//! a path.
//!
//! What a set holds is what its paths match without what its exceptions match, and every exception
//! counts for every path. A region takes as exceptions those rules that come later in a section than
//! the region's own rule (all of them, where it has none), have other owners, and meet it. What is
//! left of it has the region's owners: in each section the last rule that matches is the region's own,
//! or a later one with the same owners.
//!
//! Regions with the same owners share a set where no exception of the set can match what a region
//! decides: then nothing is lost. An exception can, if it comes in its section before the region's own
//! rule, or is that rule, and meets the region; for a later one, the region does not decide. So a path
//! is in a set of its owners, and in no set of others.
//!
//! Exceptions are rules as the file has them, never what several have in common: of those there are
//! many more.

use super::super::pattern::Pattern;
use super::super::proof::{Covering, Meetings, covers, meetings};
use super::regions::Region;
use super::rules::{BUDGET, Rules, too_many};
use crate::words::Result;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Regions with the same owners, and the rules that take paths out of them again; both without
/// those that another one covers.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    /// The regions' places, and the places of the regions' pieces.
    pub(super) paths: Vec<(usize, usize)>,
    /// The places of the rules.
    pub(super) except: Vec<usize>,
}

/// So many meetings of rules and regions are looked at: what a thousand rules make that all meet each
/// other, and a manifest of the largest size can say.
const MOST: usize = 1_000_000;

/// The sets of everybody who owns something together, the largest first.
pub(super) fn sets(rules: &Rules, regions: &[Region]) -> Result<BTreeMap<Vec<usize>, Vec<Set>>> {
    let near = Near::find(rules, regions)?;
    let mut groups: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
    for (place, region) in regions.iter().enumerate() {
        if !region.owners.is_empty() {
            groups.entry(&region.owners).or_default().push(place);
        }
    }
    let mut done = BTreeMap::new();
    for (owners, places) in groups {
        let mut growing = Growing::default();
        for place in places {
            growing.add(place, &near);
        }
        let grown = growing.sets.into_iter();
        let mut sets: Vec<Set> = grown.map(|set| set.done(rules, regions, &near)).collect();
        sets.sort_by_key(|set| std::cmp::Reverse(set.paths.len()));
        done.insert(owners.to_vec(), sets);
    }
    Ok(done)
}

/// Of how many sets each rule is an exception.
pub(super) fn exceptions(rules: &Rules, sets: &BTreeMap<Vec<usize>, Vec<Set>>) -> Vec<usize> {
    let mut counts = vec![0; rules.all.len()];
    let all = sets.values().flatten().flat_map(|set| &set.except);
    all.for_each(|rule| counts[*rule] += 1);
    counts
}

/// What stands near each region.
struct Near {
    /// The rules that are exceptions of each region, each with the piece that it meets.
    later: Vec<Vec<(usize, usize)>>,
    /// The rules that must not be exceptions of a set with this region.
    never: Vec<Vec<usize>>,
    /// The pieces of each region of which nothing is left.
    dead: Vec<Vec<bool>>,
}

impl Near {
    fn find(rules: &Rules, regions: &[Region]) -> Result<Self> {
        let texts = texts(rules, regions);
        let several = rules.sections.len() > 1;
        let matters = |rule: usize, region: usize| {
            several || rules.all[rule].owners != regions[region].owners
        };
        let related = |one: usize, two: usize| {
            let (one, two) = (&texts[one], &texts[two]);
            let mut across = one.across(two).chain(two.across(one));
            across.any(|(rule, (region, _))| matters(rule, region))
        };
        let patterns: Vec<&Pattern> = texts.iter().map(|text| text.pattern).collect();
        let Meetings { pairs, complete } = meetings(&patterns, related, BUDGET, MOST);
        if !complete {
            let mut counts = vec![0; rules.all.len()];
            let both = pairs.iter().flat_map(|(one, two)| [*one, *two]);
            let met = both.flat_map(|place| &texts[place].rules);
            met.for_each(|rule| counts[*rule] += 1);
            return Err(too_many(rules, &counts));
        }
        let mut near = Self {
            later: vec![Vec::new(); regions.len()],
            never: regions.iter().map(|region| region.rules.clone()).collect(),
            dead: regions
                .iter()
                .map(|region| vec![false; region.pieces.len()])
                .collect(),
        };
        // Two that stand in several sections with one text meet themselves.
        let same = texts.iter().flat_map(|text| text.across(text));
        let pairs = pairs.iter().map(|(one, two)| (&texts[*one], &texts[*two]));
        let across = pairs.flat_map(|(one, two)| one.across(two).chain(two.across(one)));
        for (rule, piece) in same.chain(across) {
            near.note(rules, regions, rule, piece);
        }
        for (later, dead) in near.later.iter_mut().zip(&near.dead) {
            later.retain(|(_, piece)| !dead[*piece]);
        }
        Ok(near)
    }

    /// Takes note that the rule at `place` meets a piece of a region.
    fn note(
        &mut self,
        rules: &Rules,
        regions: &[Region],
        place: usize,
        (at, piece): (usize, usize),
    ) {
        let (rule, region) = (&rules.all[place], &regions[at]);
        let own = region.rule_of(rules, rule.section);
        if own.is_some_and(|own| place <= own) {
            self.never[at].push(place);
            return;
        }
        let owners = own.map_or(&[][..], |own| &rules.all[own].owners);
        if rule.owners != owners {
            self.dead[at][piece] |= covers(&rule.pattern, &region.pieces[piece].pattern);
            self.later[at].push((place, piece));
        }
    }

    fn is_dead(&self, region: usize) -> bool {
        self.dead[region].iter().all(|dead| *dead)
    }
}

/// A pattern, and where it stands: it is compared with others once.
struct Text<'a> {
    pattern: &'a Pattern,
    /// The rules that have it.
    rules: Vec<usize>,
    /// The regions and their pieces that have it.
    pieces: Vec<(usize, usize)>,
}

impl Text<'_> {
    /// Every rule here with every piece there.
    fn across(&self, other: &Self) -> impl Iterator<Item = (usize, (usize, usize))> {
        let rules = self.rules.iter();
        rules.flat_map(|rule| other.pieces.iter().map(|piece| (*rule, *piece)))
    }
}

fn texts<'a>(rules: &'a Rules, regions: &'a [Region]) -> Vec<Text<'a>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut texts: Vec<Text<'a>> = Vec::new();
    let mut text = |pattern: &'a Pattern, rule: Option<usize>, piece: Option<(usize, usize)>| {
        let place = *places.entry(pattern.as_str()).or_insert(texts.len());
        if place == texts.len() {
            texts.push(Text {
                pattern,
                rules: Vec::new(),
                pieces: Vec::new(),
            });
        }
        texts[place].rules.extend(rule);
        texts[place].pieces.extend(piece);
    };
    for (place, rule) in rules.all.iter().enumerate() {
        text(&rule.pattern, Some(place), None);
    }
    for (at, region) in regions.iter().enumerate() {
        for (place, piece) in region.pieces.iter().enumerate() {
            text(&piece.pattern, None, Some((at, place)));
        }
    }
    texts
}

/// The sets of the same owners.
#[derive(Default)]
struct Growing {
    sets: Vec<Members>,
    /// For each rule, the sets of which it is an exception, and those of which it must not be one.
    except: HashMap<usize, Numbers>,
    never: HashMap<usize, Numbers>,
}

#[derive(Clone, Debug, Default)]
struct Members {
    regions: Vec<usize>,
    except: Vec<usize>,
}

/// A set of numbers, a bit each.
#[derive(Clone, Debug, Default)]
struct Numbers(Vec<u64>);

impl Numbers {
    fn insert(&mut self, number: usize) {
        let word = number / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    fn add(&mut self, others: &Self) {
        if others.0.len() > self.0.len() {
            self.0.resize(others.0.len(), 0);
        }
        let words = self.0.iter_mut().zip(&others.0);
        words.for_each(|(own, other)| *own |= other);
    }

    /// The lowest number that is not in it.
    fn first_free(&self) -> usize {
        let word = self.0.iter().position(|word| *word != u64::MAX);
        let word = word.unwrap_or(self.0.len());
        let ones = self.0.get(word).map_or(0, |word| word.trailing_ones());
        64 * word + ones as usize
    }
}

impl Growing {
    /// Puts a region into the first set that it may share.
    fn add(&mut self, region: usize, near: &Near) {
        if near.is_dead(region) {
            return;
        }
        let mut except: Vec<usize> = near.later[region].iter().map(|(rule, _)| *rule).collect();
        except.sort_unstable();
        except.dedup();
        let mut taken = Numbers::default();
        let before = near.never[region]
            .iter()
            .filter_map(|rule| self.except.get(rule));
        let behind = except.iter().filter_map(|rule| self.never.get(rule));
        before.chain(behind).for_each(|sets| taken.add(sets));
        let number = taken.first_free();
        if number == self.sets.len() {
            self.sets.push(Members::default());
        }
        for rule in &near.never[region] {
            self.never.entry(*rule).or_default().insert(number);
        }
        for rule in &except {
            self.except.entry(*rule).or_default().insert(number);
        }
        self.sets[number].regions.push(region);
        self.sets[number].except.append(&mut except);
    }
}

impl Members {
    fn done(mut self, rules: &Rules, regions: &[Region], near: &Near) -> Set {
        let whole = self
            .regions
            .iter()
            .filter(|at| !near.dead[**at].contains(&true));
        let all: HashSet<&[usize]> = whole.map(|at| &*regions[*at].rules).collect();
        // A region with one rule more lies in the one without.
        let is_inside = |at: &usize| {
            let rules = &regions[*at].rules;
            let without = |left_out: &usize| {
                let rest: Vec<usize> = rules.iter().filter(|r| *r != left_out).copied().collect();
                all.contains(rest.as_slice())
            };
            rules.len() > 1 && rules.iter().any(without)
        };
        let outermost = self.regions.iter().filter(|at| !is_inside(at));
        let pieces = outermost.flat_map(|at| {
            let dead = near.dead[*at].iter().enumerate();
            dead.filter(|(_, dead)| !**dead)
                .map(|(piece, _)| (*at, piece))
        });
        let paths: Vec<(usize, usize)> = pieces.collect();
        let piece = |(at, piece): &(usize, usize)| &regions[*at].pieces[*piece].pattern;
        self.except.sort_unstable();
        self.except.dedup();
        Set {
            paths: uncovered(&paths, piece),
            except: uncovered(&self.except, |rule| &rules.all[*rule].pattern),
        }
    }
}

/// Those of which none of the others covers the pattern; the first of those with one pattern.
fn uncovered<'a, T: Copy>(items: &[T], pattern: impl Fn(&T) -> &'a Pattern) -> Vec<T> {
    let mut covering = Covering::default();
    for (place, item) in items.iter().enumerate() {
        covering.add(place, pattern(item));
    }
    let kept = items
        .iter()
        .enumerate()
        .filter(|(place, item)| covering.find(pattern(item), Some(*place)).is_none());
    kept.map(|(_, item)| *item).collect()
}
