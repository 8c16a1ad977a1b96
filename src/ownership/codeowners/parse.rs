//! The lines of a CODEOWNERS file.

use super::dialect::{self, Dialect};
use super::owners::Owners;
use super::remarks::{Line, Remarks};
use super::shape::Shape;
use crate::words::{Source, Span};
use std::collections::HashMap;

/// A line that names paths and their owners.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) line: Line,
    /// The pattern as it is written.
    pub(super) text: String,
    pub(super) shape: Shape,
    /// In ascending order; none if nobody owns the paths.
    pub(super) owners: Vec<usize>,
}

/// Entries of which the last one that matches decides. A GitHub file is one section.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    name: String,
    pub(super) entries: Vec<Entry>,
    /// Paths that the section does not speak of, whatever its entries say.
    pub(super) exclusions: Vec<Entry>,
    /// The entries by the directory, or file, that they name without wildcards: their places.
    by_directory: HashMap<Vec<u8>, Vec<usize>>,
}

/// Reads a file.
pub(super) struct Reader {
    pub(super) dialect: Dialect,
    pub(super) sections: Vec<Section>,
    pub(super) owners: Owners,
    pub(super) remarks: Remarks,
    current: usize,
    /// The default owners of the current heading.
    defaults: Vec<usize>,
    /// Where the entry of a section with this pattern stands (GitLab).
    known: HashMap<(usize, String), usize>,
}

impl Section {
    /// The last entry that matches `path`, unless the section does not speak of it.
    pub(super) fn entry_on(&self, path: &[u8]) -> Option<&Entry> {
        if self
            .exclusions
            .iter()
            .any(|entry| entry.shape.matches(path))
        {
            return None;
        }
        // What an entry names without wildcards is a prefix of every path that it matches.
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        let prefixes = slashes.map(|(at, _)| &path[..at]).chain([&path[..0], path]);
        let last = prefixes.filter_map(|prefix| {
            let places = self.by_directory.get(prefix)?.iter().rev();
            places
                .copied()
                .find(|place| self.entries[*place].shape.matches(path))
        });
        last.max().map(|place| &self.entries[place])
    }
}

impl Reader {
    pub(super) fn read(source: &Source, dialect: Dialect) -> Self {
        let mut reader = Self {
            dialect,
            sections: vec![Section::default()],
            owners: Owners::default(),
            remarks: Remarks::default(),
            current: 0,
            defaults: Vec::new(),
            known: HashMap::new(),
        };
        let mut offset = 0;
        for (number, whole) in source.text.split_inclusive('\n').enumerate() {
            let bare = whole.trim_start_matches('\u{feff}').trim();
            let start = offset + whole.find(bare).unwrap_or_default();
            offset += whole.len();
            if bare.is_empty() || bare.starts_with('#') {
                continue;
            }
            let line = Line {
                number: number + 1,
                span: Span::new(start, bare.len()),
            };
            match dialect {
                Dialect::Github => reader.github(line, bare),
                Dialect::Gitlab => reader.gitlab(line, bare),
            }
        }
        for section in &mut reader.sections {
            for (place, entry) in section.entries.iter().enumerate() {
                let places = section.by_directory.entry(entry.shape.directory());
                places.or_default().push(place);
            }
        }
        reader
    }

    fn github(&mut self, line: Line, text: &str) {
        let (pattern, rest) = split(text);
        let mut owners = Vec::new();
        let words = rest.split_whitespace();
        for word in words.take_while(|word| !word.starts_with('#')) {
            let Some(owner) = self.owners.github(word) else {
                let reason =
                    format!("`{word}` is no owner, so GitHub skips the line: it has no effect");
                return self.remarks.add(line, reason);
            };
            owners.push(owner);
        }
        if owners.is_empty() {
            self.remarks.add(line, NOBODY);
        }
        match dialect::github(pattern) {
            Ok(shape) => self.sections[0]
                .entries
                .push(entry(line, pattern, shape, owners)),
            Err(reason) => self.remarks.add(line, format!("`{pattern}`: {reason}")),
        }
    }

    fn gitlab(&mut self, line: Line, text: &str) {
        if dialect::is_section(text) {
            return self.heading(line, text);
        }
        let (written, rest) = split(text);
        let pattern = written.strip_prefix('!').unwrap_or(written);
        let excludes = pattern.len() < written.len();
        let mut owners = self.listed(line, rest);
        if owners.is_empty() && !excludes {
            owners.clone_from(&self.defaults);
            if owners.is_empty() {
                self.remarks.add(line, NOBODY);
            }
        }
        let shape = match dialect::gitlab(pattern) {
            Ok(shape) => shape,
            Err(reason) => return self.remarks.add(line, format!("`{written}`: {reason}")),
        };
        let entry = entry(line, pattern, shape, owners);
        let section = &mut self.sections[self.current];
        if excludes {
            self.remarks.add(line, EXCLUDES);
            section.exclusions.push(entry);
            return;
        }
        // GitLab keeps the entries of a section by their patterns: the last one counts, in the place
        // of the first.
        let key = (self.current, pattern.to_owned());
        if let Some(place) = self.known.get(&key) {
            self.remarks.add(line, REPEATED);
            section.entries[*place] = entry;
        } else {
            self.known.insert(key, section.entries.len());
            section.entries.push(entry);
        }
    }

    /// The owners that a line of GitLab names behind its pattern, in comments too.
    fn listed(&mut self, line: Line, rest: &str) -> Vec<usize> {
        let mut owners = Vec::new();
        for word in rest.split_whitespace() {
            if let Some(owner) = self.owners.gitlab(word) {
                owners.push(owner);
            } else {
                let reason = format!("`{word}` is no owner, and GitLab passes over it");
                self.remarks.add(line, reason);
            }
        }
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// `^[Name][2] @default`
    fn heading(&mut self, line: Line, text: &str) {
        let optional = text.starts_with('^');
        let (name, rest) = text
            .trim_start_matches('^')
            .trim_start_matches('[')
            .split_once(']')
            .unwrap_or_default();
        let approvals = rest
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
        if optional {
            self.remarks.add(line, OPTIONAL);
        }
        if approvals.is_some_and(|(number, _)| !["", "1"].contains(&number.trim_start_matches('0')))
        {
            self.remarks.add(line, APPROVALS);
        }
        self.defaults = self.listed(line, approvals.map_or(rest, |(_, rest)| rest));
        let name = name.to_lowercase();
        let known = self.sections[1..]
            .iter()
            .position(|section| section.name == name);
        self.current = known.map_or(self.sections.len(), |place| place + 1);
        if known.is_none() {
            self.sections.push(Section {
                name,
                ..Section::default()
            });
        }
    }
}

const NOBODY: &str = "it names no owner: what it matches belongs to nobody";
const EXCLUDES: &str = "`!` takes paths out of its section (GitLab 17.10 or newer), wherever it stands; \
                        here they are left to the other sections";
const REPEATED: &str = "the same pattern stands further up in the section: GitLab keeps these owners, \
                        in that place";
const OPTIONAL: &str =
    "the section is optional on GitLab; here its owners are owners like all others";
const APPROVALS: &str = "GitLab asks for several approvals; a manifest says who may change a path, and \
                         counts no approvals";

fn entry(line: Line, text: &str, shape: Shape, mut owners: Vec<usize>) -> Entry {
    owners.sort_unstable();
    owners.dedup();
    Entry {
        line,
        text: text.to_owned(),
        shape,
        owners,
    }
}

/// The pattern at the start of a line, up to white space without a `\` before it, and the rest.
fn split(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !escaped {
            return text.split_at(at);
        }
        escaped = c == '\\' && !escaped;
    }
    (text, "")
}
