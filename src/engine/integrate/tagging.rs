//! The manifest's tag: on a landing, or on the target as it is once everybody is in.

use super::super::delivery::{RUN_TRAILER, stated, trailer};
use super::super::mainline::Mainline;
use super::super::{Context, IntegrateOutcome, Landing};
use super::assemble::Assembly;
use super::land::{REASON, check_not_moved, full};
use super::{Terms, out};
use crate::repo::{Commit, Expect, Quarantine, RefUpdate};
use crate::words::{Code, Finding, ObjectId, Result, shell_word};
use std::slice;

/// Where tags are.
pub(super) const TAGS: &str = "refs/tags/";

/// Where nothing is left to merge, tags the target if that was asked for and everybody is in, and notes what
/// came of it. The tag is the one that the landing would have got.
pub(super) fn tag_target(assembly: &Assembly<'_>, terms: &Terms, outcome: &mut IntegrateOutcome) {
    if !terms.tag {
        return;
    }
    match tagged(assembly, terms, outcome) {
        Ok(Some(name)) => {
            outcome.tag = Some(name);
            outcome.pushed_to.clone_from(&terms.push);
        }
        Ok(None) => {}
        Err(finding) => outcome.findings.push(*finding),
    }
}

/// The name of the tag, if the target has got it, here or at the remote.
fn tagged(
    assembly: &Assembly<'_>,
    terms: &Terms,
    outcome: &IntegrateOutcome,
) -> Result<Option<String>> {
    let (context, quarantine) = (assembly.context, assembly.quarantine);
    let (name, existing) = existing_tag(context, context.target)?;
    let tag = match existing {
        Some(_) if terms.push.is_none() => return Ok(None),
        // Others may have it already.
        Some(id) => RefUpdate {
            name,
            expect: Expect::At(id),
            new: Some(id),
        },
        None => {
            if let Some(finding) = not_tagged(context, terms, outcome)? {
                return Err(Box::new(finding));
            }
            match run_of_target(context)? {
                Some(run) => new_tag(context, quarantine, context.target, &run)?,
                None => return Err(Box::new(not_gates(assembly, terms, &name))),
            }
        }
    };
    let journal = context.repo.landing_journal()?;
    check_not_moved(context)?;
    quarantine.publish(&journal, &tag.new.into_iter().collect::<Vec<_>>())?;
    let target = RefUpdate {
        name: full(&context.basis.target),
        expect: Expect::At(context.target),
        new: Some(context.target),
    };
    // A tag that was set here before may be missing there.
    let there = RefUpdate {
        expect: Expect::Absent,
        ..tag.clone()
    };
    let pushed = [target, there];
    let push = terms.push.as_deref().map(|remote| (remote, &pushed[..]));
    journal.push_and_update(push, slice::from_ref(&tag), REASON)?;
    Ok(tag.name.strip_prefix(TAGS).map(str::to_owned))
}

/// The name of the run that landed what the target holds, if gate landed it.
fn run_of_target(context: &Context) -> Result<Option<String>> {
    let commit = context.repo.commit(context.target)?;
    Ok(stated(&commit).and_then(|_| run_of(&commit)))
}

/// The run that a merge of gate names.
fn run_of(merge: &Commit) -> Option<String> {
    let message = String::from_utf8_lossy(&merge.message);
    trailer(&message, RUN_TRAILER).map(str::to_owned)
}

/// The remark that the target gets no tag since somebody has added to what gate has landed. Where a run was
/// killed after the remote had taken the tag `name`, it is set here as it is there.
fn not_gates(assembly: &Assembly<'_>, terms: &Terms, name: &str) -> Finding {
    let context = assembly.context;
    let (target, at) = (&context.basis.target, context.target.short());
    let tag = name.strip_prefix(TAGS).unwrap_or(name);
    let why = format!("{target} is at {at}, which is no merge of gate");
    let nothing_to_do = &Landing::NothingToDo;
    let fetch = |remote: &str| {
        let remark = untagged(context, nothing_to_do, &why);
        let tag = shell_word(tag);
        remark.hint(format!(
            "it is set on what gate has landed; where a run that was killed has set it at a remote only, \
             `git fetch {remote} tag {tag}` brings it here"
        ))
    };
    let Some(remote) = &terms.push else {
        return fetch("REMOTE");
    };
    match tag_of_remote(assembly, remote, name) {
        Ok(Some(landed)) => {
            let landed = landed.short();
            let why = format!("{remote} has it at {landed}, as gate has landed it");
            untagged(context, nothing_to_do, &why)
                .note("it is set here now, too: the run that set it there came to no end")
                .hint("write the next tag into the manifest, for what comes after it")
        }
        Ok(None) => untagged(context, nothing_to_do, &why),
        Err(error) => fetch(&shell_word(remote)).note(error.message),
    }
}

/// Sets the tag `name` here if `remote` has it as gate has made it for something that the target holds.
/// Returns the commit that has it.
fn tag_of_remote(assembly: &Assembly<'_>, remote: &str, name: &str) -> Result<Option<ObjectId>> {
    let (context, quarantine) = (assembly.context, assembly.quarantine);
    let Some((there, landed)) = context.repo.remote_tag(remote, name)? else {
        return Ok(None);
    };
    let mut mainline = Mainline::of(context);
    while let Some(merge) = mainline.merge()? {
        let Some(run) = run_of(&merge.commit).filter(|_| merge.id == landed) else {
            continue;
        };
        let tag = new_tag(context, quarantine, landed, &run)?;
        if tag.new != Some(there) {
            break;
        }
        let journal = context.repo.landing_journal()?;
        quarantine.publish(&journal, &[there])?;
        journal.update_refs(&[tag], REASON)?;
        return Ok(Some(landed));
    }
    Ok(None)
}

/// The remark that the target has not got the tag that was asked for, because somebody is out.
pub(super) fn not_tagged(
    context: &Context,
    terms: &Terms,
    outcome: &IntegrateOutcome,
) -> Result<Option<Finding>> {
    let Some(why) = out(outcome).filter(|_| terms.tag && outcome.tag.is_none()) else {
        return Ok(None);
    };
    if outcome.commit == context.target && existing_tag(context, context.target)?.1.is_some() {
        return Ok(None);
    }
    Ok(Some(untagged(context, &outcome.landing, &why)))
}

/// The remark that the target has no tag.
fn untagged(context: &Context, landing: &Landing, why: &str) -> Finding {
    let tag = context.ownership.manifest().tag.as_ref();
    let what = match landing {
        Landing::Landed => "landed".to_owned(),
        _ => format!("{} stays", context.basis.target),
    };
    let name = tag.map_or_else(String::new, |tag| format!(" {}", tag.value));
    let message = format!("{what} without the tag{name}: {why}");
    let finding = Finding::new(Code::NotTagged, message);
    let finding = finding.hint("it is set on what gate has landed, once everybody is in");
    match tag {
        Some(tag) => finding.label(tag.span, "the tag"),
        None => finding,
    }
}

/// The manifest's tag, and the object at which it points already. It may point at `commit` only.
pub(super) fn existing_tag(
    context: &Context,
    commit: ObjectId,
) -> Result<(String, Option<ObjectId>)> {
    let Some(tag) = &context.ownership.manifest().tag else {
        let finding = Finding::new(Code::Usage, "the manifest names no tag");
        return Err(Box::new(
            finding.hint("write one under `tag`, or leave out --tag"),
        ));
    };
    let name = format!("{TAGS}{}", tag.value);
    let Some(id) = context.repo.any_ref(&name)? else {
        return Ok((name, None));
    };
    if context.repo.peeled(id)? == Some(commit) {
        return Ok((name, Some(id)));
    }
    let message = format!(
        "the tag {} is there already, and points at something else",
        tag.value
    );
    let finding = Finding::new(Code::TagExists, message).label(tag.span, "this tag");
    Err(Box::new(finding.hint(
        "write the next tag into the manifest, or leave out --tag",
    )))
}

/// The tag of a landing, as an object of its own that depends on nothing but the run.
pub(super) fn new_tag(
    context: &Context,
    quarantine: &Quarantine,
    commit: ObjectId,
    run: &str,
) -> Result<RefUpdate> {
    let (name, existing) = existing_tag(context, commit)?;
    let short = name.strip_prefix(TAGS).unwrap_or(&name);
    let when = quarantine.commit(commit)?.committer_seconds;
    let message = format!("{short}\n\n{RUN_TRAILER}: {run}\n");
    Ok(RefUpdate {
        expect: existing.map_or(Expect::Absent, Expect::At),
        new: Some(quarantine.tag(commit, short, &message, when)?),
        name,
    })
}
