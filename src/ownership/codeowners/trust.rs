//! What is always protected, and the owners who become trusted with it.

use super::super::RUN_DEFINITIONS;
use super::super::always::always;
use super::super::pattern::Pattern;
use super::super::proof::{Meetings, covers, meetings};
use super::remarks::Remarks;
use super::rules::{BUDGET, Rules};
use super::shape::exactly;
use super::{Codeowners, Tracked};
use crate::words::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// For each owner, the patterns of the protected paths that are its own.
///
/// Whole directories of CI definitions where one rule covers them and no later one reaches in; beside
/// those, the files there are. What several own together is remarked upon: a protected path has one
/// agent that is trusted with it, or none.
pub(super) fn trust(
    codeowners: &Codeowners,
    rules: &Rules,
    tracked: &[Tracked],
    remarks: &mut Remarks,
) -> BTreeMap<usize, BTreeSet<String>> {
    let directories = directories(rules, tracked);
    let mut trusted: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for file in tracked.iter().filter(|file| file.needs_trust()) {
        let Some(owner) = file.sole_owner() else {
            let several = file.owners.len() > 1;
            if several && let Some(line) = codeowners.line_on(&file.path) {
                let protected = always(&file.path).is_some();
                remarks.add(
                    line,
                    if protected {
                        SEVERAL_PROTECTED
                    } else {
                        SEVERAL_MODULES
                    },
                );
            }
            continue;
        };
        let below = directories.iter().find(|(directory, by)| {
            *by == owner && file.path.as_bytes().starts_with(directory.as_bytes())
        });
        if let Some((directory, _)) = below {
            trusted
                .entry(owner)
                .or_default()
                .insert((*directory).to_owned());
        } else if let Some(pattern) = file.pattern() {
            trusted.entry(owner).or_default().insert(pattern);
        } else if let Some(line) = codeowners.line_on(&file.path) {
            let reason = format!(
                "`{}` is protected, and no pattern of a manifest can name it",
                file.path
            );
            remarks.add(line, reason);
        }
    }
    trusted
}

const SEVERAL_PROTECTED: &str = "it gives protected files (CI definitions and the like) several owners: only one \
                                 agent can be trusted with such a file, so nobody is";
const SEVERAL_MODULES: &str = "it gives a submodule several owners: only one agent can be trusted with it, so \
                               nobody is";

impl Tracked {
    /// Whether only an agent that is trusted with it may change it.
    pub(super) fn needs_trust(&self) -> bool {
        self.submodule || always(&self.path).is_some()
    }

    /// The owner who can be trusted with it.
    pub(super) fn trustee(&self) -> Option<usize> {
        self.sole_owner().filter(|_| self.pattern().is_some())
    }

    fn sole_owner(&self) -> Option<usize> {
        match self.owners.as_slice() {
            [owner] => Some(*owner),
            _ => None,
        }
    }

    fn pattern(&self) -> Option<String> {
        exactly(self.path.as_bytes()).filter(|text| Pattern::parse(text).is_ok())
    }
}

/// The directories of CI definitions in which all files, those to come too, have one owner.
fn directories(rules: &Rules, tracked: &[Tracked]) -> Vec<(&'static str, usize)> {
    let lies_below =
        |path: &RepoPath, directory: &str| path.as_bytes().starts_with(directory.as_bytes());
    let used: Vec<(&str, Pattern)> = RUN_DEFINITIONS
        .iter()
        .filter(|text| text.ends_with('/'))
        .filter(|text| tracked.iter().any(|file| lies_below(&file.path, text)))
        .filter_map(|text| Some((*text, Pattern::parse(text).ok()?)))
        .collect();
    let mut patterns: Vec<&Pattern> = rules.all.iter().map(|rule| &rule.pattern).collect();
    patterns.extend(used.iter().map(|(_, pattern)| pattern));
    let from = rules.all.len();
    let across = |one: usize, two: usize| (one < from) != (two < from);
    let Meetings { pairs, complete } = meetings(&patterns, across, BUDGET, usize::MAX);
    if !complete {
        return Vec::new();
    }
    let owner = |place: usize| {
        let mut owners: Vec<usize> = Vec::new();
        for section in &rules.sections {
            let mut met = pairs.iter().filter(|(_, two)| *two == from + place);
            let last = met.rfind(|(one, _)| section.contains(one));
            if let Some((last, _)) = last {
                let rule = &rules.all[*last];
                if !covers(&rule.pattern, &used[place].1) {
                    return None;
                }
                owners.extend(&rule.owners);
            }
        }
        owners.sort_unstable();
        owners.dedup();
        match owners.as_slice() {
            [owner] => Some(*owner),
            _ => None,
        }
    };
    let places = used.iter().enumerate();
    places
        .filter_map(|(place, (text, _))| Some((*text, owner(place)?)))
        .collect()
}
