//! Who has built on what is to be taken back.

use super::super::Context;
use super::super::mainline::Landed;
use super::super::published::agent_named;
use super::revert::changed_by;
use super::{BRANCHES, Line};
use crate::words::{ObjectId, RepoPath, Result};
use std::collections::{BTreeMap, BTreeSet};

/// An agent that has landed on top of work that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// The agent.
    pub agent: String,
    /// The branch or the milestone that landed last.
    pub branch: String,
    /// Its merge.
    pub merge: ObjectId,
}

/// A branch that has landed since and changed the same paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamePaths {
    /// The agent that it belongs to.
    pub agent: String,
    /// The branch or the milestone.
    pub branch: String,
    /// Its newest merge.
    pub merge: ObjectId,
    /// The paths that both changed, in order.
    pub paths: BTreeSet<RepoPath>,
}

/// A branch that has not landed and holds commits that are to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The branch.
    pub branch: String,
    /// The agent that it belongs to, if any.
    pub agent: Option<String>,
}

/// All of them.
pub(super) struct Builders {
    pub dependents: Vec<Dependent>,
    pub same_paths: Vec<SamePaths>,
    pub carriers: Vec<Carrier>,
}

impl Builders {
    pub(super) fn find(context: &Context, line: &Line<'_>) -> Result<Self> {
        Ok(Self {
            dependents: dependents(context, line),
            same_paths: same_paths(context, line)?,
            carriers: carriers(context, line)?,
        })
    }
}

/// The agents that have landed since and depend on it, by name; an agent's own work on top of a milestone
/// of it is meant, too.
fn dependents(context: &Context, line: &Line<'_>) -> Vec<Dependent> {
    let mut found = BTreeMap::new();
    for (merge, _) in &line.since {
        let name = merge.stated.agent();
        let Some(agent) = agent_named(context.ownership.manifest(), name) else {
            continue;
        };
        if agent == line.agent || context.dependencies.all(agent).contains(&line.agent) {
            found.entry(name).or_insert_with(|| Dependent {
                agent: name.to_owned(),
                branch: merge.stated.branch.clone(),
                merge: merge.id,
            });
        }
    }
    found.into_values().collect()
}

fn same_paths(context: &Context, line: &Line<'_>) -> Result<Vec<SamePaths>> {
    let mut undone = BTreeSet::new();
    for merge in &line.undone {
        undone.extend(changed_by(context, merge)?);
    }
    let mut found: BTreeMap<&str, SamePaths> = BTreeMap::new();
    for (merge, _) in &line.since {
        let changed = changed_by(context, merge)?.into_iter();
        let both: BTreeSet<_> = changed.filter(|path| undone.contains(path)).collect();
        if both.is_empty() {
            continue;
        }
        let new = || SamePaths {
            agent: merge.stated.agent().to_owned(),
            branch: merge.stated.branch.clone(),
            merge: merge.id,
            paths: BTreeSet::new(),
        };
        let same = found.entry(&merge.stated.branch).or_insert_with(new);
        same.paths.extend(both);
    }
    Ok(found.into_values().collect())
}

/// The branches of this clone that hold a commit which only these merges brought, and something that the
/// target does not have.
fn carriers(context: &Context, line: &Line<'_>) -> Result<Vec<Carrier>> {
    let mut first = BTreeSet::new();
    for merge in &line.undone {
        first.extend(first_commits(context, merge)?);
    }
    let integration = &context.ownership.manifest().integration;
    let is_gates = |name: &str| name == integration || name.starts_with(BRANCHES);
    let mut found = Vec::new();
    for name in context.names().filter(|name| !is_gates(name)) {
        // Of a branch that cannot be told nothing can be said.
        let Ok(Some(tip)) = context.tip(name) else {
            continue;
        };
        if context.repo.is_ancestor(tip, context.target)? {
            continue;
        }
        for commit in &first {
            if context.repo.is_ancestor(*commit, tip)? {
                let agent = context.ownership.agent_of_branch(name);
                found.push(Carrier {
                    branch: name.to_owned(),
                    agent: agent.map(|agent| context.name_of(agent).to_owned()),
                });
                break;
            }
        }
    }
    Ok(found)
}

/// The commits that a merge brought, as far as they are on top of none of the others: whoever holds one
/// of its commits holds one of these.
fn first_commits(context: &Context, merge: &Landed) -> Result<Vec<ObjectId>> {
    let own = context
        .repo
        .own_commits(merge.stated.merged, &[merge.onto])?;
    let all: BTreeSet<_> = own.iter().copied().collect();
    let mut first = Vec::new();
    for id in own {
        let parents = context.repo.commit(id)?.parents;
        if !parents.iter().any(|parent| all.contains(parent)) {
            first.push(id);
        }
    }
    Ok(first)
}
