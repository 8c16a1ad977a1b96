//! `gate integrate --replay`: makes a run again in memory, from what its record says went into it.

use super::super::judge::Judgement;
use super::super::record::{self, Aim, Piece, Record};
use super::super::{
    Context, Failure, Interrupt, Options, Outcome, Progress, ReplayOutcome, Standing,
};
use super::assemble::Assembly;
use super::chain::Merges;
use super::decision::{self, decide};
use super::queue::Queue;
use super::recipe::Recipes;
use super::run;
use super::verify::{Answers, Verifier};
use super::{Destination, Terms, Trust, assembled, git_version_check};
use crate::repo::{Branches, Repo, Scope};
use crate::words::{Code, Finding, ObjectId, Severity};
use std::sync::Arc;

/// Makes the run that is called `name` again: on the target, with the manifest, the branches and the
/// publications that its record names, wherever refs stand now, and with the recorded answers in place of
/// commands. Nothing is written, and nothing in the record is believed but what went into the run.
///
/// # Errors
/// [`Code::BadRecord`] if the record cannot be read, or does not know of a verification;
/// [`Code::MissingObject`] and its like if something that went into the run is not here.
pub fn replay(
    repo: &Arc<Repo>,
    name: &str,
    progress: &dyn Progress,
    interrupt: &Interrupt,
) -> Outcome<ReplayOutcome> {
    let outcome = replayed(repo, name, progress, interrupt);
    match (outcome, interrupt.signal()) {
        (Err(_), Some(signal)) => Err(Failure::interrupted(signal)),
        (outcome, _) => outcome,
    }
}

fn replayed(
    repo: &Arc<Repo>,
    name: &str,
    progress: &dyn Progress,
    interrupt: &Interrupt,
) -> Outcome<ReplayOutcome> {
    git_version_check()?;
    let commit = record::find(repo, name)?;
    let recorded = Record::read(repo, commit)?;
    let context = context(repo, commit, &recorded)?;
    let queue = Queue::of(&context)?;
    check_readable(&recorded, &queue.candidates)?;
    let quarantine = repo.quarantine()?;
    let answers = Answers::Noted(&recorded.verifications);
    let recipes = Recipes::of(context.ownership.manifest(), &quarantine)?;
    let verifier = Verifier::new(&recipes, answers);
    let assembly = Assembly {
        context: &context,
        quarantine: &quarantine,
        verifier: &verifier,
        progress,
        interrupt,
        merges: &Merges::default(),
        run: run::name(&context)?,
    };
    let terms = Terms {
        destination: match recorded.destination {
            Aim::Integration => Destination::Integration,
            Aim::Target => Destination::Target,
        },
        all_or_nothing: recorded.all_or_nothing,
        tag: recorded.tag.is_some(),
        push: None,
        trust: Trust::Nothing,
    };
    let outcome = assembled(&assembly, queue)?;
    let decision = decide(&context, &terms, &outcome);
    let again = decision::record(&assembly, &terms, &outcome, &decision);
    let mut findings: Vec<Finding> = difference(&recorded, &again).into_iter().collect();
    if findings.is_empty() && again.commit(&quarantine)? != commit {
        let what = "is not kept with everything that went into the run";
        findings.push(differs(&recorded, what));
    }
    for finding in &mut findings {
        let reasons = outcome.findings.iter();
        finding
            .notes
            .extend(reasons.map(|reason| reason.message.clone()));
    }
    let merges = again.outcomes.iter();
    Ok(ReplayOutcome {
        run: recorded.run,
        record: commit,
        merges: merges.filter(|piece| piece.merge.is_some()).count(),
        verifications: again.verifications.len(),
        recorded: recorded.result.commit,
        commit: again.result.commit,
        findings,
        basis: context.basis,
    })
}

/// What the run began with.
fn context(repo: &Arc<Repo>, commit: ObjectId, recorded: &Record) -> Outcome<Context> {
    let read = || recorded.branches.iter().chain(&recorded.published);
    for id in read().filter_map(|seen| seen.commit) {
        repo.commit(id)?;
    }
    let target = &recorded.target;
    let tips = recorded.branches.iter().map(record::Seen::tip);
    let tips = tips.chain([(target.name.clone(), Ok(target.commit))]);
    let published = recorded.published.iter().map(record::Seen::tip);
    let listed = Branches::noted(Scope::Local, tips, published);
    let options = Options {
        target: Some(target.name.clone()),
        remote: None,
    };
    let context = Context::of(Arc::clone(repo), &options, listed);
    let context = context.and_then(|context| {
        super::refuse_preview(&context)?;
        Ok(context)
    });
    context.map_err(|failure| no_such_run(commit, failure))
}

/// Where a run could not even have begun, the record is of none.
fn no_such_run(commit: ObjectId, failure: Failure) -> Failure {
    if failure.exit_code() != Severity::Usage.exit_code() {
        return failure;
    }
    let message = format!(
        "{} is no record of a run: there is none on the target that it names",
        commit.short()
    );
    let reasons = failure.findings.into_iter().map(|finding| finding.message);
    let finding = Finding::new(Code::BadRecord, message);
    reasons.fold(finding, Finding::note).into()
}

/// Fails where something cannot be judged that could be for the run: that is no difference.
fn check_readable(recorded: &Record, candidates: &[Judgement]) -> Outcome<()> {
    let is_known = |code| {
        let pieces = recorded.outcomes.iter();
        let mut known = pieces.flat_map(|piece| &piece.findings);
        known.any(|known| *known == code)
    };
    let findings = candidates.iter().flat_map(|found| &found.findings);
    let unreadable = findings.filter(|finding| {
        finding.code.severity() == Severity::Undecided && !is_known(finding.code)
    });
    let findings: Vec<_> = unreadable.cloned().collect();
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure {
        findings,
        source: None,
        signal: None,
    })
}

/// The first thing in which a replay differs from the record: a merge, if one does.
fn difference(recorded: &Record, again: &Record) -> Option<Finding> {
    if recorded == again {
        return None;
    }
    let pieces = || recorded.outcomes.iter().zip(&again.outcomes);
    let is_same_merge =
        |(one, other): &(&Piece, &Piece)| (&one.branch, one.merge) == (&other.branch, other.merge);
    let apart = pieces().find(|pair| !is_same_merge(pair));
    if let Some((one, other)) = apart.or_else(|| pieces().find(|(one, other)| one != other)) {
        return Some(other_piece(recorded, one, other));
    }
    let (old, new) = (&recorded.result, &again.result);
    let what = |what: &str, old: ObjectId, new: ObjectId| {
        (old != new).then(|| {
            let finding = differs(recorded, &format!("says another {what} than its replay"));
            let finding = finding.note(format!("recorded: {old}"));
            finding.note(format!("replayed: {new}"))
        })
    };
    let found = [
        ("result", old.commit, new.commit),
        ("tree of the result", old.tree, new.tree),
        ("name of the run", recorded.run, again.run),
        ("manifest", recorded.manifest, again.manifest),
    ]
    .into_iter()
    .find_map(|(name, old, new)| what(name, old, new));
    let said = "says something else of what was read, verified or landed than its replay";
    found.or_else(|| Some(differs(recorded, said)))
}

/// The finding that something else became of a branch.
fn other_piece(recorded: &Record, one: &Piece, other: &Piece) -> Finding {
    let became = |piece: &Piece, id: fn(ObjectId) -> String| {
        let standing = piece.standing.name();
        let codes: Vec<_> = piece.findings.iter().map(|code| code.name()).collect();
        match piece.merge {
            Some(merge) if piece.standing == Standing::Merged => {
                format!("{} merged as {}", piece.branch, id(merge))
            }
            _ if codes.is_empty() => format!("{} {standing}", piece.branch),
            _ => format!("{} {standing} ({})", piece.branch, codes.join(", ")),
        }
    };
    let (old, new) = (became(one, |id| id.short()), became(other, |id| id.short()));
    let finding = differs(recorded, &format!("says {old}, and its replay says {new}"));
    finding
        .note(format!("recorded: {}", became(one, |id| id.to_string())))
        .note(format!("replayed: {}", became(other, |id| id.to_string())))
}

fn differs(recorded: &Record, how: &str) -> Finding {
    let message = format!("the record of the run {} {how}", recorded.run.short());
    Finding::new(Code::ReplayDiffers, message)
        .hint("do not rely on this record: `gate integrate` makes a run of what is there now")
}
