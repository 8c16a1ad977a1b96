//! What every format shows, put together once: sections of findings, rows of branches, a summary.
//! Nothing is escaped here: the renderers do that, each for where it prints.

use super::forecast::{self, Forecast};
use super::groups::{Group, groups};
use super::places::Places;
use super::plan::{self, Wave};
use super::status::{self, Stand};
use super::who::{self, Answer};
use super::{Report, closing, publish, steps, undo};
use crate::engine::{BranchOutcome, CheckOutcome, InitOutcome, Standing, VerifiedStep, WhoOutcome};
use crate::words::{Code, Explanation, Finding, Output, Severity, Source};

/// A report, laid out.
pub(super) struct View<'a> {
    /// The manifest that all labels point into.
    pub(super) places: Places<'a>,
    /// Who may change which path.
    pub(super) answers: Vec<Answer>,
    /// The agents of a plan.
    pub(super) waves: Vec<Wave>,
    /// Where agents stand.
    pub(super) stands: Vec<Stand>,
    /// Who will conflict with whom.
    pub(super) forecast: Option<Forecast>,
    /// What codes mean.
    pub(super) explanations: &'a [Explanation],
    /// The findings, those of one branch together.
    pub(super) sections: Vec<Section<'a>>,
    /// One for each branch, in order.
    pub(super) rows: Vec<Row<'a>>,
    /// Whether accepted branches without findings need no line of their own for people: the sum tells
    /// how many there are.
    pub(super) folds_accepted: bool,
    /// Who is out, and through whose fault: for an integration.
    pub(super) groups: Vec<Group<'a>>,
    /// What became of each of several things, in a line each.
    pub(super) lines: Vec<String>,
    /// The sum of it and what was done about it, in a few lines; an error has none.
    pub(super) closing: Vec<String>,
}

/// Findings that belong together.
pub(super) struct Section<'a> {
    /// The branch that they are about, if they are about one.
    pub(super) branch: Option<&'a str>,
    /// The findings, in the order in which they are shown.
    pub(super) findings: &'a [Finding],
    /// Whether a table or a drawing says the same to people.
    pub(super) is_drawn: bool,
}

/// A branch and what to say of it.
pub(super) struct Row<'a> {
    /// Its place in the plan, from 1, if there is a plan.
    pub(super) number: Option<usize>,
    /// The branch.
    pub(super) branch: &'a BranchOutcome,
}

/// What labels point into where there is no manifest.
static NO_SOURCE: Source = Source {
    name: String::new(),
    text: String::new(),
};

impl<'a> View<'a> {
    /// Lays out a report.
    // Long, since it names every report once.
    pub(super) fn new(report: &Report<'a>) -> Self {
        match report {
            Report::Check(check) => Self::of_check(check),
            Report::Manifest(manifest) => Self {
                sections: sections(&manifest.findings, &[]),
                closing: vec![closing::manifest(manifest)],
                ..Self::empty(&manifest.basis.manifest)
            },
            Report::Integrate(run) => Self {
                sections: sections(&run.findings, &run.branches),
                rows: rows(&run.branches, true),
                groups: groups(&run.branches, &run.findings),
                closing: closing::integrated(run),
                ..Self::empty(&run.basis.manifest)
            },
            Report::Replay(outcome) => Self {
                sections: sections(&outcome.findings, &[]),
                closing: closing::replay(outcome),
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Plan(outcome) => Self {
                waves: plan::waves(outcome),
                sections: sections(&outcome.findings, &[]),
                closing: plan::closing(outcome),
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Steps(outcome) => Self {
                lines: steps::listed(outcome),
                closing: vec![steps::sum(outcome, &closing::basis(&outcome.basis))],
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Verify(outcome) => Self {
                sections: outcome.steps.iter().map(Section::of_step).collect(),
                lines: outcome.steps.iter().map(steps::verified).collect(),
                closing: vec![
                    steps::verified_sum(outcome, &closing::basis(&outcome.basis)),
                    closing::isolation(outcome.isolation),
                ],
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Publish(outcome) => Self {
                closing: publish::closing(outcome),
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Undo(outcome) => Self {
                sections: sections(&outcome.findings, &[]),
                closing: undo::closing(outcome),
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Status(outcome) => Self {
                stands: status::stands(outcome),
                sections: sections(&outcome.findings, &[]),
                closing: status::closing(outcome),
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Conflicts(outcome) => Self {
                forecast: Some(Forecast::new(outcome)),
                sections: (sections(&outcome.findings, &[]).into_iter())
                    .chain(drawn(&outcome.clashes))
                    .collect(),
                closing: vec![forecast::closing(outcome, &closing::basis(&outcome.basis))],
                ..Self::empty(&outcome.basis.manifest)
            },
            Report::Who(outcome) => Self::of_who(outcome),
            Report::Explain(explanations) => Self {
                explanations,
                ..Self::empty(&NO_SOURCE)
            },
            Report::Init(outcome) => Self::of_init(outcome),
            Report::Failure(failure) => Self {
                sections: sections(&failure.findings, &[]),
                ..Self::empty(failure.source.as_ref().unwrap_or(&NO_SOURCE))
            },
        }
    }

    fn of_check(check: &'a CheckOutcome) -> Self {
        let empty = Self::empty(&check.basis.manifest);
        if let Some(note) = only_note(check) {
            return Self {
                closing: vec![note.to_owned()],
                ..empty
            };
        }
        Self {
            sections: sections(&check.remarks, &check.branches),
            rows: rows(&check.branches, false),
            folds_accepted: check.of_push,
            closing: vec![closing::check(check)],
            ..empty
        }
    }

    fn of_who(outcome: &'a WhoOutcome) -> Self {
        let empty = Self::empty(&outcome.basis.manifest);
        Self {
            answers: who::answers(outcome, &empty.places),
            ..empty
        }
    }

    fn of_init(outcome: &'a InitOutcome) -> Self {
        let sum = std::iter::once(closing::init(outcome));
        Self {
            sections: sections(&outcome.findings, &[]),
            closing: sum.chain(closing::written(outcome)).collect(),
            ..Self::empty(&outcome.source)
        }
    }

    fn empty(source: &'a Source) -> Self {
        Self {
            places: Places::new(source),
            answers: Vec::new(),
            waves: Vec::new(),
            stands: Vec::new(),
            forecast: None,
            explanations: &[],
            sections: Vec::new(),
            rows: Vec::new(),
            folds_accepted: false,
            groups: Vec::new(),
            lines: Vec::new(),
            closing: Vec::new(),
        }
    }
}

impl<'a> Section<'a> {
    fn of_step(step: &'a VerifiedStep) -> Self {
        Self {
            branch: Some(&step.subject),
            findings: &step.findings,
            is_drawn: false,
        }
    }
}

impl Row<'_> {
    /// Whether there is nothing to say of the branch but that it was accepted.
    pub(super) fn is_plainly_accepted(&self) -> bool {
        self.branch.standing == Standing::Accepted && self.branch.findings.is_empty()
    }

    /// How much the branch changes and how many findings it has: `3 paths, 2 commits, 1 finding`.
    pub(super) fn detail(&self) -> String {
        let branch = self.branch;
        if let Some(note) = note(branch) {
            return note.to_owned();
        }
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

/// The one thing to say where one branch was looked at and nothing was judged: the hook of a person
/// says it at every commit.
fn only_note(check: &CheckOutcome) -> Option<&str> {
    let [branch] = &check.branches[..] else {
        return None;
    };
    note(branch).filter(|_| check.remarks.is_empty())
}

/// Why a branch was not judged. That is no finding of its own to people: its line says it.
fn note(branch: &BranchOutcome) -> Option<&str> {
    let [finding] = &branch.findings[..] else {
        return None;
    };
    let is_note = branch.standing == Standing::NotJudged && finding.code == Code::NothingToJudge;
    is_note.then_some(finding.message.as_str())
}

fn sections<'a>(general: &'a [Finding], branches: &'a [BranchOutcome]) -> Vec<Section<'a>> {
    let general = Section {
        branch: None,
        findings: general,
        is_drawn: false,
    };
    let said = branches.iter().filter(|branch| note(branch).is_none());
    let of_branches = said.map(|branch| Section {
        branch: Some(&branch.branch),
        findings: &branch.findings,
        is_drawn: false,
    });
    std::iter::once(general)
        .chain(of_branches)
        .filter(|section| !section.findings.is_empty())
        .collect()
}

/// Findings that are drawn besides.
fn drawn(findings: &[Finding]) -> Option<Section<'_>> {
    (!findings.is_empty()).then_some(Section {
        branch: None,
        findings,
        is_drawn: true,
    })
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

/// The line above the end of an output: how much of it is not shown.
pub(super) fn left_out(output: &Output) -> String {
    match output.left_out {
        0 => "output:".to_owned(),
        number => format!("output: ({} left out)", count(number, "line")),
    }
}

/// The line below the end of an output: where all of it is.
pub(super) fn log_line(output: &Output) -> Option<String> {
    let log = output.log.as_ref()?;
    Some(format!("log: {log}"))
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

/// What a code means, in one line: `overlap: error: Two agents could own the same path.`
pub(super) fn explanation_line(explanation: &Explanation) -> String {
    let code = explanation.code;
    format!("{}: {}: {}", code.name(), severity(code), explanation.what)
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
