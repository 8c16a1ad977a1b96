//! Which names git allows: a small deterministic automaton beside the patterns.

use super::super::bytes::ByteSet;

/// What the patterns speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Paths: see [`crate::words::RepoPath`].
    Paths,
    /// Paths and some more: whatever has no empty segment and no NUL byte. Needs fewer states.
    Segments,
    /// Branches: see git-check-ref-format(1).
    Branches,
}

/// At the start of a component.
const START: u8 = 0;
/// In a component, with nothing special before.
const OTHER: u8 = 1;
/// Paths: the component so far is a part of `..` or of `.git`.
const DOT: u8 = 2;
const DOT_DOT: u8 = 3;
const DOT_G: u8 = 4;
const DOT_GI: u8 = 5;
const DOT_GIT: u8 = 6;
/// Branches: at the very start; behind a dot; behind parts of `.lock`; behind `@`.
const FIRST: u8 = 2;
const BEHIND_DOT: u8 = 3;
const DOT_L: u8 = 4;
const DOT_LO: u8 = 5;
const DOT_LOC: u8 = 6;
const DOT_LOCK: u8 = 7;
const BEHIND_AT: u8 = 8;

impl Names {
    pub(super) fn start(self) -> u8 {
        match self {
            Self::Paths | Self::Segments => START,
            Self::Branches => FIRST,
        }
    }

    /// The state after `byte`, or `None` if no name goes on like that.
    pub(super) fn step(self, state: u8, byte: u8) -> Option<u8> {
        match self {
            Self::Paths => path_step(state, byte),
            Self::Segments => match byte {
                0 => None,
                b'/' => (state != START).then_some(START),
                _ => Some(OTHER),
            },
            Self::Branches => branch_step(state, byte),
        }
    }

    /// Whether a name may end here.
    pub(super) fn accepts(self, state: u8) -> bool {
        match self {
            Self::Paths => !matches!(state, START | DOT | DOT_DOT | DOT_GIT),
            Self::Segments => state != START,
            Self::Branches => !matches!(state, START | FIRST | BEHIND_DOT | DOT_LOCK),
        }
    }

    /// Sets of bytes that the steps do not tell apart; together with the rest, all bytes.
    pub(super) fn classes(self) -> Vec<ByteSet> {
        let set = |bytes: &[u8]| {
            let mut set = ByteSet::EMPTY;
            for byte in bytes {
                set.insert(*byte);
            }
            set
        };
        match self {
            Self::Paths => [&b"/"[..], b".", b"gG", b"iI", b"tT", b"\0"]
                .map(set)
                .to_vec(),
            Self::Segments => [&b"/"[..], b"\0"].map(set).to_vec(),
            Self::Branches => {
                let mut classes: Vec<_> = b"/.-@{lock"
                    .iter()
                    .map(|byte| ByteSet::one(*byte))
                    .collect();
                let refused: Vec<u8> = (0..=255).filter(|byte| refused_in_branch(*byte)).collect();
                classes.push(set(&refused));
                classes
            }
        }
    }
}

fn path_step(state: u8, byte: u8) -> Option<u8> {
    Some(match (state, byte.to_ascii_lowercase()) {
        (_, 0) | (START | DOT | DOT_DOT | DOT_GIT, b'/') => return None,
        (_, b'/') => START,
        (START, b'.') => DOT,
        (DOT, b'.') => DOT_DOT,
        (DOT, b'g') => DOT_G,
        (DOT_G, b'i') => DOT_GI,
        (DOT_GI, b't') => DOT_GIT,
        _ => OTHER,
    })
}

fn branch_step(state: u8, byte: u8) -> Option<u8> {
    if refused_in_branch(byte) {
        return None;
    }
    Some(match (state, byte) {
        (START | FIRST | BEHIND_DOT, b'/' | b'.')
        | (FIRST, b'-')
        | (DOT_LOCK, b'/')
        | (BEHIND_AT, b'{') => return None,
        (_, b'/') => START,
        (_, b'.') => BEHIND_DOT,
        (_, b'@') => BEHIND_AT,
        (BEHIND_DOT, b'l') => DOT_L,
        (DOT_L, b'o') => DOT_LO,
        (DOT_LO, b'c') => DOT_LOC,
        (DOT_LOC, b'k') => DOT_LOCK,
        _ => OTHER,
    })
}

fn refused_in_branch(byte: u8) -> bool {
    byte.is_ascii_control() || b" ~^:?*[\\".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::RepoPath;

    fn allows(names: Names, name: &[u8]) -> bool {
        let end = name
            .iter()
            .try_fold(names.start(), |state, byte| names.step(state, *byte));
        end.is_some_and(|state| names.accepts(state))
    }

    #[test]
    fn paths_are_those_of_the_path_type() {
        let letters = b"./gGitx\0";
        for length in 0..5 {
            for number in 0..letters.len().pow(length) {
                let digit = |place: u32| letters[number / letters.len().pow(place) % letters.len()];
                let name: Vec<u8> = (0..length).map(digit).collect();
                let expected = RepoPath::new(name.clone()).is_ok();
                assert_eq!(allows(Names::Paths, &name), expected, "{name:?}");
            }
        }
    }

    #[test]
    fn branches_are_those_that_git_allows() {
        for good in [
            "a",
            "agent/storage",
            "a.b",
            "a@b",
            "a.lockx",
            "a/-b",
            "@",
            "ü",
        ] {
            assert!(allows(Names::Branches, good.as_bytes()), "{good}");
        }
        for bad in [
            "", "/a", "a/", "a//b", ".a", "a/.b", "a..b", "a.", "a.lock", "a.lock/b", "a b", "a~",
            "a^", "a:", "a?", "a*", "a[", "a\\", "a\x7f", "@{", "a@{b", "-a",
        ] {
            assert!(!allows(Names::Branches, bad.as_bytes()), "{bad}");
        }
    }
}
