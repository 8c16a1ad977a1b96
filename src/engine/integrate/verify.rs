//! Runs verify commands, each list in a private checkout of the tree that it is about.

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
    runs_commands: bool,
    remembered: RefCell<HashMap<(ObjectId, Vec<String>), Verified>>,
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
            runs_commands: true,
            remembered: RefCell::default(),
        }
    }

    /// The same, but no command is run, and everything passes.
    pub(super) fn without_commands(self) -> Self {
        Self {
            runs_commands: false,
            ..self
        }
    }

    /// Runs `commands` one after the other in one private checkout of `tree`, up to the first that
    /// fails. The outer error means that it could not be tried.
    pub(super) fn verify(
        &self,
        subject: &str,
        tree: ObjectId,
        commands: &[Command],
    ) -> Result<Verified> {
        if commands.is_empty() || !self.runs_commands {
            return Ok(Ok(()));
        }
        let key = (
            tree,
            commands
                .iter()
                .map(|command| command.run.value.clone())
                .collect(),
        );
        if let Some(known) = self.remembered.borrow().get(&key) {
            return Ok(known.clone());
        }
        let checkout = self.quarantine.checkout(tree)?;
        let mut result = Ok(());
        for command in commands {
            self.progress.event(Event::Verifying {
                subject,
                command: &command.run.value,
            });
            if let Err(failure) = command::run(command, checkout.path(), self.interrupt)? {
                result = Err(failure);
                break;
            }
        }
        self.remembered.borrow_mut().insert(key, result.clone());
        Ok(result)
    }
}
