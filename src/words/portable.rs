//! Names that are fine in git and on Linux, and not on every system that a repository is checked
//! out on.

use icu_casemap::CaseMapper;
use icu_properties::{
    CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint},
};
use unicode_normalization::UnicodeNormalization;

/// Why a name cannot be checked out somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unportable {
    /// It is not UTF-8, which macOS refuses.
    NotText,
    /// It holds a character that Windows does not allow in names.
    Character(char),
    /// It holds a character that nobody sees, and that ends a line or turns its direction.
    Unseen(char),
    /// It ends with a dot or a space, which Windows takes away.
    Ending,
    /// Windows opens a device under this name.
    Device,
}

impl Unportable {
    /// What is wrong with the name, as the end of a sentence that begins with it.
    pub fn reason(self) -> String {
        match self {
            Self::NotText => "is not UTF-8, which macOS refuses".into(),
            Self::Character(c) if c.is_control() => {
                format!("holds the control character U+{:04X}", u32::from(c))
            }
            Self::Character(c) => format!("holds `{c}`, which Windows does not allow"),
            Self::Unseen(c) => format!(
                "holds U+{:04X}, which nobody sees and which ends the line or reorders it",
                u32::from(c)
            ),
            Self::Ending => "ends with a dot or a space, which Windows takes away".into(),
            Self::Device => "is that of a device on Windows".into(),
        }
    }
}

/// Why `name`, one component of a path, cannot be checked out somewhere; `None` if it can be
/// everywhere. For Windows as in "Naming Files, Paths, and Namespaces" of its documentation.
pub fn unportable(name: &[u8]) -> Option<Unportable> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Some(Unportable::NotText);
    };
    let forbidden =
        |c: &char| c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*');
    if let Some(c) = text.chars().find(forbidden) {
        return Some(Unportable::Character(c));
    }
    if let Some(c) = text.chars().find(|c| ends_or_reorders_line(*c)) {
        return Some(Unportable::Unseen(c));
    }
    if text.ends_with(['.', ' ']) {
        return Some(Unportable::Ending);
    }
    is_device(text).then_some(Unportable::Device)
}

/// Whether `c` separates lines or paragraphs, or is one of Unicode's bidirectional controls: a name
/// with it is shown as another one, or as two.
fn ends_or_reorders_line(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}') || CodePointSetData::new::<BidiControl>().contains(c)
}

/// Whether Windows opens a device: whatever stands behind a dot does not matter to it.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end_matches(' ');
    let stem = stem.to_ascii_uppercase();
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str()) {
        return true;
    }
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    port.is_some_and(|number| {
        let mut digits = number.chars();
        let digit = digits.next();
        digits.next().is_none() && digit.is_some_and(|c| matches!(c, '1'..='9' | '¹' | '²' | '³'))
    })
}

/// `name`, one component of a path, so that names which some system takes for one and the same are
/// equal: without case, in one Unicode form, without the characters that nobody sees. The folding of
/// Unicode's canonical caseless matching, which APFS and the case-insensitive directories of Linux
/// use (`ß` is `ss`), after the upper case by which NTFS compares.
pub fn folded(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) if !text.is_ascii() => {
            let ignored = CodePointSetData::new::<DefaultIgnorableCodePoint>();
            let visible = text.chars().filter(|c| !ignored.contains(*c));
            let plain: String = visible.nfd().map(upper).collect();
            let folded = CaseMapper::new().fold_string(&plain);
            folded.nfd().collect::<String>().into_bytes()
        }
        _ => name.to_ascii_lowercase(),
    }
}

/// The upper case of `c`, where that is one character.
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    let first = upper.next().unwrap_or(c);
    if upper.next().is_none() { first } else { c }
}

/// Whether HFS+ leaves `c` out when it compares names. From Apple's Technical Note TN1150.
pub fn is_ignored_by_hfs(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_or_macos_refuse_are_known() {
        for (name, expected) in [
            (&b"a\xff"[..], Some(Unportable::NotText)),
            (b"a\nb", Some(Unportable::Character('\n'))),
            (b"a:b", Some(Unportable::Character(':'))),
            (b"a\\b", Some(Unportable::Character('\\'))),
            (b"what?", Some(Unportable::Character('?'))),
            (b"a.", Some(Unportable::Ending)),
            (b"a ", Some(Unportable::Ending)),
            (b"aux", Some(Unportable::Device)),
            (b"Con.tar.gz", Some(Unportable::Device)),
            (b"nul .txt", Some(Unportable::Device)),
            (b"com7.c", Some(Unportable::Device)),
            ("LPT²".as_bytes(), Some(Unportable::Device)),
            (b"CONOUT$", Some(Unportable::Device)),
            (b"com", None),
            (b"com0", None),
            (b"com10", None),
            (b"console", None),
            (b"auxiliary.c", None),
            (b".a", None),
            (b" a", None),
            (b"a b", None),
            (b"a'b,c;d=e[f]{g}~!@#$%^&()+`", None),
            ("ü日本".as_bytes(), None),
            (b"\x7f", Some(Unportable::Character('\x7f'))),
            ("a\u{85}b".as_bytes(), Some(Unportable::Character('\u{85}'))),
            ("a\u{2028}".as_bytes(), Some(Unportable::Unseen('\u{2028}'))),
            (
                "a\u{202e}b".as_bytes(),
                Some(Unportable::Unseen('\u{202e}')),
            ),
            ("a\u{61c}b".as_bytes(), Some(Unportable::Unseen('\u{61c}'))),
            (
                "a\u{2067}b".as_bytes(),
                Some(Unportable::Unseen('\u{2067}')),
            ),
            (
                "a\u{200f}b".as_bytes(),
                Some(Unportable::Unseen('\u{200f}')),
            ),
            ("\u{1f468}\u{200d}\u{1f469}".as_bytes(), None),
        ] {
            assert_eq!(unportable(name), expected, "{name:?}");
        }
    }

    #[test]
    fn names_that_some_system_takes_for_one_fold_to_one() {
        for (one, other) in [
            ("README", "readme"),
            ("Ünal", "ünal"),
            ("u\u{308}", "Ü"),
            ("\u{212a}ey", "key"),
            ("ſ", "S"),
            ("Σ", "ς"),
            ("a\u{200d}b", "ab"),
            ("Ǆ", "ǆ"),
            ("\u{1e9b}\u{323}", "\u{1e69}"),
            ("straße", "STRASSE"),
            ("\u{1e9e}", "ß"),
            ("ﬁ", "Fi"),
            ("ΐ", "\u{1fd3}"),
            ("ab", "a\u{34f}b"),
            ("a\u{200b}.rs", "a.rs"),
            ("a\u{ad}.rs", "a.rs"),
            ("a\u{fe0f}.rs", "a.rs"),
            ("a\u{e0041}.rs", "a.rs"),
            ("\u{feff}a.rs", "a.rs"),
        ] {
            assert_eq!(
                folded(one.as_bytes()),
                folded(other.as_bytes()),
                "{one} {other}"
            );
        }
        for (one, other) in [
            ("ß", "s"),
            ("ﬁ", "f"),
            ("ａ", "a"),
            ("a", "á"),
            ("ı", "j"),
            ("a b", "a  b"),
        ] {
            assert_ne!(
                folded(one.as_bytes()),
                folded(other.as_bytes()),
                "{one} {other}"
            );
        }
        assert_ne!(folded(b"\xff"), folded(b"\xfe"));
        assert_eq!(folded(b"A\xff"), folded(b"a\xff"));
    }
}
