//! A history before git knows it: commits, with all that they hold, and branches.

use super::random::Random;
use super::rules::Rules;
use std::collections::{BTreeMap, BTreeSet};

/// Something at a path.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub mode: &'static str,
    pub content: String,
}

pub(super) type Files = BTreeMap<String, Entry>;

/// A commit.
pub(super) struct Node {
    /// Places in the list of commits, all before this one.
    pub parents: Vec<usize>,
    pub files: Files,
    /// The agent, if this is a merge as gate makes them.
    pub delivers: Option<&'static str>,
}

/// A history.
pub(super) struct World {
    pub rules: Rules,
    pub nodes: Vec<Node>,
    /// The target and all other branches.
    pub branches: BTreeMap<String, usize>,
    /// Branches that point at a tag of their commit.
    pub tagged: BTreeSet<String>,
}

/// How a merge comes about.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// As git would do it, more or less.
    Honest,
    /// What one side has, as with `-s ours`.
    Ours,
    /// What the other side has.
    Theirs,
    /// At each path one or the other.
    Mixed,
}

pub(super) fn file(content: String) -> Entry {
    Entry {
        mode: "100644",
        content,
    }
}

/// Puts something at a path, in place of whatever is in its way.
pub(super) fn put(files: &mut Files, path: &str, entry: Entry) {
    let below = format!("{path}/");
    files.retain(|other, _| {
        let is_above = path.strip_prefix(other.as_str());
        !other.starts_with(&below) && !is_above.is_some_and(|rest| rest.starts_with('/'))
    });
    files.insert(path.to_owned(), entry);
}

impl World {
    /// A world whose target holds the rules and these files.
    pub(super) fn new(rules: Rules, files: Files) -> Self {
        let mut world = Self {
            rules,
            nodes: Vec::new(),
            branches: BTreeMap::new(),
            tagged: BTreeSet::new(),
        };
        let first = world.commit(Vec::new(), files.clone());
        let mut files = files;
        put(&mut files, "ownership.yaml", file(world.rules.yaml()));
        let second = world.commit(vec![first], files);
        world.branches.insert("main".into(), second);
        world
    }

    pub(super) fn commit(&mut self, parents: Vec<usize>, files: Files) -> usize {
        self.nodes.push(Node {
            parents,
            files,
            delivers: None,
        });
        self.nodes.len() - 1
    }

    pub(super) fn files(&self, node: usize) -> &Files {
        &self.nodes[node].files
    }

    /// A commit and all that it reaches.
    pub(super) fn reachable(&self, node: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![node];
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend(&self.nodes[next].parents);
            }
        }
        found
    }

    /// What a merge of two commits holds.
    pub(super) fn merged(
        &self,
        ours: usize,
        theirs: usize,
        style: Style,
        random: &mut Random,
    ) -> Files {
        let (ours_reach, theirs_reach) = (self.reachable(ours), self.reachable(theirs));
        let base = ours_reach.intersection(&theirs_reach).max();
        let base = base.map_or_else(Files::new, |base| self.files(*base).clone());
        let (ours, theirs) = (self.files(ours), self.files(theirs));
        match style {
            Style::Ours => return ours.clone(),
            Style::Theirs => return theirs.clone(),
            Style::Honest | Style::Mixed => {}
        }
        let mut merged = ours.clone();
        let paths: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        for path in paths {
            let [base, ours, theirs] = [&base, ours, theirs].map(|files| files.get(path));
            let take = match style {
                Style::Mixed if random.percent(50) => theirs.cloned(),
                Style::Mixed => ours.cloned(),
                _ if ours == base => theirs.cloned(),
                _ if theirs == base || ours == theirs => ours.cloned(),
                _ => both(base, ours, theirs, random),
            };
            match take {
                Some(entry) if merged.get(path) != Some(&entry) => put(&mut merged, path, entry),
                None => _ = merged.remove(path),
                Some(_) => {}
            }
        }
        merged
    }
}

/// What becomes of a path that both sides changed: line by line, and where that does not do, one or
/// the other.
fn both(
    base: Option<&Entry>,
    ours: Option<&Entry>,
    theirs: Option<&Entry>,
    random: &mut Random,
) -> Option<Entry> {
    let one = if random.percent(50) { ours } else { theirs };
    let (Some(base), Some(ours), Some(theirs)) = (base, ours, theirs) else {
        return one.cloned();
    };
    let lines = [base, ours, theirs].map(|entry| entry.content.lines().collect::<Vec<_>>());
    let is_alike = lines.iter().all(|other| other.len() == lines[0].len());
    if !is_alike || [ours, theirs].iter().any(|entry| entry.mode != base.mode) {
        return one.cloned();
    }
    let mut text = String::new();
    for (place, line) in lines[0].iter().enumerate() {
        let (ours, theirs) = (lines[1][place], lines[2][place]);
        text += if ours == *line { theirs } else { ours };
        text.push('\n');
    }
    Some(Entry {
        mode: base.mode,
        content: text,
    })
}
