//! The rule `disjoint-lines`: what two branches of one run may not both change.

use super::Context;
use super::edits::{has_rule, rule_of};
use super::judge::Judgement;
use super::versions::{Version, common_tree};
use crate::manifest::SharedRule;
use crate::ownership::Decision;
use crate::repo::Quarantine;
use crate::verdict::{Hunk, Meeting, meetings};
use crate::words::{Code, Finding, LineRange, ObjectId, RepoPath, Result};

/// A branch, and what it changes.
#[derive(Clone, Copy)]
pub(super) struct Party<'a> {
    pub branch: &'a str,
    pub tip: ObjectId,
    /// The paths that it changes, net, in order.
    pub paths: &'a [RepoPath],
}

impl<'a> Party<'a> {
    /// The branch that was judged, if it has a commit.
    pub(super) fn of(judgement: &'a Judgement) -> Option<Self> {
        Some(Self {
            branch: &judgement.branch,
            tip: judgement.tip?,
            paths: &judgement.paths,
        })
    }
}

/// How the changes of two branches at one path meet.
enum Clash {
    /// In these lines of what both began with.
    Lines(Vec<Meeting>),
    /// It is no text, so that there are no lines to keep apart.
    Whole,
}

/// Why `later` may not be merged in a run after `earlier`: the first path under the rule where both
/// change lines that overlap or touch. What a branch took over from the other one, or from the
/// target, is no change of its own.
pub(super) fn clash(
    context: &Context,
    quarantine: &Quarantine,
    earlier: Party<'_>,
    later: Party<'_>,
) -> Result<Option<Finding>> {
    let ownership = &context.ownership;
    if !has_rule(ownership, SharedRule::DisjointLines) {
        return Ok(None);
    }
    let by_both = later.paths.iter();
    let by_both = by_both.filter(|path| earlier.paths.binary_search(path).is_ok());
    let ruled = |path: &&RepoPath| rule_of(ownership, path) == Some(SharedRule::DisjointLines);
    let mut ruled = by_both.filter(ruled).peekable();
    if ruled.peek().is_none() {
        return Ok(None);
    }
    let base = common_tree(quarantine, earlier.tip, later.tip)?;
    let tree = |id: ObjectId| quarantine.commit(id).map(|commit| commit.tree);
    let trees = [tree(earlier.tip)?, tree(later.tip)?];
    for path in ruled {
        if let Some(clash) = clash_at(context, quarantine, base, trees, path)? {
            return Ok(Some(finding(context, path, &clash, [earlier, later])));
        }
    }
    Ok(None)
}

fn clash_at(
    context: &Context,
    quarantine: &Quarantine,
    base: Option<ObjectId>,
    [earlier, later]: [ObjectId; 2],
    path: &RepoPath,
) -> Result<Option<Clash>> {
    let version = |tree| Version::of(quarantine, tree, path);
    let (before, target) = (version(base)?, version(Some(context.target_tree))?);
    let sides = [version(Some(earlier))?, version(Some(later))?];
    let is_own = |side: &Version| side.entry != before.entry && side.entry != target.entry;
    if !sides.iter().all(is_own) {
        return Ok(None);
    }
    if !before.is_text() || !sides.iter().all(Version::is_text) {
        return Ok(Some(Clash::Whole));
    }
    // What the target has done since as well is its change, and not that of who took it over.
    let of_target = before.hunks(&target);
    let own = |side: &Version| -> Vec<Hunk> {
        let (lines, theirs) = (side.lines(), target.lines());
        let is_targets = |hunk: &Hunk| {
            let same = |other: &&Hunk| {
                other.before == hunk.before
                    && theirs[other.after.clone()] == lines[hunk.after.clone()]
            };
            of_target.iter().any(|other| same(&other))
        };
        let hunks = before.hunks(side).into_iter();
        hunks.filter(|hunk| !is_targets(hunk)).collect()
    };
    let meetings = meetings(&own(&sides[0]), &own(&sides[1]));
    Ok((!meetings.is_empty()).then_some(Clash::Lines(meetings)))
}

fn finding(
    context: &Context,
    path: &RepoPath,
    clash: &Clash,
    [earlier, later]: [Party<'_>; 2],
) -> Finding {
    let (one, other) = (earlier.branch, later.branch);
    let mut notes = Vec::new();
    let message = match clash {
        Clash::Whole => format!(
            "{other} and {one}, which is merged before it, both change {path}, which is no text"
        ),
        Clash::Lines(meetings) => {
            let places: Vec<_> = meetings.iter().map(places).collect();
            notes.push("lines are counted in the version that both branches began with".to_owned());
            if let [_, more @ ..] = &places[..]
                && !more.is_empty()
            {
                notes.push(format!("they meet in {} more place(s)", more.len()));
            }
            let [of_one, of_other] = &places[0];
            format!(
                "{other} changes {of_other} of {path}, too close to {of_one}, which {one} changes"
            )
        }
    };
    let mut finding = Finding::new(Code::DisjointLines, message).at(path);
    if let Decision::Shared { entry, .. } = context.ownership.decide(path) {
        let rule = context.ownership.manifest().shared[entry].rule.span;
        finding = finding.label(rule, "those who share it keep to lines apart");
    }
    finding.notes = notes;
    finding.hint(format!(
        "rebase {other} onto {} once {one} has landed, or change other lines",
        context.basis.target
    ))
}

/// The lines that either side changes where they meet, for people.
fn places(meeting: &Meeting) -> [String; 2] {
    [&meeting.one, &meeting.other].map(|share| LineRange::new(&share.changed).to_string())
}
