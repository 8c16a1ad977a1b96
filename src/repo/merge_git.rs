//! Merging: the second engine, which is git's own.

use super::commit;
use super::git::{failure, git_version_check};
use super::merge::{ConflictPath, Merge};
use super::objects::Advice;
use super::quarantine::Quarantine;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use bstr::ByteSlice;
use std::collections::BTreeMap;
use std::process::Output;

/// How git is to merge, and to say what came of it.
const OPTIONS: [&str; 4] = [
    "--write-tree",
    "-z",
    "--messages",
    "--allow-unrelated-histories",
];

impl Quarantine {
    /// `git merge-tree` of two commits, in quarantine, with nobody's configuration, and with no attributes but
    /// those of [`Quarantine::heeding`]. Commits without a common ancestor are merged as if they came from nothing.
    pub(super) fn merge_by_git(&self, ours: ObjectId, theirs: ObjectId) -> Result<Merge> {
        git_version_check()?;
        self.flush()?;
        let git = self.git("merge-tree").args(OPTIONS);
        let output = git.arg(ours.to_string()).arg(theirs.to_string()).output()?;
        match output.status.code() {
            Some(0 | 1) => parse(&mut output.stdout.split_str("\0"), output.status.success()),
            _ => Err(self.merge_failure(&output)),
        }
    }

    /// The same for several, by one git; where that fails, each by its own, so that the failure is that
    /// of one merge.
    pub(super) fn merge_each_by_git(&self, merges: &[(ObjectId, ObjectId)]) -> Result<Vec<Merge>> {
        let one_by_one = || {
            let merges = merges.iter();
            merges
                .map(|(ours, theirs)| self.merge_by_git(*ours, *theirs))
                .collect()
        };
        if merges.len() < 2 {
            return one_by_one();
        }
        git_version_check()?;
        self.flush()?;
        let lines = merges
            .iter()
            .map(|(ours, theirs)| format!("{ours} {theirs}\n"));
        let git = self.git("merge-tree").args(OPTIONS).arg("--stdin");
        let output = git.input(lines.collect::<String>().into_bytes()).output()?;
        if !output.status.success() {
            return one_by_one();
        }
        let mut fields = output.stdout.split_str("\0");
        let mut answers = Vec::with_capacity(merges.len());
        for _ in merges {
            let is_clean = match fields.next() {
                Some(b"1") => true,
                Some(b"0") => false,
                _ => return Err(unknown()),
            };
            answers.push(parse(&mut fields, is_clean)?);
        }
        // Behind the last one there is nothing but the end of its last field.
        match (fields.next(), fields.next()) {
            (Some(b"") | None, None) => Ok(answers),
            _ => Err(unknown()),
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

/// What `git merge-tree -z --messages` printed of a merge: a tree, the entries in conflict and an
/// empty field; then messages, each with the paths that it is about, and an empty field.
fn parse<'a>(fields: &mut impl Iterator<Item = &'a [u8]>, is_clean: bool) -> Result<Merge> {
    let tree = fields
        .next()
        .and_then(commit::from_hex)
        .ok_or_else(unknown)?;
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
