//! What a verify command did.

use crate::words::{self, Cause};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Verification<'a> {
    command: &'a str,
    cause: &'static str,
    exit_code: Option<i32>,
    signal: Option<i32>,
    blame: &'static str,
    attempts: u32,
}

impl<'a> Verification<'a> {
    pub(super) fn new(verification: &'a words::Verification) -> Self {
        let (exit_code, signal) = match verification.cause {
            Cause::ExitCode(code) => (Some(code), None),
            Cause::Signal(signal) => (None, Some(signal)),
            _ => (None, None),
        };
        Self {
            command: &verification.command,
            cause: verification.cause.name(),
            exit_code,
            signal,
            blame: verification.blame.name(),
            attempts: verification.attempts,
        }
    }
}
