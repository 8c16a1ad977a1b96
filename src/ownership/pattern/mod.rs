//! Patterns: which paths a line of the manifest speaks of. The dialect is stated in
//! `docs/patterns.md`.

mod error;
mod fold;
mod glob;
mod parse;
mod plain;
mod segments;
#[cfg(test)]
pub(super) mod tests;

use super::automaton::Automaton;
pub use error::{PatternError, PatternReason};
pub(super) use glob::{Glob, Token};
pub(super) use parse::{Node, What};
use std::fmt;
use std::sync::OnceLock;

/// The longest pattern, in bytes.
pub const MAX_PATTERN: usize = 1024;
/// How deep braces may be nested.
pub const MAX_NESTING: usize = 16;
/// Up to how many alternatives are written out; beyond that the automaton matches.
const MAX_GLOBS: usize = 64;

/// A pattern for paths, or for names of branches.
#[derive(Clone)]
pub struct Pattern {
    text: Box<str>,
    /// Whether it matches folded names: see [`Pattern::folded`].
    folded: bool,
    /// What the text means. A text that is known to be valid is looked into only when that matters.
    kind: OnceLock<Kind>,
}

#[derive(Clone)]
enum Kind {
    Globs(Box<[Glob]>),
    Automaton(Box<Automaton>),
}

impl Kind {
    fn of(nodes: &[Node]) -> Self {
        match glob::expand(nodes, MAX_GLOBS) {
            Some(globs) => Self::Globs(globs.into()),
            None => Self::Automaton(Box::new(Automaton::new(nodes))),
        }
    }
}

impl Pattern {
    /// The pattern that `text` means. Refuses what `docs/patterns.md` lists, at the first offence.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::build(text, false)
    }

    /// The same for names of branches: no alternative may end in a slash.
    pub fn parse_branch(text: &str) -> Result<Self, PatternError> {
        Self::build(text, true)
    }

    /// The pattern of a text that has been parsed before, for paths or for branches.
    pub(super) fn again(text: &str) -> Self {
        Self {
            text: text.into(),
            folded: false,
            kind: OnceLock::new(),
        }
    }

    fn build(text: &str, branch: bool) -> Result<Self, PatternError> {
        let kind = match plain::glob(text) {
            Some(glob) if !(branch && text.ends_with('/')) => Kind::Globs(Box::new([glob])),
            _ => Kind::of(&checked(text, branch)?),
        };
        Ok(Self {
            text: text.into(),
            folded: false,
            kind: OnceLock::from(kind),
        })
    }

    /// The text that it was parsed from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches `path`: the bytes of a [`crate::words::RepoPath`], or the name of a
    /// branch.
    pub fn matches(&self, path: &[u8]) -> bool {
        let is_open = self.kind.get().is_none();
        if is_open && !self.folded && !plain::may_begin(&self.text, path) {
            return false;
        }
        match self.kind() {
            Kind::Globs(globs) => globs.iter().any(|glob| glob.matches(path)),
            Kind::Automaton(automaton) => automaton.matches(path),
        }
    }

    /// The one path that it matches, if it is one without wildcards.
    pub fn literal(&self) -> Option<Vec<u8>> {
        match self.globs() {
            Some([glob]) if !glob.below => {
                let (bytes, whole) = glob.literal();
                whole.then_some(bytes)
            }
            _ => None,
        }
    }

    /// Its alternatives, unless they are too many to write them out.
    pub(super) fn globs(&self) -> Option<&[Glob]> {
        match self.kind() {
            Kind::Globs(globs) => Some(globs),
            Kind::Automaton(_) => None,
        }
    }

    /// Its position automaton.
    pub(super) fn automaton(&self) -> Automaton {
        match self.kind() {
            Kind::Automaton(automaton) => Automaton::clone(automaton),
            Kind::Globs(_) => Automaton::new(&self.nodes()),
        }
    }

    /// Whether [`Pattern::folded`] would be the same pattern, for certain: where nothing in it has two cases.
    pub(super) fn is_folded(&self) -> bool {
        let has_one_form = |byte: u8| {
            byte.is_ascii() && !byte.is_ascii_uppercase() && !matches!(byte, b'?' | b'[')
        };
        self.folded || self.text.bytes().all(has_one_form)
    }

    /// The pattern of the folded forms ([`crate::words::folded`]) of the names that it matches.
    pub(super) fn folded(&self) -> Self {
        Self {
            text: self.text.clone(),
            folded: true,
            kind: OnceLock::new(),
        }
    }

    fn kind(&self) -> &Kind {
        self.kind.get_or_init(|| match plain::glob(&self.text) {
            Some(glob) if !self.folded => Kind::Globs(Box::new([glob])),
            _ => Kind::of(&self.nodes()),
        })
    }

    /// Its syntax tree. It was parsed before: the tree is cheaper to build again than to keep.
    fn nodes(&self) -> Vec<Node> {
        let nodes = parse::parse(&self.text).unwrap_or_default();
        if self.folded {
            fold::fold(&nodes)
        } else {
            nodes
        }
    }
}

/// The syntax tree of `text`, if it is inside the dialect.
fn checked(text: &str, branch: bool) -> Result<Vec<Node>, PatternError> {
    let nodes = parse::parse(text)?;
    let ending = segments::check(&nodes, text.len())?;
    if branch && ending.slash {
        let offset = text.len() - 1;
        return Err(PatternError {
            offset,
            reason: PatternReason::BranchSlash,
        });
    }
    Ok(nodes)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}
