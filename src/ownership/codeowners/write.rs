//! The manifest as text.

use super::super::always::patterns as always_patterns;
use super::super::pattern::Pattern;
use super::super::proof::Covering;
use super::super::yaml::{SCHEMA, comment, key, quoted};
use super::Dialect;
use super::alike::{Alike, Written};
use super::regions::Region;
use super::remarks::{Remark, listed, ranges};
use super::rules::Rules;
use super::sets::{Set, exceptions};
use crate::manifest::limits::{MAX_BYTES, MAX_PATTERNS, MAX_TEXT};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Everything that the text is made of.
pub(super) struct Manifest<'a> {
    pub(super) file: &'a str,
    pub(super) dialect: Dialect,
    pub(super) target: &'a str,
    /// As the file writes them.
    pub(super) owners: &'a [String],
    /// The agent of each owner.
    pub(super) agents: &'a [String],
    pub(super) rules: &'a Rules,
    pub(super) regions: &'a [Region],
    pub(super) sets: &'a BTreeMap<Vec<usize>, Vec<Set>>,
    pub(super) trusted: &'a BTreeMap<usize, BTreeSet<String>>,
    pub(super) remarks: &'a [&'a Remark],
}

/// The paths and exceptions of a set, each with the lines that it comes from.
type Lists = (Vec<Written>, Vec<Written>);

impl Manifest<'_> {
    /// The text; `None` if no manifest may be so long, or have so many patterns.
    pub(super) fn text(&self) -> Option<String> {
        let mut text = self.heading();
        let protected = protected();
        let alike = Alike::new(self.rules, &exceptions(self.rules, self.sets));
        let mut shared = String::new();
        let mut owned: BTreeMap<usize, Lists> = BTreeMap::new();
        let mut patterns = self.trusted.values().map(BTreeSet::len).sum::<usize>();
        for (owners, sets) in self.sets {
            let mut sets = sets
                .iter()
                .map(|set| self.lists(set, &protected, &alike))
                .filter(|(paths, _)| !paths.is_empty())
                .inspect(|(paths, except)| patterns += paths.len() + except.len());
            if let [owner] = owners.as_slice()
                && let Some(set) = sets.next()
            {
                owned.insert(*owner, set);
            }
            for lists in sets {
                self.share(&mut shared, owners, &lists);
            }
            if shared.len() > MAX_BYTES {
                return None;
            }
        }
        if self.agents.is_empty() {
            text.push_str("agents: {}\n");
        } else {
            text.push_str("agents:\n");
        }
        let mut order: Vec<usize> = (0..self.agents.len()).collect();
        order.sort_by_key(|owner| &self.agents[*owner]);
        for owner in order {
            self.agent(&mut text, owner, owned.get(&owner));
        }
        if !shared.is_empty() {
            text.push_str("shared:\n");
            text.push_str(&shared);
        }
        (text.len() <= MAX_BYTES && patterns <= MAX_PATTERNS).then_some(text)
    }

    fn heading(&self) -> String {
        let mut text = SCHEMA.to_owned();
        comment(&mut text, "");
        comment(
            &mut text,
            &format!(
                "What {} says ({}), as claims of which no two meet. Each comment names its line there.",
                self.file,
                self.dialect.host()
            ),
        );
        comment(&mut text, "");
        comment(
            &mut text,
            "An agent stands for each owner; it works on the branch agent/NAME:",
        );
        for (owner, agent) in self.owners.iter().zip(self.agents) {
            comment(&mut text, &format!("  {owner}: {agent}"));
        }
        if !self.remarks.is_empty() {
            comment(&mut text, "");
            comment(&mut text, "What it does not say as it stands there:");
        }
        for remark in self.remarks {
            comment(
                &mut text,
                &format!("  {}: {}", remark.numbers(), remark.reason),
            );
        }
        text.push_str("version: 1\n");
        _ = writeln!(text, "target: {}", quoted(self.target));
        text.push_str(
            "unowned: warn                        # what has no owner there, anybody may change\n",
        );
        text
    }

    fn agent(&self, text: &mut String, owner: usize, owns: Option<&Lists>) {
        let agent = &self.agents[owner];
        _ = writeln!(text, "  {}:", key(agent));
        // The name is for people, and may be cut.
        let name: String = self.owners[owner].chars().take(MOST_NAME / 4).collect();
        _ = writeln!(text, "    name: {}", quoted(&name));
        _ = writeln!(text, "    branch: {}", quoted(&format!("agent/{agent}")));
        if let Some((paths, except)) = owns {
            text.push_str("    owns:\n      paths:\n");
            list(text, 8, paths);
            if !except.is_empty() {
                text.push_str("      except:\n");
                list(text, 8, except);
            }
        }
        if let Some(trusted) = self.trusted.get(&owner) {
            text.push_str("    trusted_with:\n");
            for pattern in trusted {
                _ = writeln!(text, "      - {}", quoted(pattern));
            }
        }
    }

    fn share(&self, text: &mut String, owners: &[usize], (paths, except): &Lists) {
        text.push_str("  - paths:\n");
        list(text, 6, paths);
        if !except.is_empty() {
            text.push_str("    except:\n");
            list(text, 6, except);
        }
        let mut agents: Vec<String> = owners
            .iter()
            .map(|owner| key(&self.agents[*owner]))
            .collect();
        agents.sort_unstable();
        _ = writeln!(text, "    agents: [{}]", agents.join(", "));
    }

    /// What is written of a set, without paths that are protected whoever claims them.
    fn lists(&self, set: &Set, protected: &Covering, alike: &Alike<'_>) -> Lists {
        let mut paths = Vec::new();
        for (at, piece) in &set.paths {
            let region = &self.regions[*at];
            let pattern = &region.pieces[*piece].pattern;
            if protected.find(pattern, None).is_none() {
                let rules = region.rules.iter().map(|rule| &self.rules.all[*rule]);
                let mut lines: Vec<usize> = rules.map(|rule| rule.line.number).collect();
                lines.sort_unstable();
                paths.push((pattern.as_str().to_owned(), lines));
            }
        }
        (paths, alike.written(&set.except))
    }
}

/// What is protected whoever claims it.
fn protected() -> Covering {
    let mut protected = Covering::default();
    for text in always_patterns() {
        if let Ok(pattern) = Pattern::parse(&text) {
            protected.add(0, &pattern);
        }
    }
    protected
}

/// As many bytes a name for people may have.
const MOST_NAME: usize = MAX_TEXT;

fn list(text: &mut String, indent: usize, lines: &[Written]) {
    for (pattern, from) in lines {
        let pattern = quoted(pattern);
        let numbers = listed(&ranges(from));
        _ = writeln!(text, "{:indent$}- {pattern}  # {numbers}", "");
    }
}
