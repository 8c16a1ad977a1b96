//! A push that moves the target: only by merges that gate makes, each of them made again here.
//!
//! The name of the run cannot be made again, since it tells of every branch that was there then; it is
//! taken as the merges state it. Nor can it be seen here that verify commands passed.

use super::super::delivery::{BRANCH_TRAILER, Delivered, MILESTONE_TRAILER, RUN_TRAILER, trailer};
use super::super::disjoint::Party;
use super::super::integrate::{Merging, Onto};
use super::super::judge::{self, Judgement};
use super::super::{BranchOutcome, Context, Failure, Outcome};
use super::outcome_of;
use crate::manifest::{FILE_NAME, name_fault};
use crate::plan::{self, Part};
use crate::repo::{Commit, Lineage, PushedRef};
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A merge on the way of the target, as it states itself.
struct Step {
    id: ObjectId,
    onto: ObjectId,
    tip: ObjectId,
    branch: String,
    milestone: Option<String>,
    run: ObjectId,
}

/// Judges the move of the target that is `pushed`.
pub(super) fn judge(context: &Context, pushed: &PushedRef) -> BranchOutcome {
    match merges(context, pushed.new) {
        Ok((paths, commits)) => BranchOutcome {
            paths,
            commits,
            ..outcome_of(pushed, Vec::new())
        },
        Err(failure) => outcome_of(pushed, failure.findings),
    }
}

/// How many paths differ where the target is to go, and how many merges lead there; a failure unless
/// all of them are gate's.
fn merges(context: &Context, new: Option<ObjectId>) -> Outcome<(usize, usize)> {
    let Some(new) = new else {
        return Err(refusal(context, "be deleted").into());
    };
    let steps = steps(context, new)?;
    // One push may bring what several runs have landed, one after the other.
    for run in steps.chunk_by(|one, next| one.run == next.run) {
        check_run(context, run)?;
    }
    let tree = context.repo.commit(new)?.tree;
    let changes = context.repo.diff(Some(context.target_tree), tree)?;
    Ok((changes.len(), steps.len()))
}

/// The merges from the target's commit to `new`, the first one first.
fn steps(context: &Context, new: ObjectId) -> Result<Vec<Step>> {
    let (repo, target) = (&context.repo, context.target);
    let (here, there) = (target.short(), new.short());
    if !repo.is_ancestor(target, new)? {
        let end = if repo.is_ancestor(new, target)? {
            format!("go back from {here} to {there}")
        } else {
            format!("go from {here} to {there}, which does not hold all of it")
        };
        return Err(Box::new(refusal(context, &end)));
    }
    let mut steps = Vec::new();
    let mut next = new;
    while next != target {
        let Some(step) = stated(next, &repo.commit(next)?) else {
            let end = format!("go to {there} by way of a commit that is no merge of gate's");
            return Err(Box::new(refusal(context, &end).in_commit(next)));
        };
        next = step.onto;
        steps.push(step);
    }
    steps.reverse();
    Ok(steps)
}

/// What a commit states of itself, if it looks like a merge by gate.
fn stated(id: ObjectId, commit: &Commit) -> Option<Step> {
    let [onto, tip] = commit.parents[..] else {
        return None;
    };
    let message = std::str::from_utf8(&commit.message).ok()?;
    let run = ObjectId::from_hex(trailer(message, RUN_TRAILER)?)?;
    let milestone = trailer(message, MILESTONE_TRAILER).map(str::to_owned);
    let is_of_this_kind = run.as_bytes().len() == id.as_bytes().len();
    let branch = trailer(message, BRANCH_TRAILER)?.to_owned();
    is_of_this_kind.then_some(Step {
        id,
        onto,
        tip,
        branch,
        milestone,
        run,
    })
}

/// Fails unless gate makes these merges, all of one run, out of what the run began with: the branches
/// at the commits that were merged, the others where they are now.
fn check_run(context: &Context, run: &[Step]) -> Outcome<()> {
    let Some(first) = run.first() else {
        return Ok(());
    };
    check_manifest(context, first)?;
    let parts = parts(context, run)?;
    let agents: BTreeSet<_> = parts.iter().map(|part| part.agent).collect();
    let context = beginning(context, run, &parts)?;
    let quarantine = &context.quarantine()?;
    let judgements = judge::judge_all(&context, &context.dependencies.closure(agents.clone()));
    let mut delivered = Delivered::read(&context, &agents)?;
    let order = plan::order(context.ownership.manifest(), &context.dependencies);
    let ranks = plan::ranks(&order);
    let mut before = None;
    let merging = Merging {
        context: &context,
        quarantine,
        run: first.run,
    };
    let mut onto = Onto {
        commit: first.onto,
        tree: context.target_tree,
        bases: Vec::new(),
        before: Vec::new(),
    };
    let mut lineage = Lineage::new(Arc::clone(&context.ancestors));
    for (step, part) in run.iter().zip(&parts) {
        let Some(candidate) = merged_by(step, part, &judgements) else {
            return Err(not_gates(&context, step, "does not find the branch").into());
        };
        let turn = Some(candidate.turn(&ranks));
        if turn <= before {
            let why = "merges in the order of the plan, each branch once";
            return Err(not_gates(&context, step, why).into());
        }
        before = turn;
        check_candidate(&context, step, candidate, &judgements, &delivered)?;
        if candidate.changes_manifest() && run.len() > 1 {
            let why = "merges a branch that changes the manifest alone";
            return Err(not_gates(&context, step, why).into());
        }
        onto.bases = lineage.merge_bases(quarantine, step.tip)?;
        let (id, tree) = again(&merging, step, candidate, &onto)?;
        delivered.insert_with_milestones(&context, candidate)?;
        lineage.push(quarantine, step.tip, id)?;
        (onto.commit, onto.tree) = (id, tree);
        onto.before.extend(Party::of(candidate));
    }
    Ok(())
}

/// What a run began with: the merged branches and milestones at the commits that were merged.
fn beginning(context: &Context, run: &[Step], parts: &[Part]) -> Outcome<Context> {
    let target = run
        .iter()
        .map(|step| (context.basis.target.as_str(), step.onto));
    let merged = run.iter().map(|step| (step.branch.as_str(), step.tip));
    let milestones = parts.iter().zip(run);
    let milestones = milestones.filter(|(part, _)| part.milestone.is_some());
    let published = milestones.map(|(part, step)| (context.publication(part), step.tip));
    context.moved(merged.chain(target.take(1)), published)
}

/// What was found out about the branch or milestone that `step` merges, which is this `part`.
fn merged_by<'j>(step: &Step, part: &Part, judgements: &'j [Judgement]) -> Option<&'j Judgement> {
    judgements.iter().find(|judged| {
        let is_it = part.milestone.is_some() || judged.branch == step.branch;
        is_it && judged.part() == *part
    })
}

/// The merge of `step` once more: its commit, and its tree.
fn again(
    merging: &Merging<'_>,
    step: &Step,
    candidate: &Judgement,
    onto: &Onto<'_>,
) -> Outcome<(ObjectId, ObjectId)> {
    let tree = match merging.tree(candidate, onto, step.tip)? {
        Ok(tree) => tree,
        Err(reason) => {
            let finding = merging.told(candidate, &onto.before, reason)?;
            let refused = not_gates(merging.context, step, "does not merge it");
            return Err(failure(vec![refused, finding]));
        }
    };
    // Which branch held a milestone then cannot be told any more.
    let candidate = Judgement {
        holder: step.branch.clone(),
        ..candidate.clone()
    };
    let id = merging.commit(&candidate, onto.commit, step.tip, tree)?;
    if id != step.id {
        let why = format!("makes {} of it", id.short());
        return Err(not_gates(merging.context, step, &why).into());
    }
    Ok((id, tree))
}

/// Fails unless the run that begins with `step` went by the rules of the target before the push.
fn check_manifest(context: &Context, step: &Step) -> Result<()> {
    let tree = context.repo.commit(step.onto)?.tree;
    let path = RepoPath::new(FILE_NAME).map_err(|error| {
        Finding::error(Code::BadTree, format!("{FILE_NAME} is no path: {error}"))
    })?;
    let entry = context.repo.entry_at(tree, &path)?;
    if entry.is_some_and(|entry| entry.id == context.manifest_id) {
        return Ok(());
    }
    let finding = not_gates(context, step, "goes by the manifest before the push");
    let hint = "push the merge that changes the manifest first, and what came after it then";
    Err(Box::new(finding.hint(hint)))
}

/// What each step merges: the whole of an agent, or a milestone.
fn parts(context: &Context, run: &[Step]) -> Result<Vec<Part>> {
    let part = |step: &Step| {
        let unknown = |what: String| {
            let why = format!("knows no agent of {what}");
            Box::new(not_gates(context, step, &why))
        };
        let agent = context.ownership.agent_of_branch(&step.branch);
        let agent = agent.ok_or_else(|| unknown(format!("the branch {}", step.branch)))?;
        let milestone = step.milestone.clone();
        if let Some(name) = milestone
            .as_deref()
            .filter(|name| name_fault(name).is_some())
        {
            return Err(unknown(format!("a milestone {name}")));
        }
        Ok(Part { agent, milestone })
    };
    run.iter().map(part).collect()
}

/// Fails unless gate would merge the branch of `candidate` now.
fn check_candidate(
    context: &Context,
    step: &Step,
    candidate: &Judgement,
    judgements: &[Judgement],
    delivered: &Delivered,
) -> Outcome<()> {
    if !candidate.is_accepted() {
        let refused = not_gates(context, step, "does not accept the branch there");
        let findings = candidate.findings.iter().cloned();
        return Err(failure([refused].into_iter().chain(findings).collect()));
    }
    if candidate.is_empty() && !delivered.lacks_end(context, candidate)? {
        return Err(not_gates(context, step, "finds nothing new in it").into());
    }
    let awaited = context.dependencies.awaited(candidate.agent);
    for on in context.dependencies.all_parts(candidate.agent) {
        let is_out = |other: &Judgement| other.part() == on && !other.is_accepted();
        let code = if judgements.iter().any(is_out) {
            Code::DependencyRefused
        } else if awaited.contains(&on) && !delivered.contains(&on) {
            Code::Waiting
        } else {
            continue;
        };
        let refused = not_gates(context, step, "merges what it depends on first");
        let why = judge::dependency(context, candidate.agent, &on, code);
        return Err(failure(vec![refused, why]));
    }
    Ok(())
}

/// The refusal of a merge that is not as gate, of which `why` says something, makes it.
fn not_gates(context: &Context, step: &Step, why: &str) -> Finding {
    let (branch, tip) = (&step.branch, step.tip.short());
    let end = format!("take in {tip} as {branch}, and gate {why}");
    refusal(context, &end).in_commit(step.id)
}

/// The refusal of a move of the target: what the target would do is the `end` of the sentence.
fn refusal(context: &Context, end: &str) -> Finding {
    let target = &context.basis.target;
    Finding::new(Code::TargetPushed, format!("{target} would {end}")).hint(format!(
        "push the work as a branch of its agent; only what `gate integrate --land` makes of it \
         may be pushed to {target}"
    ))
}

fn failure(findings: Vec<Finding>) -> Failure {
    Failure {
        findings,
        source: None,
        signal: None,
    }
}
