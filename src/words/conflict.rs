//! Where a merge has no answer, as data: the paths, what both sides did to them, and where.

use super::RepoPath;

/// The paths in conflict of one merge; not more of them than people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflicts {
    /// The first paths, in order.
    pub paths: Vec<Conflict>,
    /// How many more there are.
    pub left_out: usize,
}

/// A path in conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The path.
    pub path: RepoPath,
    /// git's short names for what is wrong: `CONFLICT (contents)` and the like.
    pub kinds: Vec<String>,
    /// What was there before the merge, and then what was to be merged.
    pub sides: [ConflictSide; 2],
    /// The first places in the file that both changed; none where it is not about lines.
    pub hunks: Vec<ConflictHunk>,
    /// How many more such places there are.
    pub left_out: usize,
}

/// What one side of a merge did to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictSide {
    /// Who did: the branches that were merged before, the target, or the branch itself.
    pub who: Vec<String>,
    /// What, with `it` behind it: `modified`, `deleted`, `changed the kind of`.
    pub did: &'static str,
}

/// A place in a file that both sides of a merge changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictHunk {
    /// Which lines it was, in the version that both began with.
    pub before: LineRange,
    /// What stands there now on either side.
    pub versions: [Excerpt; 2],
}

/// Lines of a file; none, if they are the place between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRange {
    /// The first line, from 1; where there are no lines, the one that the place is in front of.
    pub first: usize,
    /// How many lines.
    pub count: usize,
}

/// The first of some lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines, without their ends; a long one is cut short.
    pub lines: Vec<String>,
    /// How many more there are.
    pub left_out: usize,
}

impl LineRange {
    /// The range of lines that count from 0.
    pub fn new(lines: &std::ops::Range<usize>) -> Self {
        Self {
            first: lines.start + 1,
            count: lines.len(),
        }
    }
}

impl std::fmt::Display for LineRange {
    /// `line 3`, `lines 3-5`, `the place behind line 2`, `the place before line 1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { first, count } = *self;
        match (first, count) {
            (0 | 1, 0) => f.write_str("the place before line 1"),
            (_, 0) => write!(f, "the place behind line {}", first - 1),
            (_, 1) => write!(f, "line {first}"),
            _ => write!(f, "lines {first}-{}", first + count - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_named_as_people_count() {
        for (lines, name) in [
            (0..0, "the place before line 1"),
            (2..2, "the place behind line 2"),
            (2..3, "line 3"),
            (2..5, "lines 3-5"),
        ] {
            assert_eq!(LineRange::new(&lines).to_string(), name);
        }
    }
}
