//! The documents of `gate verify`: the steps that there are, and what became of some.

use super::{BasisBody, Finding, findings};
use crate::engine::{PlannedStep, StepsOutcome, VerifiedStep, VerifyOutcome};
use crate::report::places::Places;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Steps<'a> {
    basis: BasisBody<'a>,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    #[serde(rename = "step")]
    name: &'a str,
    subject: &'a str,
    tree: String,
    commands: &'a [String],
}

#[derive(Serialize)]
pub(super) struct Verify<'a> {
    basis: BasisBody<'a>,
    sandbox: &'static str,
    steps: Vec<Verified<'a>>,
}

#[derive(Serialize)]
struct Verified<'a> {
    #[serde(rename = "step")]
    name: &'a str,
    subject: &'a str,
    tree: String,
    passed: bool,
    #[serde(rename = "ref")]
    reference: Option<&'a str>,
    pushed_to: Option<&'a str>,
    findings: Vec<Finding<'a>>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(outcome: &'a StepsOutcome) -> Self {
        let step = |step: &'a PlannedStep| Step {
            name: &step.name,
            subject: &step.subject,
            tree: step.tree.to_string(),
            commands: &step.commands,
        };
        Self {
            basis: BasisBody::new(&outcome.basis),
            steps: outcome.steps.iter().map(step).collect(),
        }
    }
}

impl<'a> Verify<'a> {
    pub(super) fn new(outcome: &'a VerifyOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        let step = |step: &'a VerifiedStep| Verified {
            name: &step.name,
            subject: &step.subject,
            tree: step.tree.to_string(),
            passed: step.passed,
            reference: step.reference.as_deref(),
            pushed_to: step.pushed_to.as_deref(),
            findings: findings(&places, &step.findings),
        };
        Self {
            sandbox: outcome.isolation.name(),
            basis: BasisBody::new(&outcome.basis),
            steps: outcome.steps.iter().map(step).collect(),
        }
    }
}
