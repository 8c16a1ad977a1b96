//! What is judged.

use crate::manifest::AgentId;
use crate::words::{Change, ObjectId};

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
    /// How many commits are the branch's own.
    pub own: usize,
}

/// What one commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitChanges {
    /// The commit.
    pub commit: ObjectId,
    /// Its changes, by path; at least one.
    pub changes: Vec<Change>,
}
