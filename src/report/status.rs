//! The layout of `gate status`.

use super::paint::Tone;
use super::view::count;
use crate::engine::{
    AgentStatus, Headway, LastRun, Piece, ReportedBranch, RunEnd, RunReport, Standing,
    StatusOutcome,
};
use crate::words::{Code, Severity};

/// An agent and what is to be said of it. Nothing is escaped.
pub(super) struct Stand {
    pub(super) agent: String,
    pub(super) headway: &'static str,
    pub(super) tone: Tone,
    /// How many goals are reached: `1/2`.
    pub(super) goals: String,
    pub(super) pieces: Vec<PieceStand>,
    pub(super) notes: Vec<String>,
}

/// A branch or a milestone.
pub(super) struct PieceStand {
    pub(super) name: String,
    /// How many commits it is ahead and behind: `+2 -1`.
    pub(super) distance: String,
    pub(super) standing: &'static str,
    pub(super) tone: Tone,
}

/// Lays out the agents.
pub(super) fn stands(outcome: &StatusOutcome) -> Vec<Stand> {
    outcome.agents.iter().map(stand).collect()
}

fn stand(agent: &AgentStatus) -> Stand {
    let reached = agent.goals.iter().filter(|(_, reached)| *reached).count();
    Stand {
        agent: agent.name.clone(),
        headway: match agent.headway {
            Headway::WaitingForDependencies => "waiting",
            Headway::InProgress => "in progress",
            Headway::Completed => "completed",
            Headway::Blocked => "blocked",
        },
        tone: match agent.headway {
            Headway::WaitingForDependencies => Tone::Warn,
            Headway::InProgress => Tone::Strong,
            Headway::Completed => Tone::Good,
            Headway::Blocked => Tone::Bad,
        },
        goals: format!("{reached}/{}", agent.goals.len()),
        pieces: agent.pieces.iter().map(piece).collect(),
        notes: agent.notes.clone(),
    }
}

fn piece(piece: &Piece) -> PieceStand {
    let distance = piece.ahead_behind;
    PieceStand {
        name: piece.outcome.branch.clone(),
        distance: distance.map_or(String::new(), |(ahead, behind)| {
            format!("+{ahead} -{behind}")
        }),
        standing: standing(piece),
        tone: Tone::of_standing(piece.outcome.standing),
    }
}

/// How a branch stands, as people and programs see it.
pub(super) fn standing(piece: &Piece) -> &'static str {
    match piece.outcome.standing {
        _ if piece.landed => "landed",
        Standing::Merged => "ready",
        _ if piece.verdict.is_none() => "absent",
        standing => standing.name(),
    }
}

/// `storage: in progress, 1/2 goals; agent/storage: ready, +2 -1`: one agent in one line.
pub(super) fn line(stand: &Stand) -> String {
    let mut parts = vec![format!("{}, {} goals", stand.headway, stand.goals)];
    for piece in &stand.pieces {
        let distance = match piece.distance.as_str() {
            "" => String::new(),
            distance => format!(", {distance}"),
        };
        parts.push(format!("{}: {}{distance}", piece.name, piece.standing));
    }
    parts.extend(stand.notes.iter().cloned());
    format!("{}: {}", stand.agent, parts.join("; "))
}

/// What came of the last run: where it ended, and who was merged, ejected, held, or waited, with the codes
/// of the reasons.
fn completion(report: &RunReport) -> Vec<String> {
    let (run, target) = (report.run.short(), &report.target);
    let (old, new) = (report.before.short(), report.commit.short());
    let tag = report.tag.as_ref();
    let tag = tag.map_or_else(String::new, |tag| format!(", tagged {tag}"));
    let withheld = report.withheld;
    let why = withheld.map_or_else(String::new, |code| format!(" ({})", code.name()));
    let end = match report.end {
        RunEnd::Landed => format!("landed: {target} {old}..{new}{tag}"),
        RunEnd::Integrated => format!("ended at {new}, and {target} stayed at {old}"),
        RunEnd::Withheld => {
            format!("ended at {new}, and did not land{why}: {target} stayed at {old}")
        }
        RunEnd::NothingToDo => format!("merged nothing{why}: {target} stayed at {old}"),
    };
    let mut lines = vec![format!("the last run, {run}, {end}")];
    for standing in Standing::ALL {
        let branches = report.branches.iter();
        let such = branches.filter(|branch| branch.standing == *standing);
        let such: Vec<_> = such.map(with_reasons).collect();
        if !such.is_empty() {
            lines.push(format!("{}: {}", standing.name(), such.join(", ")));
        }
    }
    lines
}

/// `agent/storage (verify-failed)`: a branch with what its standing does not say.
fn with_reasons(branch: &ReportedBranch) -> String {
    let weighty = |code: &&Code| code.severity() > Severity::Lint;
    let reasons = branch
        .reasons
        .iter()
        .filter(weighty)
        .map(|code| code.name());
    let mut reasons: Vec<_> = reasons.collect();
    reasons.dedup();
    reasons.retain(|reason| *reason != branch.standing.name());
    match reasons.as_slice() {
        [] => branch.branch.clone(),
        reasons => format!("{} ({})", branch.branch, reasons.join(", ")),
    }
}

/// What the last run landed, and how many agents get on how.
pub(super) fn closing(outcome: &StatusOutcome) -> Vec<String> {
    let mut lines = Vec::new();
    let report = outcome.report.as_ref();
    let is_told = |run: &LastRun| report.is_some_and(|report| report.run.to_string() == run.run);
    if let Some(run) = outcome.last_run.as_ref().filter(|run| !is_told(run)) {
        let short: String = run.run.chars().take(10).collect();
        let commit = run.commit.short();
        lines.push(format!(
            "the last run that landed, {short}, ended at {commit} and merged {}",
            run.merged.join(", ")
        ));
    }
    lines.extend(report.map(completion).into_iter().flatten());
    let groups = [
        (Headway::Completed, "completed"),
        (Headway::InProgress, "in progress"),
        (Headway::WaitingForDependencies, "waiting"),
        (Headway::Blocked, "blocked"),
    ];
    let groups = groups.into_iter().filter_map(|(headway, name)| {
        let agents = outcome.agents.iter();
        let number = agents.filter(|agent| agent.headway == headway).count();
        (number > 0).then(|| format!("{number} {name}"))
    });
    let groups: Vec<_> = groups.collect();
    let (basis, agents) = (&outcome.basis, count(outcome.agents.len(), "agent"));
    let commit = basis
        .target_commit
        .map_or(String::new(), |id| format!(" ({})", id.short()));
    lines.push(match groups.as_slice() {
        [] => format!("{agents} on {}{commit}", basis.target),
        groups => format!(
            "{agents} on {}{commit}: {}",
            basis.target,
            groups.join(", ")
        ),
    });
    lines
}
