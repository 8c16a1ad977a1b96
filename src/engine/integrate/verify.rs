//! Runs verify commands, each list in a private checkout of the tree that it is about.

use super::super::record::Verification;
use super::super::{Event, Interrupt, KnownPass, Progress};
use super::command;
use super::noted;
use super::passes::Passes;
use super::recipe::{Reach, Recipe};
use super::steps::Asked;
use crate::manifest::{Command, Spanned};
use crate::repo::{LogFolder, Quarantine};
use crate::words::{self, Blame, Cause, Code, Finding, ObjectId, Output, Result};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

/// Runs commands on trees and remembers, for the time of one run, what they said of which tree.
pub(super) struct Verifier<'a> {
    quarantine: &'a Quarantine,
    progress: &'a dyn Progress,
    interrupt: &'a Interrupt,
    answers: Answers<'a>,
    /// How many commands are to come behind those that are being verified.
    behind: Cell<usize>,
    remembered: RefCell<HashMap<Key, Verified>>,
    /// What was not run, since it is known to pass.
    assumed: RefCell<HashSet<Key>>,
    /// Whether something that is known to pass has failed in this run.
    contradicted: Cell<bool>,
    /// What was found out, in order.
    verifications: RefCell<Vec<Verification>>,
    flakes: RefCell<Vec<Finding>>,
}

/// A tree, and the digests of the commands.
type Key = (ObjectId, Vec<ObjectId>);

/// Where the answers come from.
pub(super) enum Answers<'a> {
    /// The commands are run unless they are known to pass, and what they print is kept there.
    Commands(LogFolder, Passes<'a>),
    /// Everything passes.
    Nowhere,
    /// Everything passes, and what was asked for is noted.
    Listed(&'a Asked),
    /// They were noted down by an earlier run.
    Noted(&'a [Verification]),
}

/// Whether a tree passes.
pub(super) type Verified = std::result::Result<(), VerifyFailure>;

/// What came of running commands.
pub(super) struct Tried {
    verified: Verified,
    /// Whether anything failed on the way.
    has_failed: bool,
}

impl Tried {
    /// Whether all passed at once.
    pub(super) fn is_steady_pass(&self) -> bool {
        self.verified.is_ok() && !self.has_failed
    }
}

/// Why a tree does not pass.
#[derive(Clone, Debug)]
pub(super) struct VerifyFailure {
    pub code: Code,
    pub cause: Cause,
    pub run: Spanned<String>,
    /// What the command did, after its name.
    pub reason: String,
    /// How many times it was tried.
    pub attempts: u32,
    pub output: Option<Output>,
}

impl VerifyFailure {
    /// The finding that says `what` failed, how, and whose fault it is.
    pub(super) fn finding(&self, what: &str, blame: Blame) -> Finding {
        let message = format!("{what}: `{}` {}", self.run.value, self.reason);
        let mut finding = Finding::new(self.code, message).label(self.run.span, "this command");
        if self.attempts > 1 {
            finding = finding.note(format!("it was tried {} times", self.attempts));
        }
        finding.verification = Some(Box::new(words::Verification {
            command: self.run.value.clone(),
            cause: self.cause,
            blame,
            attempts: self.attempts,
        }));
        finding.output.clone_from(&self.output);
        finding
    }

    /// Whether it may be nobody's fault.
    pub(super) fn may_be_an_outage(&self) -> bool {
        self.cause.may_be_an_outage()
    }

    /// The same where a branch is to blame: without it, the same does not happen.
    pub(super) fn blamed(self) -> Self {
        let although = match self.cause {
            Cause::NotFound | Cause::NotExecutable => "although it is without this branch",
            Cause::DiskFull => "although there is enough without this branch",
            _ => return self,
        };
        Self {
            code: Code::VerifyFailed,
            reason: format!("{}, {although}", self.reason),
            ..self
        }
    }

    /// The remark that the command passed after all, for what is called `subject`.
    fn overcome(&self, subject: &str) -> Finding {
        let attempt = self.attempts + 1;
        let command = &self.run.value;
        let message = format!("{subject}: `{command}` is flaky: it passed at attempt {attempt}");
        let mut finding = Finding::new(Code::VerifyFlaky, message)
            .label(self.run.span, "this command")
            .note(format!("before that it {}", self.reason))
            .hint("make it pass or fail for good: a flaky check lets through what it should not");
        finding.verification = Some(Box::new(words::Verification {
            command: command.clone(),
            cause: self.cause,
            blame: Blame::Nobody,
            attempts: attempt,
        }));
        finding.output.clone_from(&self.output);
        finding
    }
}

impl<'a> Verifier<'a> {
    /// A verifier whose checkouts are made out of `quarantine`.
    pub(super) fn new(
        quarantine: &'a Quarantine,
        progress: &'a dyn Progress,
        interrupt: &'a Interrupt,
        answers: Answers<'a>,
    ) -> Self {
        Self {
            quarantine,
            progress,
            interrupt,
            answers,
            behind: Cell::default(),
            remembered: RefCell::default(),
            assumed: RefCell::default(),
            contradicted: Cell::default(),
            verifications: RefCell::default(),
            flakes: RefCell::default(),
        }
    }

    /// Says how many commands the plan has behind those that are verified next.
    pub(super) fn announce(&self, behind: usize) {
        self.behind.set(behind);
    }

    /// The passes that came only after a failure, in order.
    pub(super) fn flakes(&self) -> Vec<Finding> {
        self.flakes.borrow().clone()
    }

    /// What was known to pass and so was not run, in order.
    pub(super) fn known(&self) -> Vec<KnownPass> {
        match &self.answers {
            Answers::Commands(_, passes) => passes.not_run(),
            Answers::Nowhere | Answers::Listed(_) | Answers::Noted(_) => Vec::new(),
        }
    }

    /// Everything that was found out, in order.
    pub(super) fn verifications(&self) -> Vec<Verification> {
        self.verifications.borrow().clone()
    }

    /// Runs `commands` one after the other in one private checkout of `tree`, up to the first that
    /// fails. The outer error means that it could not be tried.
    pub(super) fn verify(
        &self,
        subject: &str,
        tree: ObjectId,
        commands: &[Command],
    ) -> Result<Verified> {
        if commands.is_empty() || matches!(self.answers, Answers::Nowhere) {
            return Ok(Ok(()));
        }
        if let Answers::Listed(asked) = &self.answers {
            asked.note(subject, tree, commands);
            return Ok(Ok(()));
        }
        let recipes: Vec<_> = commands.iter().map(Recipe::of).collect();
        let key = self.key(tree, &recipes)?;
        if let Some(known) = self.remembered.borrow().get(&key) {
            return Ok(known.clone());
        }
        let result = match &self.answers {
            Answers::Commands(_, passes) if passes.know(subject, tree, &recipes)? => {
                self.assumed.borrow_mut().insert(key.clone());
                Ok(())
            }
            Answers::Commands(logs, passes) => {
                self.find_out(subject, tree, &recipes, logs, passes)?
            }
            Answers::Noted(noted) => noted::recall(noted, subject, tree, commands)?,
            Answers::Nowhere | Answers::Listed(_) => Ok(()),
        };
        let note = noted::note(subject, tree, commands, result.as_ref().err());
        self.verifications.borrow_mut().push(note);
        self.remembered.borrow_mut().insert(key, result.clone());
        Ok(result)
    }

    /// The same for whoever blames somebody for a failure by what this says: a pass must have been seen by
    /// this run. What passed before may fail by now through what is outside of the tree.
    pub(super) fn confirm(
        &self,
        subject: &str,
        tree: ObjectId,
        commands: &[Command],
    ) -> Result<Verified> {
        let verified = self.verify(subject, tree, commands)?;
        let recipes: Vec<_> = commands.iter().map(Recipe::of).collect();
        let key = self.key(tree, &recipes)?;
        let is_assumed = self.assumed.borrow_mut().remove(&key);
        let Answers::Commands(logs, passes) = &self.answers else {
            return Ok(verified);
        };
        if !is_assumed {
            return Ok(verified);
        }
        let found = self.find_out(subject, tree, &recipes, logs, passes)?;
        if let Err(failure) = &found {
            self.contradicted.set(true);
            return Err(Box::new(failure.finding(subject, Blame::Nobody)));
        }
        Ok(found)
    }

    /// Whether something that is known to pass has failed in this run, so that nothing that is known
    /// may be relied on. What is confirmed fails then.
    pub(super) fn is_contradicted(&self) -> bool {
        self.contradicted.get()
    }

    fn key(&self, tree: ObjectId, recipes: &[Recipe<'_>]) -> Result<Key> {
        let digest = |recipe: &Recipe<'_>| recipe.digest(self.quarantine, Reach::Here);
        let digests = recipes.iter().map(digest);
        Ok((tree, digests.collect::<Result<_>>()?))
    }

    /// Runs the commands, and keeps for later runs what comes of it.
    fn find_out(
        &self,
        subject: &str,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
        logs: &LogFolder,
        passes: &Passes<'_>,
    ) -> Result<Verified> {
        let tried = self.attempts(subject, tree, recipes, logs)?;
        // What was heard while gate is asked to end is not certain.
        self.interrupt.check()?;
        passes.learn(tree, recipes, &tried)?;
        Ok(tried.verified)
    }

    /// Runs the commands until all pass, or one has failed as often as it may. Each attempt has a
    /// checkout of its own, in which those before the one that failed run again: it may need what they
    /// leave there.
    fn attempts(
        &self,
        subject: &str,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
        logs: &LogFolder,
    ) -> Result<Tried> {
        let mut failures: Vec<Option<VerifyFailure>> = vec![None; recipes.len()];
        while let Err((at, failure)) = self.once(subject, tree, recipes, logs)? {
            let attempts = failures[at].as_ref().map_or(0, |before| before.attempts) + 1;
            let failure = VerifyFailure {
                attempts,
                ..failure
            };
            if attempts > u32::from(recipes[at].command.retries) {
                return Ok(Tried {
                    verified: Err(failure),
                    has_failed: true,
                });
            }
            failures[at] = Some(failure);
        }
        let overcome = failures.iter().flatten();
        let overcome = overcome.map(|failure| failure.overcome(subject));
        self.flakes.borrow_mut().extend(overcome);
        Ok(Tried {
            verified: Ok(()),
            has_failed: failures.iter().any(Option::is_some),
        })
    }

    /// Runs the commands once; the inner error says which one failed.
    fn once(
        &self,
        subject: &str,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
        logs: &LogFolder,
    ) -> Result<std::result::Result<(), (usize, VerifyFailure)>> {
        let checkout = self.quarantine.checkout(tree)?;
        for (at, recipe) in recipes.iter().enumerate() {
            self.progress.event(Event::Verifying {
                subject,
                command: &recipe.command.run.value,
                left: recipes.len() - at - 1 + self.behind.get(),
            });
            let log = logs.next(subject)?;
            if let Err(failure) = command::run(recipe, checkout.path(), log, self.interrupt)? {
                return Ok(Err((at, failure)));
            }
        }
        Ok(Ok(()))
    }
}
