//! Paths inside a repository: bytes, validated once.

use bstr::{BStr, BString, ByteSlice};
use std::fmt;

/// The longest path, in bytes.
pub const MAX_PATH: usize = 1024;
/// The longest component of a path, in bytes.
pub const MAX_COMPONENT: usize = 255;
/// The most components a path may have.
pub const MAX_DEPTH: usize = 256;

/// A path from the root of the repository, as git stores it: components separated by `/`, none of
/// them empty, `.`, `..` or `.git` in any case, no NUL byte, within the limits above. Not
/// necessarily UTF-8.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(BString);

/// Why bytes are not a [`RepoPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The path, or one of its components, is empty.
    Empty,
    /// A component is `.` or `..`.
    Dots,
    /// A component is `.git`, in whatever case.
    DotGit,
    /// It contains a NUL byte.
    Nul,
    /// It is longer than [`MAX_PATH`], or a component is longer than [`MAX_COMPONENT`].
    TooLong,
    /// It has more than [`MAX_DEPTH`] components.
    TooDeep,
}

impl RepoPath {
    /// The path with these bytes.
    ///
    /// # Errors
    /// The first rule of [`RepoPath`] that the bytes break.
    pub fn new(bytes: impl Into<BString>) -> Result<Self, PathError> {
        let bytes = bytes.into();
        if bytes.len() > MAX_PATH {
            return Err(PathError::TooLong);
        }
        let mut depth = 0;
        for component in bytes.split_str("/") {
            depth += 1;
            check_component(component)?;
        }
        if depth > MAX_DEPTH {
            return Err(PathError::TooDeep);
        }
        Ok(Self(bytes))
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The raw bytes as a byte string.
    pub fn as_bstr(&self) -> &BStr {
        self.0.as_bstr()
    }
}

fn check_component(component: &[u8]) -> Result<(), PathError> {
    match component {
        b"" => Err(PathError::Empty),
        b"." | b".." => Err(PathError::Dots),
        _ if component.eq_ignore_ascii_case(b".git") => Err(PathError::DotGit),
        _ if component.contains(&0) => Err(PathError::Nul),
        _ if component.len() > MAX_COMPONENT => Err(PathError::TooLong),
        _ => Ok(()),
    }
}

/// `bytes` as git quotes unusual paths (`core.quotePath`, its default): in double quotes with C
/// escapes and octal bytes where anything but printable ASCII occurs, else as they are. Nothing at
/// all is quoted too, so that it can be seen.
pub fn quote(bytes: &[u8]) -> String {
    let plain = |byte: &u8| (0x20..0x7f).contains(byte) && !matches!(byte, b'"' | b'\\');
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut quoted = String::from("\"");
    for byte in bytes {
        match byte {
            b'\n' => quoted.push_str("\\n"),
            b'\t' => quoted.push_str("\\t"),
            b'\r' => quoted.push_str("\\r"),
            0x07 => quoted.push_str("\\a"),
            0x08 => quoted.push_str("\\b"),
            0x0b => quoted.push_str("\\v"),
            0x0c => quoted.push_str("\\f"),
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(*byte));
            }
            byte if plain(byte) => quoted.push(char::from(*byte)),
            byte => quoted.extend(octal(*byte)),
        }
    }
    quoted.push('"');
    quoted
}

/// The bytes that `quoted` stands for: what [`quote`] makes of them, or they themselves if nothing
/// had to be quoted. `None` if the quotes are not closed, or something else is wrong with them.
pub fn unquote(quoted: &[u8]) -> Option<Vec<u8>> {
    let Some(inside) = quoted.strip_prefix(b"\"") else {
        return Some(quoted.to_vec());
    };
    let inside = inside.strip_suffix(b"\"")?;
    let mut bytes = Vec::new();
    let mut rest = inside.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'"' => return None,
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'a' => 0x07,
                b'b' => 0x08,
                b'v' => 0x0b,
                b'f' => 0x0c,
                plain @ (b'"' | b'\\') => plain,
                digit @ b'0'..=b'3' => {
                    let mut value = digit - b'0';
                    for _ in 0..2 {
                        let digit = rest.next().filter(|digit| (b'0'..=b'7').contains(digit))?;
                        value = value << 3 | (digit - b'0');
                    }
                    value
                }
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(bytes)
}

fn octal(byte: u8) -> [char; 4] {
    let digit = |shift: u8| char::from(b'0' + (byte >> shift & 7));
    ['\\', digit(6), digit(3), digit(0)]
}

impl fmt::Display for RepoPath {
    /// The path as git would print it; see [`quote`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(&self.0))
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty component",
            Self::Dots => "a component `.` or `..`",
            Self::DotGit => "a component `.git`",
            Self::Nul => "a NUL byte",
            Self::TooLong => "more than 1024 bytes, or a component of more than 255",
            Self::TooDeep => "more than 256 components",
        })
    }
}

impl std::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_git_could_check_out_are_paths() {
        for good in ["a", "a/b", "a/.gitignore", " ", "ü/\n", "...", "a/.git2"] {
            assert!(RepoPath::new(good).is_ok(), "{good:?}");
        }
        for (bad, reason) in [
            ("", PathError::Empty),
            ("/a", PathError::Empty),
            ("a/", PathError::Empty),
            ("a//b", PathError::Empty),
            ("./a", PathError::Dots),
            ("a/../b", PathError::Dots),
            (".git/config", PathError::DotGit),
            ("a/.GIT", PathError::DotGit),
            ("a\0b", PathError::Nul),
        ] {
            assert_eq!(RepoPath::new(bad), Err(reason), "{bad:?}");
        }
        assert_eq!(RepoPath::new("a".repeat(256)), Err(PathError::TooLong));
        assert_eq!(
            RepoPath::new("a/".repeat(256) + "a"),
            Err(PathError::TooDeep)
        );
        assert_eq!(
            RepoPath::new("aaa/".repeat(256) + "a"),
            Err(PathError::TooLong)
        );
    }

    #[test]
    fn every_byte_can_be_quoted_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unquote(quote(&all).as_bytes()), Some(all));
        for wrong in [
            r#""a"#,
            r#"""#,
            r#""\""#,
            r#""\x""#,
            r#""\40""#,
            r#""\400""#,
            r#""a"b""#,
        ] {
            assert_eq!(unquote(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn paths_print_as_git_quotes_them() {
        for (raw, printed) in [
            (&b"src/a b.rs"[..], "src/a b.rs"),
            (b"a\nb", r#""a\nb""#),
            (b"a\"b\\", r#""a\"b\\""#),
            (b"\x1b[31m", r#""\033[31m""#),
            ("ü".as_bytes(), r#""\303\274""#),
            (b"\xff", r#""\377""#),
        ] {
            assert_eq!(quote(raw), printed);
            assert_eq!(unquote(printed.as_bytes()).as_deref(), Some(raw));
        }
    }
}
