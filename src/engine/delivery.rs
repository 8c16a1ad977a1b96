//! Who has delivered: read from the history of the target, never from a flag.

use super::Context;
use crate::manifest::{AgentId, FILE_NAME};
use crate::repo::Commit;
use crate::words::{RepoPath, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The trailer of a merge commit that names the agent whose branch it brings.
pub(super) const AGENT_TRAILER: &str = "Gate-Agent";
/// The trailer that names the branch.
pub(super) const BRANCH_TRAILER: &str = "Gate-Branch";
/// The trailer that names the run.
pub(super) const RUN_TRAILER: &str = "Gate-Run";
/// The trailer that names the commit of the branch: the second parent.
pub(super) const COMMIT_TRAILER: &str = "Gate-Commit";

/// The agents that a merge commit of gate in the target's history names.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivered(BTreeSet<AgentId>);

impl Delivered {
    /// Whether `agent` has delivered.
    pub(super) fn contains(&self, agent: AgentId) -> bool {
        self.0.contains(&agent)
    }

    /// Adds an agent whose commits were merged in this run.
    pub(super) fn insert(&mut self, agent: AgentId) {
        self.0.insert(agent);
    }

    /// Reads which of `agents`, and of those that somebody depends on, have delivered.
    ///
    /// Only the target's first parents count: that is the line on which gate lands, and no branch
    /// can put a forged merge there. The walk ends where the target had no manifest yet, since gate
    /// cannot have merged anything before.
    pub(super) fn read(context: &Context, agents: &BTreeSet<AgentId>) -> Result<Self> {
        let mut wanted: BTreeMap<&str, AgentId> = context
            .ownership
            .manifest()
            .agent_ids()
            .flat_map(|agent| context.dependencies.direct(agent).iter().copied())
            .chain(agents.iter().copied())
            .map(|agent| (context.name_of(agent), agent))
            .collect();
        let mut delivered = Self::default();
        let Ok(manifest) = RepoPath::new(FILE_NAME) else {
            return Ok(delivered);
        };
        let mut next = Some(context.target);
        while let Some(id) = next.filter(|_| !wanted.is_empty()) {
            let commit = context.repo.commit(id)?;
            if context.repo.entry_at(commit.tree, &manifest)?.is_none() {
                break;
            }
            if let Some(agent) = named_agent(&commit).and_then(|name| wanted.remove(name)) {
                delivered.insert(agent);
            }
            next = commit.parents.first().copied();
        }
        Ok(delivered)
    }
}

/// The agent that `commit` names, if it is a merge commit as gate makes them.
fn named_agent(commit: &Commit) -> Option<&str> {
    let [_, merged] = commit.parents.as_slice() else {
        return None;
    };
    let message = std::str::from_utf8(&commit.message).ok()?;
    (trailer(message, COMMIT_TRAILER)? == merged.to_string())
        .then(|| trailer(message, AGENT_TRAILER))
        .flatten()
}

/// What a message says behind `key`, the last time it does.
pub(super) fn trailer<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    message
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}
