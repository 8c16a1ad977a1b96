//! `gate verify`: verifies steps of an integration, on any machine, and publishes what passes.

use super::super::{Basis, Context, Interrupt, Isolation, Options, Outcome, Progress, Supervision};
use super::land::check_remote;
use super::passes::{Passes, document};
use super::recipe::{Reach, Recipes};
use super::runner::{Known, Runner};
use super::steps::{self, Step};
use super::verify::{Answers, Verifier, VerifyFailure};
use super::{Failure, Trust, git_version_check, refuse_preview, run};
use crate::engine::outcome::worst;
use crate::manifest::did_you_mean;
use crate::repo::{PassRef, Quarantine, Repo};
use crate::words::{Blame, Code, Finding, ObjectId, Result};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// What is to be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyRequest {
    /// The names of the steps.
    pub steps: Vec<String>,
    /// Whether commands are run that have passed here before.
    pub fresh: bool,
    /// The remote that is told of what passes.
    pub push: Option<String>,
}

/// The result of `gate verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyOutcome {
    /// The target and the manifest that the steps are those of.
    pub basis: Basis,
    /// The steps, in the order in which they were named.
    pub steps: Vec<VerifiedStep>,
    /// What keeps verify commands from writing where they have no business.
    pub isolation: Isolation,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedStep {
    /// Its name.
    pub name: String,
    /// The branch, the checkpoint or the whole.
    pub subject: String,
    /// The tree that was verified.
    pub tree: ObjectId,
    /// Whether it passed.
    pub passed: bool,
    /// Whether it was not run, since it had passed in this clone before.
    pub remembered: bool,
    /// The full name of the ref that says that it passed; `None` if it did not, or not at once.
    pub reference: Option<String>,
    /// The remote that has that ref, too.
    pub pushed_to: Option<String>,
    /// Why it did not pass, or what stood in the way of publishing.
    pub findings: Vec<Finding>,
}

impl VerifyOutcome {
    /// 0 if every step passes and is published; 1 if one fails; 3 or 4 if one could not be tried, or pushed.
    pub fn exit_code(&self) -> u8 {
        worst(self.steps.iter().flat_map(|step| &step.findings)).exit_code()
    }
}

/// Verifies steps, each on the tree that it will be about if everything before it passes, and publishes
/// those that pass. One that fails stops no other.
pub fn verify(
    repo: &Arc<Repo>,
    options: &Options,
    request: &VerifyRequest,
    supervision: &Supervision,
    progress: &dyn Progress,
    interrupt: &Interrupt,
) -> Outcome<VerifyOutcome> {
    let outcome = verified(repo, options, request, supervision, progress, interrupt);
    match (outcome, interrupt.signal()) {
        (Err(_), Some(signal)) => Err(Failure::interrupted(signal)),
        (outcome, _) => outcome,
    }
}

fn verified(
    repo: &Arc<Repo>,
    options: &Options,
    request: &VerifyRequest,
    supervision: &Supervision,
    progress: &dyn Progress,
    interrupt: &Interrupt,
) -> Outcome<VerifyOutcome> {
    git_version_check()?;
    // What was begun by one that was killed is ended first.
    drop(repo.landing_journal()?);
    if let Some(remote) = &request.push {
        check_remote(repo, remote)?;
    }
    let context = Context::read(Arc::clone(repo), options)?;
    refuse_preview(&context)?;
    let quarantine = context.quarantine()?;
    let steps = steps::list(&context, &quarantine, interrupt)?;
    let chosen = request.steps.iter().map(|name| named(&steps, name));
    let chosen = chosen.collect::<Result<Vec<_>>>()?;
    let trust = if request.fresh {
        Trust::Nothing
    } else {
        Trust::OwnPasses
    };
    let runner = Runner {
        quarantine: &quarantine,
        supervision,
        isolation: supervision.sandbox.find()?,
        caches: repo.cache_home(),
        logs: repo.log_folder(run::name(&context)?),
        passes: Passes::read(repo, &quarantine, &trust)?,
        progress,
        interrupt,
        known: Known::new(),
        behind: AtomicUsize::new(0),
    };
    let recipes = Recipes::of(context.ownership.manifest(), &quarantine)?;
    let prover = Prover {
        repo,
        quarantine: &quarantine,
        recipes: &recipes,
        verifier: Verifier::new(&recipes, Answers::Commands(&runner)),
        push: request.push.as_deref(),
    };
    let verified = chosen.into_iter().map(|step| prover.step(step));
    Ok(VerifyOutcome {
        steps: verified.collect::<Result<_>>()?,
        isolation: runner.isolation,
        basis: context.basis,
    })
}

/// The step that somebody names.
fn named<'a>(steps: &'a [Step], name: &str) -> Result<&'a Step> {
    if let Some(step) = steps.iter().find(|step| step.name == name) {
        return Ok(step);
    }
    let finding = Finding::new(Code::Usage, format!("there is no step {name}"));
    let known: Vec<_> = steps.iter().map(|step| step.name.as_str()).collect();
    let hint = did_you_mean(name, &known).unwrap_or_else(|| "`gate verify` lists them".to_owned());
    Err(Box::new(finding.hint(hint)))
}

/// Where steps are verified.
struct Prover<'a> {
    repo: &'a Repo,
    quarantine: &'a Quarantine,
    recipes: &'a Recipes<'a>,
    verifier: Verifier<'a>,
    push: Option<&'a str>,
}

impl Prover<'_> {
    /// Verifies one step, and publishes it if it passes at once.
    fn step(&self, step: &Step) -> Result<VerifiedStep> {
        let (known, flakes) = (self.verifier.known().len(), self.verifier.flakes().len());
        let verifier = &self.verifier;
        let result = verifier.verify(&step.subject, step.tree, step.list, 1.0)?;
        let mut findings = self.verifier.flakes().split_off(flakes);
        let mut outcome = VerifiedStep {
            name: step.name.clone(),
            subject: step.subject.clone(),
            tree: step.tree,
            passed: result.is_ok(),
            remembered: self.verifier.known().len() > known,
            reference: None,
            pushed_to: None,
            findings: Vec::new(),
        };
        match result {
            Err(failure) => findings.push(failed(step, &failure)),
            Ok(()) if findings.is_empty() => {
                let pass = self.publish(step)?;
                outcome.reference = Some(pass.full_name());
                if let Some(remote) = self.push {
                    match self.repo.push_pass(remote, pass) {
                        Ok(()) => outcome.pushed_to = Some(remote.to_owned()),
                        Err(finding) => findings.push(*finding),
                    }
                }
            }
            // What passed only when it was tried again is for whoever lands to find out.
            Ok(()) => {}
        }
        outcome.findings = findings;
        Ok(outcome)
    }

    fn publish(&self, step: &Step) -> Result<PassRef> {
        let recipes = &self.recipes.list(step.list).recipes;
        let document = document(self.quarantine, Reach::Everywhere, step.tree, recipes)?;
        self.repo
            .publish_pass(self.quarantine, step.tree, &document)
    }
}

/// Why a step does not pass. Who broke what several have to pass together is not known here.
fn failed(step: &Step, failure: &VerifyFailure) -> Finding {
    let blame = if step.is_branch && !failure.may_be_an_outage() {
        Blame::Branch
    } else {
        Blame::Nobody
    };
    let what = format!("{} does not pass its verification", step.subject);
    let finding = failure.finding(&what, blame);
    if step.is_branch {
        return finding;
    }
    finding.hint("`gate integrate` finds out which branch breaks it")
}
