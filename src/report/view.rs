//! What every format shows, put together once: sections of findings, rows of branches, a summary.
//! Nothing is escaped here: the renderers do that, each for where it prints.

use super::places::Places;
use super::who::{self, Answer};
use super::{Report, closing};
use crate::engine::{BranchOutcome, Standing};
use crate::words::{Code, Finding, Severity, Source};

/// A report, laid out.
pub(super) struct View<'a> {
    /// The manifest that all labels point into.
    pub(super) places: Places<'a>,
    /// Who may change which path.
    pub(super) answers: Vec<Answer>,
    /// The findings, those of one branch together.
    pub(super) sections: Vec<Section<'a>>,
    /// One for each branch, in order.
    pub(super) rows: Vec<Row<'a>>,
    /// Who is out, and through whose fault: for an integration.
    pub(super) groups: Vec<Group<'a>>,
    /// The sum of it in one line; an error has none.
    pub(super) summary: Option<String>,
    /// What was done about it, in one line.
    pub(super) done: Option<String>,
}

/// Findings that belong together.
pub(super) struct Section<'a> {
    /// The branch that they are about, if they are about one.
    pub(super) branch: Option<&'a str>,
    /// The findings, in the order in which they are shown.
    pub(super) findings: &'a [Finding],
}

/// A branch and what to say of it.
pub(super) struct Row<'a> {
    /// Its place in the plan, from 1, if there is a plan.
    pub(super) number: Option<usize>,
    /// The branch.
    pub(super) branch: &'a BranchOutcome,
}

/// Branches that share a fate, or reasons that are no branch's fault.
pub(super) struct Group<'a> {
    /// What they share.
    pub(super) title: &'static str,
    /// The names of the branches, or the codes of the reasons.
    pub(super) names: Vec<&'a str>,
}

/// What labels point into where there is no manifest.
static NO_SOURCE: Source = Source {
    name: String::new(),
    text: String::new(),
};

impl<'a> View<'a> {
    /// Lays out a report.
    pub(super) fn new(report: &Report<'a>) -> Self {
        match report {
            Report::Check(check) => Self {
                sections: sections(&check.remarks, &check.branches),
                rows: rows(&check.branches, false),
                summary: Some(closing::check(check)),
                ..Self::empty(&check.basis.manifest)
            },
            Report::Manifest(manifest) => Self {
                sections: sections(&manifest.findings, &[]),
                summary: Some(closing::manifest(manifest)),
                ..Self::empty(&manifest.basis.manifest)
            },
            Report::Integrate(run) => Self {
                sections: sections(&run.findings, &run.branches),
                rows: rows(&run.branches, true),
                groups: groups(&run.branches, &run.findings),
                summary: Some(closing::integrate(run)),
                done: Some(closing::landing(run)),
                ..Self::empty(&run.basis.manifest)
            },
            Report::Who(outcome) => {
                let empty = Self::empty(&outcome.basis.manifest);
                Self {
                    answers: who::answers(outcome, &empty.places),
                    ..empty
                }
            }
            Report::Init(outcome) => Self {
                sections: sections(&outcome.findings, &[]),
                summary: Some(closing::init(outcome)),
                done: closing::written(outcome),
                ..Self::empty(&outcome.source)
            },
            Report::Failure(failure) => Self {
                sections: sections(&failure.findings, &[]),
                ..Self::empty(failure.source.as_ref().unwrap_or(&NO_SOURCE))
            },
        }
    }

    fn empty(source: &'a Source) -> Self {
        Self {
            places: Places::new(source),
            answers: Vec::new(),
            sections: Vec::new(),
            rows: Vec::new(),
            groups: Vec::new(),
            summary: None,
            done: None,
        }
    }
}

impl Row<'_> {
    /// How much the branch changes and how many findings it has: `3 paths, 2 commits, 1 finding`.
    pub(super) fn detail(&self) -> String {
        let branch = self.branch;
        let mut parts = Vec::new();
        if branch.paths > 0 || branch.commits > 0 {
            parts.push(count(branch.paths, "path"));
            if branch.tip.is_some() {
                parts.push(count(branch.commits, "commit"));
            }
        }
        let blocks = branch.findings.iter().filter(|found| !is_aside(found));
        match blocks.count() {
            0 => {}
            findings => parts.push(count(findings, "finding")),
        }
        if let Some(merge) = branch.merge {
            parts.push(format!("merge {}", merge.short()));
        }
        parts.join(", ")
    }
}

fn sections<'a>(general: &'a [Finding], branches: &'a [BranchOutcome]) -> Vec<Section<'a>> {
    let general = Section {
        branch: None,
        findings: general,
    };
    let of_branches = branches.iter().map(|branch| Section {
        branch: Some(&branch.branch),
        findings: &branch.findings,
    });
    std::iter::once(general)
        .chain(of_branches)
        .filter(|section| !section.findings.is_empty())
        .collect()
}

fn rows(branches: &[BranchOutcome], numbered: bool) -> Vec<Row<'_>> {
    branches
        .iter()
        .enumerate()
        .map(|(index, branch)| Row {
            number: numbered.then_some(index + 1),
            branch,
        })
        .collect()
}

/// Who did not get in, apart by whose fault it is. A verdict that could not be reached is nobody's.
fn groups<'a>(branches: &'a [BranchOutcome], general: &'a [Finding]) -> Vec<Group<'a>> {
    let undecided = |branch: &&BranchOutcome| {
        branch.standing == Standing::Undecided
            || branch.standing == Standing::Ejected
                && crate::engine::worst(&branch.findings) == Severity::Undecided
    };
    let own = |branch: &&BranchOutcome| {
        matches!(branch.standing, Standing::Ejected | Standing::Refused) && !undecided(branch)
    };
    let held = |branch: &&BranchOutcome| branch.standing == Standing::Held;
    let waiting = |branch: &&BranchOutcome| branch.standing == Standing::Waiting;
    [
        group("out through their own fault", branches, own),
        group("out because they could not be judged", branches, undecided),
        group("held through the fault of others", branches, held),
        group("waiting for their turn", branches, waiting),
        outage(general),
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
fn outage(general: &[Finding]) -> Group<'_> {
    let undecided = |finding: &&Finding| finding.code.severity() == Severity::Undecided;
    let mut names: Vec<_> = general
        .iter()
        .filter(undecided)
        .map(|finding| finding.code.name())
        .collect();
    names.dedup();
    Group {
        title: "an outage, nobody's fault",
        names,
    }
}

/// Whether a finding only says whom a branch waits for or is held through: said beside the branch
/// in formats for people, since the reason proper is shown where it arose.
pub(super) fn is_aside(finding: &Finding) -> bool {
    finding.code == Code::Held || finding.code.severity() == Severity::Waiting
}

/// `1 path`, `2 paths`, `2 branches`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let ending = match noun {
        _ if number == 1 => "",
        _ if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{number} {noun}{ending}")
}

/// The severity as people and programs see it: `refused` in `refused[owned-by-another]`.
pub(super) fn severity(code: Code) -> &'static str {
    match code.severity() {
        Severity::Lint => "warning",
        Severity::Waiting => "waiting",
        Severity::Refusal => "refused",
        Severity::Undecided => "undecided",
        Severity::Moved => "moved",
        Severity::Usage => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_have_their_plurals() {
        assert_eq!(count(1, "branch"), "1 branch");
        assert_eq!(count(0, "path"), "0 paths");
        assert_eq!(count(2, "branch"), "2 branches");
    }
}
