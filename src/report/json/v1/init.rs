//! The document of `gate init`.

use super::{Coverage, Finding, Places, findings};
use crate::engine::InitOutcome;
use crate::ownership::Dialect;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Init<'a> {
    written: Option<String>,
    codeowners: Option<&'a str>,
    dialect: Option<&'static str>,
    agents: usize,
    patterns: usize,
    coverage: Coverage,
    findings: Vec<Finding<'a>>,
}

impl<'a> Init<'a> {
    pub(super) fn new(outcome: &'a InitOutcome) -> Self {
        let (claimed, files) = outcome.coverage;
        let written = outcome.written.as_ref();
        Self {
            written: written.map(|file| file.to_string_lossy().into_owned()),
            codeowners: outcome.dialect.map(|_| outcome.source.name.as_str()),
            dialect: outcome.dialect.map(Dialect::name),
            agents: outcome.agents,
            patterns: outcome.patterns,
            coverage: Coverage { claimed, files },
            findings: findings(&Places::new(&outcome.source), &outcome.findings),
        }
    }
}
