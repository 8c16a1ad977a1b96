//! What commands said, as the record of a run has it, and read from there again.

use super::super::record::{Failed, Verification};
use super::verify::{Verified, VerifyFailure};
use crate::manifest::Command;
use crate::words::{Cause, Code, Finding, ObjectId, Result};

/// What `commands` said of `tree`, for the record; without a `failure` all have passed.
pub(super) fn note(
    subject: &str,
    tree: ObjectId,
    commands: &[Command],
    failure: Option<&VerifyFailure>,
) -> Verification {
    let lines = commands.iter().map(|command| command.run.value.clone());
    let failed = |failure: &VerifyFailure| {
        let place = commands
            .iter()
            .position(|command| command.run == failure.run)?;
        Some(Failed {
            command: place,
            code: failure.code,
            exit_code: failure.cause.exit_code(),
            signal: failure.cause.signal(),
            attempts: failure.attempts,
        })
    };
    Verification {
        subject: subject.to_owned(),
        tree,
        commands: lines.collect(),
        failure: failure.and_then(failed),
    }
}

/// What was `noted` down of these commands on this tree: when they were run for the same subject, if
/// they were run more than once.
pub(super) fn recall(
    noted: &[Verification],
    subject: &str,
    tree: ObjectId,
    commands: &[Command],
) -> Result<Verified> {
    let lines = || commands.iter().map(|command| &command.run.value);
    let is_it = |known: &&Verification| known.tree == tree && known.commands.iter().eq(lines());
    let mut found = noted.iter().filter(is_it);
    let same = found.clone().find(|known| known.subject == subject);
    let Some(known) = same.or_else(|| found.next()) else {
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
    let Some((failed, command)) = failed else {
        return Ok(Ok(()));
    };
    Ok(Err(VerifyFailure {
        code: failed.code,
        cause: cause(failed),
        run: command.run.clone(),
        reason: "failed, as the record of the run says".to_owned(),
        attempts: failed.attempts,
        remark: None,
        output: None,
    }))
}

/// Why a command failed that is noted down.
fn cause(failed: &Failed) -> Cause {
    match (failed.code, failed.exit_code, failed.signal) {
        (Code::VerifyTimeout, ..) => Cause::Timeout,
        (Code::VerifyLeftProcesses, ..) => Cause::LeftProcesses,
        (Code::VerifyExpectation, ..) => Cause::Expectation,
        (Code::DiskFull, ..) => Cause::DiskFull,
        (Code::VerifyNotStarted, Some(Cause::NOT_EXECUTABLE), _) => Cause::NotExecutable,
        (Code::VerifyNotStarted, ..) => Cause::NotFound,
        (_, _, Some(signal)) => Cause::Signal(signal),
        (_, Some(code), None) => Cause::ExitCode(code),
        (_, None, None) => Cause::Unsupervised,
    }
}
