//! The document of `gate status`.

use super::{BasisBody, Finding, findings};
use crate::engine::{
    AgentStatus, Headway, Piece, ReportedBranch, RunReport, Standing, StatusOutcome,
};
use crate::report::places::Places;
use crate::report::status::standing;
use crate::words::Code;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Status<'a> {
    basis: BasisBody<'a>,
    findings: Vec<Finding<'a>>,
    last_run: Option<LastRun<'a>>,
    report: Option<Completion<'a>>,
    agents: Vec<Agent<'a>>,
}

#[derive(Serialize)]
struct LastRun<'a> {
    run: &'a str,
    commit: String,
    merged: &'a [String],
}

#[derive(Serialize)]
struct Completion<'a> {
    run: String,
    record: String,
    target: &'a str,
    target_commit: String,
    commit: String,
    landing: &'static str,
    withheld: Option<&'static str>,
    tag: Option<&'a str>,
    branches: Vec<Reported<'a>>,
}

#[derive(Serialize)]
struct Reported<'a> {
    #[serde(rename = "branch")]
    name: &'a str,
    agent: Option<&'a str>,
    milestone: Option<&'a str>,
    tip: Option<String>,
    standing: String,
    merge: Option<String>,
    reasons: Vec<&'static str>,
}

#[derive(Serialize)]
struct Agent<'a> {
    #[serde(rename = "agent_id")]
    id: &'a str,
    status: &'static str,
    completed_goals: usize,
    total_goals: usize,
    completion_percentage: usize,
    timestamp: Option<String>,
    notes: &'a [String],
    goals: Vec<Goal<'a>>,
    waits_for: &'a [String],
    branches: Vec<Branch<'a>>,
}

#[derive(Serialize)]
struct Goal<'a> {
    #[serde(rename = "goal")]
    name: &'a str,
    completed: bool,
}

#[derive(Serialize)]
struct Branch<'a> {
    #[serde(rename = "branch")]
    name: &'a str,
    milestone: Option<&'a str>,
    tip: Option<String>,
    ahead: Option<usize>,
    behind: Option<usize>,
    paths: usize,
    commits: usize,
    verdict: Option<&'static str>,
    standing: String,
    findings: Vec<Finding<'a>>,
}

impl<'a> Status<'a> {
    pub(super) fn new(outcome: &'a StatusOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        let agents = outcome.agents.iter();
        Self {
            basis: BasisBody::new(&outcome.basis),
            findings: findings(&places, &outcome.findings),
            last_run: outcome.last_run.as_ref().map(|run| LastRun {
                run: &run.run,
                commit: run.commit.to_string(),
                merged: &run.merged,
            }),
            report: outcome.report.as_ref().map(Completion::new),
            agents: agents.map(|agent| Agent::new(&places, agent)).collect(),
        }
    }
}

impl<'a> Completion<'a> {
    fn new(report: &'a RunReport) -> Self {
        Self {
            run: report.run.to_string(),
            record: report.record.to_string(),
            target: &report.target,
            target_commit: report.before.to_string(),
            commit: report.commit.to_string(),
            landing: report.end.name(),
            withheld: report.withheld.map(Code::name),
            tag: report.tag.as_deref(),
            branches: report.branches.iter().map(Reported::new).collect(),
        }
    }
}

impl<'a> Reported<'a> {
    fn new(branch: &'a ReportedBranch) -> Self {
        Self {
            name: &branch.branch,
            agent: branch.agent.as_deref(),
            milestone: branch.milestone.as_deref(),
            tip: branch.tip.map(|id| id.to_string()),
            standing: branch.standing.name().replace(' ', "-"),
            merge: branch.merge.map(|id| id.to_string()),
            reasons: branch.reasons.iter().map(|code| code.name()).collect(),
        }
    }
}

impl<'a> Agent<'a> {
    fn new(places: &Places<'_>, agent: &'a AgentStatus) -> Self {
        let goal = |(goal, completed): &'a (String, bool)| Goal {
            name: goal,
            completed: *completed,
        };
        let completed = agent.goals.iter().filter(|(_, reached)| *reached).count();
        let pieces = agent.pieces.iter();
        Self {
            id: &agent.name,
            status: match agent.headway {
                Headway::WaitingForDependencies => "waiting_for_dependencies",
                Headway::InProgress => "in_progress",
                Headway::Completed => "completed",
                Headway::Blocked => "blocked",
            },
            completed_goals: completed,
            total_goals: agent.goals.len(),
            completion_percentage: (completed * 100)
                .checked_div(agent.goals.len())
                .unwrap_or(0),
            timestamp: agent.newest.and_then(timestamp),
            notes: &agent.notes,
            goals: agent.goals.iter().map(goal).collect(),
            waits_for: &agent.waits_for,
            branches: pieces.map(|piece| Branch::new(places, piece)).collect(),
        }
    }
}

impl<'a> Branch<'a> {
    fn new(places: &Places<'_>, piece: &'a Piece) -> Self {
        let outcome = &piece.outcome;
        Self {
            name: &outcome.branch,
            milestone: outcome.milestone.as_deref(),
            tip: outcome.tip.map(|id| id.to_string()),
            ahead: piece.ahead_behind.map(|(ahead, _)| ahead),
            behind: piece.ahead_behind.map(|(_, behind)| behind),
            paths: outcome.paths,
            commits: outcome.commits,
            verdict: piece.verdict.map(Standing::name),
            standing: standing(piece).replace(' ', "-"),
            findings: findings(places, &outcome.findings),
        }
    }
}

/// A date as RFC 3339 has it, in UTC; `None` for one that no calendar has.
fn timestamp(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.to_string())
}
