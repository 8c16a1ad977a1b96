//! The rules of a file: what its entries match and whose it is, without those that never decide.

use super::super::pattern::Pattern;
use super::super::proof::{Budget, Covering};
use super::dialect::pattern;
use super::parse::{Entry, Section};
use super::remarks::{Line, Remark, Remarks};
use super::shape::Shape;
use crate::words::{Code, Finding};
use std::ops::Range;

/// What it may cost to find out which patterns meet, in steps of the search: a second or two. Not
/// knowing makes exceptions that are not needed.
pub(super) const BUDGET: Budget = Budget {
    pair: 200_000,
    total: 50_000_000,
};

/// A pattern and who owns what it matches, unless a later rule of its section matches too.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The line that says so.
    pub(super) line: Line,
    pub(super) pattern: Pattern,
    pub(super) shape: Shape,
    /// In ascending order; none if nobody owns it.
    pub(super) owners: Vec<usize>,
    /// The number of its section.
    pub(super) section: usize,
}

/// The rules of all sections, one section after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    pub(super) all: Vec<Rule>,
    /// The places of each section's rules; sections without any are left out.
    pub(super) sections: Vec<Range<usize>>,
}

impl Rules {
    /// The rules of `sections`. Lines without effect are remarked upon.
    pub(super) fn read(sections: &[Section], remarks: &mut Remarks) -> Self {
        let mut rules = Self::default();
        for section in sections {
            let from = rules.all.len();
            let number = rules.sections.len();
            rules.all.extend(alive(section, number, remarks));
            if rules.all.len() > from {
                rules.sections.push(from..rules.all.len());
            }
        }
        rules
    }
}

/// The rules of a section, without those that a later one covers.
fn alive(section: &Section, number: usize, remarks: &mut Remarks) -> Vec<Rule> {
    let mut found = Vec::new();
    let entries = section.entries.iter().map(|entry| (entry, false));
    // What a section excludes, it does so wherever that stands.
    let exclusions = section.exclusions.iter().map(|entry| (entry, true));
    for (entry, excludes) in entries.chain(exclusions) {
        match rule(entry, excludes, number) {
            Ok(rule) => found.push(rule),
            Err(reason) => remarks.add(entry.line, reason),
        }
    }
    let covering = covering_behind(&found);
    for (rule, by) in found.iter().zip(&covering) {
        if let Some(by) = by {
            let by = found[*by].line.number;
            let reason = format!("line {by} covers all that it matches: it has no effect");
            remarks.add(rule.line, reason);
        }
    }
    let alive = found.into_iter().zip(covering);
    alive
        .filter(|(_, by)| by.is_none())
        .map(|(rule, _)| rule)
        .collect()
}

fn rule(entry: &Entry, excludes: bool, section: usize) -> Result<Rule, String> {
    let pattern =
        pattern(&entry.shape).map_err(|fault| format!("`{}`: {}", entry.text, fault.reason))?;
    Ok(Rule {
        line: entry.line,
        pattern,
        shape: entry.shape.clone(),
        owners: if excludes {
            Vec::new()
        } else {
            entry.owners.clone()
        },
        section,
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

/// The error that a file says more than a manifest may. `counts`: for each rule, how many others it
/// was found to meet before that was known.
pub(super) fn too_many(rules: &Rules, counts: &[usize]) -> Box<Finding> {
    /// So many lines are shown; all are named.
    const SHOWN: usize = 3;
    let finding = Finding::new(
        Code::CodeownersUnsaid,
        "the rules cross each other so often that no manifest has room for the exceptions",
    );
    let highest = counts.iter().copied().max().unwrap_or_default();
    // Those that meet about as many others as any: without them there is little left to be said.
    let often = (highest / 2).max(1);
    let culprits = rules.all.iter().zip(counts);
    let culprits = culprits.filter(|(_, count)| **count >= often);
    let mut lines: Vec<Line> = culprits.map(|(rule, _)| rule.line).collect();
    lines.sort_unstable();
    let finding = lines.iter().take(SHOWN).fold(finding, |finding, line| {
        finding.label(line.span, "it can match what others match too")
    });
    let remark = Remark {
        reason: String::new(),
        lines,
    };
    let note = format!(
        "{}: each can match what {often} or more of the others match",
        remark.numbers()
    );
    Box::new(finding.note(note).hint(
        "write directories from the root (`/docs/`) in place of patterns that match at any depth \
         (`docs/`), where that is meant, and try again",
    ))
}
