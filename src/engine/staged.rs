//! `gate check staged`: what a commit of the index would leave a branch with.

use super::attribution::Attribution;
use super::check::{begin, detached, nobody, not_judged, standing};
use super::context::target_name;
use super::source;
use super::{Basis, BranchOutcome, CheckOutcome, Context, Options, Outcome, upstream};
use crate::manifest::{AgentId, FILE_NAME, History};
use crate::repo::{Branches, Head, Objects, Repo, Scope};
use crate::verdict::{self, Subject, Work};
use crate::words::{Code, Finding, ObjectId, Result, Source};
use std::sync::Arc;

/// Judges what is staged in `repo`, for the branch that is checked out, or that a rebase is about to move: the
/// net change that a commit of the index would leave it with. Older commits of the branch are
/// remarked upon only, so that a repair can be committed.
///
/// It runs in the hook of whoever commits here, people before all: where there are no rules yet,
/// and on the target itself, which belongs to nobody whatever the rules are, nothing is judged. To be
/// called where the process ends next: see [`Context::leave`].
pub fn check_staged(repo: Arc<Repo>, options: &Options) -> Outcome<CheckOutcome> {
    repo.require_index()?;
    let target = target_name(&repo, options)?;
    let few = repo.plain_head();
    let few = few.and_then(|head| repo.few_branches(&Scope::Local, &[&head, &target]));
    let listed = few.map_or_else(|| repo.branches(&Scope::Local), Ok)?;
    let head = staging_head(&repo, &listed)?;
    if let Head::Branch(name, _) = &head
        && *name == target
    {
        let why = format!("{name} is the target, which belongs to no agent");
        return Ok(nothing(&repo, &listed, target.clone(), name, &why)?);
    }
    if let Some(why) = why_no_rules(&repo, &target, &head, &listed)? {
        let name = match &head {
            Head::Branch(name, _) => name.clone(),
            Head::Detached(commit) => commit.short(),
        };
        return Ok(nothing(&repo, &listed, target, &name, &why)?);
    }
    let context = Context::of_few(repo, options, listed)?;
    let (name, tip) = match head {
        Head::Branch(name, tip) => (name, tip),
        Head::Detached(_) => {
            let hint =
                "switch to the branch that the work is for, then commit: `git switch BRANCH`";
            return Err(detached(hint).into());
        }
    };
    let mut outcome = begin(&context);
    outcome
        .branches
        .push(match context.ownership.agent_of_branch(&name) {
            Some(agent) => judge(&context, agent, name, tip)?,
            None => nobody(&context, &name, true),
        });
    context.leave();
    Ok(outcome)
}

/// HEAD; while a rebase has detached it, the branch that is rebased, with the commit that HEAD is at.
fn staging_head(repo: &Repo, listed: &Branches) -> Result<Head> {
    let head = repo.head_among(listed)?;
    let Head::Detached(commit) = head else {
        return Ok(head);
    };
    let rebased = repo.rebased_branch()?;
    Ok(rebased.map_or(head, |name| Head::Branch(name, Some(commit))))
}

/// Why nobody is an agent here yet, if that is so: nothing at all has been committed, or there is no
/// manifest in the target, in what is checked out, or in the work tree. Where there is one somewhere
/// and the target cannot be found, that is an error, and not for this function.
fn why_no_rules(
    repo: &Repo,
    target: &str,
    head: &Head,
    listed: &Branches,
) -> Result<Option<String>> {
    let commit = match repo.tip(listed, target)? {
        Some(commit) => Some(commit),
        None if listed.is_empty() => {
            return Ok(Some("nothing has been committed here yet".into()));
        }
        None => match head {
            Head::Branch(_, commit) => *commit,
            Head::Detached(commit) => Some(*commit),
        },
    };
    let tree = commit.map(|commit| repo.commit(commit)).transpose()?;
    let is_committed = match tree {
        Some(commit) => source::is_in_tree(repo, commit.tree)?,
        None => false,
    };
    let has_rules = is_committed || source::in_work_tree(repo)?.is_some();
    Ok((!has_rules).then(|| format!("there is no {FILE_NAME}, so no branch belongs to an agent")))
}

/// The outcome where nothing is judged and no manifest is read.
fn nothing(
    repo: &Repo,
    listed: &Branches,
    target: String,
    name: &str,
    why: &str,
) -> Result<CheckOutcome> {
    Ok(CheckOutcome {
        basis: Basis {
            target_commit: repo.tip(listed, &target)?,
            target,
            manifest: Source::default(),
            preview: false,
        },
        remarks: Vec::new(),
        branches: vec![not_judged(name, why)],
        of_push: false,
    })
}

fn judge(
    context: &Context,
    agent: AgentId,
    name: String,
    tip: Option<ObjectId>,
) -> Result<BranchOutcome> {
    let attribution = Attribution::for_agent(context, agent)?;
    let mut parents: Vec<ObjectId> = tip.into_iter().collect();
    parents.extend(context.repo.merge_heads()?);
    let work = |attribution: &Attribution<'_>| {
        let diff = |objects: &Objects, base| context.repo.diff_index(objects, base);
        let net = attribution.against_base(&parents, diff)?;
        Ok(Work {
            net: net.changes,
            names: net.names,
            links: net.links,
            moved_links: net.moved_links,
            edits: net.edits,
            ..Work::default()
        })
    };
    let subject = Subject {
        agent,
        branch: &name,
    };
    let staged = work(&attribution)?;
    let findings = verdict::judge(&context.ownership, subject, &staged);
    let mut findings = upstream::advise(context, subject, findings, work);
    let older = tip.map_or(Ok(Vec::new()), |tip| {
        older_commits(context, &attribution, subject, tip)
    })?;
    findings.extend(older);
    Ok(BranchOutcome {
        standing: standing(&findings),
        branch: name,
        agent: Some(context.name_of(agent).to_owned()),
        milestone: None,
        tip: None,
        paths: staged.net.len(),
        commits: 0,
        merge: None,
        findings,
    })
}

/// What earlier commits of the branch changed that they must not have, as remarks.
fn older_commits(
    context: &Context,
    attribution: &Attribution<'_>,
    subject: Subject<'_>,
    tip: ObjectId,
) -> Result<Vec<Finding>> {
    if context.ownership.manifest().history == History::Net {
        return Ok(Vec::new());
    }
    let own = attribution.own_commits(tip)?;
    let work = Work {
        commits: attribution.commits(&own)?,
        own: own.len(),
        ..Work::default()
    };
    let findings = verdict::judge(&context.ownership, subject, &work);
    Ok(findings
        .into_iter()
        .map(|finding| Finding {
            code: Code::OlderCommit,
            ..finding
        })
        .collect())
}
