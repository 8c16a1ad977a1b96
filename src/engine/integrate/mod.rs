//! `gate integrate`: puts the good branches together, verifies what comes out, and lands it.

mod ahead;
mod assemble;
mod chain;
mod command;
mod culprit;
mod decision;
mod dropped;
mod expected;
mod fate;
mod foreseen;
mod foresight;
mod jobs;
mod land;
mod merging;
mod noted;
mod output;
mod passes;
mod prove;
mod queue;
mod recipe;
mod replay;
mod run;
mod runner;
mod speculation;
mod steps;
mod tagging;
mod verify;
mod workplace;

pub(super) use foresight::{Foreseen, foresee};
pub(super) use merging::{Merging, Onto};
pub use prove::{VerifiedStep, VerifyOutcome, VerifyRequest, verify};
pub use recipe::ENVIRONMENT;
pub use replay::replay;
pub use steps::{PlannedStep, StepsOutcome, steps};

use self::assemble::{Assembly, Ground, Round};
use self::chain::{Chain, Merges};
use self::decision::decide;
use self::fate::Fate;
use self::land::Wishes;
pub(super) use self::land::refuse_preview;
use self::passes::Passes;
use self::queue::Queue;
use self::recipe::Recipes;
use self::runner::{Known, Runner};
use self::tagging::not_tagged;
use self::verify::{Answers, Verifier};
use super::judge::Judgement;
use super::{
    BranchOutcome, Context, Failure, IntegrateOutcome, Interrupt, Landing, Options, Outcome,
    Progress, Silent, Standing, Supervision, check,
};
use crate::manifest::OnFailure;
use crate::repo::{Repo, git_version_check};
use crate::words::{Code, Finding, Result};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// How often an integration begins again because the target has moved.
const ATTEMPTS: usize = 5;

/// What to do with the result of an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Nothing: only say what would be done.
    DryRun,
    /// Keep it on the integration branch.
    Integration,
    /// Move the target to it.
    Target,
}

/// On what terms the result of an integration is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What to do with it.
    pub destination: Destination,
    /// Whether it lands only if nobody is left out.
    pub all_or_nothing: bool,
    /// Whether what lands gets the manifest's tag, if nobody is left out.
    pub tag: bool,
    /// The remote whose target moves first.
    pub push: Option<String>,
    /// What passed before and need not be run.
    pub trust: Trust,
}

/// Which passes count beside those that a run sees itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those that runs in this clone have seen.
    #[default]
    OwnPasses,
    /// None: everything is run.
    Nothing,
    /// Those of this clone, and those that the remote with this name has published.
    Results(String),
}

/// Judges every branch, merges those that pass in the order of the plan, verifies each merged tree,
/// and does with the last good one what `terms` say. Whoever fails is left out; everyone who
/// does not depend on them carries on.
///
/// If the target moves meanwhile, it all begins again, up to [`ATTEMPTS`] times. If gate is asked to
/// end before the landing begins, it ends without having changed anything; a landing is completed.
pub fn integrate(
    repo: &Arc<Repo>,
    options: &Options,
    terms: &Terms,
    supervision: &Supervision,
    progress: &dyn Progress,
    interrupt: &Interrupt,
) -> Outcome<IntegrateOutcome> {
    let outcome = attempts(repo, options, terms, supervision, progress, interrupt);
    // The signal may have reached a git first, whose failure is not worth telling then.
    match (outcome, interrupt.signal()) {
        (Err(_), Some(signal)) => Err(Failure::interrupted(signal)),
        (outcome, _) => outcome,
    }
}

fn attempts(
    repo: &Arc<Repo>,
    options: &Options,
    terms: &Terms,
    supervision: &Supervision,
    progress: &dyn Progress,
    interrupt: &Interrupt,
) -> Outcome<IntegrateOutcome> {
    git_version_check()?;
    let attempt = || attempt(repo, options, terms, supervision, progress, interrupt);
    let is_moved = |finding: &Finding| finding.code == Code::TargetMoved;
    let mut result = attempt();
    for _ in 1..ATTEMPTS {
        let has_moved = match &result {
            Ok(outcome) => outcome.findings.iter().any(is_moved),
            Err(failure) => failure.findings.iter().any(is_moved),
        };
        if !has_moved {
            break;
        }
        result = attempt();
    }
    result
}

// Long, since all that it sets up lives until its end.
fn attempt(
    repo: &Arc<Repo>,
    options: &Options,
    terms: &Terms,
    supervision: &Supervision,
    progress: &dyn Progress,
    interrupt: &Interrupt,
) -> Outcome<IntegrateOutcome> {
    let destination = terms.destination;
    if destination != Destination::DryRun {
        // What was begun by one that was killed is ended first.
        drop(repo.landing_journal()?);
    }
    let context = Context::read(Arc::clone(repo), options)?;
    refuse_preview(&context)?;
    let run = run::name(&context)?;
    land::check_destination(&context, terms, run)?;
    let mut queue = Queue::of(&context)?;
    let quarantine = context.quarantine()?;
    let recipes = Recipes::of(context.ownership.manifest(), &quarantine)?;
    let ground = Ground {
        context: &context,
        quarantine: &quarantine,
        recipes: &recipes,
        merges: &Merges::default(),
        interrupt,
        run,
    };
    let mut runner = Runner {
        quarantine: &quarantine,
        supervision,
        isolation: supervision.sandbox.find()?,
        caches: repo.cache_home(),
        logs: repo.log_folder(run),
        passes: Passes::read(repo, &quarantine, &terms.trust)?,
        progress,
        interrupt,
        known: Known::new(),
        behind: AtomicUsize::new(0),
    };
    let jobs = supervision.jobs.get();
    if jobs > 1 {
        let found = jobs::find_out(&ground, &mut queue, &runner, jobs);
        if found.is_err() {
            runner.logs.remove_rest()?;
        }
        runner.known = found?;
    }
    // What is known by now is not run again; it is asked for as if one were run after the other.
    let verifier = Verifier::new(&recipes, Answers::Commands(&runner));
    let told = progress;
    let progress = if jobs > 1 { &Silent } else { told };
    let assembly = ground.assembly(&verifier, progress);
    let outcome = assembled(&assembly, queue);
    runner.logs.remove_rest()?;
    if verifier.is_contradicted() {
        interrupt.check()?;
        let terms = Terms {
            trust: Trust::Nothing,
            ..terms.clone()
        };
        return attempt(repo, options, &terms, supervision, told, interrupt);
    }
    let mut outcome = outcome?;
    interrupt.check()?;
    if outcome.findings.is_empty() {
        keep(&assembly, terms, &mut outcome);
    }
    tell_of_verifications(&mut outcome, &verifier, runner.isolation);
    Ok(outcome)
}

/// Adds what verify commands were like to an outcome.
fn tell_of_verifications(
    outcome: &mut IntegrateOutcome,
    verifier: &Verifier<'_>,
    isolation: super::Isolation,
) {
    let flakes = verifier.flakes();
    outcome.flakes = flakes.len();
    let was_asked = !verifier.verifications().is_empty();
    outcome.isolation = was_asked.then_some(isolation);
    outcome.known = verifier.known();
    outcome.findings.extend(flakes);
}

/// Does with a good result what `terms` say, and notes what came of it.
fn keep(assembly: &Assembly<'_>, terms: &Terms, outcome: &mut IntegrateOutcome) {
    if terms.destination == Destination::DryRun {
        outcome.landing = Landing::DryRun;
        return;
    }
    let (context, quarantine) = (assembly.context, assembly.quarantine);
    let decision = decide(context, terms, outcome);
    let is_out = || !such(outcome, &[Standing::Ejected, Standing::Held]).is_empty();
    if outcome.commit == context.target && !is_out() {
        // Where there was nothing to do, nothing changes: landing twice is landing once.
        outcome.landing = Landing::NothingToDo;
        match decision.withheld {
            Some(withheld) => outcome.findings.push(withheld),
            None => tagging::tag_target(assembly, terms, outcome),
        }
        return;
    }
    let record = decision::record(assembly, terms, outcome, &decision).commit(quarantine);
    let kept = record.and_then(|record| {
        let wishes = Wishes {
            destination: decision.destination,
            tag: decision.tag.is_some(),
            push: terms.push.as_deref(),
            run: outcome.run,
            record,
        };
        let kept = land::land(context, quarantine, outcome.commit, &wishes)?;
        Ok((record, kept))
    });
    let withheld = decision.withheld;
    match kept {
        Ok((record, kept)) => {
            outcome.record = Some(record);
            outcome.landing = match kept.landing {
                Landing::Integrated(branch) if withheld.is_some() => Landing::Withheld(branch),
                landing => landing,
            };
            outcome.findings = kept.remarks;
            outcome.tag = kept.tag;
            if outcome.landing == Landing::Landed {
                outcome.pushed_to.clone_from(&terms.push);
            }
            if withheld.is_none() {
                let remark = not_tagged(context, terms, outcome);
                let remark = remark.unwrap_or_else(|finding| Some(*finding));
                outcome.findings.extend(remark);
            }
        }
        Err(finding) => outcome.findings.push(*finding),
    }
    outcome.findings.extend(withheld);
}

/// Merges and verifies until what is left passes as a whole, or nobody can be blamed: why, says the
/// finding then.
fn rounds(assembly: &Assembly<'_>, queue: &mut Queue) -> Result<(Box<Chain>, Vec<Finding>)> {
    loop {
        match assembly.merge(queue)? {
            Round::Good(chain) => return Ok((chain, Vec::new())),
            Round::Broken {
                index,
                check,
                finding,
            } => queue.eject(index, check, *finding),
            Round::TargetFails { chain, finding } => return Ok((chain, vec![*finding])),
        }
    }
}

/// What comes of merging and verifying.
fn assembled(assembly: &Assembly<'_>, mut queue: Queue) -> Result<IntegrateOutcome> {
    let context = assembly.context;
    let (chain, findings) = rounds(assembly, &mut queue)?;
    let dropped = dropped::dropped(assembly.quarantine, &queue, &chain, context.target_tree)?;
    let mut branches = outcomes(context, &queue, chain.fates);
    for (index, findings) in dropped {
        branches[index].findings.extend(findings);
    }
    branches.extend(check::absent(context));
    Ok(IntegrateOutcome {
        basis: context.basis.clone(),
        run: assembly.run,
        branches,
        findings,
        flakes: 0,
        isolation: None,
        known: Vec::new(),
        commit: chain.commit,
        tree: chain.tree,
        landing: Landing::Nothing,
        tag: None,
        pushed_to: None,
        record: None,
    })
}

/// What became of the candidates, in order.
fn outcomes(context: &Context, queue: &Queue, fates: Vec<Fate>) -> Vec<BranchOutcome> {
    let outcome = |(candidate, fate): (&Judgement, Fate)| {
        let (standing, merge, findings) = match fate {
            Fate::Merged(id) => (Standing::Merged, Some(id), candidate.findings.clone()),
            Fate::UpToDate => (Standing::UpToDate, None, Vec::new()),
            Fate::Waiting(finding) => (Standing::Waiting, None, vec![finding]),
            Fate::Held(finding) => (Standing::Held, None, vec![finding]),
            Fate::Ejected(findings) => (Standing::Ejected, None, findings),
        };
        BranchOutcome {
            branch: candidate.branch.clone(),
            agent: Some(context.name_of(candidate.agent).to_owned()),
            milestone: candidate.milestone.clone(),
            tip: candidate.tip,
            standing,
            paths: candidate.paths.len(),
            commits: candidate.commits,
            merge,
            findings,
        }
    };
    queue.candidates.iter().zip(fates).map(outcome).collect()
}

/// Who is not in, in words; `None` if everybody is.
fn out(outcome: &IntegrateOutcome) -> Option<String> {
    let standings = [Standing::Ejected, Standing::Held, Standing::Waiting];
    match such(outcome, &standings)[..] {
        [] => None,
        [one] => Some(format!("{one} is out")),
        ref several => Some(format!("{} are out", several.join(", "))),
    }
}

/// The branches that stand in one of these ways.
fn such<'a>(outcome: &'a IntegrateOutcome, standings: &[Standing]) -> Vec<&'a str> {
    let branches = outcome.branches.iter();
    let such = branches.filter(|branch| standings.contains(&branch.standing));
    such.map(|branch| branch.branch.as_str()).collect()
}

/// Why a good result does not land although it was asked for, if there is a reason.
fn withheld(
    context: &Context,
    outcome: &IntegrateOutcome,
    all_or_nothing: bool,
) -> Option<Finding> {
    let failed = such(outcome, &[Standing::Ejected]);
    if context.ownership.manifest().on_failure == OnFailure::Stop
        && let Some(first) = failed.first()
    {
        let message = format!("nothing lands: {first} failed, and a failure stops everybody");
        let finding = Finding::new(Code::Stopped, message);
        return Some(finding.hint(format!("mend {first}, then integrate again")));
    }
    let out = out(outcome).filter(|_| all_or_nothing)?;
    let message = format!("nothing lands: not everybody is in, {out}");
    let finding = Finding::new(Code::NotEverybody, message);
    Some(finding.hint("integrate again once they are ready, or without --all-or-nothing"))
}
