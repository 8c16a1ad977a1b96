//! Version 1 of the JSON documents. Fields may be added; none changes its meaning or goes away.

mod conflict;
mod forecast;
mod init;
mod plan;
mod publish;
mod replay;
mod status;
mod steps;
mod trusted;
mod undo;
mod verification;
mod who;

use super::super::places::Places;
use super::super::{Report, view};
use crate::engine::{
    Basis, BranchOutcome, CheckOutcome, Failure, IntegrateOutcome, Isolation, Landing,
    ManifestOutcome,
};
use crate::words::{self, RepoPath};
use conflict::Conflicts;
use forecast::Forecast;
use init::Init;
use plan::Plan;
use publish::Publish;
use replay::Replay;
use serde::Serialize;
use status::Status;
use steps::{Steps, Verify};
use trusted::{Trusted, trusted};
use undo::Undo;
use verification::Verification;
use who::Who;

/// What every document begins with.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u32,
    exit_code: u8,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Body<'a> {
    Check(Check<'a>),
    Manifest(Manifest<'a>),
    Integrate(Integrate<'a>),
    Replay(Replay<'a>),
    Plan(Plan<'a>),
    Steps(Steps<'a>),
    Verify(Verify<'a>),
    Publish(Publish<'a>),
    Undo(Undo<'a>),
    Status(Status<'a>),
    Conflicts(Forecast<'a>),
    Who(Who<'a>),
    Explain(Explain<'a>),
    Init(Init<'a>),
    Failure(FailureBody<'a>),
}

#[derive(Serialize)]
struct Check<'a> {
    basis: BasisBody<'a>,
    findings: Vec<Finding<'a>>,
    branches: Vec<Branch<'a>>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    basis: BasisBody<'a>,
    agents: usize,
    patterns: usize,
    proof: Option<Proof>,
    coverage: Option<Coverage>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Integrate<'a> {
    basis: BasisBody<'a>,
    run: String,
    findings: Vec<Finding<'a>>,
    branches: Vec<Branch<'a>>,
    flakes: usize,
    sandbox: Option<&'static str>,
    trusted: Vec<Trusted<'a>>,
    commit: String,
    tree: String,
    landing: &'static str,
    integration_branch: Option<&'a str>,
    tag: Option<&'a str>,
    pushed_to: Option<&'a str>,
    record: Option<String>,
}

#[derive(Serialize)]
struct Explain<'a> {
    codes: Vec<Explanation<'a>>,
}

#[derive(Serialize)]
struct Explanation<'a> {
    code: &'static str,
    severity: &'static str,
    exit_code: u8,
    what: &'a str,
    why: &'a str,
    example: &'a str,
    fix: &'a str,
}

#[derive(Serialize)]
struct FailureBody<'a> {
    manifest: Option<&'a str>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct BasisBody<'a> {
    target: &'a str,
    target_commit: Option<String>,
    manifest: &'a str,
    preview: bool,
}

#[derive(Serialize)]
struct Proof {
    pairs: usize,
    by_automata: usize,
    milliseconds: f64,
}

#[derive(Serialize)]
struct Coverage {
    claimed: usize,
    files: usize,
}

#[derive(Serialize)]
struct Branch<'a> {
    #[serde(rename = "branch")]
    name: &'a str,
    agent: Option<&'a str>,
    milestone: Option<&'a str>,
    tip: Option<String>,
    standing: String,
    paths: usize,
    commits: usize,
    merge: Option<String>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    commit: Option<String>,
    labels: Vec<Label<'a>>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Output<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Conflicts<'a>>,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct Output<'a> {
    left_out: usize,
    lines: &'a [String],
    log: Option<&'a str>,
}

#[derive(Serialize)]
struct Label<'a> {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
}

impl<'a> Document<'a> {
    /// The document for `report`.
    pub(super) fn new(report: &Report<'a>) -> Self {
        let body = match report {
            Report::Check(outcome) => Body::Check(Check::new(outcome)),
            Report::Manifest(outcome) => Body::Manifest(Manifest::new(outcome)),
            Report::Integrate(outcome) => Body::Integrate(Integrate::new(outcome)),
            Report::Replay(outcome) => Body::Replay(Replay::new(outcome)),
            Report::Plan(outcome) => Body::Plan(Plan::new(outcome)),
            Report::Steps(outcome) => Body::Steps(Steps::new(outcome)),
            Report::Verify(outcome) => Body::Verify(Verify::new(outcome)),
            Report::Publish(outcome) => Body::Publish(Publish::new(outcome)),
            Report::Undo(outcome) => Body::Undo(Undo::new(outcome)),
            Report::Status(outcome) => Body::Status(Status::new(outcome)),
            Report::Conflicts(outcome) => Body::Conflicts(Forecast::new(outcome)),
            Report::Who(outcome) => Body::Who(Who::new(outcome)),
            Report::Explain(explanations) => Body::Explain(Explain::new(explanations)),
            Report::Init(outcome) => Body::Init(Init::new(outcome)),
            Report::Failure(failure) => Body::Failure(FailureBody::new(failure)),
        };
        Self {
            version: 1,
            exit_code: report.exit_code(),
            body,
        }
    }
}

impl<'a> Check<'a> {
    fn new(outcome: &'a CheckOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        Self {
            basis: BasisBody::new(&outcome.basis),
            findings: findings(&places, &outcome.remarks),
            branches: branches(&places, &outcome.branches),
        }
    }
}

impl<'a> Manifest<'a> {
    fn new(outcome: &'a ManifestOutcome) -> Self {
        Self {
            basis: BasisBody::new(&outcome.basis),
            agents: outcome.agents,
            patterns: outcome.patterns,
            proof: outcome.proof.map(|proof| Proof {
                pairs: proof.pairs,
                by_automata: proof.by_automata,
                milliseconds: proof.time.as_secs_f64() * 1000.0,
            }),
            coverage: outcome
                .coverage
                .map(|(claimed, files)| Coverage { claimed, files }),
            findings: findings(&Places::new(&outcome.basis.manifest), &outcome.findings),
        }
    }
}

impl<'a> Integrate<'a> {
    fn new(outcome: &'a IntegrateOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        let (landing, integration_branch) = match &outcome.landing {
            Landing::DryRun => ("dry-run", None),
            Landing::Integrated(branch) => ("integrated", Some(branch.as_str())),
            Landing::Withheld(branch) => ("withheld", Some(branch.as_str())),
            Landing::Landed => ("landed", None),
            Landing::NothingToDo => ("nothing-to-do", None),
            Landing::Nothing => ("nothing", None),
        };
        Self {
            basis: BasisBody::new(&outcome.basis),
            run: outcome.run.to_string(),
            findings: findings(&places, &outcome.findings),
            branches: branches(&places, &outcome.branches),
            flakes: outcome.flakes,
            sandbox: outcome.isolation.map(Isolation::name),
            trusted: trusted(&outcome.known),
            commit: outcome.commit.to_string(),
            tree: outcome.tree.to_string(),
            landing,
            integration_branch,
            tag: outcome.tag.as_deref(),
            pushed_to: outcome.pushed_to.as_deref(),
            record: outcome.record.map(|id| id.to_string()),
        }
    }
}

impl<'a> Explain<'a> {
    fn new(explanations: &'a [words::Explanation]) -> Self {
        let explanation = |explanation: &'a words::Explanation| Explanation {
            code: explanation.code.name(),
            severity: view::severity(explanation.code),
            exit_code: explanation.code.severity().exit_code(),
            what: &explanation.what,
            why: &explanation.why,
            example: &explanation.example,
            fix: &explanation.fix,
        };
        Self {
            codes: explanations.iter().map(explanation).collect(),
        }
    }
}

impl<'a> FailureBody<'a> {
    fn new(failure: &'a Failure) -> Self {
        let nowhere = words::Source::default();
        let source = failure.source.as_ref();
        let places = Places::new(source.unwrap_or(&nowhere));
        Self {
            manifest: source.map(|source| source.name.as_str()),
            findings: findings(&places, &failure.findings),
        }
    }
}

impl<'a> BasisBody<'a> {
    fn new(basis: &'a Basis) -> Self {
        Self {
            target: &basis.target,
            target_commit: basis.target_commit.map(|id| id.to_string()),
            manifest: &basis.manifest.name,
            preview: basis.preview,
        }
    }
}

fn branches<'a>(places: &Places<'_>, branches: &'a [BranchOutcome]) -> Vec<Branch<'a>> {
    let branch = |outcome: &'a BranchOutcome| Branch {
        name: &outcome.branch,
        agent: outcome.agent.as_deref(),
        milestone: outcome.milestone.as_deref(),
        tip: outcome.tip.map(|id| id.to_string()),
        standing: outcome.standing.name().replace(' ', "-"),
        paths: outcome.paths,
        commits: outcome.commits,
        merge: outcome.merge.map(|id| id.to_string()),
        findings: findings(places, &outcome.findings),
    };
    branches.iter().map(branch).collect()
}

fn findings<'a>(places: &Places<'_>, findings: &'a [words::Finding]) -> Vec<Finding<'a>> {
    let finding = |finding: &'a words::Finding| Finding {
        code: finding.code.name(),
        severity: view::severity(finding.code),
        message: &finding.message,
        path: finding.path.as_ref().map(text),
        path_bytes: finding.path.as_ref().and_then(raw),
        commit: finding.commit.map(|id| id.to_string()),
        labels: labels(places, &finding.labels),
        notes: &finding.notes,
        verification: finding.verification.as_deref().map(Verification::new),
        output: finding.output.as_ref().map(|output| Output {
            left_out: output.left_out,
            lines: &output.lines,
            log: output.log.as_deref(),
        }),
        conflicts: finding.conflicts.as_ref().map(Conflicts::new),
        hint: finding.hint.as_deref(),
    };
    findings.iter().map(finding).collect()
}

/// A path as text, with U+FFFD for what is not.
fn text(path: &RepoPath) -> String {
    String::from_utf8_lossy(path.as_bytes()).into_owned()
}

/// The raw bytes of a path in hexadecimal, where it is not text.
fn raw(path: &RepoPath) -> Option<String> {
    std::str::from_utf8(path.as_bytes())
        .is_err()
        .then(|| hex(path.as_bytes()))
}

fn labels<'a>(places: &Places<'_>, labels: &'a [words::Label]) -> Vec<Label<'a>> {
    let label = |label: &'a words::Label| {
        let (start, end) = places.range(label.span);
        Label {
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            text: &label.text,
        }
    };
    labels.iter().map(label).collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
