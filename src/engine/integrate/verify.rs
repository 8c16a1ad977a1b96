//! What verify commands say of trees: asked once each, and noted in the order in which it is asked.

use super::super::KnownPass;
use super::super::record::Verification;
use super::foreseen::Foreseen;
use super::noted;
use super::recipe::{List, Recipes};
use super::runner::Runner;
use super::steps::Asked;
use crate::manifest::Spanned;
use crate::words::{self, Blame, Cause, Code, Finding, ObjectId, Output, Result};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// Asks what commands say of trees and remembers it for the time of one run.
pub(super) struct Verifier<'a> {
    recipes: &'a Recipes<'a>,
    answers: Answers<'a>,
    remembered: RefCell<HashMap<Question, Verified>>,
    /// What was not run, since it is known to pass.
    assumed: RefCell<HashSet<Question>>,
    /// Whether something that is known to pass has failed in this run.
    contradicted: Cell<bool>,
    /// What was found out, in order.
    verifications: RefCell<Vec<Verification>>,
    flakes: RefCell<Vec<Finding>>,
}

/// A tree, the number of a list of commands, and whether this run has to see what they say.
pub(super) type Question = (ObjectId, usize, bool);

/// Where the answers come from.
pub(super) enum Answers<'a> {
    /// The commands are run unless they are known to pass.
    Commands(&'a Runner<'a>),
    /// They were run before; of what was not, it is assumed what they will say.
    Foreseen(&'a Foreseen<'a>),
    /// Everything passes.
    Nowhere,
    /// Everything passes, and what was asked for is noted.
    Listed(&'a Asked),
    /// They were noted down by an earlier run.
    Noted(&'a [Verification]),
}

/// Whether a tree passes.
pub(super) type Verified = std::result::Result<(), VerifyFailure>;

/// What came of running commands on a tree.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub verified: Verified,
    /// The failures behind which there was a pass, the last of each command.
    pub overcome: Vec<VerifyFailure>,
    /// Whether nothing was run, since they are known to pass.
    pub is_assumed: bool,
    /// Where what they printed is kept, in the order in which they were begun.
    pub logs: Vec<PathBuf>,
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
    /// What else may have to do with it.
    pub remark: Option<String>,
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
        if let Some(remark) = &self.remark {
            finding = finding.note(remark.clone());
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

impl Tried {
    /// What is known to pass, and not run.
    pub(super) fn assumed() -> Self {
        Self {
            is_assumed: true,
            ..Self::not_run(Ok(()))
        }
    }

    /// What is known without running anything.
    pub(super) fn not_run(verified: Verified) -> Self {
        Self {
            verified,
            is_assumed: false,
            overcome: Vec::new(),
            logs: Vec::new(),
        }
    }

    /// Whether all passed at once.
    pub(super) fn is_steady_pass(&self) -> bool {
        self.verified.is_ok() && self.overcome.is_empty()
    }
}

impl<'a> Verifier<'a> {
    /// Nothing is known yet.
    pub(super) fn new(recipes: &'a Recipes<'a>, answers: Answers<'a>) -> Self {
        Self {
            recipes,
            answers,
            remembered: RefCell::default(),
            assumed: RefCell::default(),
            contradicted: Cell::default(),
            verifications: RefCell::default(),
            flakes: RefCell::default(),
        }
    }

    /// Says how many commands the plan has behind those that are verified next.
    pub(super) fn announce(&self, behind: usize) {
        if let Answers::Commands(runner) = &self.answers {
            runner.announce(behind);
        }
    }

    /// The passes that came only after a failure, in order.
    pub(super) fn flakes(&self) -> Vec<Finding> {
        self.flakes.borrow().clone()
    }

    /// What was known to pass and so was not run, in order.
    pub(super) fn known(&self) -> Vec<KnownPass> {
        match &self.answers {
            Answers::Commands(runner) => runner.passes.not_run(),
            Answers::Foreseen(_) | Answers::Nowhere | Answers::Listed(_) | Answers::Noted(_) => {
                Vec::new()
            }
        }
    }

    /// Everything that was found out, in order.
    pub(super) fn verifications(&self) -> Vec<Verification> {
        self.verifications.borrow().clone()
    }

    /// Whether this list of commands was asked about this tree, and passed.
    pub(super) fn is_known_to_pass(&self, tree: ObjectId, list: List) -> bool {
        let list = self.recipes.list(list);
        let remembered = self.remembered.borrow();
        let known = remembered.get(&(tree, list.number, false));
        list.commands.is_empty() || known.is_some_and(Verified::is_ok)
    }

    /// What the commands of `list` say of `tree`, one after the other, up to the first that fails; they
    /// pass as likely as `likelihood`. The outer error means that it could not be tried.
    pub(super) fn verify(
        &self,
        subject: &str,
        tree: ObjectId,
        list: List,
        likelihood: f64,
    ) -> Result<Verified> {
        let place = list;
        let list = self.recipes.list(list);
        if list.commands.is_empty() || matches!(self.answers, Answers::Nowhere) {
            return Ok(Ok(()));
        }
        if let Answers::Listed(asked) = &self.answers {
            asked.note(subject, tree, place, list.commands);
            return Ok(Ok(()));
        }
        let question = (tree, list.number, false);
        if let Some(known) = self.remembered.borrow().get(&question) {
            return Ok(known.clone());
        }
        let commands = list.commands;
        let tried = match &self.answers {
            Answers::Commands(runner) => runner.answer(subject, question, &list.recipes)?,
            Answers::Foreseen(foreseen) => {
                foreseen.answer(subject, question, commands, likelihood)?
            }
            Answers::Noted(noted) => Tried::not_run(noted::recall(noted, subject, tree, commands)?),
            Answers::Nowhere | Answers::Listed(_) => Tried::not_run(Ok(())),
        };
        self.note_flakes(subject, &tried);
        if tried.is_assumed {
            self.assumed.borrow_mut().insert(question);
        }
        let note = noted::note(subject, tree, commands, tried.verified.as_ref().err());
        self.verifications.borrow_mut().push(note);
        let mut remembered = self.remembered.borrow_mut();
        remembered.insert(question, tried.verified.clone());
        Ok(tried.verified)
    }

    /// The same for whoever blames somebody for a failure by what this says: a pass must have been seen by
    /// this run. What passed before may fail by now through what is outside of the tree.
    pub(super) fn confirm(
        &self,
        subject: &str,
        tree: ObjectId,
        list: List,
        likelihood: f64,
    ) -> Result<Verified> {
        let verified = self.verify(subject, tree, list, likelihood)?;
        let list = self.recipes.list(list);
        let assumed = (tree, list.number, false);
        if !self.assumed.borrow_mut().remove(&assumed) {
            return Ok(verified);
        }
        let question = (tree, list.number, true);
        let tried = match &self.answers {
            Answers::Commands(runner) => runner.answer(subject, question, &list.recipes)?,
            Answers::Foreseen(foreseen) => {
                foreseen.answer(subject, question, list.commands, 1.0)?
            }
            Answers::Nowhere | Answers::Listed(_) | Answers::Noted(_) => return Ok(verified),
        };
        self.note_flakes(subject, &tried);
        if let Err(failure) = &tried.verified {
            self.contradicted.set(true);
            return Err(Box::new(failure.finding(subject, Blame::Nobody)));
        }
        Ok(verified)
    }

    /// Whether something that is known to pass has failed in this run, so that nothing that is known
    /// may be relied on. What is confirmed fails then.
    pub(super) fn is_contradicted(&self) -> bool {
        self.contradicted.get()
    }

    fn note_flakes(&self, subject: &str, tried: &Tried) {
        let overcome = tried.overcome.iter();
        let overcome = overcome.map(|failure| failure.overcome(subject));
        self.flakes.borrow_mut().extend(overcome);
    }
}
