//! Why a command came to no result.

use super::interrupt::interrupted;
use crate::words::{Finding, Severity, Source};

/// The problems that kept a command from its result: one error, or all that is wrong with a
/// manifest at once.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The problems; at least one.
    pub findings: Vec<Finding>,
    /// The manifest that their labels point into, if they have any.
    pub source: Option<Source>,
    /// The signal that ended the command, if one did.
    pub signal: Option<u8>,
}

/// Shells add this to the number of a signal.
const SIGNALLED: u8 = 128;

/// The result of a command.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// The problems of a manifest.
    pub fn of_manifest(findings: Vec<Finding>, manifest: &Source) -> Self {
        Self {
            findings,
            source: Some(manifest.clone()),
            signal: None,
        }
    }

    /// A command that a signal ended before it changed anything.
    pub fn interrupted(signal: u8) -> Self {
        Self {
            signal: Some(signal),
            ..Self::new(interrupted(signal))
        }
    }

    /// A failure for one reason.
    pub fn new(finding: Finding) -> Self {
        Self {
            findings: vec![finding],
            source: None,
            signal: None,
        }
    }

    /// That of the worst finding. Never 0: where no finding weighs anything, it is undecided. After
    /// a signal it is what shells say of one.
    pub fn exit_code(&self) -> u8 {
        if let Some(signal) = self.signal {
            return SIGNALLED.saturating_add(signal);
        }
        match super::worst(&self.findings).exit_code() {
            0 => Severity::Undecided.exit_code(),
            code => code,
        }
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        Self::new(finding)
    }
}

impl From<Box<Finding>> for Failure {
    fn from(finding: Box<Finding>) -> Self {
        Self::new(*finding)
    }
}
