//! One way in which verifications may turn out: what is known of them, and what is assumed of the rest.

use super::runner::Known;
use super::verify::{Question, Tried, VerifyFailure};
use crate::manifest::Command;
use crate::words::{Cause, Code, Result};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What is known, and what is assumed.
pub(super) struct Foreseen<'a> {
    known: &'a Known,
    /// What is assumed to fail; everything else that is not known is assumed to pass.
    fails: &'a BTreeSet<Question>,
    steps: RefCell<Vec<Step>>,
}

/// Something that is asked, and not known yet.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub question: Question,
    /// For people: what is verified.
    pub subject: String,
    /// How likely it is to pass.
    pub likelihood: f64,
}

impl<'a> Foreseen<'a> {
    /// The future in which what is not `known` passes, but for what `fails`.
    pub(super) fn new(known: &'a Known, fails: &'a BTreeSet<Question>) -> Self {
        Self {
            known,
            fails,
            steps: RefCell::default(),
        }
    }

    /// Answers a question that was not asked before.
    pub(super) fn answer(
        &self,
        subject: &str,
        question: Question,
        commands: &[Command],
        likelihood: f64,
    ) -> Result<Tried> {
        if let Some(known) = self.known.get(&question) {
            return known.clone();
        }
        self.steps.borrow_mut().push(Step {
            question,
            subject: subject.to_owned(),
            likelihood,
        });
        let fails = self.fails.contains(&question);
        let failure = commands.first().filter(|_| fails).map(failure);
        Ok(Tried::not_run(failure.map_or(Ok(()), Err)))
    }

    /// What was asked and is not known, in order.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps.into_inner()
    }
}

/// Any failure by which a branch is to blame: what it says is never shown.
fn failure(command: &Command) -> VerifyFailure {
    VerifyFailure {
        code: Code::VerifyFailed,
        cause: Cause::ExitCode(1),
        run: command.run.clone(),
        reason: String::new(),
        attempts: 1,
        remark: None,
        output: None,
    }
}
