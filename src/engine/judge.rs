//! Judges the branches of agents: each by its own work, then all by what they depend on.

use super::attribution::Attribution;
use super::delivery::Delivered;
use super::rewritten::{Refused, rewritten};
use super::{Branch, Context, absent, manifest, upstream};
use crate::manifest::{AgentId, FILE_NAME};
use crate::verdict::{self, Subject};
use crate::words::{Code, Finding, ObjectId, RepoPath, Result, Severity, Span};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What was found out about one branch of an agent.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    /// Its agent.
    pub agent: AgentId,
    /// Its short name.
    pub branch: String,
    /// Its commit; `None` if it cannot be told.
    pub tip: Option<ObjectId>,
    /// The paths that it changes, net, in order.
    pub paths: Vec<RepoPath>,
    /// How many commits are its own.
    pub commits: usize,
    /// Every objection to its own work, and nothing that is the fault of others.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// Whether its own work is neither refused nor undecided.
    pub(super) fn is_accepted(&self) -> bool {
        super::worst(&self.findings) < Severity::Refusal
    }

    /// Whether it changes the manifest itself.
    pub(super) fn changes_manifest(&self) -> bool {
        self.paths
            .iter()
            .any(|path| path.as_bytes() == FILE_NAME.as_bytes())
    }

    /// Whether there is nothing in it that the target and its dependencies do not have.
    pub(super) fn is_empty(&self) -> bool {
        self.commits == 0 && self.findings.is_empty()
    }
}

/// Judges every branch of `agents` by its own work, in parallel; by agent, then by name.
pub(super) fn judge_all(context: &Context, agents: &BTreeSet<AgentId>) -> Vec<Judgement> {
    let branches: Vec<_> = agents
        .iter()
        .flat_map(|agent| {
            context
                .branches_of(*agent)
                .iter()
                .map(move |branch| (*agent, branch))
        })
        .collect();
    branches
        .into_par_iter()
        .map(|(agent, branch)| judge(context, agent, branch))
        .collect()
}

/// Judges one branch by its own work. What cannot be read becomes a finding that says so.
fn judge(context: &Context, agent: AgentId, branch: &Branch) -> Judgement {
    let mut judgement = Judgement {
        agent,
        branch: branch.name.clone(),
        tip: branch.tip.as_ref().ok().copied(),
        paths: Vec::new(),
        commits: 0,
        findings: Vec::new(),
    };
    if let Err(finding) = examine(context, branch, &mut judgement) {
        judgement.findings = vec![*finding];
    }
    judgement
}

fn examine(context: &Context, branch: &Branch, judgement: &mut Judgement) -> Result<()> {
    let tip = branch.tip.clone()?;
    let attribution = Attribution::for_agent(context, judgement.agent)?;
    let history = context.ownership.manifest().history;
    let work = attribution.work(tip, history)?;
    let subject = Subject {
        agent: judgement.agent,
        branch: &branch.name,
    };
    judgement.commits = work.own;
    let findings = verdict::judge(&context.ownership, subject, &work);
    let findings = absent::advise(context, subject, findings);
    judgement.findings = upstream::advise(context, subject, findings, |attribution| {
        attribution.work(tip, history)
    });
    let paths = work.net.iter().map(|change| change.path.clone());
    judgement.paths = paths.collect();
    if !judgement.is_accepted() {
        let refused = Refused {
            agent: judgement.agent,
            branch: &branch.name,
            tip,
        };
        let carried = rewritten(context, &attribution, &refused, &work)?;
        judgement.findings.extend(carried);
    } else if judgement.changes_manifest() {
        let (objects, tree) = (context.repo.objects(), context.repo.commit(tip)?.tree);
        let refused = manifest::of_branch(context, &branch.name, objects, tree)?;
        judgement.findings.extend(refused);
    }
    Ok(())
}

/// What the dependencies of each agent mean for it: findings that are nobody's own fault but
/// decide all the same, by agent. An agent that is not in it may go.
pub(super) fn consequences(
    context: &Context,
    judgements: &[Judgement],
    delivered: &Delivered,
) -> BTreeMap<AgentId, Vec<Finding>> {
    let mut refused = BTreeSet::new();
    let mut delivering = BTreeSet::new();
    for judgement in judgements {
        if !judgement.is_accepted() {
            refused.insert(judgement.agent);
        } else if !judgement.is_empty() {
            delivering.insert(judgement.agent);
        }
    }
    let agents: BTreeSet<_> = judgements.iter().map(|judgement| judgement.agent).collect();
    let mut findings = BTreeMap::new();
    for agent in agents {
        let of_agent: Vec<_> = (context.dependencies.all(agent).into_iter())
            .filter_map(|on| {
                if refused.contains(&on) {
                    Some(dependency(context, agent, on, Code::DependencyRefused))
                } else if !delivered.contains(on) && !delivering.contains(&on) {
                    Some(dependency(context, agent, on, Code::Waiting))
                } else {
                    None
                }
            })
            .collect();
        if !of_agent.is_empty() {
            findings.insert(agent, of_agent);
        }
    }
    findings
}

/// The finding that `agent` cannot go because of `on`, which it depends on, directly or not.
pub(super) fn dependency(context: &Context, agent: AgentId, on: AgentId, code: Code) -> Finding {
    let (name, other) = (context.name_of(agent), context.name_of(on));
    let message = match code {
        Code::Held => format!("{name} is held: {other}, which it depends on, was ejected"),
        Code::Waiting => format!("{name} waits for {other}, which has not delivered yet"),
        _ => format!("{name} depends on {other}, whose branch is refused"),
    };
    let hint = match code {
        Code::Waiting => {
            format!("nothing to do in {name}: it goes in once gate has merged work of {other}")
        }
        _ => format!("nothing to mend in {name}: mend {other} first, then rebase onto it"),
    };
    let finding = Finding::new(code, message).hint(hint);
    dependency_steps(context, agent, on, finding)
}

/// `finding` with the lines of the manifest by which `agent` depends on `on`.
pub(super) fn dependency_steps(
    context: &Context,
    agent: AgentId,
    on: AgentId,
    finding: Finding,
) -> Finding {
    label_path(context, agent, on)
        .into_iter()
        .fold(finding, |finding, step| {
            finding.label(step.span, format!("{} depends on {}", step.from, step.to))
        })
}

/// One line of `depends_on`.
struct Step<'a> {
    span: Span,
    from: &'a str,
    to: &'a str,
}

/// The lines of the manifest that lead from `agent` to `on`, by the shortest way.
fn label_path(context: &Context, agent: AgentId, on: AgentId) -> Vec<Step<'_>> {
    let manifest = context.ownership.manifest();
    let mut came_from = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([agent]);
    while let Some(next) = open.pop_front() {
        for line in &manifest.agent(next).depends_on {
            if line.value != agent && !came_from.contains_key(&line.value) {
                came_from.insert(line.value, (next, line.span));
                open.push_back(line.value);
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = on;
    while let Some((from, span)) = came_from.get(&at).copied() {
        steps.push(Step {
            span,
            from: context.name_of(from),
            to: context.name_of(at),
        });
        at = from;
    }
    steps.reverse();
    steps
}
