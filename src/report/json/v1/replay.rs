//! The document of `gate integrate --replay`.

use super::{BasisBody, Finding, findings};
use crate::engine::ReplayOutcome;
use crate::report::places::Places;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Replay<'a> {
    basis: BasisBody<'a>,
    run: String,
    record: String,
    same: bool,
    merges: usize,
    verifications: usize,
    recorded: String,
    commit: String,
    findings: Vec<Finding<'a>>,
}

impl<'a> Replay<'a> {
    pub(super) fn new(outcome: &'a ReplayOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        Self {
            basis: BasisBody::new(&outcome.basis),
            run: outcome.run.to_string(),
            record: outcome.record.to_string(),
            same: outcome.exit_code() == 0,
            merges: outcome.merges,
            verifications: outcome.verifications,
            recorded: outcome.recorded.to_string(),
            commit: outcome.commit.to_string(),
            findings: findings(&places, &outcome.findings),
        }
    }
}
