//! The layout of the steps of an integration, and of what became of those that were verified.

use super::view::count;
use crate::engine::{StepsOutcome, VerifiedStep, VerifyOutcome};
use serde::Serialize;
use std::io;

/// How many jobs GitHub makes of one matrix.
const MOST_JOBS: usize = 256;

/// The matrix of a GitHub workflow.
#[derive(Serialize)]
struct Matrix {
    include: Vec<Job>,
}

/// A job of it: the names of its steps, with blanks between them.
#[derive(Serialize)]
struct Job {
    steps: String,
}

/// Writes one line that holds the matrix: a job for each step, or for several that follow each other
/// where there are more than GitHub takes. Names of steps need no escaping, and nothing else is in it.
pub(super) fn github_matrix(outcome: &StepsOutcome, out: &mut dyn io::Write) -> io::Result<()> {
    let names: Vec<_> = (outcome.steps.iter())
        .map(|step| step.name.as_str())
        .collect();
    let together = names.len().div_ceil(MOST_JOBS).max(1);
    let jobs = names.chunks(together).map(|names| Job {
        steps: names.join(" "),
    });
    let include = jobs.collect();
    serde_json::to_writer(&mut *out, &Matrix { include })?;
    writeln!(out)
}

/// The steps that there are, one a line.
pub(super) fn listed(outcome: &StepsOutcome) -> Vec<String> {
    let lines = outcome.steps.iter().map(|step| {
        let commands = step.commands.iter().map(|line| format!("`{line}`"));
        let commands: Vec<_> = commands.collect();
        let (name, subject, tree) = (&step.name, &step.subject, step.tree.short());
        format!("{name}: {subject}, tree {tree}: {}", commands.join(", "))
    });
    lines.collect()
}

/// How many steps there are.
pub(super) fn sum(outcome: &StepsOutcome, basis: &str) -> String {
    match outcome.steps.len() {
        0 => format!("nothing is to be verified on {basis}"),
        steps => format!("{} on {basis}", count(steps, "step")),
    }
}

/// What became of a step.
pub(super) fn verified(step: &VerifiedStep) -> String {
    let (name, tree) = (&step.name, step.tree.short());
    if !step.passed {
        return format!("{name}: failed on the tree {tree}");
    }
    let before = if step.remembered { " before" } else { "" };
    let published = match (&step.reference, &step.pushed_to) {
        (None, _) => "not published, since it passed only when it was tried again".to_owned(),
        (Some(reference), None) => format!("published as {reference}"),
        (Some(reference), Some(remote)) => {
            format!("published as {reference}, here and on {remote}")
        }
    };
    format!("{name}: passed on the tree {tree}{before}, {published}")
}

/// How many steps passed and failed.
pub(super) fn verified_sum(outcome: &VerifyOutcome, basis: &str) -> String {
    let passed = outcome.steps.iter().filter(|step| step.passed).count();
    let failed = match outcome.steps.len() - passed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let steps = count(outcome.steps.len(), "step");
    format!("verified {steps} on {basis}: {passed} passed{failed}")
}
