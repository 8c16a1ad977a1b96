//! Merging: the second engine, which is git's own.

use super::commit;
use super::git::failure;
use super::merge::{ConflictPath, Merge};
use super::objects::Advice;
use super::quarantine::Quarantine;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use bstr::ByteSlice;
use std::collections::BTreeMap;
use std::process::Output;

impl Quarantine {
    /// `git merge-tree` of two commits, in quarantine, with nobody's configuration or attributes.
    /// Commits without a common ancestor are merged as if they came from nothing.
    pub(super) fn merge_by_git(&self, ours: ObjectId, theirs: ObjectId) -> Result<Merge> {
        self.flush()?;
        let git = self.git("merge-tree").args([
            "--write-tree",
            "-z",
            "--messages",
            "--allow-unrelated-histories",
        ]);
        let output = git.arg(ours.to_string()).arg(theirs.to_string()).output()?;
        match output.status.code() {
            Some(0 | 1) => parse(&output),
            _ => Err(self.merge_failure(&output)),
        }
    }

    fn merge_failure(&self, output: &Output) -> Box<Finding> {
        let cause = failure("git merge-tree", output);
        let said = |text: &str| output.stderr.contains_str(text);
        if said("No space left on device") {
            let finding = Finding::new(Code::InputOutput, "the disk is full");
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

/// What `git merge-tree -z --messages` printed: a tree; unless it is clean, the entries in conflict
/// and an empty field; then messages, each with the paths that it is about.
fn parse(output: &Output) -> Result<Merge> {
    let mut fields = output.stdout.split_str("\0");
    let tree = fields
        .next()
        .and_then(commit::from_hex)
        .ok_or_else(unknown)?;
    if output.status.success() {
        return Ok(Merge::Clean { tree });
    }
    let mut paths: BTreeMap<RepoPath, ConflictPath> = BTreeMap::new();
    for entry in fields.by_ref().take_while(|field| !field.is_empty()) {
        let (_, path) = entry.split_once_str("\t").ok_or_else(unknown)?;
        note(&mut paths, path)?;
    }
    while let Some(count) = fields.next().filter(|field| !field.is_empty()) {
        let count: usize = count
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(unknown)?;
        let about: Vec<&[u8]> = fields.by_ref().take(count).collect();
        let (kind, text) = (
            fields.next().ok_or_else(unknown)?,
            fields.next().ok_or_else(unknown)?,
        );
        if !kind.starts_with(b"CONFLICT") {
            continue;
        }
        for path in about {
            let conflict = note(&mut paths, path)?;
            conflict.kinds.push(kind.to_str_lossy().into_owned());
            conflict
                .messages
                .push(text.trim_end().to_str_lossy().into_owned());
        }
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
