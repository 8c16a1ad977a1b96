//! `gate check receive`: judges a push where it arrives, all of it or nothing.

mod landing;
mod names;
mod publication;

use super::check::{self, begin, nobody, not_judged, standing, without_work};
use super::context::{no_target, target_name};
use super::judge::Judgement;
use super::source::{self, InTree};
use super::{Basis, BranchOutcome, CheckOutcome, Context, Options, Outcome, Standing, manifest};
use crate::manifest::{AgentId, FILE_NAME};
use crate::repo::{Branches, Head, PassRef, Publication, Push, PushedRef, Repo, Scope};
use crate::words::{Code, Finding, ObjectId, Result, Source};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Judges the push that `input` tells of, as git tells the pre-receive hook, by the rules of the target
/// before it. A branch is judged as everything will stand after the push: what it depends on may
/// come with it. The outcome names every branch, and every other ref that is in the way.
pub fn check_receive(repo: Arc<Repo>, options: &Options, input: &[u8]) -> Outcome<CheckOutcome> {
    let push = repo.read_push(input)?;
    let target = target_name(&repo, options)?;
    let listed = push.branches();
    let objections: Vec<_> = (push.refs.par_iter())
        .map(|pushed| objection(&repo, &push, pushed))
        .collect();
    let mut sound = Vec::new();
    let mut refused = Vec::new();
    for (pushed, objection) in push.refs.iter().zip(objections) {
        match objection.err() {
            None => sound.push(pushed),
            Some(finding) => refused.push(outcome_of(pushed, vec![*finding])),
        }
    }
    let mut outcome = match why_no_rules(&repo, &target, &listed)? {
        Some(why) => without_rules(&repo, &target, &listed, &sound, &why)?,
        None => by_rules(repo, options, &target, listed, &sound)?,
    };
    outcome.branches.extend(refused);
    let name = |outcome: &BranchOutcome| outcome.branch.clone();
    outcome.branches.sort_by_key(name);
    Ok(outcome)
}

/// Fails if a ref must not be pushed like this, whatever the rules are.
fn objection(repo: &Repo, push: &Push, pushed: &PushedRef) -> Result<()> {
    names::check(&pushed.name)?;
    let before = repo.before(push, pushed)?;
    if before != pushed.old {
        return Err(stale(pushed, before));
    }
    if let (Some(pass), Some(new)) = (PassRef::of_ref(&pushed.name), pushed.new) {
        repo.check_pass(pass, new)?;
    }
    let is_commit = pushed.branch().is_some() || Publication::of_ref(&pushed.name).is_some();
    if let Some(new) = pushed.new.filter(|_| is_commit) {
        repo.commit(new).map_err(|error| match error.code {
            Code::NotACommit => not_a_commit(pushed, &error),
            _ => error,
        })?;
    }
    Ok(())
}

/// A ref is not where whoever pushes takes it to be. git mostly finds out, but later, and not where
/// the push deletes what it takes to be at an object that is not here.
fn stale(pushed: &PushedRef, before: Option<ObjectId>) -> Box<Finding> {
    let at = |id: Option<ObjectId>| id.map_or("nowhere".into(), |id| format!("at {}", id.short()));
    let message = format!(
        "{} is {}, not {} as the push says",
        pushed.name,
        at(before),
        at(pushed.old)
    );
    let hint = "somebody else has moved it: fetch, see what has changed, and push again";
    Box::new(Finding::new(Code::StalePush, message).hint(hint))
}

fn not_a_commit(pushed: &PushedRef, error: &Finding) -> Box<Finding> {
    let message = format!("{} would not point at a commit", pushed.name);
    let finding = Finding::new(Code::NotACommit, message).note(&error.message);
    Box::new(finding.hint("push the commit that is meant, or push a tag to refs/tags/"))
}

/// The outcome for a ref with these findings; a branch is called by its short name.
fn outcome_of(pushed: &PushedRef, findings: Vec<Finding>) -> BranchOutcome {
    BranchOutcome {
        branch: pushed.branch().unwrap_or(&pushed.name).to_owned(),
        agent: None,
        milestone: None,
        tip: pushed.new,
        standing: standing(&findings),
        paths: 0,
        commits: 0,
        merge: None,
        findings,
    }
}

/// Why there are no rules yet, if that is so: the target does not exist, or has no manifest. That of a
/// work tree does not count: nobody has pushed it. Where there is a manifest and the target that
/// it is for cannot be found, that is an error.
fn why_no_rules(repo: &Repo, target: &str, listed: &Branches) -> Outcome<Option<String>> {
    let has_manifest = |commit| -> Result<bool> {
        let found = source::in_tree(repo, repo.commit(commit)?.tree)?;
        Ok(!matches!(found, InTree::Nothing))
    };
    if let Some(commit) = repo.tip(listed, target)? {
        return Ok((!has_manifest(commit)?).then(|| format!("{target} has no {FILE_NAME} yet")));
    }
    let commit = match repo.head_among(listed)? {
        Head::Branch(_, commit) => commit,
        Head::Detached(commit) => Some(commit),
    };
    if commit.map(has_manifest).transpose()? == Some(true) {
        return Err(no_target(repo, &Scope::Local, target)?.into());
    }
    Ok(Some(format!("there is no branch {target} yet")))
}

/// The outcome where nobody has made rules: everything may be pushed but a target that nobody could
/// mend by a push any more, since its manifest is wrong.
fn without_rules(
    repo: &Repo,
    target: &str,
    listed: &Branches,
    sound: &[&PushedRef],
    why: &str,
) -> Result<CheckOutcome> {
    let message = format!("{why}, so everything may be pushed");
    let hint = format!("push a valid {FILE_NAME} to {target}: then gate keeps to it");
    // Without a manifest there are no agents who could publish anything.
    let published = sound.iter().filter_map(|pushed| {
        let publication = Publication::of_ref(&pushed.name)?;
        let finding = publication::of_no_agent(&publication);
        Some(outcome_of(pushed, vec![finding]))
    });
    let mut branches: Vec<_> = published.collect();
    for pushed in sound
        .iter()
        .filter(|pushed| pushed.branch() == Some(target))
    {
        let wrong = pushed.new.map(|new| manifest::first(repo, target, new));
        let wrong = wrong.transpose()?.flatten();
        branches.extend(wrong.map(|finding| outcome_of(pushed, vec![finding])));
    }
    Ok(CheckOutcome {
        basis: Basis {
            target: target.to_owned(),
            target_commit: repo.tip(listed, target)?,
            manifest: Source::default(),
            preview: false,
        },
        remarks: vec![Finding::new(Code::NothingToJudge, message).hint(hint)],
        branches,
        of_push: true,
    })
}

fn by_rules(
    repo: Arc<Repo>,
    options: &Options,
    target: &str,
    listed: Branches,
    sound: &[&PushedRef],
) -> Outcome<CheckOutcome> {
    let branches = sound.iter().copied();
    let branches = branches.filter_map(|pushed| Some((pushed.branch()?, pushed)));
    let branches: Vec<_> = branches.collect();
    let moves = branches.iter().filter(|(name, _)| *name != target);
    let after = listed.after(moves.map(|(name, pushed)| (*name, pushed.new)));
    let after = publication::after(after, sound);
    let context = Context::of(repo, options, after)?;
    let mut outcome = begin(&context);
    outcome.of_push = true;
    let taken = names::taken(&context);
    let mut judged = BTreeSet::new();
    let mut agents: BTreeSet<AgentId> = BTreeSet::new();
    for (name, pushed) in branches {
        let agent = context.ownership.agent_of_branch(name);
        match (agent, pushed.new) {
            _ if name == target => outcome.branches.push(landing::judge(&context, pushed)),
            (_, Some(_))
                if pushed.old.is_none()
                    && let Some(rival) = names::rival(&context, &taken, name) =>
            {
                outcome.branches.push(outcome_of(pushed, vec![rival]));
            }
            (Some(agent), Some(_)) => {
                judged.insert(name);
                agents.insert(agent);
            }
            (Some(_), None) => outcome.branches.push(deleted(&context, name, pushed)),
            (None, new) => outcome.branches.push(of_nobody(&context, name, new)),
        }
    }
    let wanted =
        |found: &Judgement| found.milestone.is_none() && judged.contains(found.branch.as_str());
    let published = sound
        .iter()
        .filter_map(|pushed| publication::judge(&context, pushed));
    outcome.branches.extend(published);
    outcome
        .branches
        .extend(check::judged(&context, agents, wanted)?);
    Ok(outcome)
}

/// The outcome for a branch of nobody, which may also be deleted where none is welcome.
fn of_nobody(context: &Context, name: &str, new: Option<ObjectId>) -> BranchOutcome {
    if name == context.ownership.manifest().integration {
        let why = format!("{name} is where gate puts branches together, and nobody reads it");
        return not_judged(name, &why);
    }
    match new {
        Some(_) => nobody(context, name, true),
        None => not_judged(name, &format!("{name} belongs to no agent")),
    }
}

/// The outcome for a branch of an agent that the push deletes. Only what the target had before the push
/// counts: git moves each ref for itself, and may yet fail to move the target.
fn deleted(context: &Context, name: &str, pushed: &PushedRef) -> BranchOutcome {
    let target = &context.basis.target;
    let is_merged = pushed.old.map_or(Ok(true), |tip| {
        context.repo.is_ancestor(tip, context.target)
    });
    match is_merged {
        Ok(true) => not_judged(name, &format!("{name} goes, and {target} has all of it")),
        Ok(false) => {
            let message = format!("{name} has work that {target} does not have");
            let finding = Finding::new(Code::UnmergedDeletion, message);
            let hint = format!("keep {name} until gate has merged it into {target}");
            without_work(name, Standing::Refused, finding.hint(hint))
        }
        Err(finding) => without_work(name, Standing::Undecided, *finding),
    }
}
