//! Merging: the second engine, which is git's own.

use super::commit;
use super::git::{failure, git_version_check};
use super::merge::{ConflictPath, Merge};
use super::merge_session::MergeSession;
use super::objects::Advice;
use super::quarantine::Quarantine;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use bstr::ByteSlice;
use std::collections::BTreeMap;
use std::process::Output;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// How git is to merge, and to say what came of it.
pub(super) const OPTIONS: [&str; 4] = [
    "--write-tree",
    "-z",
    "--messages",
    "--allow-unrelated-histories",
];

impl Quarantine {
    /// `git merge-tree` of two commits, in quarantine, with nobody's configuration, and with no attributes but
    /// those of [`Quarantine::heeding`]. Commits without a common ancestor are merged as if they came from nothing.
    pub(super) fn merge_by_git(&self, ours: ObjectId, theirs: ObjectId) -> Result<Merge> {
        let mut answers = self.merge_each_by_git(&[(ours, theirs)])?;
        answers.pop().ok_or_else(unknown)
    }

    fn merge_alone(&self, ours: ObjectId, theirs: ObjectId) -> Result<Merge> {
        git_version_check()?;
        self.flush_for([ours, theirs])?;
        let git = self.git("merge-tree").args(OPTIONS);
        let output = git.arg(ours.to_string()).arg(theirs.to_string()).output()?;
        match output.status.code() {
            Some(0 | 1) => parse(&mut output.stdout.split_str("\0"), output.status.success()),
            _ => Err(self.merge_failure(&output)),
        }
    }

    /// The same for several, one after the other.
    pub(super) fn merge_each_by_git(&self, merges: &[(ObjectId, ObjectId)]) -> Result<Vec<Merge>> {
        if let Some(answers) = self.merge_in_session(merges)? {
            return Ok(answers);
        }
        // Each by its own, so that a failure is that of one merge.
        let merges = merges.iter();
        let by_itself = |(ours, theirs): &(_, _)| self.merge_alone(*ours, *theirs);
        merges.map(by_itself).collect()
    }

    /// What one git answers that is kept running, which whoever merges takes for the time of it; `None`
    /// where it fails. A single merge is not worth it.
    fn merge_in_session(&self, merges: &[(ObjectId, ObjectId)]) -> Result<Option<Vec<Merge>>> {
        let is_first = !self.has_merged.swap(true, Ordering::Relaxed);
        if is_first && merges.len() < 2 {
            return Ok(None);
        }
        git_version_check()?;
        let sessions = || self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = sessions().pop();
        let mut session = match idle {
            Some(session) => session,
            None => MergeSession::start(self)?,
        };
        self.flush_for(merges.iter().flat_map(|(ours, theirs)| [*ours, *theirs]))?;
        let answers = session.merge(merges);
        if answers.is_some() {
            sessions().push(session);
        }
        Ok(answers)
    }

    fn merge_failure(&self, output: &Output) -> Box<Finding> {
        let cause = failure("git merge-tree", output);
        let said = |text: &str| output.stderr.contains_str(text);
        if cause.code == Code::DiskFull {
            let finding = Finding::new(Code::DiskFull, "the disk is full");
            let finding = cause.notes.iter().fold(finding, Finding::note);
            return Box::new(finding.hint("make space on the disk"));
        }
        let incomplete = self.objects.advice() != Advice::Fsck;
        if incomplete
            && (said("unable to read")
                || said("could not read")
                || said("missing")
                || said("not found"))
        {
            let finding = Finding::new(
                Code::MissingObject,
                "an object that a merge needs is missing from this clone",
            );
            let finding = cause.notes.iter().fold(finding, Finding::note);
            return Box::new(self.objects.advise(finding));
        }
        cause
    }
}

/// What `git merge-tree --stdin` printed of a merge: whether it is clean, and the rest.
pub(super) fn parse_answer<F: AsRef<[u8]>>(fields: &mut impl Iterator<Item = F>) -> Result<Merge> {
    let is_clean = fields.next().ok_or_else(unknown)?;
    match is_clean.as_ref() {
        b"1" => parse(fields, true),
        b"0" => parse(fields, false),
        _ => Err(unknown()),
    }
}

/// What `git merge-tree -z --messages` printed of a merge: a tree, the entries in conflict and an
/// empty field; then messages, each with the paths that it is about, and an empty field.
fn parse<F: AsRef<[u8]>>(fields: &mut impl Iterator<Item = F>, is_clean: bool) -> Result<Merge> {
    let mut next = || fields.next().ok_or_else(unknown);
    let tree = commit::from_hex(next()?.as_ref()).ok_or_else(unknown)?;
    let mut paths: BTreeMap<RepoPath, ConflictPath> = BTreeMap::new();
    loop {
        let entry = next()?;
        if entry.as_ref().is_empty() {
            break;
        }
        let (_, path) = entry.as_ref().split_once_str("\t").ok_or_else(unknown)?;
        note(&mut paths, path)?;
    }
    // An answer that ends before its last field has been cut short.
    loop {
        let count = next()?;
        let count = count.as_ref();
        if count.is_empty() {
            break;
        }
        let count: usize = count
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(unknown)?;
        let about = (0..count).map(|_| next()).collect::<Result<Vec<_>>>()?;
        let (kind, text) = (next()?, next()?);
        let (kind, text) = (kind.as_ref(), text.as_ref());
        if !kind.starts_with(b"CONFLICT") {
            continue;
        }
        for path in about {
            let conflict = note(&mut paths, path.as_ref())?;
            conflict.kinds.push(kind.to_str_lossy().into_owned());
            conflict
                .messages
                .push(text.trim_end().to_str_lossy().into_owned());
        }
    }
    if is_clean {
        return Ok(Merge::Clean { tree });
    }
    let paths = paths.into_values().collect();
    Ok(Merge::Conflict { tree, paths })
}

fn note<'a>(
    paths: &'a mut BTreeMap<RepoPath, ConflictPath>,
    path: &[u8],
) -> Result<&'a mut ConflictPath> {
    let path = RepoPath::new(path).map_err(|error| {
        Finding::error(Code::BadTree, format!("a path in conflict has {error}"))
    })?;
    let new = ConflictPath {
        path: path.clone(),
        kinds: Vec::new(),
        messages: Vec::new(),
    };
    Ok(paths.entry(path).or_insert(new))
}

fn unknown() -> Box<Finding> {
    Finding::error(Code::Git, "`git merge-tree` answered something unknown")
}
