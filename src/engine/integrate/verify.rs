//! Runs verify commands, each list in a private checkout of the tree that it is about.

use super::super::record::{Failed, Verification};
use super::super::{Event, Interrupt, Progress};
use super::command;
use crate::manifest::{Command, Spanned};
use crate::repo::Quarantine;
use crate::words::{Code, Finding, ObjectId, Output, Result};
use std::cell::RefCell;
use std::collections::HashMap;

/// Runs commands on trees and remembers, for the time of one run, what they said of which tree.
pub(super) struct Verifier<'a> {
    quarantine: &'a Quarantine,
    progress: &'a dyn Progress,
    interrupt: &'a Interrupt,
    answers: Answers<'a>,
    remembered: RefCell<HashMap<(ObjectId, Vec<String>), Verified>>,
    /// What was found out, in order.
    verifications: RefCell<Vec<Verification>>,
}

/// Where the answers come from.
enum Answers<'a> {
    /// The commands are run.
    Commands,
    /// Everything passes.
    Nowhere,
    /// They were noted down by an earlier run.
    Noted(&'a [Verification]),
}

/// Whether a tree passes.
pub(super) type Verified = std::result::Result<(), VerifyFailure>;

/// Why a tree does not pass.
#[derive(Clone, Debug)]
pub(super) struct VerifyFailure {
    pub code: Code,
    pub run: Spanned<String>,
    /// What the command did, after its name.
    pub reason: String,
    /// The exit code, if it ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    pub output: Option<Output>,
}

impl VerifyFailure {
    /// The finding that says `what` failed, and how.
    pub(super) fn finding(&self, what: &str) -> Finding {
        let message = format!("{what}: `{}` {}", self.run.value, self.reason);
        let mut finding = Finding::new(self.code, message).label(self.run.span, "this command");
        finding.output.clone_from(&self.output);
        finding
    }

    /// Whether the command could not be started at all.
    pub(super) fn is_outage(&self) -> bool {
        self.code == Code::VerifyNotStarted
    }

    /// How it is noted down; `None` if it is the failure of none of these commands.
    fn noted(&self, commands: &[Command]) -> Option<Failed> {
        let command = commands
            .iter()
            .position(|command| command.run == self.run)?;
        Some(Failed {
            command,
            code: self.code,
            exit_code: self.exit_code,
            signal: self.signal,
        })
    }

    /// The same where a branch is to blame: without it, the command can be started.
    pub(super) fn blamed(self) -> Self {
        if !self.is_outage() {
            return self;
        }
        Self {
            code: Code::VerifyFailed,
            reason: format!("{}, although it is without this branch", self.reason),
            ..self
        }
    }
}

impl<'a> Verifier<'a> {
    /// A verifier whose checkouts are made out of `quarantine`.
    pub(super) fn new(
        quarantine: &'a Quarantine,
        progress: &'a dyn Progress,
        interrupt: &'a Interrupt,
    ) -> Self {
        Self {
            quarantine,
            progress,
            interrupt,
            answers: Answers::Commands,
            remembered: RefCell::default(),
            verifications: RefCell::default(),
        }
    }

    /// The same, but no command is run, and everything passes.
    pub(super) fn without_commands(self) -> Self {
        Self {
            answers: Answers::Nowhere,
            ..self
        }
    }

    /// The same, but no command is run: each answer is the one that was `noted` down.
    pub(super) fn with_answers(self, noted: &'a [Verification]) -> Self {
        Self {
            answers: Answers::Noted(noted),
            ..self
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
        let lines = commands.iter().map(|command| command.run.value.clone());
        let key = (tree, lines.collect::<Vec<_>>());
        if let Some(known) = self.remembered.borrow().get(&key) {
            return Ok(known.clone());
        }
        let result = match self.answers {
            Answers::Noted(noted) => recall(noted, subject, &key, commands)?,
            Answers::Commands | Answers::Nowhere => self.run(subject, tree, commands)?,
        };
        let failure = result.as_ref().err();
        self.verifications.borrow_mut().push(Verification {
            subject: subject.to_owned(),
            tree,
            commands: key.1.clone(),
            failure: failure.and_then(|failure| failure.noted(commands)),
        });
        self.remembered.borrow_mut().insert(key, result.clone());
        Ok(result)
    }

    fn run(&self, subject: &str, tree: ObjectId, commands: &[Command]) -> Result<Verified> {
        let checkout = self.quarantine.checkout(tree)?;
        for command in commands {
            self.progress.event(Event::Verifying {
                subject,
                command: &command.run.value,
            });
            let verified = command::run(command, checkout.path(), self.interrupt)?;
            if verified.is_err() {
                return Ok(verified);
            }
        }
        Ok(Ok(()))
    }
}

/// What was noted down of these commands on this tree.
fn recall(
    noted: &[Verification],
    subject: &str,
    (tree, lines): &(ObjectId, Vec<String>),
    commands: &[Command],
) -> Result<Verified> {
    let is_it = |known: &&Verification| known.tree == *tree && known.commands == *lines;
    let Some(known) = noted.iter().find(is_it) else {
        let message = format!(
            "the record does not say how {subject} was verified: the tree {} is not in it",
            tree.short()
        );
        let finding = Finding::new(Code::BadRecord, message);
        return Err(Box::new(finding.hint(
            "whoever wrote the record ran other commands, or on another tree: integrate again",
        )));
    };
    let failure = known.failure.as_ref();
    let failed = failure.and_then(|failed| Some((failed, commands.get(failed.command)?)));
    Ok(failed.map_or(Ok(()), |(failed, command)| {
        Err(VerifyFailure {
            code: failed.code,
            run: command.run.clone(),
            reason: "failed, as the record of the run says".to_owned(),
            exit_code: failed.exit_code,
            signal: failed.signal,
            output: None,
        })
    }))
}
