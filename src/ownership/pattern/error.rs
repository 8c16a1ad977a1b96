//! What is wrong with a pattern.

use std::fmt;

/// Why a text is not a pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Where in the pattern, in bytes from its start.
    pub offset: usize,
    /// What is wrong there.
    pub reason: PatternReason,
}

/// The ways in which a text can fail to be a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternReason {
    /// Nothing is left of it, or of one of its alternatives.
    Empty,
    /// Longer than [`super::MAX_PATTERN`] bytes.
    TooLong,
    /// `//`, or a `/` before which an alternative leaves nothing.
    EmptySegment,
    /// A segment `.` or `..`.
    Dots,
    /// A segment `.git`, in any case.
    DotGit,
    /// A backslash.
    Backslash,
    /// A control character.
    Control(char),
    /// `**` beside something else in one segment.
    DeepInSegment,
    /// `{` that nobody closes.
    UnclosedBrace,
    /// `}` that nobody opened.
    UnopenedBrace,
    /// Braces nested deeper than [`super::MAX_NESTING`].
    TooDeep,
    /// `[` that nobody closes.
    UnclosedClass,
    /// A character outside ASCII in a class.
    NonAsciiClass(char),
    /// `/` in a class.
    SlashInClass,
    /// A range that contains `/`.
    RangeOverSlash(char, char),
    /// A range that ends before it begins.
    BackwardRange(char, char),
    /// A slash at the end of a pattern for branches.
    BranchSlash,
}

impl PatternReason {
    /// What to write instead, if there is something.
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Self::Empty => "write `**` if everything is meant",
            Self::TooLong | Self::TooDeep => "write it as several patterns",
            Self::EmptySegment => "write one slash; paths start at the root without one",
            Self::Dots => "write the path from the root of the repository, without dots",
            Self::DotGit => "take it out: git itself never tracks such a path",
            Self::Backslash => "separate with `/`; put a special character in a class, as in `[*]`",
            Self::DeepInSegment => {
                "give `**` a segment of its own, as in `src/**/x`; inside a segment write `*`"
            }
            Self::UnclosedBrace => "close the brace, or write `[{]` for the character itself",
            Self::UnopenedBrace => "open the brace, or write `[}]` for the character itself",
            Self::UnclosedClass => "close the class, or write `[[]` for the character itself",
            Self::NonAsciiClass(_) => "write alternatives in braces: `{ä,ö}`",
            Self::SlashInClass | Self::RangeOverSlash(..) => {
                "leave `/` out of the class: only `**` ever matches one"
            }
            Self::BackwardRange(..) => "turn the range round",
            Self::BranchSlash => "a branch is not a directory: write `name/*` or `name/**`",
            Self::Control(_) => return None,
        })
    }
}

impl fmt::Display for PatternError {
    /// What is wrong, without where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            PatternReason::Empty => f.write_str("it is empty, or one of its alternatives is"),
            PatternReason::TooLong => {
                write!(f, "it is longer than {} bytes", super::MAX_PATTERN)
            }
            PatternReason::EmptySegment => f.write_str("a segment is empty (`//`)"),
            PatternReason::Dots => f.write_str("a segment is `.` or `..`"),
            PatternReason::DotGit => f.write_str("a segment is `.git`"),
            PatternReason::Backslash => f.write_str("a backslash means nothing here"),
            PatternReason::Control(c) => write!(f, "it holds the control character {c:?}"),
            PatternReason::DeepInSegment => f.write_str("`**` is not a whole segment"),
            PatternReason::UnclosedBrace => f.write_str("the brace `{` is not closed"),
            PatternReason::UnopenedBrace => f.write_str("the brace `}` was not opened"),
            PatternReason::TooDeep => {
                write!(f, "braces are nested more than {} deep", super::MAX_NESTING)
            }
            PatternReason::UnclosedClass => f.write_str("the class `[` is not closed"),
            PatternReason::NonAsciiClass(c) => {
                write!(f, "the class holds {c:?}, which is more than one byte")
            }
            PatternReason::SlashInClass => {
                f.write_str("the class holds `/`, which it never matches")
            }
            PatternReason::RangeOverSlash(low, high) => {
                write!(f, "the range `{low}-{high}` contains `/`")
            }
            PatternReason::BackwardRange(low, high) => {
                write!(f, "the range `{low}-{high}` ends before it begins")
            }
            PatternReason::BranchSlash => f.write_str("it ends in a slash"),
        }
    }
}

impl std::error::Error for PatternError {}
