//! The vocabulary every room shares: object ids, paths, changes, findings. Pure data, no behaviour
//! that depends on git, files, time or threads.

mod change;
mod code;
mod conflict;
mod explanation;
mod finding;
mod id;
mod path;
mod portable;
mod shell;
mod span;
mod verification;

pub use change::{Change, Entry, Mode};
pub use code::{Code, Severity};
pub use conflict::{Conflict, ConflictHunk, ConflictSide, Conflicts, Excerpt, LineRange};
pub use explanation::Explanation;
pub use finding::{Finding, Label, Output, Result};
pub use id::ObjectId;
pub use path::{MAX_COMPONENT, MAX_DEPTH, MAX_PATH, PathError, RepoPath, quote, unquote};
pub use portable::{Unportable, folded, is_ignored_by_hfs, unportable};
pub use shell::shell_word;
pub use span::{Source, Span};
pub use verification::{Blame, Cause, Verification};
