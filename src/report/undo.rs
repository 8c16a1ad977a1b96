//! The layout of `gate undo`.

use super::closing::basis;
use super::view::count;
use crate::engine::{Dependent, Preparation, SamePaths, UndoOutcome};
use crate::words::shell_word;

/// How many names stand in one line.
const MOST_NAMES: usize = 20;

/// What is taken back, who has built on it, and what comes next.
pub(super) fn closing(outcome: &UndoOutcome) -> Vec<String> {
    let mut lines = vec![what(outcome)];
    lines.extend(builders(outcome));
    if outcome.commit.is_some() {
        lines.extend(next(outcome));
    }
    lines
}

/// `gate/undo/core is at 1a2b3c4d5e: it takes back 2 merges of core in 3 paths of main (…)`.
fn what(outcome: &UndoOutcome) -> String {
    let (branch, part) = (&outcome.branch, &outcome.part);
    let at = outcome.commit.map(|commit| commit.short());
    let at = at.unwrap_or_default();
    let merges = count(outcome.merges.len(), "merge");
    let basis = basis(&outcome.basis);
    let paths = count(outcome.paths.len(), "path");
    let does = format!("takes back {merges} of {part} in {paths} of {basis}");
    match outcome.preparation {
        Preparation::Prepared => format!("{branch} is at {at}: it {does}"),
        Preparation::Already => format!("{branch} is at {at} already: it {does}"),
        Preparation::DryRun => format!("dry run: {branch} would be at {at}, which {does}"),
        Preparation::Refused => format!(
            "nothing was changed: {merges} of {part} cannot be taken back from {basis} like this"
        ),
    }
}

/// One line for each way in which somebody has built on it.
fn builders(outcome: &UndoOutcome) -> Vec<String> {
    let part = &outcome.part;
    let dependent = |it: &Dependent| format!("{} (merge {})", it.agent, it.merge.short());
    let same = |it: &SamePaths| {
        let paths = count(it.paths.len(), "path");
        format!("{} ({paths}, merge {})", it.branch, it.merge.short())
    };
    let dependents: Vec<_> = outcome.dependents.iter().map(dependent).collect();
    let same: Vec<_> = outcome.same_paths.iter().map(same).collect();
    let carriers = outcome.carriers.iter();
    let carriers: Vec<_> = carriers.map(|it| it.branch.clone()).collect();
    let groups = [
        (format!("landed since, and depending on {part}"), dependents),
        (
            "landed since, with changes of the same paths".to_owned(),
            same,
        ),
        (
            format!("not landed, and holding commits of {part}"),
            carriers,
        ),
    ];
    let groups = groups.into_iter().filter(|(_, names)| !names.is_empty());
    let lines: Vec<_> = groups
        .map(|(what, names)| {
            let shown = names.iter().take(MOST_NAMES).cloned();
            let more = names.len().saturating_sub(MOST_NAMES);
            let more = (more > 0).then(|| format!("{more} more"));
            let names: Vec<_> = shown.chain(more).collect();
            format!("{what}: {}", names.join(", "))
        })
        .collect();
    if lines.is_empty() {
        return vec![format!("nobody has built on {part}")];
    }
    lines
}

/// How it lands, and how the work comes back.
fn next(outcome: &UndoOutcome) -> Vec<String> {
    let (part, target) = (&outcome.part, &outcome.basis.target);
    let (from, branch) = (shell_word(target), shell_word(&outcome.branch));
    let review = match outcome.preparation {
        Preparation::DryRun => "run it without --dry-run".to_owned(),
        _ => format!(
            "review it, `git diff {from}...{branch}`, and merge it yourself, without --squash, \
             which would hide from gate what it takes back: \
             `git switch {from} && git merge --no-ff {branch}`"
        ),
    };
    // A rebase would also copy what others have done, if the branch had merged the target meanwhile.
    let (merge, for_each) = match &outcome.merges[..] {
        [merge] => (merge.commit.short(), String::new()),
        _ => (
            "MERGE".to_owned(),
            ", for each MERGE, the oldest first".to_owned(),
        ),
    };
    let back = format!(
        "for {part} to land again, revert that merge, or make the commits anew: merge {target} into \
         their branch, then `git cherry-pick $(git rev-list --reverse --no-merges \
         {merge}^..{merge}^2)`{for_each}: as they are, {target} has them already"
    );
    vec![review, back]
}
