//! Who has built on what is to be taken back.

use super::super::mainline::Landed;
use super::super::published::agent_named;
use super::super::{Context, source};
use super::revert::changed_by;
use super::{BRANCHES, Line};
use crate::manifest::Manifest;
use crate::plan::Dependencies;
use crate::words::{ObjectId, RepoPath, Result};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// A branch that has landed since and changed the same paths, even where its merge found nothing left to change.
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
            dependents: dependents(context, line)?,
            same_paths: same_paths(context, line)?,
            carriers: carriers(context, line)?,
        })
    }
}

/// The agents that have landed since and depend on it, by name; an agent's own work on top of a milestone
/// of it is meant, too.
fn dependents(context: &Context, line: &Line<'_>) -> Result<Vec<Dependent>> {
    let mut found = BTreeMap::new();
    let mut rules = Rules::default();
    for (merge, _) in &line.since {
        let name = merge.stated.agent();
        if name == line.agent_name || rules.depends(context, line, merge)? {
            found.entry(name).or_insert_with(|| Dependent {
                agent: name.to_owned(),
                branch: merge.stated.branch.clone(),
                merge: merge.id,
            });
        }
    }
    Ok(found.into_values().collect())
}

/// The manifests by which others have landed, each with its dependencies, by the object that it is.
#[derive(Default)]
struct Rules(HashMap<ObjectId, Option<(Manifest, Dependencies)>>);

impl Rules {
    /// Whether the agent that landed with `merge` depends on the one of `line`, directly or not. Where the
    /// manifest does not have that one any longer, nobody can by now: then whoever did as it landed.
    fn depends(&mut self, context: &Context, line: &Line<'_>, merge: &Landed) -> Result<bool> {
        let name = merge.stated.agent();
        let depends = |manifest, dependencies: &Dependencies, on| {
            let agent = agent_named(manifest, name);
            agent.is_some_and(|agent| dependencies.all(agent).contains(&on))
        };
        if let Some(agent) = line.agent {
            let manifest = context.ownership.manifest();
            return Ok(depends(manifest, &context.dependencies, agent));
        }
        let rules = self.at(context, context.repo.commit(merge.onto)?.tree)?;
        Ok(rules.is_some_and(|(manifest, dependencies)| {
            let agent = agent_named(manifest, line.agent_name);
            agent.is_some_and(|agent| depends(manifest, dependencies, agent))
        }))
    }

    /// The manifest in `tree`, if there is a valid one.
    fn at(
        &mut self,
        context: &Context,
        tree: ObjectId,
    ) -> Result<Option<&(Manifest, Dependencies)>> {
        let Some(id) = source::id_in_tree(&context.repo, tree)? else {
            return Ok(None);
        };
        let rules = match self.0.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let manifest = source::valid_in_tree(&context.repo, tree)?;
                new.insert(manifest.map(|manifest| {
                    let dependencies = Dependencies::of(&manifest);
                    (manifest, dependencies)
                }))
            }
        };
        Ok(rules.as_ref())
    }
}

fn same_paths(context: &Context, line: &Line<'_>) -> Result<Vec<SamePaths>> {
    let mut undone = BTreeSet::new();
    for merge in &line.undone {
        undone.extend(changed_by(context, merge)?);
    }
    let mut found: BTreeMap<&str, SamePaths> = BTreeMap::new();
    for (merge, _) in &line.since {
        let changed = meant_by(context, merge)?.into_iter();
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

/// The paths that a merge changed in the target, and those that its branch changed: where both had the
/// same in mind, the merge finds nothing left to change, and what is taken back is the branch's, too.
fn meant_by(context: &Context, merge: &Landed) -> Result<BTreeSet<RepoPath>> {
    let (repo, tip) = (&context.repo, merge.stated.merged);
    let tree = repo.commit(tip)?.tree;
    let mut own: Option<BTreeSet<_>> = None;
    for base in repo.merge_bases(tip, &[merge.onto])? {
        let changes = repo.diff(Some(repo.commit(base)?.tree), tree)?;
        let paths: BTreeSet<_> = changes.into_iter().map(|change| change.path).collect();
        // What one of several bases has as the branch does is no change of the branch.
        own = Some(own.map_or(paths.clone(), |own| &own & &paths));
    }
    let mut paths = own.unwrap_or_default();
    paths.extend(changed_by(context, merge)?);
    Ok(paths)
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
