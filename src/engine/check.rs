//! `gate check branch` and `gate check staged`.

use super::attribution::Attribution;
use super::delivery::Delivered;
use super::judge::{self, Judgement};
use super::{Branch, BranchOutcome, CheckOutcome, Context, Outcome, Standing, manifest};
use crate::manifest::{AgentId, History, Others, is_literal_branch};
use crate::repo::Head;
use crate::verdict::{self, Subject, Work};
use crate::words::{Code, Finding, ObjectId, Result, Severity};
use std::collections::{BTreeMap, BTreeSet};

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
    },
}

/// Judges branches against the target's manifest.
pub fn check_branches(context: &Context, selection: &Selection) -> Outcome<CheckOutcome> {
    let mut outcome = begin(context);
    let mut wanted = BTreeSet::new();
    match selection {
        Selection::All => {
            wanted.extend(context.ownership.manifest().agent_ids());
            outcome.branches.extend(absent(context));
        }
        Selection::Named { branches, if_agent } => {
            for name in named(context, branches)? {
                match context.ownership.agent_of_branch(&name) {
                    Some(agent) => _ = wanted.insert(agent),
                    None => outcome.branches.push(nobody(context, &name, *if_agent)),
                }
            }
        }
    }
    let judgements = judge::judge_all(context, &context.dependencies.closure(wanted.clone()));
    let delivered = Delivered::read(context, &BTreeSet::new())?;
    let consequences = judge::consequences(context, &judgements, &delivered);
    let is_wanted = |judgement: &Judgement| match selection {
        Selection::Named { branches, .. } if !branches.is_empty() => {
            branches.contains(&judgement.branch)
        }
        Selection::Named { .. } => wanted.contains(&judgement.agent),
        Selection::All => true,
    };
    let wanted = judgements.into_iter().filter(is_wanted);
    outcome
        .branches
        .extend(wanted.map(|judgement| conclude(context, judgement, &consequences)));
    outcome
        .branches
        .sort_by(|one, other| one.branch.cmp(&other.branch));
    outcome
        .branches
        .dedup_by(|one, other| one.branch == other.branch);
    Ok(outcome)
}

/// Judges what is staged for the branch that is checked out: the net change that a commit of the
/// index would leave it with. Older commits of the branch are remarked upon only, so that a repair
/// can be committed.
pub fn check_staged(context: &Context) -> Outcome<CheckOutcome> {
    let mut outcome = begin(context);
    let name = match context.repo.head()? {
        Head::Branch(name) => name,
        Head::Detached => return Err(detached().into()),
    };
    let Some(agent) = context.ownership.agent_of_branch(&name) else {
        outcome.branches.push(nobody(context, &name, true));
        return Ok(outcome);
    };
    let tip = context.tip(&name)?;
    let attribution = Attribution::for_agent(context, agent)?;
    let mut parents: Vec<ObjectId> = tip.into_iter().collect();
    parents.extend(context.repo.merge_heads()?);
    let net = attribution.against_base(&parents, |objects, base| {
        context.repo.diff_index(objects, base)
    })?;
    let subject = Subject {
        agent,
        branch: &name,
    };
    let staged = Work {
        net,
        commits: Vec::new(),
        own: 0,
    };
    let mut findings = verdict::judge(&context.ownership, subject, &staged);
    let older = tip.map_or(Ok(Vec::new()), |tip| {
        older_commits(context, &attribution, subject, tip)
    })?;
    findings.extend(older);
    outcome.branches.push(BranchOutcome {
        standing: standing(&findings),
        branch: name,
        agent: Some(context.name_of(agent).to_owned()),
        tip: None,
        paths: staged.net.len(),
        commits: 0,
        merge: None,
        findings,
    });
    Ok(outcome)
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
        net: Vec::new(),
        commits: attribution.commits(&own)?,
        own: own.len(),
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

fn begin(context: &Context) -> CheckOutcome {
    let mut remarks = Vec::new();
    if context.basis.preview {
        remarks.push(manifest::preview(&context.basis.target));
    }
    CheckOutcome {
        basis: context.basis.clone(),
        remarks,
        branches: Vec::new(),
    }
}

/// The names asked for, each of an existing branch; the one that is checked out if there are none.
fn named(context: &Context, branches: &[String]) -> Result<Vec<String>> {
    if branches.is_empty() {
        return match context.repo.head()? {
            Head::Branch(name) => Ok(vec![name]),
            Head::Detached => Err(detached()),
        };
    }
    let mut known = Vec::new();
    for name in branches {
        // A branch that cannot be told is judged, and found undecided, like any other.
        let exists = !matches!(context.tip(name), Ok(None));
        if !exists {
            return Err(unknown(context, name));
        }
        known.push(name.clone());
    }
    Ok(known)
}

fn detached() -> Box<Finding> {
    let finding = Finding::new(
        Code::DetachedHead,
        "no branch is checked out, so nobody can tell whose work this is",
    );
    Box::new(finding.hint("switch to the agent's branch, or name one: gate check branch BRANCH"))
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
fn nobody(context: &Context, name: &str, if_agent: bool) -> BranchOutcome {
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
        (
            Standing::NotJudged,
            about(Code::NothingToJudge, ": there is nothing to judge"),
        )
    } else {
        let finding = about(Code::BranchOfNobody, ", so there is nothing to judge it by");
        let hint = "name a branch of the manifest, or pass --if-agent to let such branches pass";
        (Standing::Undecided, finding.hint(hint))
    };
    BranchOutcome {
        branch: name.to_owned(),
        agent: None,
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
        tip: judgement.tip,
        standing: standing(&findings),
        paths: judgement.paths.len(),
        commits: judgement.commits,
        merge: None,
        findings,
    }
}

fn standing(findings: &[Finding]) -> Standing {
    match super::worst(findings) {
        Severity::Lint => Standing::Accepted,
        Severity::Waiting => Standing::Waiting,
        Severity::Refusal => Standing::Refused,
        Severity::Undecided | Severity::Moved | Severity::Usage => Standing::Undecided,
    }
}
