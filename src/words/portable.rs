//! Names that are fine in git and on Linux, and not on every system that a repository is checked
//! out on.

use unicode_normalization::UnicodeNormalization;

/// Why a name cannot be checked out somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unportable {
    /// It is not UTF-8, which macOS refuses.
    NotText,
    /// It holds a character that Windows does not allow in names.
    Character(char),
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
        |c: &char| *c < ' ' || matches!(c, '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*');
    if let Some(c) = text.chars().find(forbidden) {
        return Some(Unportable::Character(c));
    }
    if text.ends_with(['.', ' ']) {
        return Some(Unportable::Ending);
    }
    is_device(text).then_some(Unportable::Device)
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
/// equal: without case, in one Unicode form, without the characters that HFS+ ignores. Case is
/// folded one character for one, as file systems do: `ß` is not `ss`.
pub fn folded(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) if !text.is_ascii() => {
            let visible = text.chars().filter(|c| !is_ignored_by_hfs(*c));
            let folded: String = visible.nfd().map(fold).collect();
            folded.nfd().collect::<String>().into_bytes()
        }
        _ => name.to_ascii_lowercase(),
    }
}

/// The lower case of the upper case, where each is one character: `ſ` and the sign for Kelvin too.
fn fold(c: char) -> char {
    let only = |mut chars: Box<dyn Iterator<Item = char>>| {
        let first = chars.next();
        first.filter(|_| chars.next().is_none())
    };
    let upper = only(Box::new(c.to_uppercase())).unwrap_or(c);
    only(Box::new(upper.to_lowercase())).unwrap_or(upper)
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
            (b"\x7f", None),
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
        ] {
            assert_eq!(
                folded(one.as_bytes()),
                folded(other.as_bytes()),
                "{one} {other}"
            );
        }
        for (one, other) in [("ß", "ss"), ("a", "á"), ("ı", "j"), ("a b", "a  b")] {
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
