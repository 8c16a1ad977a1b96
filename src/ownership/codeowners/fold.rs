//! From the sections of a file, each with its own last match, to one list in which the last rule that
//! matches a path names all its owners.

use super::super::pattern::Pattern;
use super::super::proof::{Budget, Covering, covers, meetings};
use super::dialect::pattern;
use super::meet::meet;
use super::parse::{Entry, Section};
use super::remarks::{Line, Remarks};
use super::shape::Shape;
use crate::manifest::limits::MAX_PATTERNS;
use crate::words::{Code, Finding, Result};

/// A pattern and who owns what it matches, unless a later rule matches too.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The lines that say so.
    pub(super) lines: Vec<Line>,
    pub(super) pattern: Pattern,
    pub(super) shape: Shape,
    /// In ascending order; none if nobody owns it.
    pub(super) owners: Vec<usize>,
}

/// The rules of all sections as one list. Lines without effect are remarked upon.
pub(super) fn fold(sections: &[Section], remarks: &mut Remarks) -> Result<Vec<Rule>> {
    let mut folded: Vec<Rule> = Vec::new();
    for section in sections {
        let rules = rules(section, remarks);
        folded = if folded.is_empty() {
            rules
        } else {
            // A section knows nothing of the others, so each of its rules says again what holds
            // where it meets one of them.
            without_dead(combine(&folded, &rules)?)
        };
    }
    Ok(folded)
}

/// The rules of a section, without those that a later one covers.
fn rules(section: &Section, remarks: &mut Remarks) -> Vec<Rule> {
    let mut found = Vec::new();
    let entries = section.entries.iter().map(|entry| (entry, false));
    // What a section excludes, it does so wherever that stands.
    let exclusions = section.exclusions.iter().map(|entry| (entry, true));
    for (entry, excludes) in entries.chain(exclusions) {
        match rule(entry, excludes) {
            Ok(rule) => found.push(rule),
            Err(reason) => remarks.add(entry.line, reason),
        }
    }
    let covering = covering_behind(&found);
    for (rule, by) in found.iter().zip(&covering) {
        if let Some(by) = by {
            let (line, by) = (rule.lines[0], found[*by].lines[0]);
            remarks.add(
                line,
                format!(
                    "line {} covers all that it matches: it has no effect",
                    by.number
                ),
            );
        }
    }
    let alive = found.into_iter().zip(covering);
    alive
        .filter(|(_, by)| by.is_none())
        .map(|(rule, _)| rule)
        .collect()
}

fn rule(entry: &Entry, excludes: bool) -> std::result::Result<Rule, String> {
    let pattern =
        pattern(&entry.shape).map_err(|fault| format!("`{}`: {}", entry.text, fault.reason))?;
    Ok(Rule {
        lines: vec![entry.line],
        pattern,
        shape: entry.shape.clone(),
        owners: if excludes {
            Vec::new()
        } else {
            entry.owners.clone()
        },
    })
}

/// For every rule, a later one that covers it.
fn covering_behind(rules: &[Rule]) -> Vec<Option<usize>> {
    let mut covering = Covering::default();
    let mut found: Vec<Option<usize>> = Vec::with_capacity(rules.len());
    for (place, rule) in rules.iter().enumerate().rev() {
        found.push(covering.find(&rule.pattern, None));
        covering.add(place, &rule.pattern);
    }
    found.reverse();
    found
}

fn without_dead(rules: Vec<Rule>) -> Vec<Rule> {
    let covering = covering_behind(&rules);
    let alive = rules.into_iter().zip(covering);
    alive
        .filter(|(_, by)| by.is_none())
        .map(|(rule, _)| rule)
        .collect()
}

/// `list`, and behind it for each of `rules` itself and its meetings with `list`, in the order of
/// `list`: so the last rule that matches a path is where its last matches in both meet.
fn combine(list: &[Rule], rules: &[Rule]) -> Result<Vec<Rule>> {
    let patterns: Vec<&Pattern> = list.iter().chain(rules).map(|rule| &rule.pattern).collect();
    let from = list.len();
    let across = |one: usize, two: usize| (one < from) != (two < from);
    let mut met: Vec<Vec<usize>> = vec![Vec::new(); rules.len()];
    let found = meetings(&patterns, across, Budget::default(), MAX_PATTERNS);
    for (one, two) in found.ok_or_else(too_many)? {
        met[two - from].push(one);
    }
    let mut combined = list.to_vec();
    for (rule, met) in rules.iter().zip(&met) {
        let mut block = vec![rule.clone()];
        for other in met.iter().map(|place| &list[*place]) {
            extend(&mut block, rule, other)?;
        }
        combined.append(&mut block);
        if combined.len() > MAX_PATTERNS {
            return Err(too_many());
        }
    }
    Ok(combined)
}

/// Adds to `block` what `rule` and `other` have in common.
fn extend(block: &mut Vec<Rule>, rule: &Rule, other: &Rule) -> Result<()> {
    let mut owners = [rule.owners.as_slice(), &other.owners].concat();
    owners.sort_unstable();
    owners.dedup();
    let mut lines = [rule.lines.as_slice(), &other.lines].concat();
    lines.sort_unstable();
    lines.dedup();
    let both = |pattern: &Pattern, shape: &Shape| Rule {
        lines: lines.clone(),
        pattern: pattern.clone(),
        shape: shape.clone(),
        owners: owners.clone(),
    };
    if covers(&other.pattern, &rule.pattern) {
        *block = vec![both(&rule.pattern, &rule.shape)];
    } else if block.iter().all(|before| before.owners == owners) {
        // It would say the same again.
    } else if covers(&rule.pattern, &other.pattern) {
        block.push(both(&other.pattern, &other.shape));
    } else {
        let shapes = meet(&rule.shape, &other.shape).ok_or_else(|| entangled(rule, other))?;
        for shape in &shapes {
            match pattern(shape) {
                Ok(pattern) => block.push(both(&pattern, shape)),
                Err(fault) if fault.never => {}
                Err(_) => return Err(entangled(rule, other)),
            }
        }
    }
    Ok(())
}

fn entangled(rule: &Rule, other: &Rule) -> Box<Finding> {
    let message = format!(
        "no few patterns say what `{}` and `{}` of different sections have in common",
        other.pattern, rule.pattern
    );
    let lines = other.lines.iter().chain(&rule.lines);
    let finding = lines.fold(
        Finding::new(Code::CodeownersUnsaid, message),
        |finding, line| finding.label(line.span, format!("line {}", line.number)),
    );
    Box::new(finding.hint("write one of them with fewer wildcards, and try again"))
}

/// The error that a file says more than a manifest may.
pub(super) fn too_many() -> Box<Finding> {
    let message = format!(
        "the rules cross each other so often that more than {MAX_PATTERNS} patterns are needed"
    );
    Box::new(
        Finding::new(Code::CodeownersUnsaid, message)
            .hint("write directories in place of patterns that match at any depth, and try again"),
    )
}
