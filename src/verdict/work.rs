//! What is judged.

use super::Edit;
use crate::manifest::AgentId;
use crate::words::{Change, ObjectId, RepoPath};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What changes do to the lines of files, where a rule asks for that: of all paths that are changed
/// from one regular file to another and that only lines may be added to.
pub type Edits = BTreeMap<RepoPath, Edit>;

/// Whose work it is.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The agent that the branch belongs to.
    pub agent: AgentId,
    /// The branch's short name, for people.
    pub branch: &'a str,
}

/// What a branch adds to what it was allowed to build on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// From the base to the tip, by path.
    pub net: Vec<Change>,
    /// What single commits changed, newest first; empty if only the net change is judged.
    pub commits: Vec<CommitChanges>,
    /// Whether it shares no commit with what it may build on.
    pub unrelated: bool,
    /// How many commits are the branch's own.
    pub own: usize,
    /// The names that the net change brings in.
    pub names: Vec<NewName>,
    /// The links that the net change adds or leads elsewhere.
    pub links: Vec<Link>,
    /// The links that the net change leaves alone, and that lead elsewhere because of it.
    pub moved_links: Vec<Link>,
    /// What the net change does to lines.
    pub edits: Edits,
}

/// A name of a file or directory that is new where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewName {
    /// The path that ends in it.
    pub path: RepoPath,
    /// Another path that some system would take for it.
    pub rival: Option<RepoPath>,
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its path.
    pub path: RepoPath,
    /// Where it leads.
    pub end: LinkEnd,
}

/// Where a symbolic link leads, every link on the way followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEnd {
    /// Out of the repository, or into `.git`.
    Outside,
    /// In a circle, or through more links than systems follow.
    Circle,
    /// By a name that some systems read as something else.
    OtherSystems,
    /// To a file or to nothing, at this path.
    File(RepoPath),
    /// To a directory that holds these files.
    Directory(Arc<[RepoPath]>),
}

/// What one commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitChanges {
    /// The commit.
    pub commit: ObjectId,
    /// Its changes, by path; at least one.
    pub changes: Vec<Change>,
    /// The links that it adds or leads elsewhere.
    pub links: Vec<Link>,
    /// What they do to lines.
    pub edits: Edits,
}
