//! `gate undo`: prepares the revert of what gate has merged of an agent, as a branch for a person to
//! review and merge. The target, work trees and everybody's branches stay as they are.

mod builders;
mod revert;

pub use builders::{Carrier, Dependent, SamePaths};

use self::builders::Builders;
use self::revert::Revert;
use super::mainline::{Landed, Mainline, UNDO_TRAILER, UNDONE_TRAILER};
use super::publish::{check_name, unknown_agent};
use super::published::agent_named;
use super::{Basis, Context, Options, Outcome, integrate, manifest, worst};
use crate::manifest::{AgentId, FILE_NAME};
use crate::plan::Part;
use crate::repo::{Expect, Quarantine, RefUpdate, Repo, Scope, git_version_check};
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use std::sync::Arc;

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoRequest {
    /// The name of the agent.
    pub agent: String,
    /// The milestone; `None` for all that has landed of the agent.
    pub milestone: Option<String>,
    /// Whether it is only said what would be done.
    pub dry_run: bool,
}

/// The result of `gate undo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoOutcome {
    /// What it was read from.
    pub basis: Basis,
    /// Whose work is taken back: an agent, or a milestone of one, as the manifest has it.
    pub part: String,
    /// The branch that is prepared, by its short name.
    pub branch: String,
    /// The commit that takes it back; `None` where it was refused.
    pub commit: Option<ObjectId>,
    /// What became of the branch.
    pub preparation: Preparation,
    /// The merges that are taken back, newest first.
    pub merges: Vec<UndoneMerge>,
    /// The paths that change in the target.
    pub paths: Vec<RepoPath>,
    /// The agents that depend on it, directly or not, and have landed since.
    pub dependents: Vec<Dependent>,
    /// The branches that have landed since and changed the same paths, be it in the same way.
    pub same_paths: Vec<SamePaths>,
    /// The branches that hold its commits and have not landed.
    pub carriers: Vec<Carrier>,
    /// What is in the way.
    pub findings: Vec<Finding>,
}

/// What became of the branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// It was made.
    Prepared,
    /// It was there already, and is what it has to be.
    Already,
    /// It would have been made: `--dry-run`.
    DryRun,
    /// It could not be made.
    Refused,
}

/// A merge that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneMerge {
    /// The merge commit.
    pub commit: ObjectId,
    /// The branch that it brought, or the milestone.
    pub branch: String,
    /// The commit of the branch.
    pub tip: ObjectId,
    /// Where the branch began: what it shared with what it was merged onto, if that is one commit.
    pub began: Option<ObjectId>,
}

/// Where such branches are, below `refs/heads/`.
const BRANCHES: &str = "gate/undo/";
/// What the reflog says.
const REASON: &str = "gate: undo";

impl UndoOutcome {
    /// 0 if it is prepared, 1 if it was refused.
    pub fn exit_code(&self) -> u8 {
        worst(&self.findings).exit_code()
    }
}

/// Prepares a commit on top of the target that takes back what gate has merged of an agent and nobody
/// has taken back yet, and says who built on it. The same target gives the same commit.
pub fn undo(repo: Arc<Repo>, options: &Options, request: &UndoRequest) -> Outcome<UndoOutcome> {
    git_version_check()?;
    if !request.dry_run {
        // What was begun by one that was killed is ended first.
        drop(repo.landing_journal()?);
    }
    let context = Context::read(repo, options)?;
    integrate::refuse_preview(&context)?;
    if let Some(name) = &request.milestone {
        check_name(name)?;
    }
    let line = Line::read(&context, request)?;
    if line.undone.is_empty() {
        return Err(line.nothing(&line.why_none(request)).into());
    }
    let quarantine = context.quarantine()?;
    let builders = Builders::find(&context, &line)?;
    let mut outcome = UndoOutcome {
        basis: context.basis.clone(),
        branch: format!("{BRANCHES}{}", line.name),
        commit: None,
        preparation: Preparation::Refused,
        merges: merges(&context, &line)?,
        paths: Vec::new(),
        dependents: builders.dependents,
        same_paths: builders.same_paths,
        carriers: builders.carriers,
        findings: Vec::new(),
        part: line.name.clone(),
    };
    let revert = Revert {
        context: &context,
        quarantine: &quarantine,
        line: &line,
    };
    match revert.tree()? {
        Ok(tree) if tree == context.target_tree => {
            return Err(line.nothing("nothing left of it").into());
        }
        Ok(tree) => prepare(&context, &quarantine, &line, tree, request, &mut outcome)?,
        Err(finding) => outcome.findings.push(finding),
    }
    Ok(outcome)
}

/// What gate has merged on the target's line, as far as it matters here: newest first.
struct Line<'c> {
    context: &'c Context,
    /// Whose work it is, as the manifest has it.
    name: String,
    /// The agent, by its name.
    agent_name: &'c str,
    /// The agent of the manifest; `None` if it has none of that name any longer.
    agent: Option<AgentId>,
    /// The merges that are to be taken back.
    undone: Vec<Landed>,
    /// What took back the newest of its merges that was taken back before.
    taken_back: Option<ObjectId>,
    /// The others that came after the oldest of these, unless they were taken back before, each with how
    /// many of those that are to be taken back are newer.
    since: Vec<(Landed, usize)>,
}

impl<'c> Line<'c> {
    fn read(context: &'c Context, request: &'c UndoRequest) -> Result<Self> {
        let agent_name = &*request.agent;
        let name = match &request.milestone {
            Some(milestone) => format!("{agent_name}@{milestone}"),
            None => agent_name.to_owned(),
        };
        let agent = agent_named(context.ownership.manifest(), agent_name);
        let mut is_known = agent.is_some();
        let (mut undone, mut since, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let (mut taken_back, mut mainline) = (None, Mainline::of(context));
        while let Some(merge) = mainline.merge()? {
            let is_agents = merge.stated.agent() == agent_name;
            is_known |= is_agents;
            let is_its = match request.milestone {
                Some(_) => merge.stated.part == name,
                None => is_agents,
            };
            if let Some(undoing) = merge.undone {
                taken_back = taken_back.or(is_its.then_some(undoing.by));
            } else if is_its {
                // What is older than the last of them has not been built on it.
                since.append(&mut others);
                undone.push(merge);
            } else {
                others.push((merge, undone.len()));
            }
        }
        if !is_known {
            return Err(unknown(context, agent_name));
        }
        Ok(Self {
            context,
            name,
            agent_name,
            agent,
            undone,
            taken_back,
            since,
        })
    }

    /// Why there is no merge to take back.
    fn why_none(&self, request: &UndoRequest) -> String {
        if let Some(by) = self.taken_back {
            let by = by.short();
            return format!("none of its merges left, the last was taken back by {by}");
        }
        let (context, milestone) = (self.context, request.milestone.clone());
        let is_known = |part: Part| {
            part.milestone.is_none()
                || context.published.commit(&part).is_some()
                || context.dependencies.milestones().contains(&part)
        };
        match self.agent.map(|agent| is_known(Part { agent, milestone })) {
            Some(true) => "no merge of gate in it".to_owned(),
            Some(false) => "no merge of such a milestone, and none was published".to_owned(),
            None => "no merge of such a milestone".to_owned(),
        }
    }

    /// The refusal to take back nothing.
    fn nothing(&self, why: &str) -> Finding {
        let (name, target) = (&self.name, &self.context.basis.target);
        let message = format!("there is nothing of {name} to take back: {target} has {why}");
        Finding::new(Code::NothingToUndo, message)
            .hint("`gate status` says what has landed; what came otherwise, git reverts")
    }
}

/// The refusal of an agent that neither the manifest nor the history of the target knows.
fn unknown(context: &Context, name: &str) -> Box<Finding> {
    let mut finding = unknown_agent(context.ownership.manifest(), name);
    let target = &context.basis.target;
    finding.message = format!(
        "{}, and {target} has no merge of gate that names one",
        finding.message
    );
    Box::new(finding)
}

/// What is said of the merges that are taken back.
fn merges(context: &Context, line: &Line<'_>) -> Result<Vec<UndoneMerge>> {
    let merge = |merge: &Landed| {
        let tip = merge.stated.merged;
        let began = match context.repo.merge_bases(tip, &[merge.onto])?[..] {
            [base] => Some(base),
            _ => None,
        };
        Ok(UndoneMerge {
            commit: merge.id,
            branch: merge.stated.branch.clone(),
            tip,
            began,
        })
    };
    line.undone.iter().map(merge).collect()
}

/// Makes the commit that turns the target into `tree`, and the branch for it.
fn prepare(
    context: &Context,
    quarantine: &Quarantine,
    line: &Line<'_>,
    tree: ObjectId,
    request: &UndoRequest,
    outcome: &mut UndoOutcome,
) -> Outcome<()> {
    let changes = quarantine.diff(Some(context.target_tree), tree)?;
    outcome.paths = changes.into_iter().map(|change| change.path).collect();
    let changes_manifest = |path: &RepoPath| path.as_bytes() == FILE_NAME.as_bytes();
    if outcome.paths.iter().any(changes_manifest)
        && let Some(finding) = manifest::of_branch(context, &outcome.branch, quarantine, tree)?
    {
        outcome.findings.push(finding);
        return Ok(());
    }
    // Never "now": whoever takes back the same gets the same commit.
    let when = quarantine.commit(context.target)?.committer_seconds;
    let message = message(context, line);
    let commit = quarantine.commit_tree(tree, &[context.target], message.as_bytes(), when)?;
    outcome.preparation = place(
        context,
        quarantine,
        &outcome.branch,
        commit,
        request.dry_run,
    )?;
    outcome.commit = Some(commit);
    Ok(())
}

/// What the commit says: which merges it takes back, for people and, in its trailers, for gate.
fn message(context: &Context, line: &Line<'_>) -> String {
    let (name, target) = (&line.name, &context.basis.target);
    let subject = |merge: &Landed| {
        let message = String::from_utf8_lossy(&merge.commit.message);
        let subject = message.lines().next().unwrap_or_default().to_owned();
        format!("- {} {subject}\n", merge.id.short())
    };
    let merges: String = line.undone.iter().map(subject).collect();
    let trailer = |merge: &Landed| format!("{UNDONE_TRAILER}: {}\n", merge.id);
    let trailers: String = line.undone.iter().map(trailer).collect();
    format!(
        "Undo {name}\n\n\
         Takes back what gate has merged of it into {target}, newest first:\n\n\
         {merges}\n{UNDO_TRAILER}: {name}\n{trailers}"
    )
}

/// Puts the branch there, unless it is there already. It is never moved: somebody may have added to it.
fn place(
    context: &Context,
    quarantine: &Quarantine,
    branch: &str,
    commit: ObjectId,
    dry_run: bool,
) -> Outcome<Preparation> {
    if let Some(agent) = context.ownership.agent_of_branch(branch) {
        let agent = context.name_of(agent);
        let message = format!("the branch {branch} would belong to the agent {agent}");
        let hint = format!("name the branches of {agent} otherwise in the manifest");
        return Err(Finding::new(Code::Usage, message).hint(hint).into());
    }
    if is_there(context, branch, commit)? {
        return Ok(Preparation::Already);
    }
    let name = Scope::Local.full_name(branch);
    context.repo.check_room_for(&name)?;
    if let Some(tree) = context.repo.checked_out(&name)?.first() {
        let message = format!("{branch} is checked out in {}", tree.path.display());
        let finding = Finding::new(Code::WorkTreeDirty, message);
        return Err(finding.hint("switch to another branch there").into());
    }
    if dry_run {
        return Ok(Preparation::DryRun);
    }
    let journal = context.repo.landing_journal()?;
    // Somebody else may have asked for the same meanwhile.
    if is_there(context, branch, commit)? {
        return Ok(Preparation::Already);
    }
    quarantine.publish(&journal, &[commit])?;
    let update = RefUpdate {
        name,
        expect: Expect::Absent,
        new: Some(commit),
    };
    journal.update_refs(&[update], REASON)?;
    Ok(Preparation::Prepared)
}

/// Whether the branch is there, at `commit`. It may be nowhere else.
fn is_there(context: &Context, branch: &str, commit: ObjectId) -> Result<bool> {
    let Some(there) = context.repo.branch(&Scope::Local, branch)? else {
        return Ok(false);
    };
    if there == commit {
        return Ok(true);
    }
    let there = there.short();
    let message =
        format!("{branch} is there already, at {there}, and is not what would be made now");
    let finding = Finding::new(Code::BranchExists, message);
    Err(Box::new(finding.hint(format!(
        "merge it if it is still what you want; else delete it, `git branch -D {branch}`, and \
         run the command again"
    ))))
}
