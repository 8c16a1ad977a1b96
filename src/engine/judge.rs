//! Judges the branches of agents: each by its own work, then all by what they depend on.

use super::attribution::Attribution;
use super::delivery::Delivered;
use super::rewritten::{Refused, rewritten};
use super::{Branch, Context, absent, manifest, upstream};
use crate::manifest::{AgentId, Dependency, FILE_NAME};
use crate::plan::Part;
use crate::verdict::{self, Subject};
use crate::words::{Code, Finding, ObjectId, RepoPath, Result, Severity};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What was found out about one branch of an agent, or about a milestone, which is judged like one.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    /// Its agent.
    pub agent: AgentId,
    /// Its short name; that of a milestone as the manifest has it: `storage@api`.
    pub branch: String,
    /// The milestone, if it is one.
    pub milestone: Option<String>,
    /// The branch that holds it, which is itself unless it is a milestone.
    pub holder: String,
    /// Its commit; `None` if it cannot be told.
    pub tip: Option<ObjectId>,
    /// The paths that it changes, net, in order.
    pub paths: Vec<RepoPath>,
    /// The paths that differ between it and a milestone below it: net it may have taken them back.
    pub beyond: BTreeSet<RepoPath>,
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

    /// What of its agent's work it is.
    pub(super) fn part(&self) -> Part {
        Part {
            agent: self.agent,
            milestone: self.milestone.clone(),
        }
    }

    /// When its turn is, if `ranks` are the places of the agents in the order of the plan: milestones go
    /// first, those with fewer commits before those that are on top of them, then the branches by name.
    pub(super) fn turn(&self, ranks: &[usize]) -> (usize, bool, usize, &str) {
        let is_branch = self.milestone.is_none();
        let commits = if is_branch { 0 } else { self.commits };
        (ranks[self.agent.0], is_branch, commits, &self.branch)
    }

    /// Whether a merge of it may change `path`.
    pub(super) fn may_change(&self, path: &RepoPath) -> bool {
        self.paths.binary_search(path).is_ok() || self.beyond.contains(path)
    }

    /// Whether there is nothing in it that the target and its dependencies do not have.
    pub(super) fn is_empty(&self) -> bool {
        self.commits == 0 && self.findings.is_empty()
    }
}

/// Judges every branch and every milestone of `agents` by its own work, in parallel; by agent, the
/// milestones before the branches, then by name.
pub(super) fn judge_all(context: &Context, agents: &BTreeSet<AgentId>) -> Vec<Judgement> {
    let mut pieces: Vec<(Part, Branch)> = Vec::new();
    for agent in agents {
        pieces.extend(milestones(context, *agent));
        let branches = context.branches_of(*agent).iter().cloned();
        pieces.extend(branches.map(|branch| (Part::whole(*agent), branch)));
    }
    let judge = |(part, branch)| judge(context, part, branch);
    if pieces.len() == 1 {
        // Threads would take longer to start.
        return pieces.into_iter().map(judge).collect();
    }
    pieces.into_par_iter().map(judge).collect()
}

/// The milestones that `agent` has published, each as if it were a branch.
fn milestones(context: &Context, agent: AgentId) -> impl Iterator<Item = (Part, Branch)> {
    let published = context.published.milestones(agent);
    published.map(move |(part, commit)| {
        let name = part.name(context.name_of(agent));
        let tip = commit.clone();
        (part.clone(), Branch { name, tip })
    })
}

/// Judges one branch, or one milestone, by its own work. What cannot be read becomes a finding that
/// says so.
pub(super) fn judge(context: &Context, part: Part, branch: Branch) -> Judgement {
    let judgement = judge_once(context, part.clone(), branch.clone());
    let is_outage = |finding: &Finding| finding.code.is_about_files() || finding.code == Code::Git;
    if judgement.findings.iter().any(is_outage) {
        // A git that was killed, a disk that was full for a moment: no branch has to go for that.
        return judge_once(context, part, branch);
    }
    judgement
}

fn judge_once(context: &Context, part: Part, branch: Branch) -> Judgement {
    let mut judgement = Judgement {
        agent: part.agent,
        holder: branch.name.clone(),
        branch: branch.name,
        milestone: part.milestone,
        tip: branch.tip.as_ref().ok().copied(),
        paths: Vec::new(),
        beyond: BTreeSet::new(),
        commits: 0,
        findings: Vec::new(),
    };
    let examined = branch.tip.and_then(|tip| {
        if !is_to_be_examined(context, tip, &mut judgement)? {
            return Ok(());
        }
        examine(context, tip, &mut judgement)
    });
    if let Err(finding) = examined {
        judgement.findings = vec![*finding];
    }
    judgement
}

/// Whether there is something to examine: in a milestone nothing, once the target has it; and one that
/// no branch holds is refused without a look.
fn is_to_be_examined(context: &Context, tip: ObjectId, judgement: &mut Judgement) -> Result<bool> {
    if judgement.milestone.is_none() {
        return Ok(true);
    }
    if context.repo.is_ancestor(tip, context.target)? {
        return Ok(false);
    }
    if let Some(holder) = context.holder(judgement.agent, tip)? {
        holder.clone_into(&mut judgement.holder);
        return Ok(true);
    }
    let part = judgement.part();
    let name = context.publication(&part).full_name();
    let refused = context.elsewhere(&part, tip);
    judgement.findings.push(refused.hint(format!(
        "merge it into the branch again; or take it back, `git update-ref -d {name}`, and publish \
         what there is"
    )));
    Ok(false)
}

fn examine(context: &Context, tip: ObjectId, judgement: &mut Judgement) -> Result<()> {
    let attribution = Attribution::for_agent(context, judgement.agent)?;
    let history = context.ownership.manifest().history;
    let work = attribution.work(tip, history)?;
    let subject = Subject {
        agent: judgement.agent,
        branch: &judgement.branch,
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
            branch: &judgement.branch,
            tip,
        };
        let carried = rewritten(context, &attribution, &refused, &work)?;
        judgement.findings.extend(carried);
        return Ok(());
    }
    judgement.beyond = beyond_milestones(context, judgement, tip)?;
    if judgement.changes_manifest() {
        let (objects, tree) = (context.repo.objects(), context.repo.commit(tip)?.tree);
        let refused = manifest::of_branch(context, &judgement.branch, objects, tree)?;
        judgement.findings.extend(refused);
    }
    Ok(())
}

/// The paths that change between a milestone of the same agent and `tip` on top of it: where the
/// milestone is merged first, these are what merging the rest changes.
fn beyond_milestones(
    context: &Context,
    judgement: &Judgement,
    tip: ObjectId,
) -> Result<BTreeSet<RepoPath>> {
    let mut beyond = BTreeSet::new();
    for (_, commit) in context.published.milestones(judgement.agent) {
        let Ok(commit) = commit else { continue };
        if *commit == tip
            || context.repo.is_ancestor(*commit, context.target)?
            || !context.repo.is_ancestor(*commit, tip)?
        {
            continue;
        }
        let attribution = Attribution::on_top_of(context, judgement.agent, *commit)?;
        let tree = context.repo.commit(tip)?.tree;
        let net = attribution.against_base(&[tip], |objects, base| objects.diff(base, tree))?;
        beyond.extend(net.changes.into_iter().map(|change| change.path));
    }
    Ok(beyond)
}

/// What the dependencies of each agent mean for it: findings that are nobody's own fault but
/// decide all the same, by agent. An agent that is not in it may go.
pub(super) fn consequences(
    context: &Context,
    judgements: &[Judgement],
    delivered: &Delivered,
) -> BTreeMap<AgentId, Vec<Finding>> {
    let mut refused = BTreeSet::new();
    let mut delivering = delivered.clone();
    for judgement in judgements {
        if !judgement.is_accepted() {
            refused.insert(judgement.part());
        } else if !judgement.is_empty() {
            delivering.bring(&judgement.part(), &judgement.branch);
        } else if judgement.milestone.is_some() {
            delivering.insert(judgement.part());
        }
    }
    let agents: BTreeSet<_> = judgements.iter().map(|judgement| judgement.agent).collect();
    let mut findings = BTreeMap::new();
    for agent in agents {
        let awaited = context.dependencies.awaited(agent);
        let lacks = |on: &Part| awaited.contains(on) && !delivering.contains(on);
        let of_agent: Vec<_> = (context.dependencies.all_parts(agent).iter())
            .filter_map(|on| {
                if refused.contains(on) {
                    Some(dependency(context, agent, on, Code::DependencyRefused))
                } else if lacks(on) {
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
pub(super) fn dependency(context: &Context, agent: AgentId, on: &Part, code: Code) -> Finding {
    let (name, owner) = (context.name_of(agent), context.name_of(on.agent));
    let other = on.name(owner);
    let is_published = context.published.commit(on).is_some();
    let message = match (code, &on.milestone) {
        (Code::Held, _) => format!("{name} is held: {other}, which it depends on, was ejected"),
        (Code::Waiting, Some(_)) if !is_published => {
            format!("{name} waits for {other}, which {owner} has not published yet")
        }
        (Code::Waiting, Some(_)) => format!("{name} waits for {other}, which is not merged yet"),
        (Code::Waiting, None) => {
            format!("{name} waits for {other}, which has not delivered yet")
        }
        (_, Some(_)) => format!("{name} depends on {other}, which is refused"),
        (_, None) => format!("{name} depends on {other}, whose branch is refused"),
    };
    let hint = match (code, &on.milestone) {
        (Code::Waiting, Some(milestone)) => format!(
            "nothing to do in {name}: it goes in once gate has merged what              `gate publish {owner} --milestone {milestone}` publishes"
        ),
        (Code::Waiting, None) => {
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
    on: &Part,
    finding: Finding,
) -> Finding {
    let steps = label_path(context, agent, on).into_iter();
    steps.fold(finding, |finding, (from, line)| {
        let to = Part::from(line).name(context.name_of(line.agent));
        finding.label(
            line.span,
            format!("{} depends on {to}", context.name_of(from)),
        )
    })
}

/// The lines of `depends_on` that lead from `agent` to `on`, by the shortest way, each with whose it is.
fn label_path<'c>(
    context: &'c Context,
    agent: AgentId,
    on: &Part,
) -> Vec<(AgentId, &'c Dependency)> {
    let manifest = context.ownership.manifest();
    let mut came_from = BTreeMap::new();
    let mut open = VecDeque::from([agent]);
    let mut steps = Vec::new();
    'search: while let Some(next) = open.pop_front() {
        for line in &manifest.agent(next).depends_on {
            if Part::from(line) == *on {
                steps.push((next, line));
                break 'search;
            }
            if line.agent != agent && !came_from.contains_key(&line.agent) {
                came_from.insert(line.agent, (next, line));
                open.push_back(line.agent);
            }
        }
    }
    while let Some((from, _)) = steps.last()
        && let Some(step) = came_from.get(from)
    {
        steps.push(*step);
    }
    steps.reverse();
    steps
}
