//! The last lines of a report: the sum, and what was done about it.

use super::known;
use super::view::count;
use crate::engine::{
    Basis, BranchOutcome, CheckOutcome, InitOutcome, IntegrateOutcome, Isolation, Landing,
    ManifestOutcome, ReplayOutcome, Standing,
};
use crate::words::{Code, Finding, Severity};

/// `checked 5 branches against main (1a2b3c4d5e): 4 accepted, 1 refused`.
pub(super) fn check(outcome: &CheckOutcome) -> String {
    let basis = basis(&outcome.basis);
    if outcome.branches.is_empty() {
        return format!("checked no branches against {basis}: there is nothing to judge");
    }
    let number = pieces(&outcome.branches);
    let standings = standings(&outcome.branches);
    format!("checked {number} against {basis}: {standings}")
}

/// `main:ownership.yaml is valid: 5 agents, 23 patterns, …`, or how many problems it has.
pub(super) fn manifest(outcome: &ManifestOutcome) -> String {
    let is_problem = |finding: &&Finding| finding.code.severity() > Severity::Waiting;
    let problems = outcome.findings.iter().filter(is_problem).count();
    let warnings = outcome.findings.len() - problems;
    let doubtful = [Code::Overlap, Code::Unproven, Code::BranchOverlap];
    let doubts = outcome
        .findings
        .iter()
        .any(|finding| doubtful.contains(&finding.code));
    let mut parts = vec![
        count(outcome.agents, "agent"),
        count(outcome.patterns, "pattern"),
    ];
    // With one agent there is nothing to compare.
    if let Some(proof) = outcome.proof.filter(|proof| proof.pairs > 0) {
        parts.push(format!(
            "{} of claims {} in {:.1} ms ({} by automata)",
            count(proof.pairs, "pair"),
            if doubts {
                "compared"
            } else {
                "proven disjoint"
            },
            proof.time.as_secs_f64() * 1000.0,
            proof.by_automata,
        ));
    }
    if let Some((claimed, all)) = outcome.coverage {
        parts.push(format!("{claimed} of {} claimed", count(all, "file")));
    }
    if warnings > 0 {
        parts.push(count(warnings, "warning"));
    }
    let verdict = match problems {
        0 => "is valid".to_owned(),
        problems if outcome.proof.is_some_and(|proof| proof.given_up) => {
            // The last one says that the search was given up.
            format!("has more than {}", count(problems - 1, "problem"))
        }
        problems => format!("has {}", count(problems, "problem")),
    };
    let name = &outcome.basis.manifest.name;
    format!("{name} {verdict}: {}", parts.join(", "))
}

/// The sum of an integration, what it did not verify itself, and what it changed.
pub(super) fn integrated(outcome: &IntegrateOutcome) -> Vec<String> {
    let known = known::lines(&outcome.known);
    let first = std::iter::once(integrate(outcome));
    let isolation = outcome.isolation.map(isolation);
    let last = isolation.into_iter().chain([landing(outcome)]);
    first.chain(known).chain(last).collect()
}

/// `integrated 5 branches on main (1a2b3c4d5e), run 9f8e7d6c5b: 3 merged, 1 ejected, 1 held`;
/// `tried` where nothing came of it.
fn integrate(outcome: &IntegrateOutcome) -> String {
    let number = pieces(&outcome.branches);
    let basis = basis(&outcome.basis);
    let run = outcome.run.short();
    let standings = match outcome.branches.len() {
        0 => "nobody has anything".to_owned(),
        _ => standings(&outcome.branches),
    };
    let verb = match outcome.landing {
        Landing::Integrated(_) | Landing::Withheld(_) | Landing::Landed => "integrated",
        Landing::DryRun | Landing::Nothing | Landing::NothingToDo => "tried",
    };
    let flakes = match outcome.flakes {
        0 => String::new(),
        1 => "; 1 flaky pass".to_owned(),
        flakes => format!("; {flakes} flaky passes"),
    };
    format!("{verb} {number} on {basis}, run {run}: {standings}{flakes}")
}

/// What keeps verify commands from writing where they have no business.
pub(super) fn isolation(isolation: Isolation) -> String {
    match (isolation.title(), isolation) {
        (Some(title), _) => format!("sandbox of verify commands: {title}"),
        (None, Isolation::Off) => "no sandbox for verify commands, as asked".to_owned(),
        (None, _) => {
            "no sandbox for verify commands: neither Landlock nor bubblewrap works here".to_owned()
        }
    }
}

/// What an integration changed, with the ids before and after.
fn landing(outcome: &IntegrateOutcome) -> String {
    let target = &outcome.basis.target;
    let old = match outcome.basis.target_commit {
        Some(commit) => commit.short(),
        None => "nothing".to_owned(),
    };
    let new = outcome.commit.short();
    match &outcome.landing {
        Landing::DryRun => {
            if old == new {
                format!("dry run: nothing was written, and {target} would not move")
            } else {
                format!("dry run: nothing was written; {target} would move {old}..{new}")
            }
        }
        Landing::Integrated(branch) => {
            format!("{branch} is at {new}; `--land` moves {target} there")
        }
        Landing::Withheld(branch) => {
            format!("nothing landed: {target} stays at {old}, and {branch} is at {new}")
        }
        Landing::Landed => format!("landed: {target} {old}..{new}{}", marks(outcome)),
        Landing::NothingToDo => {
            format!(
                "nothing to merge: {target} stays at {old}{}",
                marks(outcome)
            )
        }
        Landing::Nothing => "nothing landed".to_owned(),
    }
}

/// `, tagged v1.0, pushed to origin`: what was done with the target besides moving it.
fn marks(outcome: &IntegrateOutcome) -> String {
    let tag = outcome.tag.as_ref();
    let tag = tag.map_or_else(String::new, |tag| format!(", tagged {tag}"));
    let remote = outcome.pushed_to.as_ref();
    let remote = remote.map_or_else(String::new, |remote| format!(", pushed to {remote}"));
    tag + &remote
}

/// `replayed the run 9f8e7d6c5b on main (1a2b3c4d5e): 8 merges, 3 verifications`, and what came of it.
pub(super) fn replay(outcome: &ReplayOutcome) -> Vec<String> {
    let (merges, verifications) = (
        count(outcome.merges, "merge"),
        count(outcome.verifications, "verification"),
    );
    let (run, basis) = (outcome.run.short(), basis(&outcome.basis));
    let (recorded, again) = (outcome.recorded.short(), outcome.commit.short());
    vec![
        format!("replayed the run {run} on {basis}: {merges}, {verifications}"),
        match outcome.exit_code() {
            0 => format!("the same: it comes to {again} again"),
            _ if outcome.recorded == outcome.commit => {
                format!("not the same, although it comes to {again} again")
            }
            _ => format!("not the same: it comes to {again}, and the record says {recorded}"),
        },
    ]
}

/// `made of CODEOWNERS (GitHub): 5 agents, 23 patterns, proven disjoint, the same for 90 files, …`.
pub(super) fn init(outcome: &InitOutcome) -> String {
    let (claimed, all) = outcome.coverage;
    let origin = match outcome.dialect {
        Some(dialect) => format!("made of {} ({})", outcome.source.name, dialect.host()),
        None => "made of the target's directories".to_owned(),
    };
    let same = match outcome.dialect {
        Some(_) => ", the same owners for each",
        None => "",
    };
    format!(
        "{origin}: {}, {} proven disjoint, {claimed} of {} claimed{same}",
        count(outcome.agents, "agent"),
        count(outcome.patterns, "pattern"),
        count(all, "file"),
    )
}

/// Where the manifest is now, and what comes next.
pub(super) fn written(outcome: &InitOutcome) -> Option<String> {
    let file = outcome.written.as_ref()?;
    Some(format!(
        "wrote {}: read it, and commit it to the target",
        file.display()
    ))
}

/// `main (1a2b3c4d5e)`.
pub(super) fn basis(basis: &Basis) -> String {
    let preview = if basis.preview {
        ", by the manifest of the work tree"
    } else {
        ""
    };
    match basis.target_commit {
        Some(commit) => format!("{} ({}){preview}", basis.target, commit.short()),
        None => format!("{} (no commit yet){preview}", basis.target),
    }
}

/// `5 branches and 1 milestone`.
fn pieces(pieces: &[BranchOutcome]) -> String {
    let milestones = pieces
        .iter()
        .filter(|piece| piece.milestone.is_some())
        .count();
    let branches = count(pieces.len() - milestones, "branch");
    match milestones {
        0 => branches,
        milestones => format!("{branches} and {}", count(milestones, "milestone")),
    }
}

/// How many branches stand how, in the order of [`Standing`].
fn standings(branches: &[BranchOutcome]) -> String {
    let counts = Standing::ALL.iter().filter_map(|standing| {
        let number = branches
            .iter()
            .filter(|branch| branch.standing == *standing);
        match number.count() {
            0 => None,
            number => Some(format!("{number} {}", standing.name())),
        }
    });
    counts.collect::<Vec<_>>().join(", ")
}
