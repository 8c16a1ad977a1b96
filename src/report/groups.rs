//! Who did not get in, and what did not land.

use crate::engine::{BranchOutcome, Standing};
use crate::words::{Code, Finding, Severity};

/// Branches that share a fate, or reasons that are no branch's fault.
pub(super) struct Group<'a> {
    /// What they share.
    pub(super) title: &'static str,
    /// The names of the branches, or the codes of the reasons.
    pub(super) names: Vec<&'a str>,
}

/// Who did not get in, apart by whose fault it is. A verdict that could not be reached is nobody's.
pub(super) fn groups<'a>(branches: &'a [BranchOutcome], general: &'a [Finding]) -> Vec<Group<'a>> {
    let outage = |branch: &&BranchOutcome| {
        let is_outage =
            |finding: &Finding| matches!(finding.code, Code::VerifyNotStarted | Code::DiskFull);
        branch.standing == Standing::Ejected && branch.findings.iter().any(is_outage)
    };
    let undecided = |branch: &&BranchOutcome| {
        let undecided = crate::engine::worst(&branch.findings) == Severity::Undecided;
        branch.standing == Standing::Undecided
            || branch.standing == Standing::Ejected && undecided && !outage(branch)
    };
    let own = |branch: &&BranchOutcome| {
        matches!(branch.standing, Standing::Ejected | Standing::Refused)
            && !undecided(branch)
            && !outage(branch)
    };
    let held = |branch: &&BranchOutcome| branch.standing == Standing::Held;
    let waiting = |branch: &&BranchOutcome| branch.standing == Standing::Waiting;
    [
        group("out through their own fault", branches, own),
        group("out because they could not be judged", branches, undecided),
        group("out through an outage, nobody's fault", branches, outage),
        group("held through the fault of others", branches, held),
        group("waiting for their turn", branches, waiting),
        reasons("in the way of landing", general, is_in_the_way),
        reasons(
            "the target itself fails, no branch's fault",
            general,
            |code| code == Code::TargetFails,
        ),
        reasons("an outage, nobody's fault", general, |code| {
            let is_of_target = code == Code::TargetFails;
            code.severity() == Severity::Undecided && !is_of_target && !is_in_the_way(code)
        }),
    ]
    .into_iter()
    .filter(|group| !group.names.is_empty())
    .collect()
}

fn group<'a>(
    title: &'static str,
    branches: &'a [BranchOutcome],
    belongs: impl Fn(&&'a BranchOutcome) -> bool,
) -> Group<'a> {
    let members = branches.iter().filter(belongs);
    Group {
        title,
        names: members.map(|branch| branch.branch.as_str()).collect(),
    }
}

/// What stopped the whole and is no branch's fault.
fn reasons<'a>(
    title: &'static str,
    general: &'a [Finding],
    belongs: impl Fn(Code) -> bool,
) -> Group<'a> {
    let codes = general.iter().map(|finding| finding.code);
    let mut names: Vec<_> = codes
        .filter(|code| belongs(*code))
        .map(Code::name)
        .collect();
    names.dedup();
    Group { title, names }
}

/// Whether it is a reason not to land what is good, not an outage.
fn is_in_the_way(code: Code) -> bool {
    matches!(
        code,
        Code::WorkTreeDirty | Code::Stopped | Code::NotEverybody
    )
}
