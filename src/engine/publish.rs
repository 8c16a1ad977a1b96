//! `gate publish`: part of an agent's work, or all of it, is ready for those who wait for it.

use super::judge;
use super::published::{agent_named, check_forward};
use super::{Basis, Branch, Context, Failure, Options, Outcome, integrate};
use crate::manifest::{AgentId, Manifest, did_you_mean, name_fault};
use crate::plan::Part;
use crate::repo::{Expect, RefUpdate, Repo};
use crate::words::{Code, Finding, ObjectId, Result};
use std::sync::Arc;

/// What is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishRequest {
    /// The name of the agent.
    pub agent: String,
    /// The milestone; `None` if the agent has finished.
    pub milestone: Option<String>,
    /// The commit, as git understands it; `None` for the tip of the agent's branch.
    pub commit: Option<String>,
}

/// The result of `gate publish`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishOutcome {
    /// What it was judged against.
    pub basis: Basis,
    /// The agent.
    pub agent: String,
    /// The milestone; `None` if the agent has finished.
    pub milestone: Option<String>,
    /// The ref that says so, by its full name.
    pub reference: String,
    /// The commit that it is at now.
    pub commit: ObjectId,
    /// The commit that it was at before, if there was one.
    pub before: Option<ObjectId>,
    /// The agents that name it in their `depends_on`.
    pub dependents: Vec<String>,
    /// Where the agent has finished: those that name milestones of it instead, or as well.
    pub milestone_dependents: Vec<MilestoneDependent>,
}

/// An agent that depends on a milestone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MilestoneDependent {
    /// The agent.
    pub agent: String,
    /// The milestone.
    pub milestone: String,
}

/// What the reflog says.
const REASON: &str = "gate: publish";

/// Records a commit for those who wait for it, by a compare-and-swap of its ref. It must be on a branch of
/// the agent and be accepted by the verdict, and whatever was published before must be below it.
pub fn publish(
    repo: Arc<Repo>,
    options: &Options,
    request: &PublishRequest,
) -> Outcome<PublishOutcome> {
    // What was begun by one that was killed is ended first.
    drop(repo.landing_journal()?);
    repo.sweep_quarantines()?;
    let context = Context::read(repo, options)?;
    integrate::refuse_preview(&context)?;
    let agent = named_agent(&context, &request.agent)?;
    let part = Part {
        agent,
        milestone: request.milestone.clone(),
    };
    if let Some(name) = &request.milestone {
        check_name(name)?;
    }
    let commit = match &request.commit {
        Some(revision) => named_commit(&context, revision)?,
        None => only_tip(&context, agent)?,
    };
    if context.holder(agent, commit)?.is_none() {
        let finding = context.elsewhere(&part, commit);
        let hint = format!("name a commit of a branch of {}", request.agent);
        return Err(finding.hint(hint).into());
    }
    check_work(&context, &part, commit)?;
    let before = context.published.commit(&part).cloned().transpose()?;
    check_forward(&context, &part, before, Some(commit))?;
    let reference = context.publication(&part).full_name();
    if before != Some(commit) {
        let update = RefUpdate {
            name: reference.clone(),
            expect: before.map_or(Expect::Absent, Expect::At),
            new: Some(commit),
        };
        context.repo.update_refs(&[update], REASON)?;
    }
    Ok(PublishOutcome {
        agent: request.agent.clone(),
        milestone: request.milestone.clone(),
        reference,
        commit,
        before,
        dependents: dependents(&context, &part),
        milestone_dependents: milestone_dependents(&context, &part),
        basis: context.basis,
    })
}

/// The agents that depend on `part` itself, by name.
fn dependents(context: &Context, part: &Part) -> Vec<String> {
    let agents = context.ownership.manifest().agent_ids();
    let depends = |other: &AgentId| context.dependencies.parts(*other).contains(part);
    let names = agents.filter(depends).map(|other| context.name_of(other));
    names.map(str::to_owned).collect()
}

/// The agents that depend on a milestone of `part`, if that is the whole of an agent, by name.
fn milestone_dependents(context: &Context, part: &Part) -> Vec<MilestoneDependent> {
    if part.milestone.is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for other in context.ownership.manifest().agent_ids() {
        let parts = context.dependencies.parts(other).iter();
        let of_agent = parts.filter(|named| named.agent == part.agent);
        let milestones = of_agent.filter_map(|named| named.milestone.clone());
        found.extend(milestones.map(|milestone| MilestoneDependent {
            agent: context.name_of(other).to_owned(),
            milestone,
        }));
    }
    found
}

/// The agent that somebody names.
pub(super) fn named_agent(context: &Context, name: &str) -> Result<AgentId> {
    let manifest = context.ownership.manifest();
    let unknown = || Box::new(unknown_agent(manifest, name));
    agent_named(manifest, name).ok_or_else(unknown)
}

/// The refusal of an agent that `manifest` does not have.
pub(super) fn unknown_agent(manifest: &Manifest, name: &str) -> Finding {
    let finding = Finding::new(Code::UnknownAgent, format!("there is no agent {name}"));
    let agents = manifest.agents.iter();
    let known: Vec<_> = agents.map(|agent| agent.id.value.as_str()).collect();
    let hint = did_you_mean(name, &known).unwrap_or_else(|| "`gate plan` lists them".to_owned());
    finding.hint(hint)
}

/// Fails if no milestone can be called so.
pub(super) fn check_name(name: &str) -> Result<()> {
    let Some(fault) = name_fault(name) else {
        return Ok(());
    };
    let message = format!("a milestone cannot be called `{name}`: {fault}");
    let hint = "give it a plain name, such as api";
    Err(Box::new(Finding::new(Code::Usage, message).hint(hint)))
}

fn named_commit(context: &Context, revision: &str) -> Result<ObjectId> {
    if let Some(commit) = context.repo.resolve(revision)? {
        return Ok(commit);
    }
    let message = format!("there is no commit {revision} here");
    let hint = "name a branch, or the id of a commit";
    Err(Box::new(Finding::new(Code::Usage, message).hint(hint)))
}

/// The tip of the one branch of `agent`.
fn only_tip(context: &Context, agent: AgentId) -> Result<ObjectId> {
    let name = context.name_of(agent);
    match context.branches_of(agent) {
        [branch] => branch.tip.clone(),
        [] => {
            let message = format!("{name} has no branch yet, so there is nothing to publish");
            let finding = Finding::new(Code::UnknownBranch, message);
            Err(Box::new(finding.hint("make its branch first")))
        }
        several => {
            let names: Vec<_> = several.iter().map(|branch| branch.name.as_str()).collect();
            let message = format!("{name} has several branches: {}", names.join(", "));
            let hint = "say which commit is meant: --commit BRANCH";
            Err(Box::new(Finding::new(Code::Usage, message).hint(hint)))
        }
    }
}

/// Fails unless the commit is accepted by the verdict: what is published can hardly be changed, since
/// others build on it.
fn check_work(context: &Context, part: &Part, commit: ObjectId) -> Outcome<()> {
    let branch = Branch {
        name: part.name(context.name_of(part.agent)),
        tip: Ok(commit),
    };
    let judgement = judge::judge(context, part.clone(), branch);
    if judgement.is_accepted() {
        return Ok(());
    }
    let manifest = &context.basis.manifest;
    Err(Failure::of_manifest(judgement.findings, manifest))
}
