//! What a branch did to one path.

use super::{ObjectId, RepoPath};

/// The kinds of entries that a tree may hold, directories aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A regular file (`100644`; the historical `100664` counts as this one).
    File,
    /// A regular file that may be executed (`100755`).
    Executable,
    /// A symbolic link (`120000`); its blob is the target's path.
    Symlink,
    /// A commit of another repository (`160000`).
    Submodule,
}

impl Mode {
    /// The mode as git writes it in listings.
    pub fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
        }
    }

    /// Whether it is a regular file, executable or not.
    pub fn is_regular(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }
}

/// What a tree holds at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// What kind of thing it is.
    pub mode: Mode,
    /// The blob, or the commit of a submodule.
    pub id: ObjectId,
}

/// One path that differs between two trees, compared by mode and object id alone: a rename is a
/// deletion and an addition. At least one side is present, and the sides are not equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    /// The path, from the root of the repository.
    pub path: RepoPath,
    /// What was there before; `None` for an addition.
    pub before: Option<Entry>,
    /// What is there now; `None` for a deletion.
    pub after: Option<Entry>,
}

impl Change {
    /// Whether the path has this mode before or after it.
    pub fn has_mode(&self, mode: Mode) -> bool {
        self.sides().any(|entry| entry.mode == mode)
    }

    fn sides(&self) -> impl Iterator<Item = Entry> {
        self.before.into_iter().chain(self.after)
    }

    /// What was done to the path, for people; the path goes after it.
    pub fn verb(&self) -> &'static str {
        match (self.before, self.after) {
            (None, _) => "added",
            (_, None) => "deleted",
            (Some(before), Some(after)) if before.mode == after.mode => "modified",
            (Some(before), Some(after)) if before.mode.is_regular() && after.mode.is_regular() => {
                if before.id == after.id {
                    "changed the mode of"
                } else {
                    "modified"
                }
            }
            _ => "changed the kind of",
        }
    }
}
