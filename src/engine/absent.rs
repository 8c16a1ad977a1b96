//! Dependencies that have no branch here: their work looks like that of whoever builds on it.

use super::Context;
use crate::verdict::Subject;
use crate::words::{Finding, Severity};

/// `findings` about a branch, where those about what a dependency without a branch may change say
/// that its branch is missing. They stay what they are: whose work it is, only that branch could tell.
pub(super) fn advise(
    context: &Context,
    subject: Subject<'_>,
    findings: Vec<Finding>,
) -> Vec<Finding> {
    let dependencies = context.dependencies.all(subject.agent).into_iter();
    let absent: Vec<_> = dependencies
        .filter(|on| context.branches_of(*on).is_empty())
        .collect();
    let about =
        |finding: Finding| {
            let ownership = &context.ownership;
            let path = finding.path.as_ref();
            let path = path.filter(|_| finding.code.severity() == Severity::Refusal);
            let may = |path| {
                absent
                    .iter()
                    .find(|on| ownership.permission(**on, path).is_allowed())
            };
            let Some(on) = path.and_then(may) else {
                return finding;
            };
            let name = context.name_of(*on);
            let branches = &ownership.manifest().agent(*on).branches;
            let branches: Vec<_> = branches.iter().map(|one| one.value.as_str()).collect();
            let (branches, branch) = (branches.join(" or "), subject.branch);
            let agent = context.name_of(subject.agent);
            finding
            .note(format!("{name}, on which {agent} depends, has no branch here ({branches})"))
            .hint(format!(
                "if this is work of {name}, push or fetch its branch too; else rewrite {branch} \
                 without it"
            ))
        };
    findings.into_iter().map(about).collect()
}
