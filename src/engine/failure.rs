//! Why a command came to no result.

use crate::words::{Finding, Severity, Source};

/// The problems that kept a command from its result: one error, or all that is wrong with a
/// manifest at once.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The problems; at least one.
    pub findings: Vec<Finding>,
    /// The manifest that their labels point into, if they have any.
    pub source: Option<Source>,
}

/// The result of a command.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// The problems of a manifest.
    pub fn of_manifest(findings: Vec<Finding>, manifest: &Source) -> Self {
        Self {
            findings,
            source: Some(manifest.clone()),
        }
    }

    /// A failure for one reason.
    pub fn new(finding: Finding) -> Self {
        Self {
            findings: vec![finding],
            source: None,
        }
    }

    /// That of the worst finding. Never 0: where no finding weighs anything, it is undecided.
    pub fn exit_code(&self) -> u8 {
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
