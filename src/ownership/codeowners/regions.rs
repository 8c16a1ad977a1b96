//! What the sections of a file say together: for every choice of at most one rule from each section,
//! the paths that all of these rules match, as patterns.

use super::super::pattern::Pattern;
use super::super::proof::{Meetings, covers, meetings};
use super::dialect::pattern;
use super::meet::meet;
use super::rules::{BUDGET, Rule, Rules, too_many};
use super::shape::Shape;
use crate::words::{Code, Finding, Result};

/// The rules that decide together, and where they can.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    /// Their places, in ascending order: at most one for each section.
    pub(super) rules: Vec<usize>,
    /// Everybody whom one of them names, in ascending order.
    pub(super) owners: Vec<usize>,
    /// Together these match exactly what all of the rules match.
    pub(super) pieces: Vec<Piece>,
}

/// A part of what some rules have in common.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) pattern: Pattern,
    shape: Shape,
}

/// So many pieces are made at most.
const MOST: usize = 50_000;

/// Every region in which these sections have something to say. That the other rules of a section do
/// not decide there is not part of it: see [`super::sets`].
pub(super) fn regions(rules: &Rules) -> Result<Vec<Region>> {
    let mut sections = rules.sections.iter();
    let first = sections.next().cloned().unwrap_or_default();
    let mut regions: Vec<Region> = first
        .map(|place| Region::alone(place, &rules.all[place]))
        .collect();
    for section in sections {
        regions = extended(&regions, rules, section.clone())?;
    }
    Ok(regions)
}

impl Region {
    fn alone(place: usize, rule: &Rule) -> Self {
        Self {
            rules: vec![place],
            owners: rule.owners.clone(),
            pieces: vec![Piece {
                pattern: rule.pattern.clone(),
                shape: rule.shape.clone(),
            }],
        }
    }

    /// The rule that it has of the section `number`.
    pub(super) fn rule_of(&self, rules: &Rules, number: usize) -> Option<usize> {
        let mut own = self.rules.iter().copied();
        own.find(|rule| rules.all[*rule].section == number)
    }

    /// The region in which the rule at `place` of another section decides too; it meets the pieces
    /// `met`.
    fn and(&self, rules: &Rules, place: usize, met: &[usize]) -> Result<Self> {
        let rule = &rules.all[place];
        let mut pieces = Vec::new();
        for piece in met.iter().map(|met| &self.pieces[*met]) {
            let common = piece.and(rule);
            pieces.extend(common.ok_or_else(|| entangled(rules, &self.rules, place))?);
        }
        let mut owners = [self.owners.as_slice(), &rule.owners].concat();
        owners.sort_unstable();
        owners.dedup();
        Ok(Self {
            rules: [self.rules.as_slice(), &[place]].concat(),
            owners,
            pieces,
        })
    }
}

impl Piece {
    /// What it has in common with `rule`; `None` if no few patterns say that.
    fn and(&self, rule: &Rule) -> Option<Vec<Self>> {
        if covers(&rule.pattern, &self.pattern) {
            return Some(vec![self.clone()]);
        }
        if covers(&self.pattern, &rule.pattern) {
            let (pattern, shape) = (rule.pattern.clone(), rule.shape.clone());
            return Some(vec![Self { pattern, shape }]);
        }
        let mut pieces = Vec::new();
        for shape in meet(&self.shape, &rule.shape)? {
            match pattern(&shape) {
                Ok(pattern) => pieces.push(Self { pattern, shape }),
                Err(fault) if fault.never => {}
                Err(_) => return None,
            }
        }
        Some(pieces)
    }
}

/// The `regions`, each alone and with each rule of the next section; and those rules alone.
fn extended(
    regions: &[Region],
    rules: &Rules,
    section: std::ops::Range<usize>,
) -> Result<Vec<Region>> {
    let pieces: Vec<(usize, usize)> = regions
        .iter()
        .enumerate()
        .flat_map(|(region, found)| (0..found.pieces.len()).map(move |piece| (region, piece)))
        .collect();
    let pattern = |(region, piece): &(usize, usize)| &regions[*region].pieces[*piece].pattern;
    let mut patterns: Vec<&Pattern> = pieces.iter().map(pattern).collect();
    patterns.extend(rules.all[section.clone()].iter().map(|rule| &rule.pattern));
    let from = pieces.len();
    let across = |one: usize, two: usize| (one < from) != (two < from);
    let Meetings { pairs, complete } = meetings(&patterns, across, BUDGET, MOST);
    let mut met: Vec<Vec<usize>> = vec![Vec::new(); pieces.len()];
    for (piece, rule) in &pairs {
        met[*piece].push(section.start + rule - from);
    }
    if !complete {
        return Err(crossing(rules));
    }
    let alone = section
        .clone()
        .map(|place| Region::alone(place, &rules.all[place]));
    let mut found: Vec<Region> = alone.collect();
    let mut made = found.len();
    let mut met = met.as_slice();
    for region in regions {
        let (own, rest) = met.split_at(region.pieces.len());
        met = rest;
        let with = with_each(region, rules, own)?;
        made += with.iter().map(|region| region.pieces.len()).sum::<usize>();
        found.extend(with);
        if made > MOST {
            return Err(crossing(rules));
        }
    }
    found.retain(|region| !region.pieces.is_empty());
    Ok(found)
}

/// `region` without a rule of the next section, and with each of those that its pieces have `met`.
fn with_each(region: &Region, rules: &Rules, met: &[Vec<usize>]) -> Result<Vec<Region>> {
    // Where a rule covers a piece, no rule before it decides there.
    let last: Vec<Option<usize>> = region
        .pieces
        .iter()
        .zip(met)
        .map(|(piece, met)| {
            let mut later = met.iter().rev();
            later
                .find(|rule| covers(&rules.all[**rule].pattern, &piece.pattern))
                .copied()
        })
        .collect();
    let mut bare = region.clone();
    let mut covering = last.iter();
    bare.pieces
        .retain(|_| covering.next().is_some_and(Option::is_none));
    let mut found = vec![bare];
    let mut chosen: Vec<usize> = met.concat();
    chosen.sort_unstable();
    chosen.dedup();
    for place in chosen {
        let alive = |piece: &usize| {
            met[*piece].binary_search(&place).is_ok() && last[*piece].is_none_or(|by| by <= place)
        };
        let own: Vec<usize> = (0..met.len()).filter(alive).collect();
        found.push(region.and(rules, place, &own)?);
    }
    Ok(found)
}

/// The error that there are more pieces than can be looked at.
fn crossing(rules: &Rules) -> Box<Finding> {
    let patterns: Vec<&Pattern> = rules.all.iter().map(|rule| &rule.pattern).collect();
    let across = |one: usize, two: usize| rules.all[one].section != rules.all[two].section;
    let mut counts = vec![0; rules.all.len()];
    for (one, two) in meetings(&patterns, across, BUDGET, MOST).pairs {
        counts[one] += 1;
        counts[two] += 1;
    }
    too_many(rules, &counts)
}

fn entangled(rules: &Rules, before: &[usize], place: usize) -> Box<Finding> {
    let all: Vec<&Rule> = before
        .iter()
        .chain([&place])
        .map(|rule| &rules.all[*rule])
        .collect();
    let texts: Vec<String> = all
        .iter()
        .map(|rule| format!("`{}`", rule.pattern))
        .collect();
    let message = format!(
        "no few patterns say what {} of different sections have in common",
        texts.join(" and ")
    );
    let finding = Finding::new(Code::CodeownersUnsaid, message);
    let finding = all.iter().fold(finding, |finding, rule| {
        finding.label(rule.line.span, format!("line {}", rule.line.number))
    });
    Box::new(finding.hint("write one of them with fewer wildcards, and try again"))
}
