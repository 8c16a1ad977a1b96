//! The rule `disjoint-lines`: what two branches of one run may not both change.

use super::Context;
use super::edits::{MAX_FILE, has_rule, rule_of};
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

/// A path at which the changes of two branches come too close.
pub(super) struct Clash {
    /// The path.
    pub path: RepoPath,
    /// The lines of what both began with that either branch changes, place by place; none where it is
    /// no text, or too large a file, so that there are no lines to keep apart.
    pub places: Vec<[LineRange; 2]>,
}

/// Why `later` may not be merged in a run after `earlier`: the first path under the rule where both
/// change lines that overlap or touch. What a branch took over from the other one, or from the
/// target, is no change of its own.
pub(super) fn clash(
    context: &Context,
    quarantine: &Quarantine,
    earlier: Party<'_>,
    later: Party<'_>,
) -> Result<Option<Clash>> {
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
        if let Some(places) = places_at(context, quarantine, base, trees, path)? {
            let path = path.clone();
            return Ok(Some(Clash { path, places }));
        }
    }
    Ok(None)
}

/// Where two versions of a path come too close to each other; `None` if they do not.
fn places_at(
    context: &Context,
    quarantine: &Quarantine,
    base: Option<ObjectId>,
    [earlier, later]: [ObjectId; 2],
    path: &RepoPath,
) -> Result<Option<Vec<[LineRange; 2]>>> {
    let version = |tree| Version::of(quarantine, tree, path, MAX_FILE);
    let (before, target) = (version(base)?, version(Some(context.target_tree))?);
    let sides = [version(Some(earlier))?, version(Some(later))?];
    let is_own = |side: &Version| side.entry != before.entry && side.entry != target.entry;
    if !sides.iter().all(is_own) {
        return Ok(None);
    }
    if !before.is_text() || !sides.iter().all(Version::is_text) {
        return Ok(Some(Vec::new()));
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
    let places: Vec<_> = meetings.iter().map(places).collect();
    Ok((!places.is_empty()).then_some(places))
}

impl Clash {
    /// Why `later` is not merged in a run after `earlier`.
    pub(super) fn finding(&self, context: &Context, earlier: &str, later: &str) -> Finding {
        let path = &self.path;
        let message = match self.places.first() {
            None => format!(
                "{later} and {earlier}, which is merged before it, both change {path}, which has no lines to keep apart"
            ),
            Some([of_earlier, of_later]) => format!(
                "{later} changes {of_later} of {path}, too close to {of_earlier}, which {earlier} \
                 changes"
            ),
        };
        let mut finding = Finding::new(Code::DisjointLines, message).at(path);
        finding = with_rule(context, path, finding);
        if !self.places.is_empty() {
            finding =
                finding.note("lines are counted in the version that both branches began with");
        }
        if self.places.len() > 1 {
            let more = self.places.len() - 1;
            finding = finding.note(format!("they meet in {more} more place(s)"));
        }
        finding.hint(format!(
            "rebase {later} onto {} once {earlier} has landed, or change other lines",
            context.basis.target
        ))
    }
}

/// `finding` with the line of the manifest that says how `path` may be changed.
pub(super) fn with_rule(context: &Context, path: &RepoPath, finding: Finding) -> Finding {
    let Decision::Shared { entry, .. } = context.ownership.decide(path) else {
        return finding;
    };
    let rule = context.ownership.manifest().shared[entry].rule.span;
    finding.label(rule, "those who share it keep to lines apart")
}

/// The lines that either side changes where they meet.
fn places(meeting: &Meeting) -> [LineRange; 2] {
    [&meeting.one, &meeting.other].map(|share| LineRange::new(&share.changed))
}
