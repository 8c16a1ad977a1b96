//! `gate check branch`.

use super::delivery::Delivered;
use super::judge::{self, Judgement};
use super::{Branch, BranchOutcome, CheckOutcome, Context, Options, Outcome, Standing, manifest};
use crate::manifest::{AgentId, Others, is_literal_branch};
use crate::repo::{Head, Repo};
use crate::words::{Code, Finding, Result, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which branches to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every branch of every agent.
    All,
    /// These; the one that is checked out if there are none.
    Named {
        /// Their short names.
        branches: Vec<String>,
        /// Whether a branch that belongs to no agent passes with a remark.
        if_agent: bool,
        /// The branch that they are to be merged into, where that is not the target.
        elsewhere: Option<String>,
    },
}

/// So many commits take about a tenth of a second to read, where a commit-graph has them at once.
const MANY_COMMITS: usize = 5_000;

/// What is needed to judge a selection of the branches.
pub fn context_of(repo: Arc<Repo>, options: &Options, selection: &Selection) -> Outcome<Context> {
    match selection {
        Selection::All => Context::read(repo, options),
        Selection::Named { branches, .. } if branches.is_empty() => {
            let head = repo.plain_head();
            Context::of_branches(repo, options, head.as_slice())
        }
        Selection::Named { branches, .. } => Context::of_branches(repo, options, branches),
    }
}

/// Judges branches against the target's manifest.
pub fn check_branches(context: &Context, selection: &Selection) -> Outcome<CheckOutcome> {
    let mut outcome = begin(context);
    let mut wanted = BTreeSet::new();
    let mut asked = Vec::new();
    match selection {
        Selection::All => {
            wanted.extend(context.ownership.manifest().agent_ids());
            outcome.branches.extend(absent(context));
        }
        Selection::Named {
            branches,
            if_agent,
            elsewhere,
        } => {
            asked = named(context, branches)?;
            for name in &asked {
                match (context.ownership.agent_of_branch(name), elsewhere) {
                    (Some(agent), _) => _ = wanted.insert(agent),
                    (None, Some(into)) => outcome.branches.push(bound_elsewhere(name, into)),
                    (None, None) => outcome.branches.push(nobody(context, name, *if_agent)),
                }
            }
        }
    }
    outcome.branches.extend(judged(context, wanted, |found| {
        let is_asked = || asked.contains(&found.branch);
        *selection == Selection::All || found.milestone.is_none() && is_asked()
    })?);
    outcome.remarks.extend(no_commit_graph(context));
    let name = |outcome: &BranchOutcome| (outcome.branch.clone(), outcome.milestone.clone());
    outcome.branches.sort_by_key(name);
    outcome.branches.dedup_by_key(|outcome| name(outcome));
    Ok(outcome)
}

/// Judges the branches and milestones of `agents`, together with all that they depend on; the outcomes
/// are those that are `wanted`.
pub(super) fn judged(
    context: &Context,
    agents: BTreeSet<AgentId>,
    wanted: impl Fn(&Judgement) -> bool,
) -> Result<Vec<BranchOutcome>> {
    // Only a branch with merges in it needs a quarantine, which would do this.
    context.repo.sweep_quarantines()?;
    let agents = context.dependencies.closure(agents);
    let depends = |agent: &AgentId| !context.dependencies.direct(*agent).is_empty();
    let judgements = judge::judge_all(context, &agents);
    // What has been delivered means something only to those who wait for it.
    let delivered = if agents.iter().any(depends) {
        Delivered::read(context, &BTreeSet::new())?
    } else {
        Delivered::default()
    };
    let consequences = judge::consequences(context, &judgements, &delivered);
    let judgements = judgements.into_iter();
    let wanted = judgements.filter(wanted);
    Ok(wanted
        .map(|judgement| conclude(context, judgement, &consequences))
        .collect())
}

/// The remark that this clone lacks a commit-graph, where one would have saved much.
fn no_commit_graph(context: &Context) -> Option<Finding> {
    let untold = context.repo.untold_commits();
    (untold >= MANY_COMMITS).then(|| {
        let message =
            format!("{untold} commits were read one by one: no commit-graph tells of them");
        let hint = "write one, which takes git some seconds: `git commit-graph write --reachable`";
        Finding::new(Code::NoCommitGraph, message).hint(hint)
    })
}

/// An outcome without branches yet.
pub(super) fn begin(context: &Context) -> CheckOutcome {
    let mut remarks = Vec::new();
    if context.basis.preview {
        remarks.push(manifest::preview(&context.basis.target));
    }
    CheckOutcome {
        basis: context.basis.clone(),
        remarks,
        branches: Vec::new(),
        of_push: false,
    }
}

/// The names asked for, each of an existing branch; the one that is checked out if there are none.
fn named(context: &Context, branches: &[String]) -> Result<Vec<String>> {
    if branches.is_empty() {
        return match context.repo.head()? {
            Head::Branch(name, _) => Ok(vec![name]),
            Head::Detached(_) => {
                let hint = "switch to the agent's branch, or name one: gate check branch BRANCH";
                Err(detached(hint))
            }
        };
    }
    let mut known = Vec::new();
    for name in branches {
        let name = context.scope.short_name(name);
        // A branch that cannot be told is judged, and found undecided, like any other.
        let exists = !matches!(context.tip(name), Ok(None));
        if !exists {
            return Err(unknown(context, name));
        }
        known.push(name.to_owned());
    }
    Ok(known)
}

/// The error that no branch is checked out, with what to do about it.
pub(super) fn detached(hint: &str) -> Box<Finding> {
    let finding = Finding::new(
        Code::DetachedHead,
        "no branch is checked out, so nobody can tell whose work this is",
    );
    Box::new(finding.hint(hint))
}

fn unknown(context: &Context, name: &str) -> Box<Finding> {
    let finding = Finding::new(Code::UnknownBranch, format!("there is no branch {name}"));
    let known: Vec<_> = context
        .branches
        .values()
        .flatten()
        .map(|branch| branch.name.as_str())
        .collect();
    Box::new(match crate::manifest::did_you_mean(name, &known) {
        Some(question) => finding.hint(question),
        None => finding.hint("`git branch --all` lists them; --remote R looks at those of R"),
    })
}

/// The outcome for a branch that belongs to no agent: nothing to judge it by.
pub(super) fn nobody(context: &Context, name: &str, if_agent: bool) -> BranchOutcome {
    let denied =
        context.ownership.manifest().others == Others::Deny && name != context.basis.target;
    let about = |code, end: &str| Finding::new(code, format!("{name} belongs to no agent{end}"));
    let (standing, finding) = if denied {
        let finding = about(
            Code::OthersDenied,
            ", and the manifest denies such branches",
        );
        let hint = "work on the branch that the manifest gives to an agent";
        (Standing::Refused, finding.hint(hint))
    } else if if_agent {
        return not_judged(name, &format!("{name} belongs to no agent"));
    } else {
        let finding = about(Code::BranchOfNobody, ", so there is nothing to judge it by");
        let hint = "name a branch of the manifest, or pass --if-agent to let such branches pass";
        (Standing::Undecided, finding.hint(hint))
    };
    without_work(name, standing, finding)
}

/// The outcome for a branch of nobody that is to be merged into another branch than the target:
/// whatever the manifest says of such branches, it says it of the target.
fn bound_elsewhere(name: &str, into: &str) -> BranchOutcome {
    let why = format!("{name} belongs to no agent and goes into {into}, which is not the target");
    not_judged(name, &why)
}

/// The outcome for a branch that passes because nothing is to be judged.
pub(super) fn not_judged(name: &str, why: &str) -> BranchOutcome {
    let message = format!("{why}: there is nothing to judge");
    let finding = Finding::new(Code::NothingToJudge, message);
    without_work(name, Standing::NotJudged, finding)
}

/// The outcome for a branch whose work was not looked at.
pub(super) fn without_work(name: &str, standing: Standing, finding: Finding) -> BranchOutcome {
    BranchOutcome {
        branch: name.to_owned(),
        agent: None,
        milestone: None,
        tip: None,
        standing,
        paths: 0,
        commits: 0,
        merge: None,
        findings: vec![finding],
    }
}

/// The branches that the manifest names and that do not exist yet.
pub(super) fn absent(context: &Context) -> Vec<BranchOutcome> {
    let manifest = context.ownership.manifest();
    let mut outcomes = Vec::new();
    for agent in manifest.agent_ids() {
        for branch in manifest
            .agent(agent)
            .branches
            .iter()
            .map(|branch| &branch.value)
        {
            let exists = |known: &Branch| known.name == *branch;
            if is_literal_branch(branch) && !context.branches_of(agent).iter().any(exists) {
                let message = format!("{branch} does not exist yet");
                outcomes.push(BranchOutcome {
                    branch: branch.clone(),
                    agent: Some(context.name_of(agent).to_owned()),
                    milestone: None,
                    tip: None,
                    standing: Standing::Waiting,
                    paths: 0,
                    commits: 0,
                    merge: None,
                    findings: vec![Finding::new(Code::NothingDelivered, message)],
                });
            }
        }
    }
    outcomes
}

/// The outcome of a judgement, together with what the agent's dependencies mean for it.
fn conclude(
    context: &Context,
    judgement: Judgement,
    consequences: &BTreeMap<AgentId, Vec<Finding>>,
) -> BranchOutcome {
    let mut findings = judgement.findings;
    findings.extend(
        consequences
            .get(&judgement.agent)
            .into_iter()
            .flatten()
            .cloned(),
    );
    BranchOutcome {
        branch: judgement.branch,
        agent: Some(context.name_of(judgement.agent).to_owned()),
        milestone: judgement.milestone,
        tip: judgement.tip,
        standing: standing(&findings),
        paths: judgement.paths.len(),
        commits: judgement.commits,
        merge: None,
        findings,
    }
}

/// How a branch with these findings stands.
pub(super) fn standing(findings: &[Finding]) -> Standing {
    match super::worst(findings) {
        Severity::Lint => Standing::Accepted,
        Severity::Waiting => Standing::Waiting,
        Severity::Refusal => Standing::Refused,
        Severity::Undecided | Severity::Moved | Severity::Usage => Standing::Undecided,
    }
}
