//! Which names an entry of a tree may have: what git itself refuses to check out on some system.

use crate::words::is_ignored_by_hfs;
use bstr::ByteSlice;

/// Why `name` must not occur in a tree, or `None` if it may. The rules are those of git's
/// `verify_path` and `fsck`, for every system at once.
pub(super) fn objection(name: &[u8]) -> Option<&'static str> {
    if is_plain(name) {
        return None;
    }
    match name {
        b"" => Some("an empty name"),
        b"." | b".." => Some("a name that leads elsewhere"),
        _ if name.contains(&b'/') => Some("a slash inside a name"),
        _ if name.contains(&0) => Some("a NUL byte inside a name"),
        _ if is_ntfs_dot_git(name) || is_hfs_dot_git(name) => {
            Some("a name that some systems take for .git")
        }
        _ => None,
    }
}

/// Whether nothing is in `name` that any rule looks for: that of most names, found out in one pass.
fn is_plain(name: &[u8]) -> bool {
    let is_special = |byte: &u8| !byte.is_ascii() || matches!(byte, b'/' | 0 | b'\\' | b':');
    let may_be_git = matches!(name.first(), None | Some(b'.' | b'g' | b'G'));
    // Without a way out in the middle, many bytes are looked at together.
    let any_special = name.iter().fold(false, |any, byte| any | is_special(byte));
    !may_be_git && !any_special
}

/// Whether NTFS would open `.git` under this name: in any case, by its short name, with dots and
/// spaces behind it, with a stream behind a colon, or as a part between backslashes.
fn is_ntfs_dot_git(name: &[u8]) -> bool {
    name.split_str(b"\\").any(|part| {
        let plain = part.split_str(b":").next().unwrap_or_default();
        let plain = plain.trim_end_with(|c| c == ' ' || c == '.');
        plain.eq_ignore_ascii_case(b".git") || plain.eq_ignore_ascii_case(b"git~1")
    })
}

/// Whether HFS+ would open `.git` under this name: it ignores case and some characters.
fn is_hfs_dot_git(name: &[u8]) -> bool {
    let Ok(text) = name.to_str() else {
        return false;
    };
    text.chars()
        .filter(|c| !is_ignored_by_hfs(*c))
        .map(|c| c.to_ascii_lowercase())
        .eq(".git".chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_system_takes_for_dot_git_are_refused() {
        for bad in [
            ".git",
            ".GiT",
            "git~1",
            "GIT~1",
            ".git.",
            ".git ",
            ".git . .",
            ".git::$INDEX",
            "a\\.git",
            ".git\\hooks",
            ".g\u{200c}it",
            "\u{feff}.git",
            ".\u{206f}GIT",
            "",
            ".",
            "..",
            "a/b",
            "a\0",
        ] {
            assert!(objection(bad.as_bytes()).is_some(), "{bad:?}");
        }
        for good in [
            ".gitignore",
            "git",
            "git~2",
            "...",
            ".gi",
            "a.git",
            "é",
            " ",
            "a\\b",
            ".git-a",
            "\u{200c}",
        ] {
            assert_eq!(objection(good.as_bytes()), None, "{good:?}");
        }
    }
}
