//! What is not there at the end of what each branch brought, and which of the later ones took it out.
//! Entries are compared by id; contents are read only of paths that several branches changed. A file that
//! a branch renames is followed by its new name.

mod history;

use self::history::{PathHistory, Trees};
use super::super::edits::MAX_FILE;
use super::super::judge::Judgement;
use super::super::versions::Version;
use super::chain::Chain;
use super::queue::Queue;
use crate::repo::Quarantine;
use crate::verdict::{Following, Loss};
use crate::words::{Code, Entry, Finding, ObjectId, RepoPath, Result};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Compares what each merge of `chain`, which begins with the tree `target`, brought with the last tree.
/// Returns what is to be said of it, for each candidate of which something is not there.
pub(super) fn dropped(
    quarantine: &Quarantine,
    queue: &Queue,
    chain: &Chain,
    target: ObjectId,
) -> Result<BTreeMap<usize, Vec<Finding>>> {
    let mut touched: HashMap<&RepoPath, Vec<usize>> = HashMap::new();
    for (merge, (index, ..)) in chain.merges.iter().enumerate() {
        let candidate = &queue.candidates[*index];
        for path in candidate.paths.iter().chain(&candidate.beyond) {
            let merges = touched.entry(path).or_default();
            if merges.last() != Some(&merge) {
                merges.push(merge);
            }
        }
    }
    touched.retain(|_, merges| merges.len() > 1);
    let touched: BTreeMap<_, _> = touched.into_iter().collect();
    let trees = Trees::new(quarantine, chain, target, touched.keys().copied().collect());
    let touched: Vec<_> = touched.iter().collect();
    let read = touched
        .par_iter()
        .map(|(path, merges)| PathHistory::read(&trees, path, merges));
    // In the order of the paths again, here and below: which of several errors is told must not be chance.
    let read: Vec<Result<_>> = read.collect();
    let mut histories = read.into_iter().collect::<Result<Vec<_>>>()?;
    let names: BTreeSet<_> = histories.iter().flat_map(|it| it.names.clone()).collect();
    histories.retain(|history| !history.is_another_ones(&names));
    let of_file = |history: &PathHistory<'_>| {
        let mut findings = Vec::new();
        for dropped in history.dropped(quarantine)? {
            let of_merge = |merge: usize| chain.merges[merge].0;
            let (of, by) = (of_merge(dropped.of), of_merge(dropped.by));
            let (earlier, later) = (&queue.candidates[of], &queue.candidates[by]);
            if !is_continued(earlier, later) {
                findings.push((of, dropped.finding(quarantine, earlier, later)?));
            }
        }
        Ok(findings)
    };
    let found: Vec<Result<Vec<_>>> = histories.par_iter().map(of_file).collect();
    let mut findings: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for found in found {
        for (of, finding) in found? {
            findings.entry(of).or_default().push(finding);
        }
    }
    Ok(findings)
}

/// Whether the one is a milestone of the branch that the other is, or goes on from it.
fn is_continued(milestone: &Judgement, later: &Judgement) -> bool {
    let is_same = milestone.agent == later.agent && milestone.holder == later.holder;
    is_same && milestone.milestone.is_some()
}

/// Work of one merge that another one dropped.
struct Dropped {
    of: usize,
    by: usize,
    how: How,
    /// The file, by the name that it had then.
    path: RepoPath,
}

/// What has become of it.
enum How {
    /// The file is not there any more.
    Deleted,
    /// The file that was deleted is there.
    Restored,
    /// It has no lines to follow, and is another one now.
    Replaced,
    /// It is as it was before; it has no lines to follow.
    Reverted,
    /// It may be executed again, or not any more.
    Mode,
    /// Of these lines; and whether the file is as it was before.
    Lines { loss: Loss, is_all: bool },
}

impl PathHistory<'_> {
    /// Everything that was dropped at this path, in the order of whose it was.
    fn dropped(&self, quarantine: &Quarantine) -> Result<Vec<Dropped>> {
        let end = self.steps.last().map_or(self.before, |step| step.entry);
        let is_lost = |at: &usize| self.steps[*at].entry != end;
        let lost: Vec<_> = (0..self.steps.len()).filter(is_lost).collect();
        if lost.is_empty() {
            return Ok(Vec::new());
        }
        let losses = self.losses(quarantine)?;
        let mut dropped = Vec::new();
        for at in lost {
            let of = self.steps[at].merge;
            let (before, after) = (self.entry_before(at), self.steps[at].entry);
            let of_lines = losses.iter().flatten().filter(|loss| loss.of == of);
            let mut of_lines = of_lines.cloned().peekable();
            let whole = match (before, after, end) {
                (_, None, Some(_)) => self
                    .last_from(|was| was.is_none(), |is| is.is_some())
                    .map(|by| (by, How::Restored)),
                // Whoever has only taken lines out of it has lost nothing.
                (Some(_), Some(_), None) if losses.is_some() && of_lines.peek().is_none() => None,
                (_, Some(_), None) => self
                    .last_from(|was| was.is_some(), |is| is.is_none())
                    .map(|by| (by, How::Deleted)),
                _ if losses.is_some() => None,
                _ if before == end => self
                    .last_from(|was| was != end, |is| is == end)
                    .map(|by| (by, How::Reverted)),
                _ => self
                    .last_from(|was| was == after, |is| is != after)
                    .map(|by| (by, How::Replaced)),
            };
            if let Some((by, how)) = whole {
                dropped.push(self.dropped_by(of, by, how));
                continue;
            }
            dropped.extend(of_lines.map(|loss| {
                let (by, is_all) = (loss.by, before == end);
                self.dropped_by(of, by, How::Lines { loss, is_all })
            }));
            dropped.extend(self.mode(at, end));
        }
        Ok(dropped)
    }

    /// Whether the mode is again what it was before the step at this place changed it.
    fn mode(&self, at: usize, end: Option<Entry>) -> Option<Dropped> {
        let before = self.entry_before(at)?.mode;
        if self.steps[at].entry?.mode == before || end?.mode != before {
            return None;
        }
        let is_before = |entry: Option<Entry>| entry.is_some_and(|entry| entry.mode == before);
        let by = self.last_from(|was| !is_before(was), is_before)?;
        Some(self.dropped_by(self.steps[at].merge, by, How::Mode))
    }

    fn dropped_by(&self, of: usize, by: usize, how: How) -> Dropped {
        let mut steps = self.steps.iter();
        let step = steps.find(|step| step.merge == by);
        let path = step.map_or(self.path, |step| &step.path).clone();
        Dropped { of, by, how, path }
    }

    /// The lines that were dropped; `None` if some version of the path has no lines.
    fn losses(&self, quarantine: &Quarantine) -> Result<Option<Vec<Loss>>> {
        let version = |tree, path| Version::of(quarantine, Some(tree), path, MAX_FILE);
        let mut following = Following::default();
        let mut before = version(self.target, self.path)?;
        for step in &self.steps {
            let after = version(step.tree, &step.path)?;
            if !before.is_text() || !after.is_text() {
                return Ok(None);
            }
            following.change(step.merge, &before.lines(), &after.lines());
            before = after;
        }
        Ok(Some(following.losses()))
    }
}

impl Dropped {
    fn finding(
        &self,
        quarantine: &Quarantine,
        earlier: &Judgement,
        later: &Judgement,
    ) -> Result<Finding> {
        let path = &self.path;
        let (of, by) = (&earlier.branch, &later.branch);
        let message = match &self.how {
            How::Deleted => format!("{by}, merged after {of}, deletes {path}, which {of} changed"),
            How::Restored => format!("{by}, merged after {of}, adds {path}, which {of} deleted"),
            How::Replaced => {
                format!("{by}, merged after {of}, replaces {path} as a whole, which {of} changed")
            }
            How::Reverted => {
                format!("{by}, merged after {of}, leaves {path} as it was before {of} changed it")
            }
            How::Mode => {
                format!("{by}, merged after {of}, takes back that {of} changed the mode of {path}")
            }
            How::Lines { loss, .. } => {
                format!("{by}, merged after {of}, {} {path}", lines(of, loss))
            }
        };
        let mut finding = Finding::new(Code::WorkDropped, message).at(path);
        if let How::Lines { is_all: true, .. } = self.how {
            finding = finding.note(format!("nothing that {of} did there is left"));
        }
        if let (Some(of), Some(by)) = (earlier.tip, later.tip)
            && quarantine.is_ancestor(of, by)?
        {
            let (of, by) = (&earlier.branch, &later.branch);
            finding = finding.note(format!("{by} was made on top of {of}"));
        }
        Ok(finding.hint(format!(
            "nothing to do if that is meant, as where {by} goes on from {of}; else add it again \
             in a branch of the one or the other"
        )))
    }
}

/// What was done to which lines, with the path behind it.
fn lines(of: &str, loss: &Loss) -> String {
    let which = |lines: &[usize], first: &str| match lines {
        [line] => format!("line {line}, which {of}"),
        several => {
            let line = several.iter().min().copied().unwrap_or_default();
            format!("{} lines ({first} line {line}) that {of}", several.len())
        }
    };
    let gone = (!loss.gone.is_empty())
        .then(|| format!("takes out {} added", which(&loss.gone, "the first was")));
    let back = (!loss.back.is_empty()).then(|| {
        format!(
            "puts in again {} removed",
            which(&loss.back, "the first is")
        )
    });
    let both: Vec<_> = gone.into_iter().chain(back).collect();
    format!("{}, in", both.join(", and "))
}
