//! The two dialects of CODEOWNERS: which one a file is in, and what its patterns mean there.

use super::super::Pattern;
use super::super::pattern::PatternReason;
use super::shape::{Ending, Piece, Segment, Shape};

/// Whose rules a CODEOWNERS file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// GitHub's, which its page "About code owners" documents.
    Github,
    /// GitLab's, which its pages on Code Owners document.
    Gitlab,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: &'static [Self] = &[Self::Github, Self::Gitlab];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }

    /// Its name for people.
    pub fn host(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
        }
    }

    /// The dialect of the file at `path` with this text: that of the directory it lies in
    /// (`.github/`, `.gitlab/`), else GitLab's if it has a section, else GitHub's.
    pub fn recognise(path: &str, text: &str) -> Self {
        let lies_in = |name: &str| path.split(['/', '\\']).rev().nth(1) == Some(name);
        let has_section = || text.lines().any(|line| is_section(line.trim()));
        if lies_in(".gitlab") || !lies_in(".github") && has_section() {
            Self::Gitlab
        } else {
            Self::Github
        }
    }
}

/// Whether a line is the heading of a section: `[Name]`, `^[Name]`.
pub(super) fn is_section(line: &str) -> bool {
    let line = line.strip_prefix('^').unwrap_or(line);
    line.starts_with('[') && line.contains(']')
}

/// What `text` matches on GitHub, or why nothing.
///
/// The rules are those of gitignore(5), without `!`, `[ ]` and a `#` in front; and a `*` that is the
/// whole last segment, behind a directory, stands for the files in it and not for what lies deeper.
pub(super) fn github(text: &str) -> Result<Shape, String> {
    let skipped = |what: &str| Err(format!("GitHub does not support {what} and skips the line"));
    if text.starts_with('!') {
        return skipped("`!` in a pattern");
    }
    if text.starts_with("\\#") {
        return skipped("a `\\` before `#`");
    }
    if unescaped(text, '[') || unescaped(text, ']') {
        return skipped("`[ ]` in a pattern");
    }
    let inner = text.strip_prefix('/').unwrap_or(text);
    let anchored = inner.len() < text.len() || inner.trim_end_matches('/').contains('/');
    let name = inner.strip_suffix('/').unwrap_or(inner);
    let directory = name.len() < inner.len();
    let mut segments = if anchored {
        Vec::new()
    } else {
        vec![Segment::Deep]
    };
    for part in name.split('/') {
        let segment = if part == "**" {
            Segment::Deep
        } else {
            Segment::Name(pieces(part, |_| None)?)
        };
        if segment != Segment::Deep || segments.last() != Some(&Segment::Deep) {
            segments.push(segment);
        }
    }
    let star = Segment::Name(vec![Piece::Star]);
    let ending = match segments.last() {
        Some(Segment::Deep) if directory => {
            segments.push(star);
            Ending::Below
        }
        Some(Segment::Deep) => {
            segments.pop();
            Ending::Below
        }
        _ if directory => Ending::Below,
        Some(last) if *last == star => Ending::File,
        _ => Ending::Both,
    };
    Ok(Shape { segments, ending })
}

/// What `text` matches on GitLab, or why nothing: `fnmatch` of Ruby, of paths with a slash in front,
/// with `FNM_PATHNAME` and `FNM_DOTMATCH`. A pattern without a slash in front matches at any depth,
/// one with a slash at its end everything below; `**` is special only before a slash.
pub(super) fn gitlab(text: &str) -> Result<Shape, String> {
    let text = match text.strip_prefix("\\#") {
        Some(rest) => format!("#{rest}"),
        None => text.to_owned(),
    };
    let (mut segments, inner) = match text.strip_prefix('/') {
        Some(inner) => (Vec::new(), inner),
        None => (vec![Segment::Deep], text.as_str()),
    };
    let name = inner.strip_suffix('/').unwrap_or(inner);
    let mut ending = if name.len() < inner.len() {
        Ending::Below
    } else {
        Ending::File
    };
    let parts: Vec<&str> = name.split('/').collect();
    for (place, part) in parts.iter().enumerate() {
        let last = place + 1 == parts.len();
        if *part == "**" && (!last || ending == Ending::Below) {
            if segments.last() != Some(&Segment::Deep) {
                segments.push(Segment::Deep);
            }
        } else {
            segments.push(Segment::Name(pieces(part, class)?));
        }
    }
    if ending == Ending::Below && segments.last() == Some(&Segment::Deep) {
        segments.push(Segment::Name(vec![Piece::Star]));
        ending = Ending::File;
    }
    Ok(Shape { segments, ending })
}

fn unescaped(text: &str, wanted: char) -> bool {
    let mut escaped = false;
    text.chars().any(|c| {
        let found = !escaped && c == wanted;
        escaped = !escaped && c == '\\';
        found
    })
}

/// The pieces of a segment. `class` reads what follows a `[`, where that is special.
fn pieces(
    text: &str,
    class: impl Fn(&str) -> Option<Result<(Piece, usize), String>>,
) -> Result<Vec<Piece>, String> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'*' if pieces.last() == Some(&Piece::Star) => {}
            b'*' => pieces.push(Piece::Star),
            b'?' => pieces.push(Piece::Any),
            b'\\' if at < bytes.len() => {
                pieces.push(Piece::Byte(bytes[at]));
                at += 1;
            }
            b'\\' => return Err("it ends in a `\\`, and matches nothing".into()),
            b'[' => match class(&text[at..]) {
                Some(found) => {
                    let (piece, length) = found?;
                    pieces.push(piece);
                    at += length;
                }
                None => pieces.push(Piece::Byte(b'[')),
            },
            byte => pieces.push(Piece::Byte(*byte)),
        }
    }
    Ok(pieces)
}

/// The class that `rest` goes on with behind its `[`, and how many bytes that takes.
#[expect(clippy::unnecessary_wraps, reason = "the other dialect has no classes")]
fn class(rest: &str) -> Option<Result<(Piece, usize), String>> {
    let Some(end) = rest.find(']') else {
        return Some(Err("its `[` is not closed, and it matches nothing".into()));
    };
    let inside = &rest[..end];
    let members = inside.strip_prefix(['!', '^']).unwrap_or(inside);
    if members.is_empty() {
        return Some(Err("its `[ ]` is empty, and it matches nothing".into()));
    }
    let text = format!("[{inside}]");
    let set = match Pattern::parse(&text) {
        _ if inside.contains('\\') => Err("a manifest has no `\\` in a class".to_owned()),
        Err(error) => Err(format!("a manifest cannot say {text}: {error}")),
        Ok(pattern) => match pattern.globs() {
            Some([glob]) if glob.sets.len() == 1 => Ok(glob.sets[0]),
            _ => Err(format!("a manifest cannot say {text}")),
        },
    };
    Some(set.map(|set| (Piece::Class(set, text), end + 1)))
}

/// Why a manifest has no pattern for a shape.
pub(super) struct Unsayable {
    /// Whether no file can ever match it.
    pub(super) never: bool,
    pub(super) reason: String,
}

/// The pattern of a manifest for `shape`.
pub(super) fn pattern(shape: &Shape) -> Result<Pattern, Unsayable> {
    let Some(text) = shape.text() else {
        return Err(Unsayable {
            never: false,
            reason: "a manifest cannot say it: it is no UTF-8".into(),
        });
    };
    Pattern::parse(&text).map_err(|error| {
        let never = matches!(
            error.reason,
            PatternReason::Empty
                | PatternReason::EmptySegment
                | PatternReason::Dots
                | PatternReason::DotGit
        );
        let reason = if never {
            format!("no file of git is like that: {error}")
        } else {
            format!("a manifest cannot say it: {error}")
        };
        Unsayable { never, reason }
    })
}
