//! The verdict: what a branch changed, against what its agent may change. Pure: the same work and
//! the same rules give the same findings.

mod following;
mod lines;
mod names;
mod reasons;
mod work;

pub use following::{Following, Loss};
pub use lines::{Edit, Hunk, Meeting, Share, hunks, is_binary, lines, meetings};
pub use work::{CommitChanges, Edits, Link, LinkEnd, NewName, Subject, Work};

use self::reasons::{EVERY_COMMIT_COUNTS, Offence, Reason};
use crate::manifest::SharedRule;
use crate::ownership::{Grant, Ownership, Permission};
use crate::words::{Change, Code, Finding, Mode, ObjectId, RepoPath};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Every objection to the own work of a branch, in the order of the paths: one for each path that
/// it must not change, net, one for each path that only single commits of it change, and one for
/// each new name and each link that is not as it should be.
pub fn judge(ownership: &Ownership, subject: Subject<'_>, work: &Work) -> Vec<Finding> {
    let judge = Judge { ownership, subject };
    let mut findings: BTreeMap<&RepoPath, Finding> = BTreeMap::new();
    // Newest first, so that what is kept for a path is the commit that last touched it.
    let mut touched: BTreeMap<&RepoPath, ObjectId> = BTreeMap::new();
    for commit in &work.commits {
        for change in &commit.changes {
            touched.entry(&change.path).or_insert(commit.commit);
        }
    }
    for change in &work.net {
        let commit = touched.get(&change.path).copied();
        if let Some(finding) = judge.change(change, &work.edits, commit, false) {
            findings.insert(&change.path, finding);
        }
    }
    for commit in &work.commits {
        for change in &commit.changes {
            if !findings.contains_key(&change.path)
                && let Some(finding) =
                    judge.change(change, &commit.edits, Some(commit.commit), true)
            {
                findings.insert(&change.path, finding);
            }
        }
    }
    let names = work
        .names
        .iter()
        .filter_map(|new| names::name(subject, new));
    let links = judge.links(work).into_values();
    let target = &ownership.manifest().target.value;
    let unrelated = work.unrelated.then(|| unrelated(subject.branch, target));
    let findings = findings.into_values().chain(names).chain(links);
    let mut findings: Vec<_> = unrelated.into_iter().chain(findings).collect();
    findings.sort_by(|one, other| one.path.cmp(&other.path));
    findings
}

/// The objection to a branch that shares no commit with the target: git merges no such branch.
pub fn unrelated(branch: &str, target: &str) -> Finding {
    let message = format!("{branch} has no history in common with {target}");
    let hint = format!("start {branch} anew from {target}, and make its changes there");
    Finding::new(Code::UnrelatedHistory, message).hint(hint)
}

/// The objections to links where the work of `subject` has been merged: to those that it adds or
/// changes, and to those that lead elsewhere because of it.
pub fn judge_links(
    ownership: &Ownership,
    subject: Subject<'_>,
    new: Vec<Link>,
    moved: Vec<Link>,
) -> Vec<Finding> {
    let work = Work {
        links: new,
        moved_links: moved,
        ..Work::default()
    };
    let judge = Judge { ownership, subject };
    judge.links(&work).into_values().collect()
}

struct Judge<'a> {
    ownership: &'a Ownership,
    subject: Subject<'a>,
}

impl Judge<'_> {
    /// The objection to one change, if there is one. `passing`: whether only a single commit makes
    /// it, and the branch as a whole does not.
    fn change(
        &self,
        change: &Change,
        edits: &Edits,
        commit: Option<ObjectId>,
        passing: bool,
    ) -> Option<Finding> {
        let path = &change.path;
        let agent = self.subject.agent;
        let permission = self.ownership.permission(agent, path);
        let reason = match permission {
            Permission::Denied(denial) => Reason::Denied(denial),
            Permission::Allowed(_) if self.lacks_trust_in_submodule(change) => Reason::Submodule,
            Permission::Allowed(Grant::UnownedWarning) => Reason::UnownedWarning,
            Permission::Allowed(grant) => self.against_rule(grant, change, edits)?,
        };
        let offence = Offence {
            subject: self.subject,
            change,
            commit,
            passing,
        };
        Some(reason.finding(self.ownership, &offence))
    }

    /// The objections to links: to those that are left in the end, then to those that only single
    /// commits hold, the newest first.
    fn links<'w>(&self, work: &'w Work) -> BTreeMap<&'w RepoPath, Finding> {
        // Thousands of links may lead to one directory.
        let mut good: HashSet<*const [RepoPath]> = HashSet::new();
        let mut object = |link: &Link| {
            let directory = match &link.end {
                LinkEnd::Directory(files) => Some(Arc::as_ptr(files)),
                _ => None,
            };
            if directory.is_some_and(|directory| good.contains(&directory)) {
                return None;
            }
            let finding = names::link(self.ownership, self.subject, link);
            if finding.is_none() {
                good.extend(directory);
            }
            finding
        };
        let mut findings = BTreeMap::new();
        for link in &work.links {
            findings.extend(object(link).map(|finding| (&link.path, finding)));
        }
        for link in &work.moved_links {
            let finding = names::moved_link(self.ownership, self.subject, link);
            findings.extend(finding.map(|finding| (&link.path, finding)));
        }
        for commit in &work.commits {
            for link in &commit.links {
                if !findings.contains_key(&link.path)
                    && let Some(finding) = object(link)
                {
                    let finding = finding.in_commit(commit.commit).note(EVERY_COMMIT_COUNTS);
                    findings.insert(&link.path, finding);
                }
            }
        }
        findings
    }

    /// The reason to object to a change of a shared path that its rule does not allow.
    fn against_rule(&self, grant: Grant, change: &Change, edits: &Edits) -> Option<Reason> {
        let Grant::Shared { entry, .. } = grant else {
            return None;
        };
        match self.ownership.manifest().shared[entry].rule.value {
            // Those are about what several branches do, and looked at where they are merged.
            SharedRule::Merge | SharedRule::DisjointLines => None,
            SharedRule::AppendOnly => {
                let edit = edits.get(&change.path).copied();
                (!only_appends(change, edit)).then_some(Reason::NotAppended { entry, edit })
            }
        }
    }

    fn lacks_trust_in_submodule(&self, change: &Change) -> bool {
        change.has_mode(Mode::Submodule)
            && self
                .ownership
                .trusted(self.subject.agent, &change.path)
                .is_none()
    }
}

/// Whether a change adds a file, or lines at the end of one, and does nothing else. An edit that is
/// not known is taken for one that does more.
fn only_appends(change: &Change, edit: Option<Edit>) -> bool {
    match (change.before, change.after) {
        (None, Some(_)) => true,
        (Some(before), Some(after)) => before.mode == after.mode && edit == Some(Edit::Appends),
        (_, None) => false,
    }
}
