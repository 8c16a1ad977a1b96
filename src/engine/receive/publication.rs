//! A push of what `gate publish` writes: a commit that the agent's branch holds, and only ever forward.

use super::super::judge;
use super::super::published;
use super::super::{Branch, BranchOutcome, Context};
use super::outcome_of;
use crate::plan::Part;
use crate::repo::{Branches, Publication, PushedRef};
use crate::words::{Code, Finding, ObjectId, Result};

/// `branches` after the publications among `pushed`.
pub(super) fn after(branches: Branches, pushed: &[&PushedRef]) -> Branches {
    pushed.iter().fold(branches, |branches, pushed| {
        match Publication::of_ref(&pushed.name).zip(pushed.new) {
            Some((publication, commit)) => branches.publishing(&publication, commit),
            None => branches,
        }
    })
}

/// The outcome for a ref that publishes something; `None` if this one does not.
pub(super) fn judge(context: &Context, pushed: &PushedRef) -> Option<BranchOutcome> {
    let publication = Publication::of_ref(&pushed.name)?;
    let Some(part) = published::part(context.ownership.manifest(), &publication) else {
        return Some(outcome_of(pushed, vec![of_no_agent(&publication)]));
    };
    let outcome = match judged(context, &part, pushed) {
        Ok(outcome) => outcome,
        Err(finding) => outcome_of(pushed, vec![*finding]),
    };
    Some(BranchOutcome {
        agent: Some(context.name_of(part.agent).to_owned()),
        milestone: part.milestone,
        ..outcome
    })
}

fn judged(context: &Context, part: &Part, pushed: &PushedRef) -> Result<BranchOutcome> {
    published::check_forward(context, part, pushed.old, pushed.new)?;
    let Some(commit) = pushed.new else {
        return Ok(outcome_of(pushed, Vec::new()));
    };
    if context.holder(part.agent, commit)?.is_none() {
        let agent = context.name_of(part.agent);
        let hint = format!("push the branch of {agent} that holds it, too");
        return Err(Box::new(context.elsewhere(part, commit).hint(hint)));
    }
    Ok(work(context, part, commit, pushed))
}

/// What the commit amounts to, judged as if it were the branch.
fn work(context: &Context, part: &Part, commit: ObjectId, pushed: &PushedRef) -> BranchOutcome {
    let branch = Branch {
        name: pushed.name.clone(),
        tip: Ok(commit),
    };
    let judgement = judge::judge(context, part.clone(), branch);
    BranchOutcome {
        paths: judgement.paths.len(),
        commits: judgement.commits,
        ..outcome_of(pushed, judgement.findings)
    }
}

/// The refusal of what nobody could have published.
pub(super) fn of_no_agent(publication: &Publication) -> Finding {
    let name = publication.full_name();
    let message = format!(
        "nobody may push {name}: there is no agent {}",
        publication.agent
    );
    let message = match &publication.milestone {
        Some(milestone) => format!("{message} that could have a milestone {milestone}"),
        None => message,
    };
    Finding::new(Code::ReservedRef, message)
        .hint("publish by the names that the manifest of the target has")
}
